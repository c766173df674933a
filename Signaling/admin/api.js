// What the admin page asks of the gateway; /openapi.yaml says what the answers are.

const TIME = 10_000; // ms that an answer may take

/** The gateway said no; `message` is its sentence. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

export class Api {
  #token;

  constructor(token) {
    this.#token = token;
  }

  gateway() { return this.#ask('GET', '/api/gateway'); }
  servers() { return this.#ask('GET', '/api/servers'); }
  session(id) { return this.#ask('GET', `/api/sessions/${encodeURIComponent(id)}`); }
  ended(limit) { return this.#ask('GET', `/api/ended-sessions?limit=${limit}`); }

  sessions(limit, after = null) {
    return this.#ask('GET', `/api/sessions?limit=${limit}${after === null ? '' : `&after=${after}`}`);
  }

  /** `data` is a text of digits; nothing for the server where it is empty. */
  remove(id, reason, data) {
    // URLSearchParams writes a space as "+", which is one of HTML's forms alone.
    const query = Object.entries({ reason, disconnect_data: data }).filter(([, value]) => value)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return this.#ask('DELETE', `/api/sessions/${encodeURIComponent(id)}?${query.join('&')}`);
  }

  /** A file for Wireshark, once it is whole. */
  async capture(id, seconds) {
    const path = `/api/sessions/${encodeURIComponent(id)}/capture?seconds=${seconds}`;
    return (await this.#send('POST', path, { time: TIME + 1000 * seconds })).blob();
  }

  drain(on) { return this.#ask(on ? 'POST' : 'DELETE', '/api/drain'); }
  setLevel(level) { return this.#ask('PUT', '/api/log-level', { level }); }

  async #ask(method, path, body) {
    const answer = await this.#send(method, path, { body });
    return answer.status === 204 ? null : answer.json();
  }

  async #send(method, path, { body, time = TIME }) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body) headers['Content-Type'] = 'application/json';
    const answer = await fetch(path, {
      method, headers, body: body && JSON.stringify(body), cache: 'no-store', credentials: 'omit', redirect: 'error',
      signal: AbortSignal.timeout(time),
    });
    if (!answer.ok) throw new Refused(answer.status, (await answer.text()).trim());
    return answer;
  }
}
