// The plots of the last 30 s, one line or lane for each kind of channel: round-trip time, jitter, and what was lost.

import { NAMES } from './channels.js';
import { SPAN } from './measure.js';
import { palette } from './palette.js';

// Milliseconds at the top of a plot
const SCALES = [2, 5, 10, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 10_000, 30_000];
const PAD = { left: 8, right: 8, top: 8, bottom: 7 };
const DASHES = { reliable: [5, 3], sequenced: [1.5, 3], state: [] };
const LATE = 1.6; // times the median, and some: a reliable message that was lost on the way, and sent again
const LATE_BY = 40; // ms

export class Plots {
  #rtt = new Surface('plot-rtt');
  #jitter = new Surface('plot-jitter');
  #lost = new Surface('plot-lost');

  /** `measures` by channel. */
  draw(measures, now) {
    this.#lines(this.#rtt, measures, now, 'rtt');
    this.#lines(this.#jitter, measures, now, 'jitter');
    this.#lanes(this.#lost, measures, now);
  }

  #lines(surface, measures, now, figure) {
    if (!surface.begin()) return;
    const { context, width, height } = surface;
    const values = NAMES.flatMap((name) => measures[name].samples.map((one) => one[figure]).filter(known));
    const top = SCALES.find((scale) => scale >= Math.max(...values, 0) * 1.1) ?? SCALES.at(-1);
    const y = (value) => height - PAD.bottom - (Math.min(value, top) / top) * (height - PAD.top - PAD.bottom);
    context.strokeStyle = palette.edge;
    context.lineWidth = 1;
    context.beginPath();
    for (const value of [0, top]) {
      context.moveTo(PAD.left, Math.round(y(value)) + 0.5);
      context.lineTo(width - PAD.right, Math.round(y(value)) + 0.5);
    }
    context.stroke();
    for (const name of NAMES) {
      context.strokeStyle = palette[name];
      context.setLineDash(DASHES[name]);
      context.lineWidth = 1.6;
      context.lineJoin = 'round';
      this.#line(context, measures[name].samples, (time) => surface.x(time, now), y, figure);
    }
    context.setLineDash([]);
    surface.write(`${top} ms`, width - PAD.right, PAD.top + 11, 'right');
  }

  #line(context, samples, x, y, figure) {
    context.beginPath();
    let drawing = false;
    for (const sample of samples) {
      const value = sample[figure];
      if (known(value)) context[drawing ? 'lineTo' : 'moveTo'](x(sample.time), y(value));
      // A gap where something was lost, but no gap for what is merely under way.
      drawing = known(value) || drawing && sample.rtt === null;
    }
    context.stroke();
  }

  /** A tick for each message that is back, a tall bar for one that was lost, one in its own colour for a late one. */
  #lanes(surface, measures, now) {
    if (!surface.begin()) return;
    const { context, height } = surface;
    const tall = (height - PAD.top - PAD.bottom) / NAMES.length;
    NAMES.forEach((name, index) => {
      const middle = PAD.top + (index + 0.5) * tall;
      const { samples } = measures[name];
      const late = LATE * (measures[name].summary().median ?? Infinity) + LATE_BY;
      for (const { time, rtt } of samples) {
        const x = surface.x(time, now);
        if (rtt === Infinity) bar(context, palette.accent, x, middle, tall - 2, 2);
        else if (rtt === null) bar(context, palette.edge, x, middle, 2, 1.5);
        else if (rtt > late && name === 'reliable') bar(context, palette[name], x, middle, tall * 0.62, 1.5);
        else bar(context, palette[name], x, middle, 2, 1.5);
      }
    });
  }
}

const known = (value) => value !== null && value !== Infinity;

function bar(context, colour, x, middle, height, width) {
  context.fillStyle = colour;
  context.fillRect(x - width / 2, middle - height / 2, width, height);
}

/** A canvas kept as sharp as the screen. */
class Surface {
  #canvas;

  constructor(id) {
    this.#canvas = document.getElementById(id);
    this.context = this.#canvas.getContext('2d');
  }

  /** False when there is nothing to draw on. */
  begin() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.width = this.#canvas.clientWidth;
    this.height = this.#canvas.clientHeight;
    if (!this.width) return false; // the panel is collapsed
    for (const side of ['width', 'height']) {
      const pixels = Math.round(this[side] * ratio);
      if (this.#canvas[side] !== pixels) this.#canvas[side] = pixels;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return true;
  }

  x(time, now) {
    return this.width - PAD.right - ((now - time) / SPAN) * (this.width - PAD.left - PAD.right);
  }

  write(text, x, y, align) {
    this.context.font = `11px ${palette.sans}`;
    this.context.textAlign = align;
    this.context.lineWidth = 4;
    this.context.lineJoin = 'round';
    this.context.strokeStyle = palette.halo;
    this.context.strokeText(text, x, y);
    this.context.fillStyle = palette.soft;
    this.context.fillText(text, x, y);
  }
}
