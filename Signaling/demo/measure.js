// What pings over one channel tell of it in the last 30 s: round-trip times, jitter, and what was lost on which way.
// The game's server numbers its answers, so a number that is missing was lost on the way here, and a ping that it did
// not count on the way there.

export const SPAN = 30_000; // ms
const GIVE_UP = 1500; // ms after which an unreliable ping counts as lost; should it still come, it does not

export class Measure {
  samples = []; // {number, time, rtt, jitter}: rtt null while under way, Infinity when lost; oldest first
  sent = 0; // pings ever
  back = 0; // and how many of them have come back
  #reliable;
  #answers = []; // {at, number, count}
  #jitter = 0;
  #lastRtt = null;

  constructor(reliable) {
    this.#reliable = reliable;
  }

  /** The number of the next ping. */
  get number() {
    return this.sent + 1;
  }

  send(now) {
    this.sent += 1;
    this.samples.push({ number: this.sent, time: now, rtt: null, jitter: null });
  }

  /** An answer; answers to pings we do not know, or know as back, are ignored. */
  receive({ number, count }, now) {
    const sample = this.samples[number - this.samples[0]?.number];
    if (!sample || Number.isFinite(sample.rtt) && sample.rtt !== null) return;
    sample.rtt = now - sample.time;
    // As RFC 3550 §6.4.1 smooths it.
    if (this.#lastRtt !== null) this.#jitter += (Math.abs(sample.rtt - this.#lastRtt) - this.#jitter) / 16;
    this.#lastRtt = sample.rtt;
    sample.jitter = this.#jitter;
    this.back += 1;
    this.#answers.push({ at: now, number, count });
  }

  expire(now) {
    while (this.samples.length && now - this.samples[0].time > SPAN) this.samples.shift();
    while (this.#answers.length && now - this.#answers[0].at > SPAN) this.#answers.shift();
    if (this.#reliable) return; // late, whatever happens, and not lost
    for (const sample of this.samples) {
      if (sample.rtt === null && now - sample.time > GIVE_UP) sample.rtt = Infinity;
    }
  }

  /** `median`, `p95` and `jitter` in ms, `up` and `down` lost from 0 to 1; null where nothing is known. */
  summary() {
    const back = this.samples.filter(({ rtt }) => rtt !== null && rtt !== Infinity);
    const sorted = back.map(({ rtt }) => rtt).sort((a, b) => a - b);
    const quantile = (part) => sorted[Math.ceil(part * sorted.length) - 1] ?? null;
    return {
      now: back.at(-1)?.rtt ?? null,
      median: quantile(0.5),
      p95: quantile(0.95),
      jitter: this.#lastRtt === null ? null : this.#jitter,
      sent: this.sent,
      back: this.back,
      ...this.#losses(),
    };
  }

  #losses() {
    if (this.#answers.length < 2) return { up: null, down: null };
    const inOrder = [...this.#answers].sort((a, b) => a.count - b.count);
    const first = inOrder[0];
    const last = inOrder.at(-1);
    const pings = last.number - first.number;
    const answers = last.count - first.count;
    const part = (lost, of) => of > 0 ? Math.min(Math.max(lost / of, 0), 1) : null;
    return { up: part(pings - answers, pings), down: part(answers - (inOrder.length - 1), answers) };
  }
}

/** Events per second, over the last two seconds. */
export class Rate {
  #times = [];

  count(now) {
    this.#times.push(now);
    this.#forget(now);
  }

  perSecond(now) {
    this.#forget(now);
    return this.#times.length / 2;
  }

  #forget(now) {
    while (now - this.#times[0] > 2000) this.#times.shift();
  }
}
