// The chat log and its line. Our own words show at once; the server's echo of them confirms, not repeats, them.

import { swatch } from './panel.js';

const MOST = 200; // entries kept

export class Chat {
  entries = []; // {name, text} or {text} for notes
  #log = document.getElementById('log');
  #unconfirmed = []; // our entries and their elements, oldest first
  #follows = true; // the log shows its end, and goes on to, unless the person has scrolled away from it
  #top = 0; // where it was scrolled to when that was last looked at

  /** `onSay(text)` returns whether it was sent; `onDone` is called when the person leaves the line. */
  constructor({ onSay, onDone }) {
    const line = document.getElementById('say');
    document.getElementById('chat').addEventListener('submit', (event) => {
      event.preventDefault();
      const text = line.value.trim();
      if (text && !onSay(text)) return;
      line.value = '';
      onDone();
    });
    this.#log.addEventListener('scroll', () => this.#look());
    new ResizeObserver(() => this.#follow()).observe(this.#log);
    line.addEventListener('keydown', (event) => { if (event.key === 'Escape') onDone(); });
  }

  say(player, text) {
    const words = document.createElement('span');
    words.textContent = text;
    const name = document.createElement('b');
    name.textContent = player.name;
    const entry = { name: player.name, text };
    this.#add(entry, '', swatch(player), name, words);
    return { entry, words };
  }

  sayOwn(player, text) {
    this.#unconfirmed.push(this.say(player, text));
  }

  /** Our words as the server passed them on. */
  echo(player, text) {
    const own = this.#unconfirmed.shift();
    if (!own) return this.say(player, text);
    own.entry.text = text;
    if (own.words.textContent !== text) own.words.textContent = text;
  }

  note(text) {
    this.#add({ text }, 'aside', text);
  }

  /** A new session: what was not confirmed will not be. */
  restart() {
    this.#unconfirmed = [];
  }

  #add(entry, className, ...content) {
    this.entries.push(entry);
    if (this.entries.length > MOST) {
      this.entries.shift();
      this.#log.firstElementChild.remove();
    }
    const line = document.createElement('p');
    line.className = className;
    line.append(...content);
    // The person may have scrolled since the last picture, of which no event has told yet.
    if (this.#log.clientHeight > 0 && this.#log.scrollTop !== this.#top) this.#look();
    this.#log.append(line);
    this.#follow();
  }

  #look() {
    this.#top = this.#log.scrollTop;
    this.#follows = this.#log.scrollHeight - this.#top - this.#log.clientHeight < 40;
  }

  #follow() {
    if (!this.#follows) return;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#top = this.#log.scrollTop;
  }
}
