// Puts the demo together: one person's presence, the current game, the picture and the panel.

import { join } from '/torii.js';
import { CHANNELS, NAMES } from './channels.js';
import { Chat } from './chat.js';
import { Game } from './game.js';
import { Impairment } from './impairment.js';
import { Input } from './input.js';
import { Invitation } from './invite.js';
import { chooseName, keepName } from './name.js';
import * as panel from './panel.js';
import { Plots } from './plots.js';
import { ATTEMPTS, stay } from './presence.js';
import { World } from './world.js';

const ROUTE = 'demo';
const APART = 12; // world units from which on where we are and where others see us are two places
const WELCOME_TIME = 10_000; // ms that the game may take to say something
const at = (id) => document.getElementById(id);

let name = chooseName();
let state = 'joining'; // joining, waiting, joined, interrupted, retrying, ended, failed
let game = new Game(name, {});
let connection = null;
let way = null; // what the browser says of its connection
let stop = new AbortController();
let retryAt = null; // when the next attempt begins, and which it is
let retryAttempt = 0;

const world = new World(at('world'), at('panel'));
const plots = new Plots();
const impairment = new Impairment();
const chat = new Chat({
  onSay(text) {
    const sent = game.chat(text);
    if (sent) chat.sayOwn(game.roster.get(game.roster.me), text);
    return sent;
  },
  onDone: () => at('world').focus(),
});
const input = new Input(at('world'), {
  toWorld: (x, y) => world.toWorld(x, y),
  onRipple: ripple,
  onChat() {
    setCollapsed(false);
    at('say').focus();
  },
});
new Invitation();

// Being in the game

function setState(next, reason) {
  state = next;
  panel.showStatus(next, reason);
}

async function enter(signal) {
  const entered = new Game(name, gameEvents);
  const joined = await join(`/join/${ROUTE}`, { channels: CHANNELS, signal, attempts: 1 });
  joined.addEventListener('message', ({ channel, data }) => entered.receive(channel.name, data));
  joined.addEventListener('statechange', () => {
    if (game !== entered || !entered.welcomed || joined.state === 'closed') return;
    setState(joined.state === 'interrupted' ? 'interrupted' : 'joined');
  });
  game = entered;
  connection = joined;
  chat.restart();
  impairment.attach(joined.location);
  setState('waiting');
  game.begin(joined.channels);
  return { ended: Promise.race([joined.closed, unwelcome(entered, joined)]) };
}

/** The gateway let us in but the game says nothing: leave, as if the connection had been lost. */
const unwelcome = (entered, joined) => new Promise((resolve) => {
  setTimeout(() => {
    if (entered.welcomed) return;
    joined.close();
    resolve({ reason: 'The game server did not answer.', transient: true });
  }, WELCOME_TIME);
});

const showPlayers = () => panel.showPlayers(game.roster.list(), game.roster.me);

const gameEvents = {
  onWelcome: () => setState('joined'),
  onPlayers: showPlayers,
  onJoined: (player) => { if (player.id !== game.roster.me) chat.note(`${player.name} is here`); },
  onLeft: (player) => chat.note(`${player.name} left`),
  onChat: (player, text) => (player.id === game.roster.me ? chat.echo(player, text) : chat.say(player, text)),
  onRipple(player) {
    const place = game.roster.place(player.id, performance.now());
    if (place && player.id !== game.roster.me) world.ripple(place, performance.now());
  },
};

function start() {
  leave();
  stop = new AbortController();
  const { signal } = stop;
  stay({
    enter,
    signal,
    onStatus(next, reason, { attempt, wait }) {
      if (signal.aborted) return;
      retryAt = wait ? performance.now() + wait : null;
      retryAttempt = attempt;
      connection = null;
      way = null;
      impairment.attach(null);
      game = new Game(name, {}); // nobody is in it
      showPlayers();
      setState(next, reason);
    },
  });
}

function leave() {
  stop.abort(new Error('You left.'));
  connection?.close();
  connection = null;
}

function ripple() {
  if (game.ripple() && game.self.placed) world.ripple(game.self, performance.now());
}

// The panel's controls

function setCollapsed(collapsed) {
  at('panel').classList.toggle('collapsed', collapsed);
  at('toggle').setAttribute('aria-expanded', String(!collapsed));
}

at('toggle').addEventListener('click', () => setCollapsed(!at('panel').classList.contains('collapsed')));
at('ripple').addEventListener('click', ripple);
at('again').addEventListener('click', start);
at('name').value = name;
at('naming').addEventListener('submit', (event) => {
  event.preventDefault();
  const wanted = at('name').value.trim();
  if (!wanted || wanted === name) return;
  name = keepName(wanted);
  start();
  at('world').focus();
});
setCollapsed(matchMedia('(max-width: 719px)').matches);

// Time

let last = performance.now();
function frame() {
  const now = performance.now();
  const seconds = Math.min((now - last) / 1000, 0.1);
  last = now;
  const { roster, self } = game;
  self.step(seconds, now, input.steer, input.target, roster.ownPlace);
  if (input.target && self.placed && self.near(input.target)) input.target = null;
  world.draw(visible(now), self.placed ? self : null, { target: input.target, echo: echo(now) }, now);
  requestAnimationFrame(frame);
}

function visible(now) {
  const { roster, self } = game;
  return roster.list().flatMap((player) => {
    const me = player.id === roster.me;
    const place = me && self.placed ? self : roster.place(player.id, now);
    return place ? [{ ...player, me, x: place.x, y: place.y }] : [];
  });
}

/** Where the others see us, while the network is made worse and that is elsewhere; null otherwise. */
function echo(now) {
  const { roster, self } = game;
  const seen = impairment.isOn && self.placed ? roster.place(roster.me, now) : null;
  return seen && Math.hypot(seen.x - self.x, seen.y - self.y) > APART ? seen : null;
}

setInterval(() => game.tick(performance.now()), 1000 / 60);
setInterval(() => plots.draw(game.measures, performance.now()), 100);
setInterval(() => {
  const now = performance.now();
  panel.showMeasures(summaries());
  panel.showWay({ received: game.received.perSecond(now), sent: game.sent.perSecond(now), way });
  const left = retryAt === null ? null : Math.max(1, Math.ceil((retryAt - now) / 1000));
  panel.showCountdown(left === null ? '' : `Trying again in ${left} s (${retryAttempt} of ${ATTEMPTS}).`);
}, 250);
setInterval(async () => {
  const asked = connection;
  if (!asked) return;
  const found = await asked.stats();
  if (connection === asked) way = found;
}, 1000);

const summaries = () => Object.fromEntries(NAMES.map((one) => [one, game.measures[one].summary()]));

addEventListener('pagehide', () => stop.abort(new Error('You left.'))); // the client library tells the gateway
addEventListener('pageshow', (event) => { if (event.persisted) start(); });

const pick = (from, keys) => Object.fromEntries(keys.map((key) => [key, from[key]]));

/** What the page knows, for tests: read-only. */
Object.defineProperty(window, 'toriiDemo', {
  value: Object.freeze({
    get state() { return state; },
    get id() { return game.roster.me; },
    get players() { return visible(performance.now()).map((one) => pick(one, ['id', 'kind', 'name', 'x', 'y'])); },
    get measures() { return summaries(); },
    get impairment() { return impairment.report; },
    get way() { return way; },
    get chat() { return chat.entries.map((entry) => ({ ...entry })); },
  }),
});

chat.note('Circles are pages like this one; diamonds are native players. Their game server speaks ENet, and knows no browsers.');
start();
requestAnimationFrame(frame);
