// Smooth motion out of snapshots: server ticks laid on the local clock, and places shown a little late so
// that there is one to move towards. It leaves out extrapolation: without news, players stand still.

const TICK = 1000 / 30; // ms
const DELAY = 100; // ms behind the newest snapshot
const JUMP = 300; // ticks: further apart than this, the server's count began anew
const KEPT = 16; // places per track

/** Orders ticks and maps them to milliseconds of local time. */
export class TickClock {
  #newest = null; // u32 as received
  #count = 0; // ticks since the first, unwrapped
  #offset = 0; // local time of count 0, smoothed

  /** The time of this tick, or null when a newer one has been seen. */
  accept(tick, now) {
    const ahead = this.#newest === null ? Infinity : (tick - this.#newest) | 0;
    if (ahead < 0 && ahead > -JUMP) return null;
    this.#newest = tick;
    if (Math.abs(ahead) > JUMP) {
      this.#count += JUMP;
      this.#offset = now - this.#count * TICK;
    } else {
      this.#count += ahead;
      const late = now - this.#count * TICK - this.#offset;
      this.#offset += late * (late < 0 ? 0.2 : 0.02); // the least delayed snapshots tell the true rhythm
    }
    return this.#count * TICK;
  }

  /** The tick time to show now. */
  shown(now) {
    return now - this.#offset - DELAY;
  }
}

/** Where one player was, by tick time. */
export class Track {
  #places = [];

  add(time, x, y) {
    const last = this.#places.at(-1);
    if (last && time <= last.time) return;
    this.#places.push({ time, x, y });
    if (this.#places.length > KEPT) this.#places.shift();
  }

  get last() {
    return this.#places.at(-1) ?? null;
  }

  at(time) {
    const next = this.#places.findIndex((place) => place.time > time);
    if (next < 0) return this.last;
    if (next === 0) return this.#places[0];
    const a = this.#places[next - 1];
    const b = this.#places[next];
    const part = (time - a.time) / (b.time - a.time);
    return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
  }
}
