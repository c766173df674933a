// One stay in the game: what is sent when, and what each message means. A new one begins with each session.

import * as wire from './wire.js';
import { Pings, Rate } from './pings.js';
import { Roster } from './roster.js';
import { Self } from './self.js';

const PING_EVERY = 100; // ms
const RELIABLE_PING_EVERY = 200; // ms
const SETTLING = 1000; // ms after the welcome: who is announced in it was here before us
const PLACE_AFTER = 1000; // ms after the welcome: if the server has not placed us by then, we choose
const BACKLOG = 16_384; // bytes waiting in a channel above which nothing periodic is added

export class Game {
  roster = new Roster();
  self = new Self();
  unreliable = new Pings();
  reliable = new Pings();
  received = new Rate();
  sent = new Rate();
  #session = null;
  #welcomedAt = null;
  #name;
  #events;
  #lastPing = -Infinity;
  #lastReliablePing = -Infinity;

  /** `events`: onWelcome, onPlayers, and with a player onJoined, onLeft, onChat (and text), onRipple. */
  constructor(name, events) {
    this.#name = name;
    this.#events = events;
  }

  get welcomed() {
    return this.roster.me !== null;
  }

  begin(session) {
    this.#session = session;
    this.#send(session.reliable, wire.hello(this.#name));
  }

  /** To be called about 60 times a second, less when the page is hidden. */
  tick(now) {
    if (!this.#session) return;
    this.unreliable.expire(now);
    this.reliable.expire(now);
    if (!this.welcomed) return;
    if (!this.self.placed && now - this.#welcomedAt > PLACE_AFTER) {
      this.self.place({ x: 300 + 400 * Math.random(), y: 440 });
    }
    const { state, reliable } = this.#session;
    if (state.bufferedAmount < BACKLOG) {
      if (this.self.due(now)) this.#send(state, wire.position(this.self.x, this.self.y));
      if (now - this.#lastPing >= PING_EVERY - 4 && this.#send(state, wire.ping(now))) {
        this.#lastPing = now;
        this.unreliable.sent(now);
      }
    }
    if (reliable.bufferedAmount < BACKLOG && now - this.#lastReliablePing >= RELIABLE_PING_EVERY - 4
      && this.#send(reliable, wire.reliablePing(now))) {
      this.#lastReliablePing = now;
      this.reliable.sent(now);
    }
  }

  chat(text) {
    return this.welcomed && this.#send(this.#session.reliable, wire.chat(text));
  }

  ripple() {
    return this.welcomed && this.#send(this.#session.reliable, wire.ripple());
  }

  receive(data) {
    const now = performance.now();
    this.received.count(now);
    const message = wire.decode(data);
    if (!message) return;
    const { roster } = this;
    const player = roster.get(message.id);
    switch (message.type) {
      case 'ping': this.unreliable.returned(message.time, now); break;
      case 'reliablePing': this.reliable.returned(message.time, now); break;
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

  /** Whether it was handed to the channel. */
  #send(channel, data) {
    if (channel.readyState !== 'open') return false;
    channel.send(data);
    this.sent.count(performance.now());
    return true;
  }
}
