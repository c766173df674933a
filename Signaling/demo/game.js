// One stay in the game: what is sent when, and what each message means. A new one begins with each session.

import * as wire from './wire.js';
import { NAMES } from './channels.js';
import { Measure, Rate } from './measure.js';
import { Roster } from './roster.js';
import { Self } from './self.js';

const PING_EVERY = 100; // ms, on each channel
const SETTLING = 1000; // ms after the welcome: who is announced in it was here before us
const PLACE_AFTER = 1000; // ms after the welcome: if the server has not placed us by then, we choose
const BACKLOG = 16_384; // bytes waiting in a channel above which nothing periodic is added

export class Game {
  roster = new Roster();
  self = new Self();
  measures = Object.fromEntries(NAMES.map((name) => [name, new Measure(name === 'reliable')]));
  received = new Rate();
  sent = new Rate();
  #channels = null;
  #welcomedAt = null;
  #name;
  #events;
  #lastPing = -Infinity;

  /** `events`: onWelcome, onPlayers, and with a player onJoined, onLeft, onChat (and text), onRipple. */
  constructor(name, events) {
    this.#name = name;
    this.#events = events;
  }

  get welcomed() {
    return this.roster.me !== null;
  }

  begin(channels) {
    this.#channels = channels;
    this.#send('reliable', wire.hello(this.#name));
  }

  /** To be called about 60 times a second, less when the page is hidden. */
  tick(now) {
    if (!this.#channels) return;
    for (const name of NAMES) this.measures[name].expire(now);
    if (!this.welcomed) return;
    if (!this.self.placed && now - this.#welcomedAt > PLACE_AFTER) {
      this.self.place({ x: 300 + 400 * Math.random(), y: 440 });
    }
    if (this.#hasRoom('state') && this.self.due(now)) this.#send('state', wire.position(this.self.x, this.self.y));
    if (now - this.#lastPing < PING_EVERY - 4) return;
    this.#lastPing = now;
    for (const name of NAMES) this.#ping(name, now);
  }

  chat(text) {
    return this.welcomed && this.#send('reliable', wire.chat(text));
  }

  ripple() {
    return this.welcomed && this.#send('reliable', wire.ripple());
  }

  /** A message that came over the channel of that name. */
  receive(name, data) {
    const now = performance.now();
    this.received.count(now);
    const message = wire.decode(data);
    if (!message) return;
    const { roster } = this;
    const player = roster.get(message.id);
    switch (message.type) {
      case 'pong': this.measures[name]?.receive(message, now); break;
      case 'snapshot': roster.snapshot(message, now); break;
      case 'welcome':
        roster.welcome(message.id, this.#name);
        this.#welcomedAt = now;
        this.#events.onWelcome();
        this.#events.onPlayers();
        break;
      case 'joined':
        if (roster.join(message) && this.welcomed && now - this.#welcomedAt > SETTLING) {
          this.#events.onJoined(roster.get(message.id));
        }
        this.#events.onPlayers();
        break;
      case 'left':
        if (!player) break;
        roster.leave(message.id);
        this.#events.onLeft(player);
        this.#events.onPlayers();
        break;
      case 'chat': if (player && message.text) this.#events.onChat(player, message.text); break;
      case 'ripple': if (player) this.#events.onRipple(player); break;
    }
  }

  #ping(name, now) {
    const measure = this.measures[name];
    if (this.#hasRoom(name) && this.#send(name, wire.ping(measure.number, now))) measure.send(now);
  }

  #hasRoom(name) {
    return (this.#channels[name]?.bufferedAmount ?? Infinity) < BACKLOG;
  }

  /** Whether it was handed to the channel. */
  #send(name, data) {
    const channel = this.#channels[name];
    if (!channel?.isOpen || !channel.send(data)) return false;
    this.sent.count(performance.now());
    return true;
  }
}
