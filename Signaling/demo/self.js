// Our own player: moved here at once, without waiting for the server, and told to it.

import { inside } from './wire.js';

const SPEED = 240; // units per second
const EASE = 12; // per second: how quickly the speed follows the keys
const SLOWEST = 6; // units per second: below it we stand
const MOVING_EVERY = 1000 / 30; // ms between positions while moving
const RESTING_EVERY = 500; // ms between positions at rest
const TAIL = 150; // ms of fast positions after stopping, since any one of them may be lost
const REST = 1500; // ms at rest before the server's word on our place is taken
const DISAGREEMENT = 25; // units

export class Self {
  x = null;
  y = null;
  #vx = 0;
  #vy = 0;
  #moved = -Infinity; // when we last moved
  #sent = -Infinity;

  place({ x, y }) {
    this.x = x;
    this.y = y;
  }

  near({ x, y }) {
    return Math.hypot(x - this.x, y - this.y) < 3;
  }

  get placed() {
    return this.x !== null;
  }

  /** `steer` is a direction no longer than 1; `target` a place to go to, or null. */
  step(seconds, now, steer, target, serverPlace) {
    if (!this.placed || this.#overruled(now, serverPlace)) {
      if (serverPlace) this.place(serverPlace);
      return;
    }
    const wanted = steer.x || steer.y ? steer : this.#towards(target);
    const follow = 1 - Math.exp(-EASE * seconds);
    this.#vx += (wanted.x * SPEED - this.#vx) * follow;
    this.#vy += (wanted.y * SPEED - this.#vy) * follow;
    if (Math.hypot(this.#vx, this.#vy) < SLOWEST) return;
    this.place(inside(this.x + this.#vx * seconds, this.y + this.#vy * seconds));
    this.#moved = now;
  }

  /** Whether a position is due; saying so counts as sending it. */
  due(now) {
    if (!this.placed) return false;
    const every = now - this.#moved < TAIL ? MOVING_EVERY : RESTING_EVERY;
    if (now - this.#sent < every - 4) return false; // 4 ms: timers fire a little early or late
    this.#sent = now;
    return true;
  }

  #towards(target) {
    if (!target) return { x: 0, y: 0 };
    const dx = target.x - this.x;
    const dy = target.y - this.y;
    const distance = Math.hypot(dx, dy);
    if (distance < 2) return { x: 0, y: 0 };
    const pace = Math.min(1, distance / 40) / distance; // slows down on arriving
    return { x: dx * pace, y: dy * pace };
  }

  #overruled(now, place) {
    return place !== null && now - this.#moved > REST && Math.hypot(place.x - this.x, place.y - this.y) > DISAGREEMENT;
  }
}
