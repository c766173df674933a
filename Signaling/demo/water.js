// The lake: lines as raked in a sand garden, parted by whoever stands in them and bent by ripples.

import { lessMotion, palette } from './palette.js';

const SPACING = 13; // world units between lines
const STEP = 7; // pixels between points of a line
const PART_RADIUS = 34; // world units: how far a body parts the lines
const PART = 13; // world units: by how much
const SPEED = 130; // world units per second that a ripple travels
const WIDTH = 24; // world units: of its wave
const MOST = 96; // ripples at a time

export class Water {
  #ripples = [];
  #bend = new Float32Array(0);

  /** `strength` 1 is a ripple that someone made, less is a wake. */
  drop(x, y, strength, now) {
    if (this.#ripples.length >= MOST) this.#ripples.shift();
    this.#ripples.push({ x, y, strength, since: now, life: 700 + 2600 * strength });
  }

  /** Draws the lines of world heights `from` to `to`. `bodies` are `{x, y, size}` in world units. */
  draw(context, view, bodies, now, from, to) {
    this.#ripples = this.#ripples.filter((ripple) => now - ripple.since < ripple.life);
    const count = Math.ceil(view.width / STEP) + 2;
    if (this.#bend.length !== count) this.#bend = new Float32Array(count);
    context.lineWidth = Math.max(1, 1.1 * view.scale);
    context.strokeStyle = palette.line;
    for (let k = Math.ceil(from / SPACING); k * SPACING < to; k += 1) {
      this.#bend.fill(0);
      const y = k * SPACING;
      if (!lessMotion()) this.#drift(k, now, view);
      for (const body of bodies) this.#part(body, y, view);
      for (const ripple of this.#ripples) this.#wave(ripple, y, view, now);
      this.#stroke(context, view, y);
    }
    context.globalAlpha = 1;
  }

  /** Rings for those who asked for less motion: they appear and fade where they are. */
  drawRings(context, view, now) {
    if (!lessMotion()) return;
    context.strokeStyle = palette.line;
    for (const { x, y, strength, since, life } of this.#ripples.filter((one) => one.strength === 1)) {
      context.globalAlpha = 0.8 * strength * (1 - (now - since) / life);
      for (const radius of [30, 46, 62]) {
        context.beginPath();
        context.arc(view.x(x), view.y(y), radius * view.scale, 0, 2 * Math.PI);
        context.stroke();
      }
    }
    context.globalAlpha = 1;
  }

  #drift(k, now, view) {
    const phase = now * 0.0004 + k * 1.7;
    for (let i = 0; i < this.#bend.length; i += 1) {
      const x = view.worldX(i * STEP);
      this.#bend[i] = 1.5 * Math.sin(x * 0.011 + phase) + 0.8 * Math.sin(x * 0.027 - 1.6 * phase);
    }
  }

  #part({ x, y, size }, lineY, view) {
    const reach = 2.2 * PART_RADIUS * size;
    const dy = lineY - y;
    if (Math.abs(dy) > reach) return;
    this.#each(x, reach, view, (dx) => {
      const distance = Math.hypot(dx, dy) + 0.001;
      const near = distance / (PART_RADIUS * size);
      return (dy / (distance + 6)) * PART * size * Math.exp(-near * near);
    });
  }

  #wave({ x, y, strength, since, life }, lineY, view, now) {
    if (lessMotion()) return;
    const age = now - since;
    const radius = (SPEED * age) / 1000;
    const dy = lineY - y;
    const reach = radius + 2 * WIDTH;
    if (Math.abs(dy) > reach) return;
    const fade = (1 - age / life) ** 1.5 * strength * 14;
    this.#each(x, reach, view, (dx) => {
      const off = (Math.hypot(dx, dy) - radius) / WIDTH;
      return off < -2 || off > 2 ? 0 : -fade * Math.exp(-off * off) * Math.cos(3.2 * off);
    });
  }

  #each(x, reach, view, bend) {
    const first = Math.max(0, Math.floor(view.x(x - reach) / STEP));
    const last = Math.min(this.#bend.length - 1, Math.ceil(view.x(x + reach) / STEP));
    for (let i = first; i <= last; i += 1) this.#bend[i] += bend(view.worldX(i * STEP) - x);
  }

  #stroke(context, view, y) {
    const mist = Math.min(1, Math.max(0.1, (y + 120) / 520)); // fainter towards the far shore
    context.globalAlpha = palette.lineStrength * mist;
    context.beginPath();
    for (let i = 0; i < this.#bend.length; i += 1) context.lineTo(i * STEP, view.y(y + this.#bend[i]));
    context.stroke();
  }
}
