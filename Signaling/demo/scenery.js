// What stands still: sky, sun or moon, the gate and its reflection. Painted once per size and colour scheme.

import { lessMotion, palette } from './palette.js';

export const GATE = { x: 500, foot: 316, width: 288, height: 240 }; // world units
const DISC = { x: 500, y: 178, radius: 92 };
/** The gate's two feet part the water like players do. */
export const FEET = [-102, 102].map((side) => ({ x: GATE.x + side, y: GATE.foot - 4, size: 0.8 }));

export class Scenery {
  #picture = new Image();
  #gate = document.createElement('canvas'); // the gate, rasterised at the current scale
  #scale = 0;

  constructor() {
    this.#picture.onload = () => { this.#scale = 0; };
    this.#picture.src = 'gate.svg';
  }

  drawSky(context, view) {
    const sky = context.createLinearGradient(0, view.y(-100), 0, view.y(620));
    sky.addColorStop(0, palette.sky);
    sky.addColorStop(0.5, palette.far);
    sky.addColorStop(1, palette.water);
    context.fillStyle = sky;
    context.fillRect(0, 0, view.width, view.height);
    this.#drawDisc(context, view);
  }

  drawGate(context, view) {
    this.#rasterise(view.scale * view.ratio);
    if (!this.#gate.width) return;
    const { x, foot, width, height } = GATE;
    const [left, top] = [view.x(x - width / 2), view.y(foot - height)];
    context.drawImage(this.#gate, left, top, width * view.scale, height * view.scale);
  }

  /** Disc and gate upside down in the water, in slices that sway. */
  drawReflection(context, view, now) {
    this.#mirrorDisc(context, view, now);
    if (!this.#gate.width) return;
    const { x, foot, width, height } = GATE;
    const slices = 44;
    const slice = this.#gate.height / slices;
    const tall = (height * 0.82) / slices; // shortened, as seen from a little above
    for (let i = 0; i < slices; i += 1) {
      const sway = swayOf(i, now);
      context.globalAlpha = 0.3 * (1 - i / slices) ** 1.2;
      context.drawImage(
        this.#gate, 0, this.#gate.height - (i + 1) * slice, this.#gate.width, slice,
        view.x(x - width / 2 + sway), view.y(foot + i * tall), width * view.scale, tall * view.scale + 0.5,
      );
    }
    context.globalAlpha = 1;
  }

  #mirrorDisc(context, view, now) {
    const slice = 6;
    const middle = GATE.foot + (GATE.foot - DISC.y) * 0.82;
    const tall = DISC.radius * 0.82;
    context.fillStyle = palette.disc;
    for (let y = middle - tall; y < middle + tall; y += slice) {
      const chord = Math.sqrt(Math.max(0, 1 - ((y - middle) / tall) ** 2));
      const half = Math.max(0, DISC.radius * chord + 3 * swayOf(y / slice, now + 900));
      context.globalAlpha = 0.16 * palette.discStrength * (1 - (y - middle + tall) / (2.4 * tall));
      context.fillRect(view.x(DISC.x - half), view.y(y), 2 * half * view.scale, slice * 0.62 * view.scale);
    }
    context.globalAlpha = 1;
  }

  #drawDisc(context, view) {
    const x = view.x(DISC.x);
    const y = view.y(DISC.y);
    const radius = DISC.radius * view.scale;
    const glow = context.createRadialGradient(x, y, radius * 0.9, x, y, radius * 3.6);
    glow.addColorStop(0, palette.glow);
    glow.addColorStop(1, `${palette.glow}00`); // the same colour, clear
    context.globalAlpha = 0.18;
    context.fillStyle = glow;
    context.fillRect(x - 4 * radius, y - 4 * radius, 8 * radius, 8 * radius);
    context.globalAlpha = palette.discStrength;
    context.fillStyle = palette.disc;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
  }

  #rasterise(scale) {
    if (scale === this.#scale || !this.#picture.complete || !this.#picture.naturalWidth) return;
    this.#scale = scale;
    this.#gate.width = Math.ceil(GATE.width * scale);
    this.#gate.height = Math.ceil(GATE.height * scale);
    this.#gate.getContext('2d').drawImage(this.#picture, 0, 0, this.#gate.width, this.#gate.height);
  }
}

/** How far slice `i` of a reflection is displaced, in world units. */
const swayOf = (i, now) => (lessMotion() ? 0 : Math.sin(i * 0.9 + now * 0.0011) * (0.6 + (i % 44) * 0.09));
