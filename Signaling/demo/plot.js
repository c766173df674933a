// The plot of round-trip times: two lines over the last 30 s, and a mark at the bottom for each lost ping.

import { palette } from './palette.js';
import { SPAN } from './pings.js';

const SCALES = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]; // ms at the top of the plot
const PAD = { left: 8, right: 8, top: 10, bottom: 10 };

export class Plot {
  #canvas;
  #context;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  draw(unreliable, reliable, now) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const width = this.#canvas.clientWidth;
    const height = this.#canvas.clientHeight;
    if (!width) return; // the panel is collapsed
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);

    const top = scaleFor([...unreliable, ...reliable]);
    const x = (time) => width - PAD.right - ((now - time) / SPAN) * (width - PAD.left - PAD.right);
    const y = (rtt) => height - PAD.bottom - (Math.min(rtt, top) / top) * (height - PAD.top - PAD.bottom);
    this.#grid(top, width, y);
    this.#line(reliable, x, y, palette.reliable, [4, 3]);
    this.#line(unreliable, x, y, palette.unreliable, []);
    this.#losses(unreliable, x, height);
  }

  #grid(top, width, y) {
    const context = this.#context;
    context.strokeStyle = palette.edge;
    context.lineWidth = 1;
    context.beginPath();
    for (const rtt of [0, top / 2, top]) {
      context.moveTo(PAD.left, Math.round(y(rtt)) + 0.5);
      context.lineTo(width - PAD.right, Math.round(y(rtt)) + 0.5);
    }
    context.stroke();
    context.fillStyle = palette.soft;
    context.font = `11px ${palette.sans}`;
    context.textAlign = 'left';
    context.fillText(`${top} ms`, PAD.left + 1, y(top) + 13);
    context.fillText(`${top / 2}`, PAD.left + 1, y(top / 2) + 13);
  }

  #line(samples, x, y, colour, dash) {
    const context = this.#context;
    context.beginPath();
    let drawing = false;
    for (const { time, rtt } of samples) {
      const back = rtt !== null && rtt !== Infinity;
      if (back && drawing) context.lineTo(x(time), y(rtt));
      if (back && !drawing) context.moveTo(x(time), y(rtt));
      drawing = back;
    }
    context.lineWidth = 1.6;
    context.lineJoin = 'round';
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.stroke();
    context.setLineDash([]);
  }

  #losses(samples, x, height) {
    this.#context.fillStyle = palette.accent;
    for (const { time, rtt } of samples) {
      if (rtt === Infinity) this.#context.fillRect(x(time) - 1, height - PAD.bottom - 1, 2, 7);
    }
  }
}

function scaleFor(samples) {
  const highest = samples.reduce((most, { rtt }) => (rtt !== null && rtt !== Infinity ? Math.max(most, rtt) : most), 0);
  return SCALES.find((scale) => scale >= highest * 1.1) ?? SCALES.at(-1);
}
