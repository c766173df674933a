// Who is in the game. The list comes over the reliable channel; places of players not (yet) on it are ignored.

import { WEB } from './wire.js';
import { TickClock, Track } from './motion.js';

const MOST = 1024; // players kept; a server that announces more is not believed

export class Roster {
  #players = new Map();
  #clock = new TickClock();
  me = null; // own id, once welcomed

  /** Our own entry exists from the welcome on, whether or not the server announces us to ourselves. */
  welcome(id, name) {
    this.me = id;
    if (!this.#players.has(id)) this.join({ id, kind: WEB, hue: (id * 137) % 360, name });
  }

  /** True when the player is new. */
  join({ id, kind, hue, name }) {
    const known = this.#players.get(id);
    if (!known && this.#players.size >= MOST) return false;
    this.#players.set(id, { id, kind, hue, name, track: known?.track ?? new Track() });
    return !known;
  }

  /** The player who left, or undefined. */
  leave(id) {
    const player = this.#players.get(id);
    this.#players.delete(id);
    return player;
  }

  snapshot({ tick, places }, now) {
    const time = this.#clock.accept(tick, now);
    if (time === null) return;
    for (const { id, x, y } of places) this.#players.get(id)?.track.add(time, x, y);
  }

  get(id) {
    return this.#players.get(id);
  }

  get size() {
    return this.#players.size;
  }

  /** Everyone, ourselves first, then in order of joining. */
  list() {
    const all = [...this.#players.values()];
    return all.sort((a, b) => (b.id === this.me) - (a.id === this.me));
  }

  /** Where a player is to be drawn now, or null when no snapshot has named it yet. */
  place(id, now) {
    return this.#players.get(id)?.track.at(this.#clock.shown(now)) ?? null;
  }

  /** What the server last said about our own place, or null. */
  get ownPlace() {
    return this.#players.get(this.me)?.track.last ?? null;
  }
}
