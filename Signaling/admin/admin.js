// Puts the admin page together: the token, the gateway's figures each second, and what operators do.

import { Api, Refused } from './api.js';
import { Plots } from './plots.js';
import { Rows, endedCells, serverEntries, sessionCells, showFacts, showTimeline, span } from './sessions.js';

const KEY = 'torii-admin-token'; // in sessionStorage: gone with the tab
const INTERVAL = 1000; // ms between two looks
const SLOW = 5; // looks between two at what changes rarely
const CAPTURE = 10; // s
const PAGE = 50; // sessions that are shown at once
const at = (id) => document.getElementById(id);

const WORDS = {
  serving: 'Players are taken',
  draining: 'Draining: no new players are taken',
  departing: 'Draining, then it stops',
  stopping: 'Stopping',
};

const plots = new Plots(at('plots'));
const sessions = new Rows(at('sessions'));
const ended = new Rows(at('ended'));
const servers = new Rows(at('servers'));

let api = null;
let after = null; // where the page of sessions begins
let following = null; // where the next one does
let chosen = null; // the session whose timeline is shown
let opener = null; // what had the focus before that
let chosenRoute = null;
let capturing = false; // one at a time
let profiles = new Map(); // by route
let looks = 0;
let rounds = 0; // an answer that a later question has overtaken counts no more
let timer = null;

// Looking

async function look() {
  clearTimeout(timer);
  if (!api) return;
  const round = ++rounds;
  const isLatest = () => round === rounds;
  const asked = api;
  try {
    const isSlow = looks++ % SLOW === 0;
    const [gateway, page, one, rare] = await Promise.all([
      asked.gateway(), asked.sessions(PAGE, after), chosen && asked.session(chosen).catch(gone),
      isSlow ? Promise.all([asked.servers(), asked.ended(PAGE)]) : null,
    ]);
    if (!isLatest()) return;
    showGateway(gateway);
    showSessions(page);
    if (one && one.id.startsWith(chosen)) showOne(one);
    if (rare) {
      servers.show(serverEntries(rare[0]));
      profiles = new Map(rare[0].routes.map(({ name, profile }) => [name, profile]));
      ended.show(rare[1].sessions.map((each) => ({ key: each.id, cells: endedCells(each), onOpen: () => open(each.id) })));
    }
  } catch (error) {
    if (isLatest()) fail(error);
  }
  if (isLatest()) timer = setTimeout(look, document.hidden ? INTERVAL * SLOW : INTERVAL);
}

/** A session that ended too long ago is no news. */
function gone(error) {
  if (error instanceof Refused && error.status === 404) return null;
  throw error;
}

function showGateway(gateway) {
  say(WORDS[gateway.state] ?? gateway.state, gateway.state);
  problem('');
  at('about').textContent = `version ${gateway.version}, up ${span(gateway.uptimeMs)}`;
  at('drain').setAttribute('aria-checked', String(gateway.state !== 'serving'));
  at('drain').disabled = gateway.state === 'departing' || gateway.state === 'stopping';
  if (document.activeElement !== at('level')) at('level').value = gateway.logLevel;
  at('count').textContent = `${gateway.sessions.total} of ${gateway.sessions.limit}`;
  plots.add(gateway, performance.now());
}

function showSessions({ sessions: found, next }) {
  following = next;
  at('next').disabled = next === null;
  at('first').disabled = after === null;
  at('none').hidden = found.length > 0;
  sessions.show(found.map((one) => ({
    key: one.id, cells: sessionCells(one), onOpen: () => open(one.id), current: one.id === chosen,
  })));
}

function showOne(one) {
  chosenRoute = one.route;
  at('one').hidden = false;
  at('one-title').textContent = `Session ${one.name}`;
  at('remove').disabled = one.state === 'ended';
  at('capture').disabled = one.state === 'ended' || capturing;
  showFacts(at('facts'), one);
  showTimeline(at('timeline'), one);
}

// Saying. Only what changes is told to those who hear the page.

function say(text, state) {
  if (at('status').textContent !== text) at('status').textContent = text;
  at('status').dataset.state = state;
}

function problem(text) {
  if (at('problem').textContent !== text) at('problem').textContent = text;
}

function fail(error) {
  if (error instanceof Refused && error.status === 401) return leave(error.message);
  say('Not connected', 'lost');
  problem(error instanceof Refused ? error.message : 'The gateway does not answer; trying again.');
}

/** Does what a person asked for, and says what came of it. */
async function act(task) {
  try {
    await task();
    await look();
  } catch (error) {
    fail(error);
  }
}

// Doing

function enter(token) {
  sessionStorage.setItem(KEY, token);
  api = new Api(token);
  problem('');
  say('Connecting…', 'waiting');
  for (const id of ['rooms', 'controls']) at(id).hidden = false;
  at('entrance').hidden = true;
  look();
}

function leave(reason) {
  sessionStorage.removeItem(KEY);
  api = null;
  rounds += 1;
  clearTimeout(timer);
  close();
  for (const id of ['rooms', 'controls']) at(id).hidden = true;
  at('entrance').hidden = false;
  at('about').textContent = '';
  say('Not connected', 'waiting');
  problem(reason);
  at('token').focus();
}

async function open(id) {
  opener = document.activeElement;
  chosen = id;
  await act(async () => showOne(await api.session(id)));
  at('one-title').focus();
}

function close() {
  chosen = null;
  at('one').hidden = true;
  if (at('removal').open) at('removal').close();
  if (opener?.isConnected) opener.focus();
}

/** Hands a file to the browser, which asks where to put it or knows. */
function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // browsers begin to read it when they like
}

function turn(place) {
  after = place;
  look();
}

at('entrance').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = at('token').value.trim();
  at('token').value = '';
  if (token) enter(token);
});
at('forget').addEventListener('click', () => leave(''));
at('first').addEventListener('click', () => turn(null));
at('next').addEventListener('click', () => turn(following));
at('close').addEventListener('click', close);
at('drain').addEventListener('click', () => act(() => api.drain(at('drain').getAttribute('aria-checked') !== 'true')));
at('level').addEventListener('change', () => act(() => api.setLevel(at('level').value)));
at('remove').addEventListener('click', () => {
  at('reason').value = '';
  at('data').value = '';
  at('data-line').hidden = profiles.get(chosenRoute) !== 'channels';
  at('removal').showModal();
});
at('capture').addEventListener('click', () => act(async () => {
  const [id, name] = [chosen, `${chosen.slice(0, 8)}.pcapng`];
  capturing = true;
  at('capture').disabled = true;
  try {
    save(await api.capture(id, CAPTURE), name);
  } finally {
    capturing = false;
    at('capture').disabled = false;
  }
}));
at('stay').addEventListener('click', () => at('removal').close());
at('removing').addEventListener('submit', (event) => {
  event.preventDefault();
  at('removal').close();
  const id = chosen;
  looks = 0; // what ended is shown at once
  act(() => api.remove(id, at('reason').value.trim(), at('data').value));
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });

const kept = sessionStorage.getItem(KEY);
if (kept) enter(kept);
else at('token').focus();
