// Sessions, servers and timelines as tables. Everything that came over the network is set as text, never as markup.

import { figure } from './plots.js';

const EVENTS = {
  joined: 'joined',
  reached: 'the browser was reached',
  secured: 'DTLS is up',
  opened: 'SCTP is up, data channels open',
  playing: 'playing: the server has taken the player',
  moved: 'moved to another way',
  stalled: 'stalled',
  recovered: 'no longer stalled',
  ended: 'ended',
};

/** Rows by key: those that stay keep their elements, and with them the focus. */
export class Rows {
  #body;
  #rows = new Map();

  constructor(table) {
    this.#body = table.tBodies[0];
  }

  /** `entries` are {key, cells, onOpen?, current?}; the first cell is the row's header. */
  show(entries) {
    const kept = new Set(entries.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (kept.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    entries.forEach(({ key, cells, onOpen, current = false }, index) => {
      let row = this.#rows.get(key);
      if (!row) this.#rows.set(key, row = this.#make(cells, onOpen));
      if (this.#body.children[index] !== row) this.#body.insertBefore(row, this.#body.children[index] ?? null);
      row.setAttribute('aria-current', String(current));
      cells.forEach((text, i) => {
        const holder = i === 0 && onOpen ? row.cells[0].firstChild : row.cells[i];
        if (holder.textContent !== text) holder.textContent = text;
      });
    });
  }

  #make(cells, onOpen) {
    const row = document.createElement('tr');
    cells.forEach((_, index) => {
      const cell = document.createElement(index ? 'td' : 'th');
      if (!index) cell.scope = 'row';
      row.append(cell);
    });
    if (onOpen) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'link';
      button.addEventListener('click', onOpen);
      row.cells[0].append(button);
    }
    return row;
  }
}

export const sessionCells = (one) => [
  one.name, one.route, one.server, one.state,
  one.browser ? `${one.browser} ${one.transport}` : '–',
  span(one.ageMs), `${trip(one.roundTripMs.browser)} / ${trip(one.roundTripMs.server)}`,
  traffic(one.toServer), traffic(one.toBrowser), bytes(total(one.queues)), String(total(one.drops)),
];

export const endedCells = (one) => {
  const end = one.timeline.at(-1);
  return [one.name, one.route, clock(end.at), end.reason ?? '–'];
};

export const serverEntries = ({ routes }) => routes.flatMap((route) => route.servers.map((one) => ({
  key: `${route.name} ${one.name}`, cells: [one.name, route.name, one.state, String(one.sessions)],
})));

/** Fills a description list with one session. */
export function showFacts(list, one) {
  const end = one.timeline.at(-1);
  const facts = [
    ['id', one.id], ['route', one.route], ['server', one.server ?? '–'], ['state', one.state],
    ['browser', one.browser ? `${one.browser} over ${one.transport}` : '–'],
    ['round trip', one.roundTripMs
      ? `${trip(one.roundTripMs.browser)} ms to the browser, ${trip(one.roundTripMs.server)} ms to the server` : '–'],
    ['to server', traffic(one.toServer)], ['to browser', traffic(one.toBrowser)],
    ['waiting', one.queues ? pairs(one.queues, bytes) : '–'], ['drops', pairs(one.drops, String)],
  ];
  if (one.peerId) facts.splice(2, 0, ['peer id', String(one.peerId)]);
  if (end?.event === 'ended') facts.push(['why', `${end.reason} (${end.code})`]);
  list.replaceChildren(...facts.flatMap(([term, text]) => [element('dt', term), element('dd', text)]));
}

export function showTimeline(list, { timeline, leftOut }) {
  const begun = timeline[0]?.at ?? 0;
  const items = timeline.map((entry) => {
    const item = document.createElement('li');
    const time = element('time', `+${((entry.at - begun) / 1000).toFixed(3)} s`);
    time.dateTime = new Date(entry.at).toISOString();
    time.title = clock(entry.at);
    item.append(time, element('span', describe(entry)));
    return item;
  });
  if (leftOut) items.splice(8, 0, element('li', `${leftOut} entries are no longer known`));
  list.replaceChildren(...items);
}

function describe(entry) {
  const words = EVENTS[entry.event] ?? entry.event;
  if (entry.browser) return `${words}: ${entry.browser} over ${entry.transport}`;
  if (entry.direction) return `${words}, ${entry.direction.replace('-', ' ')}`;
  return entry.reason ? `${words}: ${entry.reason} (${entry.code})` : words;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

const total = (counts) => Object.values(counts).reduce((sum, one) => sum + one, 0);
const trip = (value) => (value === null ? '–' : figure(value));
const traffic = ({ messages, bytes: carried }) => `${messages} (${bytes(carried)})`;
const clock = (at) => new Date(at).toLocaleTimeString();

function pairs(counts, show) {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length ? some.map(([name, count]) => `${name} ${show(count)}`).join(', ') : 'none';
}

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const unit = ['kB', 'MB', 'GB', 'TB'].find((_, index) => count < 1000 ** (index + 2)) ?? 'PB';
  const power = { kB: 1, MB: 2, GB: 3, TB: 4, PB: 5 }[unit];
  return `${figure(count / 1000 ** power)} ${unit}`;
}

export function span(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}
