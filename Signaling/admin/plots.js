// Figures of the last minutes as lines. Each plot has at most two, told apart by more than their colours.

const SPAN = 300_000; // ms
const WIDTH = 300;
const HEIGHT = 80;
const SVG = 'http://www.w3.org/2000/svg';

const PLOTS = [
  { name: 'sessions', lines: ['sessions'] },
  { name: 'messages a second', lines: ['to server', 'to browser'] },
  { name: 'round trip, ms', lines: ['browser', 'server'] },
  { name: 'drops a second', lines: ['drops'] },
  { name: 'worker lag, ms', lines: ['timers', 'datagrams'] },
];

export class Plots {
  #samples = []; // {time, values}: one value or null for each line of each plot
  #before = null;
  #parts;

  constructor(place) {
    this.#parts = PLOTS.map(({ name, lines }) => {
      const figure = document.createElement('figure');
      const caption = document.createElement('figcaption');
      const title = document.createElement('b');
      const scale = document.createElement('span');
      title.textContent = name;
      caption.append(title, scale);
      const svg = document.createElementNS(SVG, 'svg');
      svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
      svg.setAttribute('preserveAspectRatio', 'none');
      svg.setAttribute('aria-hidden', 'true');
      const drawn = { scale, lines: lines.map((line, index) => {
        const label = document.createElement('span');
        label.className = index ? 'two-figure' : 'one-figure';
        const path = document.createElementNS(SVG, 'path');
        if (index) path.setAttribute('class', 'two');
        caption.append(label);
        svg.append(path);
        return { line, label, path };
      }) };
      figure.append(caption, svg);
      place.append(figure);
      return drawn;
    });
  }

  /** Takes what /api/gateway says, at `now` in ms. */
  add(gateway, now) {
    const before = this.#before;
    this.#before = { gateway, now };
    // A gateway that was started anew counts from nothing.
    if (!before || gateway.uptimeMs < before.gateway.uptimeMs) return;
    if (gateway.uptimeMs === before.gateway.uptimeMs) return;
    const seconds = (gateway.uptimeMs - before.gateway.uptimeMs) / 1000;
    const rate = (of) => Math.max(0, of(gateway) - of(before.gateway)) / seconds;
    const mean = (of) => meanBetween(of(before.gateway), of(gateway));
    this.#samples.push({ time: now, values: [
      [gateway.sessions.total],
      [rate((one) => one.toServer.messages), rate((one) => one.toBrowser.messages)],
      [mean((one) => one.roundTrips.browser), mean((one) => one.roundTrips.server)],
      [rate((one) => Object.values(one.drops).reduce((sum, count) => sum + count, 0))],
      [mean((one) => one.worker.deadlineLag), mean((one) => one.worker.datagramLag)],
    ] });
    while (this.#samples[0].time < now - SPAN) this.#samples.shift();
    this.#draw(now);
  }

  #draw(now) {
    this.#parts.forEach(({ scale, lines }, plot) => {
      const all = this.#samples.flatMap(({ values }) => values[plot]).filter((value) => value !== null);
      const top = Math.max(1, ...all);
      scale.textContent = `up to ${figure(top)}`;
      lines.forEach(({ line, label, path }, index) => {
        const points = this.#samples.map(({ time, values }) => [time, values[plot][index]])
          .filter(([, value]) => value !== null);
        path.setAttribute('d', points.map(([time, value], i) => {
          const x = WIDTH - ((now - time) / SPAN) * WIDTH;
          const y = HEIGHT - 1 - (value / top) * (HEIGHT - 4);
          // The first one is seen even when it is the only one.
          return i ? `L${x.toFixed(1)} ${y.toFixed(1)}` : `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
        }).join(''));
        const last = points.at(-1)?.[1];
        label.textContent = `${line} ${last === undefined ? '–' : figure(last)}`;
      });
    });
  }
}

export const figure = (value) => (value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1));

/** Of what was noted between two states of a histogram; null when nothing was. */
function meanBetween(before, now) {
  const count = now.count - before.count;
  return count > 0 ? Math.max(0, now.sumMs - before.sumMs) / count : null;
}
