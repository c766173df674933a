// The side panel's words and figures. Everything that came over the network is set as text, never as markup.

import { NATIVE } from './wire.js';

const at = (id) => document.getElementById(id);

const STATUS = {
  joining: 'Joining…',
  waiting: 'Connected, waiting for the game…',
  joined: 'In the game',
  interrupted: 'Interrupted, waiting for it to come back…',
  retrying: 'Not connected',
  ended: 'Out of the game',
  failed: 'Not connected',
};

export function showStatus(state, reason = null) {
  const status = at('status');
  if (status.dataset.state !== state || !status.textContent) status.textContent = STATUS[state];
  status.dataset.state = state;
  at('notice').hidden = !reason;
  if (at('reason').textContent !== (reason ?? '')) at('reason').textContent = reason ?? '';
  at('again').textContent = state === 'retrying' ? 'Try now' : 'Join again';
}

/** Beside the reason, unseen by screen readers, which would otherwise read out every second. */
export function showCountdown(text) {
  if (at('countdown').textContent !== text) at('countdown').textContent = text;
}

export function showPlayers(players, me) {
  at('count').textContent = players.length;
  at('players').replaceChildren(...players.map((player) => {
    const item = document.createElement('li');
    item.append(swatch(player), span('who', player.name));
    if (player.id === me) item.append(span('you', 'you'));
    const native = player.kind === NATIVE;
    const kind = span('kind', native ? 'native' : 'web');
    kind.prepend(icon(native ? 'icon-native' : 'icon-web'));
    item.append(kind);
    return item;
  }));
}

/** `summaries` by channel. */
export function showMeasures(summaries) {
  for (const [name, { median, p95, jitter, up, down }] of Object.entries(summaries)) {
    const cells = at(`row-${name}`).querySelectorAll('td');
    [milliseconds(median), milliseconds(p95), milliseconds(jitter), percent(up), percent(down)].forEach((text, i) => {
      if (cells[i].textContent !== text) cells[i].textContent = text;
    });
  }
  const { now } = summaries.state;
  at('glance').textContent = now === null ? '–' : `${milliseconds(now)} ms`;
}

export function showWay({ received, sent, way }) {
  at('received').textContent = `${received.toFixed(0)} /s`;
  at('sent').textContent = `${sent.toFixed(0)} /s`;
  at('path-local').textContent = way ? candidate(way.local) : '–';
  at('path-remote').textContent = way ? candidate(way.remote) : '–';
  at('path-rtt').textContent = way && way.rttMs !== null ? `${milliseconds(way.rttMs)} ms` : '–';
}

const percent = (part) => (part === null ? '–' : `${(part * 100).toFixed(part > 0 && part < 0.0995 ? 1 : 0)} %`);
const milliseconds = (value) => (value === null ? '–' : value.toFixed(value < 9.95 ? 1 : 0));

function candidate(one) {
  if (!one) return '–';
  const address = one.address.includes(':') ? `[${one.address}]` : one.address || 'private';
  return `${one.type} ${one.protocol} ${address}:${one.port ?? ''}`;
}

export function swatch({ kind, hue }) {
  const dot = span(kind === NATIVE ? 'swatch native' : 'swatch', '');
  dot.style.setProperty('--hue', hue);
  return dot;
}

function span(className, text) {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}
