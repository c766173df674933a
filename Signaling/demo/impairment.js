// The switch that makes our own network worse, inside the gateway: what is chosen, and what the gateway says it did.

const at = (id) => document.getElementById(id);

export class Impairment {
  report = null; // the gateway's, or null
  #location = null; // of the session
  #chosen = { loss: 0, delay: 0 };

  constructor() {
    at('impairment').addEventListener('change', ({ target }) => {
      this.#chosen = { loss: Number(target.dataset.loss), delay: Number(target.dataset.delay) };
      this.#apply();
    });
    setInterval(() => { if (this.isOn) this.#ask('GET', ''); }, 1000);
  }

  get isOn() {
    return this.#chosen.loss > 0 || this.#chosen.delay > 0;
  }

  /** A new session, by its URL, or null for none. What was chosen stays. */
  attach(location) {
    this.#location = location;
    this.report = null;
    this.#show();
    if (this.isOn) this.#apply();
  }

  #apply() {
    const { loss, delay } = this.#chosen;
    this.#ask('PUT', `?loss=${loss}&delay=${delay}`);
  }

  async #ask(method, query) {
    const location = this.#location;
    if (!location) return;
    try {
      const response = await fetch(`${location}/impairment${query}`, { method, signal: AbortSignal.timeout(5000) });
      if (location !== this.#location) return;
      this.report = response.ok ? await response.json() : null;
    } catch {
      return; // out of reach: what the connection says of that is enough
    }
    this.#show();
  }

  #show() {
    const { report } = this;
    const note = !report || !this.isOn
      ? 'Loss and delay in the gateway, each way, for you alone.'
      : `Dropped in the gateway: ${share(report.fromBrowser)} ↑, ${share(report.toBrowser)} ↓`;
    if (at('impairment-note').textContent !== note) at('impairment-note').textContent = note;
  }
}

const share = ({ datagrams, dropped }) => `${dropped} of ${datagrams}`;
