// The picture of the world: where the camera looks, and in which order things are drawn.

import { NATIVE, WORLD, inside } from './wire.js';
import { lessMotion, palette } from './palette.js';
import { FEET, GATE, Scenery } from './scenery.js';
import { Water } from './water.js';

const SMALLEST = 0.7; // pixels per world unit; on a smaller screen the camera follows instead
const MARGIN = 18; // pixels around the world
const SLOW = 26; // ms between frames, on average: above it, drawn at one pixel per CSS pixel from then on
const BODY = 11; // world units

export class World {
  #canvas;
  #context;
  #panel;
  #scenery = new Scenery();
  #water = new Water();
  #view = { width: 1, height: 1, ratio: 1, scale: 1 };
  #camera = null;
  #pace = 0; // ms between frames, smoothed
  #last = null;
  #sharpest = 2;
  #wakes = new Map(); // player id → where its last wake began

  constructor(canvas, panel) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
    this.#panel = panel;
  }

  ripple(place, now) {
    this.#water.drop(place.x, place.y, 1, now);
  }

  toWorld(x, y) {
    return inside(this.#view.worldX(x), this.#view.worldY(y));
  }

  /**
   * `players` are `{id, kind, hue, name, me, x, y}`; `focus` the place to keep in view. `target` is the place we go to,
   * `echo` the one at which the others see us, each null for none.
   */
  draw(players, focus, { target, echo }, now) {
    this.#keepPace(now);
    this.#look(focus);
    this.#wake(players, now);
    const context = this.#context;
    const view = this.#view;
    context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    const bodies = [...FEET, ...players.map(({ x, y }) => ({ x, y, size: 1 }))];
    const byDepth = [...players].sort((a, b) => a.y - b.y);
    this.#scenery.drawSky(context, view);
    this.#water.draw(context, view, bodies, now, view.worldY(0) - 20, GATE.foot);
    for (const player of byDepth.filter(({ y }) => y < GATE.foot)) this.#drawPlayer(player);
    this.#scenery.drawReflection(context, view, now);
    this.#scenery.drawGate(context, view);
    this.#water.draw(context, view, bodies, now, GATE.foot, view.worldY(view.height) + 20);
    this.#water.drawRings(context, view, now);
    this.#drawCorners();
    if (target) this.#drawTarget(target);
    if (echo) this.#drawEcho(echo);
    for (const player of byDepth.filter(({ y }) => y >= GATE.foot)) this.#drawPlayer(player);
    for (const player of byDepth) this.#drawName(player);
  }

  /** The game must not suffer from its picture: slow frames would show up in the round-trip times. */
  #keepPace(now) {
    const interval = this.#last === null ? 0 : now - this.#last;
    this.#last = now;
    if (interval < 250) this.#pace += (interval - this.#pace) * 0.02; // longer: the page was hidden
    if (this.#pace > SLOW) this.#sharpest = 1;
  }

  #look(focus) {
    const width = innerWidth;
    const height = innerHeight;
    const ratio = Math.min(devicePixelRatio || 1, this.#sharpest);
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const free = this.#free(width, height);
    const fit = Math.min((free.width - 2 * MARGIN) / WORLD.width, (free.height - 2 * MARGIN) / WORLD.height);
    const scale = Math.max(fit, SMALLEST);
    const wanted = {
      scale,
      x: origin(free.width, WORLD.width, focus?.x ?? GATE.x, scale),
      y: origin(free.height, WORLD.height, focus?.y ?? GATE.foot, scale),
    };
    if (!this.#camera || lessMotion()) this.#camera = wanted;
    for (const axis of ['scale', 'x', 'y']) this.#camera[axis] += (wanted[axis] - this.#camera[axis]) * 0.18;
    if (Math.abs(this.#camera.scale - scale) < 0.002) this.#camera.scale = scale; // settle, so the gate is cached
    const camera = { ...this.#camera };
    this.#view = {
      width, height, ratio, scale: camera.scale,
      x: (x) => camera.x + x * camera.scale,
      y: (y) => camera.y + y * camera.scale,
      worldX: (x) => (x - camera.x) / camera.scale,
      worldY: (y) => (y - camera.y) / camera.scale,
    };
  }

  /** The part of the window that the panel leaves free, from the top left. */
  #free(width, height) {
    const panel = this.#panel.getBoundingClientRect();
    if (panel.width > width * 0.9) return { width, height: panel.top };
    return { width: panel.height > height / 2 ? panel.left : width, height };
  }

  #wake(players, now) {
    for (const { id, x, y } of players) {
      const last = this.#wakes.get(id);
      if (last && Math.hypot(x - last.x, y - last.y) < 26) continue;
      if (last) this.#water.drop(x, y, 0.22, now);
      this.#wakes.set(id, { x, y });
    }
    if (this.#wakes.size > players.length) {
      const present = new Set(players.map(({ id }) => id));
      for (const id of this.#wakes.keys()) if (!present.has(id)) this.#wakes.delete(id);
    }
  }

  #drawPlayer({ kind, hue, me, x, y }) {
    const context = this.#context;
    const view = this.#view;
    const radius = Math.max(7, BODY * view.scale);
    context.save();
    context.translate(view.x(x), view.y(y));
    const glow = context.createRadialGradient(0, 0, radius * 0.6, 0, 0, radius * 2.6);
    glow.addColorStop(0, palette.body(hue, 0.4));
    glow.addColorStop(1, palette.body(hue, 0));
    context.fillStyle = glow;
    context.fillRect(-3 * radius, -3 * radius, 6 * radius, 6 * radius);
    outline(context, kind, radius);
    context.fillStyle = palette.body(hue);
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = palette.halo;
    context.stroke();
    if (me) {
      outline(context, kind, radius + 4.5);
      context.lineWidth = 1.6;
      context.strokeStyle = palette.ink;
      context.stroke();
    }
    context.restore();
  }

  #drawName({ name, me, x, y }) {
    const context = this.#context;
    const view = this.#view;
    context.fillStyle = palette.ink;
    this.#write(name, view.x(x), view.y(y) + Math.max(7, BODY * view.scale) + 20, me ? 600 : 400);
  }

  #write(text, x, y, weight) {
    const context = this.#context;
    context.font = `${weight} 13px ${palette.sans}`;
    context.textAlign = 'center';
    context.lineWidth = 4;
    context.lineJoin = 'round';
    context.strokeStyle = palette.halo;
    context.strokeText(text, x, y, 180);
    context.fillText(text, x, y, 180);
  }

  #drawTarget({ x, y }) {
    const context = this.#context;
    context.beginPath();
    context.arc(this.#view.x(x), this.#view.y(y), 9, 0, 2 * Math.PI);
    context.setLineDash([3, 4]);
    context.lineWidth = 1.5;
    context.strokeStyle = palette.accent;
    context.stroke();
    context.setLineDash([]);
  }

  #drawEcho({ x, y }) {
    const context = this.#context;
    const view = this.#view;
    const radius = Math.max(7, BODY * view.scale);
    outline(context, null, radius, view.x(x), view.y(y));
    context.setLineDash([3, 3]);
    context.lineWidth = 1.8;
    context.strokeStyle = palette.state;
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = palette.state;
    this.#write('as others see you', view.x(x), view.y(y) - radius - 8, 400);
  }

  /** The world's four corners: beyond them nobody can go. */
  #drawCorners() {
    const context = this.#context;
    const view = this.#view;
    const arm = 18;
    context.beginPath();
    for (const [x, dx] of [[view.x(0), arm], [view.x(WORLD.width), -arm]]) {
      for (const [y, dy] of [[view.y(0), arm], [view.y(WORLD.height), -arm]]) {
        context.moveTo(x + dx, y);
        context.lineTo(x, y);
        context.lineTo(x, y + dy);
      }
    }
    context.lineWidth = 1;
    context.globalAlpha = 0.55;
    context.strokeStyle = palette.soft;
    context.stroke();
    context.globalAlpha = 1;
  }
}

/** Web players are round, native ones square on a corner, as in the list. */
function outline(context, kind, radius, x = 0, y = 0) {
  context.beginPath();
  if (kind !== NATIVE) return context.arc(x, y, radius, 0, 2 * Math.PI);
  const r = radius * 1.2;
  context.moveTo(0, -r);
  context.lineTo(r, 0);
  context.lineTo(0, r);
  context.lineTo(-r, 0);
  context.closePath();
}

/** Where the world begins on one axis, in pixels: centred if it fits, otherwise following the focus to its edges. */
function origin(room, extent, focus, scale) {
  const size = extent * scale;
  if (size + 2 * MARGIN <= room) return (room - size) / 2;
  return Math.min(MARGIN, Math.max(room - size - MARGIN, room / 2 - focus * scale));
}
