// Joins a game behind Torii from a web page: one POST, then WebRTC data channels. README.md beside this file tells how,
// torii.d.ts has every name.
//
// Left out: audio and video, trickled candidates (the gateway learns the page's address from its checks), joining from a
// worker (browsers have RTCPeerConnection in pages only; channels can be handed to one).

// Our choice, in ms where no unit is said
const JOIN_TIME = 20_000;
const ATTEMPTS = 5; // at the request of one join
const CONNECTIONS = 2; // tried for one join, where no connection comes about
const FIRST_WAIT = 500; // before the second attempt; doubles from there
const LONGEST_WAIT = 8000;
const GRACE = 1500; // in which a connection that was interrupted may come back by itself
const RESTART_TIME = 5000; // for an ICE restart to lead somewhere
const PATIENCE = 30_000; // after which an interrupted connection is lost
const LAST_WORD_TIME = 3000; // for the gateway to say why
const FLUSH_TIME = 1000; // for what was sent before close()
const RELIABLE_BYTES = 4 << 20; // that may wait in a channel
const UNRELIABLE_BYTES = 64 << 10; // more of these would be out of date when they leave
const HELD_BYTES = 4 << 20; // of messages that come before join() has returned

const FRAGMENT = 'application/trickle-ice-sdpfrag';

// What this module's own parts may call of each other.
const begin = Symbol('begin');
const arrived = Symbol('arrived');
const ended = Symbol('ended');
const foundNoWay = Symbol('foundNoWay');

/** Ends after which joining again later may well succeed. */
const TRANSIENT = new Set([
  'connection-lost', 'session-unknown', 'gateway-exhausted', 'gateway-stopping', 'browser-vanished', 'sctp-failed',
  'server-not-there', 'server-vanished', 'internal-failure',
]);

/** Why join() failed. `message` is one sentence for a person. */
export class JoinError extends Error {
  name = 'JoinError';

  constructor(reason, { code, status = null, transient = TRANSIENT.has(code), retryAfterMs = 0, cause }) {
    super(reason, { cause });
    Object.assign(this, { code, status, transient, retryAfterMs });
  }
}

/** Joins a route and resolves to a Connection when every channel is open. See torii.d.ts for the options. */
export async function join(url, options = {}) {
  if (typeof RTCPeerConnection === 'undefined') throw new JoinError(...unsupported());
  const { channels, signal, timeoutMs = JOIN_TIME, iceServers = [], iceTransportPolicy = 'all' } = options;
  if (!channels || Object.keys(channels).length === 0) {
    throw new TypeError('join() needs at least one channel, such as { channels: { state: { label: "0" } } }.');
  }
  signal?.throwIfAborted();
  const deadline = { signal: AbortSignal.timeout(timeoutMs), at: performance.now() + timeoutMs };
  deadline.signal = AbortSignal.any([deadline.signal, ...signal ? [signal] : []]);
  // A worker that was handed a channel expects no other of that name.
  const connections = Object.values(channels).some(({ worker }) => worker) ? 1 : CONNECTIONS;
  for (let attempt = 1; ; attempt += 1) {
    const session = new Session(url, options, { isAgain: attempt > 1 });
    const connection = new Connection(session, { iceServers, iceTransportPolicy }, channels);
    try {
      return await connection[begin](deadline, options);
    } catch (error) {
      // Firefox connects by TCP from a port that it has picked by chance, without a look whether that is free; another
      // connection has another port.
      if (!connection[foundNoWay] || attempt >= connections || deadline.signal.aborted) throw error;
      // Its id in the game may then be free again.
      await session.left;
      if (deadline.signal.aborted) throw signal?.aborted ? signal.reason : error;
      options.onRetry?.({ attempt: attempt + 1, waitMs: 0, reason: error.message });
    }
  }
}

function unsupported() {
  const inWorker = typeof WorkerGlobalScope !== 'undefined';
  return [
    inWorker ? 'Browsers have no WebRTC in workers; call join() in the page, which can hand channels to this worker.'
      : 'This browser has no WebRTC, or it is switched off.',
    { code: 'unsupported' },
  ];
}

/**
 * One data channel. Its messages come as `message` events with `data`, an ArrayBuffer. A worker makes its own of an
 * RTCDataChannel that it was handed; in a page, Connection makes them and listens for them.
 */
export class Channel extends EventTarget {
  #limit;
  #reason = null;

  constructor(name, rtc, { maxBufferedBytes, listener } = {}) {
    super();
    this.name = name;
    this.rtc = rtc;
    this.reliable = rtc.maxRetransmits === null && rtc.maxPacketLifeTime === null;
    this.dropped = 0;
    this.#limit = maxBufferedBytes ?? (this.reliable ? RELIABLE_BYTES : UNRELIABLE_BYTES);
    rtc.binaryType = 'arraybuffer';
    rtc.bufferedAmountLowThreshold = Math.floor(this.#limit / 4);
    const { receive, broken } = listener ?? {
      receive: (data) => this[arrived](data),
      broken: (reason) => this[ended]({ reason, code: 'connection-lost', data: null, transient: true }),
    };
    rtc.addEventListener('message', ({ data }) => receive(data));
    // Chromium: "User-Initiated Abort, reason=" and the words that came with the gateway's ABORT.
    rtc.addEventListener('error', ({ error }) => {
      broken(error?.message?.split('reason=').at(-1).slice(0, 300) || 'The connection broke.');
    });
    rtc.addEventListener('close', () => broken('The connection was closed.'));
  }

  get label() { return this.rtc.label; }
  get id() { return this.rtc.id; }
  get bufferedAmount() { return this.rtc.bufferedAmount; }
  get isOpen() { return this.#reason === null && this.rtc.readyState === 'open'; }

  /**
   * Sends text or bytes. Where too much waits already, an unreliable channel drops the message and returns false, and a
   * reliable one throws: `await ready()` first.
   */
  send(data) {
    if (!this.isOpen) throw new DOMException(this.#reason ?? `The channel "${this.name}" is not open.`, 'InvalidStateError');
    const waiting = this.rtc.bufferedAmount;
    if (waiting > 0 && waiting + sizeOf(data) > this.#limit) {
      if (this.reliable) {
        throw new DOMException(
          `${waiting} bytes wait in the channel "${this.name}" already; await ready() before more.`, 'QuotaExceededError');
      }
      this.dropped += 1;
      return false;
    }
    this.rtc.send(data);
    return true;
  }

  /** Resolves when it is open and has room for more: at once, or when what waits has shrunk to a quarter of the limit. */
  ready() {
    return new Promise((resolve, reject) => {
      const settle = () => {
        const isOpening = this.#reason === null && this.rtc.readyState === 'connecting';
        if (isOpening || this.isOpen && this.rtc.bufferedAmount > this.rtc.bufferedAmountLowThreshold) return;
        this.rtc.removeEventListener('open', settle);
        this.rtc.removeEventListener('bufferedamountlow', settle);
        this.removeEventListener('close', settle);
        if (this.isOpen) resolve();
        else reject(new DOMException(this.#reason ?? `The channel "${this.name}" is not open.`, 'InvalidStateError'));
      };
      this.rtc.addEventListener('open', settle);
      this.rtc.addEventListener('bufferedamountlow', settle);
      this.addEventListener('close', settle);
      settle();
    });
  }

  /** Closes this channel alone; the connection goes on. */
  close() {
    this[ended]({ reason: 'The page closed the channel.', code: 'page-left', data: null, transient: false });
  }

  [arrived](data) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  [ended](end) {
    if (this.#reason !== null) return;
    this.#reason = end.reason;
    this.rtc.close();
    this.dispatchEvent(Object.assign(new Event('close'), end));
  }
}

/** A player's connection. Events: `open`, `message` (`channel`, `data`), `statechange`, `close` (`reason`, `code`…). */
class Connection extends EventTarget {
  #session;
  #configuration;
  #answer = null;
  #held = [];
  #heldBytes = 0;
  #recovering = false;
  #over = Promise.withResolvers();
  #isOver = false;
  #closed = Promise.withResolvers();
  #closing = null;
  #told = null;
  #hadWay = false;
  #data;
  #word = null;
  #wake = () => {};
  #network = networkType();
  #onNetwork = () => {
    this.#wake();
    this.#recover({ changed: true });
  };
  #onNetworkInformation = () => {
    if (networkType() !== this.#network) this.#onNetwork();
    this.#network = networkType();
  };
  #onPageHide = () => {
    this.#tell();
    if (this.state === 'joining') this.#over.resolve({ reason: 'The page was left.', code: 'page-left' });
    else this.#leave('The page was left.');
  };

  /** By the names that `channels` of join() gave them. */
  channels = Object.create(null);
  /** `joining`, `open`, `interrupted` or `closed`. */
  state = 'joining';
  /** The id in the game, for routes whose players have one. */
  peerId = null;

  constructor(session, configuration, channels) {
    super();
    this.#session = session;
    this.#configuration = configuration;
    this.rtc = new RTCPeerConnection(configuration);
    for (const [name, init] of Object.entries(channels)) this.#add(name, init);
    this.rtc.addEventListener('connectionstatechange', () => this.#connectionChanged());
    this.rtc.addEventListener('iceconnectionstatechange', () => {
      if (['connected', 'completed'].includes(this.rtc.iceConnectionState)) this.#hadWay = true;
    });
  }

  /** Resolves with what the `close` event tells, when the connection has ended. */
  get closed() { return this.#closed.promise; }
  /** The session's URL at the gateway. Who knows it can end the session. */
  get location() { return this.#session.location; }

  async [begin](deadline, options) {
    addEventListener('pagehide', this.#onPageHide);
    try {
      const offer = await this.rtc.createOffer();
      const answer = await this.#session.join(offer.sdp, deadline, options);
      this.#answer = answer.sdp;
      this.peerId = answer.peerId;
      // Gathering begins after the answer, so that the TURN servers it names are used (RFC 9725 §4.6).
      this.#useServers(answer.iceServers);
      await this.rtc.setLocalDescription(offer);
      await this.rtc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
      await Promise.race([
        // Of channels that a worker has, this is all that can be known here.
        Promise.all([...Object.values(this.channels).map(({ rtc }) => opening(rtc)), connecting(this.rtc.sctp)]),
        this.#over.promise.then(({ reason, code = 'connection-lost' }) => Promise.reject(new JoinError(reason, { code }))),
        aborting(deadline.signal),
      ]);
    } catch (error) {
      throw await this.#failed(error, options.signal);
    }
    this.#opened();
    return this;
  }

  /** Opens one more channel. */
  async openChannel(name, init = {}) {
    if (this.#isOver) throw new DOMException('The connection is closed.', 'InvalidStateError');
    if (this.channels[name]) throw new TypeError(`There is a channel "${name}" already.`);
    const channel = this.#add(name, init);
    if (channel) await Promise.race([opening(channel.rtc), this.closed.then(({ reason }) => Promise.reject(new Error(reason)))]);
    return channel;
  }

  /** What the browser knows of the way to the gateway. */
  async stats() {
    return summary(new Map(await this.rtc.getStats()), this.channels);
  }

  /**
   * Leaves. What was sent before goes out first; `data` is what ENet's DISCONNECT tells the server (profile `channels`).
   * Resolves when the gateway knows.
   */
  close({ data } = {}) {
    this.#closing ??= this.#close(data);
    return this.#closing;
  }

  async #close(data) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#data = data;
    const until = performance.now() + FLUSH_TIME;
    while (Object.values(this.channels).some((one) => one.isOpen && one.bufferedAmount > 0) && performance.now() < until) {
      await pause(10);
    }
    const told = this.#tell();
    this.#end({ reason: 'The page left.', code: 'page-left', data: null, transient: false }, { keeps: true });
    await told;
    this.rtc.close();
  }

  #add(name, { label = name, maxBufferedBytes, worker, ...init }) {
    const rtc = this.rtc.createDataChannel(label, init);
    if (worker) {
      // Only now: browsers let a channel go in the task that made it and not later.
      worker.postMessage({ name, channel: rtc }, [rtc]);
      return null;
    }
    const channel = new Channel(name, rtc, {
      maxBufferedBytes,
      listener: {
        receive: (data) => this.#receive(channel, data),
        broken: (reason) => this.#signOfEnd(channel, reason),
      },
    });
    channel.addEventListener('close', () => { if (this.channels[name] === channel) delete this.channels[name]; });
    this.channels[name] = channel;
    return channel;
  }

  #useServers(found) {
    if (found.length === 0) return;
    const { iceServers } = this.#configuration;
    this.rtc.setConfiguration({ ...this.#configuration, iceServers: [...iceServers, ...found] });
  }

  // Opening and messages

  #opened() {
    addEventListener('online', this.#onNetwork);
    navigator.connection?.addEventListener('change', this.#onNetworkInformation);
    this.#setState(this.rtc.connectionState === 'disconnected' ? 'interrupted' : 'open');
    // After those who await join() have added their listeners.
    setTimeout(() => {
      const held = this.#held;
      this.#held = null;
      this.dispatchEvent(new Event('open'));
      for (const { channel, data } of held) this.#deliver(channel, data);
    });
  }

  #receive(channel, data) {
    if (!this.#held) return this.#deliver(channel, data);
    this.#heldBytes += sizeOf(data);
    if (this.#heldBytes <= HELD_BYTES) this.#held.push({ channel, data });
    else if (channel.reliable) this.#breakUp('Too many messages came before the page was ready for them.');
    else channel.dropped += 1;
  }

  #deliver(channel, data) {
    channel[arrived](data);
    this.dispatchEvent(Object.assign(new Event('message'), { channel, data }));
  }

  // Interruptions

  #connectionChanged() {
    const state = this.rtc.connectionState;
    if (this.state === 'joining') {
      if (state === 'failed') this.#over.resolve({ reason: 'The connection could not be secured.' });
      return;
    }
    if (state === 'connected' && this.state === 'interrupted') this.#setState('open');
    if (state === 'disconnected' || state === 'failed') {
      if (this.state === 'open') this.#setState('interrupted');
      this.#recover({ changed: false });
    }
  }

  /** Restarts ICE until the connection is back: at once when the network changed, otherwise after a grace. */
  async #recover({ changed }) {
    if (this.#recovering || this.#isOver) return;
    this.#recovering = true;
    const giveUp = performance.now() + PATIENCE;
    let due = changed;
    if (!changed && this.rtc.connectionState !== 'failed') await this.#rest(GRACE);
    for (let attempt = 1; !this.#isOver; attempt += 1) {
      if (!due && this.rtc.connectionState === 'connected') break;
      if (performance.now() > giveUp) {
        this.#finish('The connection was lost.');
        break;
      }
      if (await this.#restart(attempt > 1)) {
        due = false;
        await this.#connectedWithin(RESTART_TIME);
      } else {
        await this.#rest(waitBefore(attempt));
      }
    }
    this.#recovering = false;
  }

  /** A pause that ends early when the network changes. */
  #rest(duration) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, duration);
    });
  }

  /** True when the gateway has taken new credentials. */
  async #restart(anyway) {
    try {
      if (this.#session.hasRelays) this.#useServers(await this.#session.servers());
      const offer = await this.rtc.createOffer({ iceRestart: true });
      await this.rtc.setLocalDescription(offer);
      const fragment = await this.#session.restart(credentials(offer.sdp), { anyway });
      if (fragment === null) {
        this.#finish('The connection was lost.');
        return false;
      }
      this.#answer = restarted(this.#answer, fragment);
      await this.rtc.setRemoteDescription({ type: 'answer', sdp: this.#answer });
      return true;
    } catch {
      return false; // out of reach for now, or the connection was closed meanwhile
    }
  }

  #connectedWithin(limit) {
    return new Promise((resolve) => {
      const done = () => {
        if (this.rtc.connectionState !== 'connected') return;
        this.rtc.removeEventListener('connectionstatechange', done);
        resolve();
      };
      this.rtc.addEventListener('connectionstatechange', done);
      setTimeout(resolve, limit);
      done();
    });
  }

  // The end

  /** A channel broke or closed though nobody here closed it: usually the end of all. */
  async #signOfEnd(channel, reason) {
    if (this.#isOver || this.channels[channel.name] !== channel) return;
    if (this.state === 'joining') return this.#over.resolve({ reason });
    // One question for all channels.
    this.#word ??= this.#session.lastWord();
    const word = await this.#word;
    this.#word = null;
    if (word?.isOn) channel[ended]({ reason: 'The channel was closed.', code: 'channel-closed', data: null, transient: false });
    else this.#finish(reason, word);
  }

  #breakUp(reason) {
    if (this.state === 'joining') this.#over.resolve({ reason });
    else this.#finish(reason);
  }

  /** `known` is the gateway's word, if it was asked. */
  async #finish(reason, known) {
    if (this.#isOver) return;
    this.#isOver = true;
    const word = known === undefined ? await this.#session.lastWord() : known;
    const isTold = word !== null && !word.isOn;
    if (!isTold) this.#tell();
    this.#end(isTold ? word : { reason, code: 'connection-lost', data: null, transient: true });
  }

  /** Tells the gateway that the player is gone; once. */
  #tell() {
    if (this.location) this.#told ??= this.#session.leave(this.#data);
    return this.#told;
  }

  #leave(reason) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell();
    this.#end({ reason, code: 'page-left', data: null, transient: false });
  }

  #end(end, { keeps = false } = {}) {
    removeEventListener('online', this.#onNetwork);
    navigator.connection?.removeEventListener('change', this.#onNetworkInformation);
    removeEventListener('pagehide', this.#onPageHide);
    this.#setState('closed');
    for (const channel of Object.values(this.channels)) channel[ended](end);
    if (!keeps) this.rtc.close();
    this.#closed.resolve(end);
    this.dispatchEvent(Object.assign(new Event('close'), end));
  }

  /** What to throw when joining came to nothing. */
  async #failed(error, signal) {
    this.#isOver = true;
    const word = this.location && !signal?.aborted ? await this.#session.lastWord() : null;
    removeEventListener('pagehide', this.#onPageHide);
    this.#tell();
    this.rtc.close();
    this.state = 'closed';
    if (signal?.aborted) return signal.reason;
    if (word && !word.isOn) return new JoinError(word.reason, word);
    if (error.name === 'TimeoutError') {
      const reason = this.location ? 'No connection came about in time: neither UDP nor TCP gets through to the gateway.'
        : 'The gateway did not answer in time.';
      return new JoinError(reason, { code: 'timeout', transient: true, cause: error });
    }
    if (error.code !== 'connection-lost' || this.#hadWay) return error;
    // How browsers show it differs: Firefox may close the channels first.
    this[foundNoWay] = true;
    return new JoinError('No connection came about: neither UDP nor TCP gets through to the gateway.', {
      code: error.code, cause: error,
    });
  }

  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

/** The gateway's HTTP side of one player's session. */
class Session {
  #join;
  #token;
  #tag = null;
  #isAgain;
  location = null;
  hasRelays = false;
  left = Promise.resolve();

  /** `isAgain` when another session was given up a moment ago, which may still have our id. */
  constructor(url, { peerId, connectData, server, token }, { isAgain }) {
    this.#isAgain = isAgain;
    this.#join = new URL(url, globalThis.location?.href);
    if (peerId !== undefined) this.#join.searchParams.set('peer_id', peerId);
    if (connectData !== undefined) this.#join.searchParams.set('connect_data', connectData);
    if (server !== undefined) this.#join.searchParams.set('server', server);
    this.#token = token;
  }

  async join(offer, deadline, { attempts = ATTEMPTS, onRetry }) {
    let isUnanswered = this.#isAgain;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#post(offer, deadline.signal, isUnanswered);
      } catch (error) {
        const wait = waitBefore(attempt, error.retryAfterMs);
        const isPointless = !(error instanceof JoinError) || !error.transient || attempt >= attempts;
        if (isPointless || performance.now() + wait > deadline.at) throw error;
        isUnanswered ||= error.code === 'unreachable';
        onRetry?.({ attempt: attempt + 1, waitMs: wait, reason: error.message });
        await Promise.race([pause(wait), aborting(deadline.signal)]);
      }
    }
  }

  async #post(offer, signal, isUnanswered) {
    let response, text;
    try {
      response = await this.#answer(offer, signal);
      if (response.status === 201) this.location = locationOf(response);
      text = await Promise.race([response.text(), aborting(signal)]);
    } catch (error) {
      if (this.location) this.#remove(this.location);
      this.location = null;
      if (signal.aborted) throw signal.reason;
      throw new JoinError(`The gateway at ${this.#join.host} could not be reached.`, {
        code: 'unreachable', transient: true, cause: error,
      });
    }
    if (response.status !== 201) throw refusal(response, text, isUnanswered);
    this.#tag = response.headers.get('ETag');
    const iceServers = linkedServers(response.headers.get('Link'));
    this.hasRelays = iceServers.length > 0;
    return { sdp: text, iceServers, peerId: Number(response.headers.get('Torii-Peer-Id')) || null };
  }

  /** The response to an offer. One that comes after the page gave up is a session that nobody wants any more. */
  async #answer(offer, signal) {
    const late = new AbortController();
    const request = this.#fetch(this.#join, { method: 'POST', type: 'application/sdp', body: offer, signal: late.signal });
    try {
      return await Promise.race([request, aborting(signal)]);
    } catch (error) {
      setTimeout(() => late.abort(), LAST_WORD_TIME);
      request.then((response) => { if (response.status === 201) this.#remove(locationOf(response)); }).catch(() => {});
      throw error;
    }
  }

  /** New servers with new credentials, of which those of an old session may have expired. */
  async servers() {
    return (await this.#fetch(new URL('/ice-servers', this.location), {})).json();
  }

  /** The gateway's fragment, or null when it knows no such session. */
  async restart(fragment, { anyway }) {
    // After an attempt that may have arrived, the tag we know may be an old one.
    const response = await this.#fetch(this.location, {
      method: 'PATCH', type: FRAGMENT, body: fragment, match: anyway ? '*' : this.#tag, signal: AbortSignal.timeout(RESTART_TIME),
    });
    if (response.status === 404) return null;
    if (response.status !== 200) throw new Error(await response.text());
    this.#tag = response.headers.get('ETag');
    return response.text();
  }

  /** Whether the session is on, or why it ended; null when the gateway is out of reach. */
  async lastWord() {
    try {
      const response = await this.#fetch(this.location, { signal: AbortSignal.timeout(LAST_WORD_TIME) });
      if (response.status === 404) {
        return { reason: 'The gateway has no such session any more; it was restarted.', code: 'session-unknown', data: null, transient: true };
      }
      const { state, reason, code, data } = await response.json();
      if (state !== 'ending' && state !== 'ended') return { isOn: true };
      return { reason: String(reason).slice(0, 300), code, data, transient: TRANSIENT.has(code) };
    } catch {
      return null;
    }
  }

  /** Tells the gateway, even from a page that is being left; it would notice by itself, later. Resolves when it knows. */
  leave(data) {
    if (!this.location) return this.left;
    const url = new URL(this.location);
    if (data !== undefined) url.searchParams.set('disconnect_data', data);
    this.left = this.#remove(url);
    return this.left;
  }

  #remove(url) {
    return this.#fetch(url, { method: 'DELETE', keepalive: true, signal: AbortSignal.timeout(LAST_WORD_TIME) }).catch(() => {});
  }

  #fetch(url, { method = 'GET', type, match, ...rest }) {
    const headers = {};
    if (type) headers['Content-Type'] = type;
    if (match) headers['If-Match'] = match;
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    return fetch(url, { method, headers, cache: 'no-store', credentials: 'omit', ...rest });
  }
}

/** The gateway said no. `isUnanswered` when an attempt before may have left a session that has our id. */
function refusal(response, text, isUnanswered) {
  const { status } = response;
  // What a proxy says for itself is a page, not a sentence.
  const sentence = response.headers.get('Content-Type')?.startsWith('text/plain') ? text.trim().slice(0, 300) : '';
  const transient = status >= 500 || [408, 425, 429].includes(status) || status === 409 && isUnanswered;
  return new JoinError(sentence || `The gateway answered ${status}.`, {
    code: transient ? 'unavailable' : 'refused', status, transient,
    retryAfterMs: 1000 * Number(response.headers.get('Retry-After')) || 0,
  });
}

// HTTP headers

const locationOf = (response) => new URL(response.headers.get('Location'), response.url).href;

/** `Link` headers, which fetch joins with commas, as `iceServers` (RFC 9725 §4.6). */
function linkedServers(header) {
  const links = header?.matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+="[^"]*")*)/g) ?? [];
  return [...links].flatMap(([, url, rest]) => {
    const values = Object.fromEntries([...rest.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    if (values.rel !== 'ice-server') return [];
    const { username, credential } = values;
    return [username === undefined ? { urls: [url] } : { urls: [url], username, credential }];
  });
}

// SDP

const lines = (sdp, pattern) => sdp.match(new RegExp(`^a=(?:${pattern}).*\r\n`, 'gm')) ?? [];

/** The lines by which ICE sessions are told apart. */
const credentials = (sdp) => [lines(sdp, 'ice-ufrag:')[0], lines(sdp, 'ice-pwd:')[0]].join('');

/** The answer with the credentials and candidates of a restart. */
function restarted(answer, fragment) {
  return answer
    .replace(/^a=ice-ufrag:.*\r\n/gm, lines(fragment, 'ice-ufrag:')[0])
    .replace(/^a=ice-pwd:.*\r\n/gm, lines(fragment, 'ice-pwd:')[0])
    .replace(/^a=(candidate:|end-of-candidates).*\r\n/gm, '') + lines(fragment, 'candidate:|end-of-candidates').join('');
}

// Statistics

function summary(stats, channels) {
  const all = [...stats.values()];
  const transport = all.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  const pair = stats.get(transport?.selectedCandidatePairId);
  if (!pair) return null;
  const number = (value) => Number.isFinite(value) ? value : null;
  const checks = number(pair.requestsSent);
  const end = (id) => {
    const { candidateType, protocol, relayProtocol, address, port } = stats.get(id) ?? {};
    return { type: candidateType, protocol: relayProtocol ?? protocol, address: address ?? '', port };
  };
  return {
    rttMs: number(pair.currentRoundTripTime * 1000),
    loss: checks ? Math.max(0, 1 - pair.responsesReceived / checks) : null,
    candidateType: stats.get(pair.localCandidateId)?.candidateType ?? null,
    local: end(pair.localCandidateId),
    remote: end(pair.remoteCandidateId),
    bytesSent: number(pair.bytesSent),
    bytesReceived: number(pair.bytesReceived),
    dropped: Object.values(channels).reduce((sum, { dropped }) => sum + dropped, 0),
  };
}

// Waiting

/** Before attempt `attempt` + 1, in ms: doubling, never shorter than what the gateway asked for, and never the same. */
function waitBefore(attempt, atLeast = 0) {
  const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1));
  return Math.max(ceiling / 2, atLeast) + Math.random() * ceiling / 2;
}

const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration));

const opening = (rtc) => new Promise((resolve) => {
  if (rtc.readyState === 'open') resolve();
  else rtc.addEventListener('open', resolve, { once: true });
});

const connecting = (sctp) => new Promise((resolve) => {
  const settle = () => { if (sctp.state === 'connected') resolve(); };
  sctp.addEventListener('statechange', settle);
  settle();
});

const aborting = (signal) => new Promise((_, reject) => {
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
});

// What the page and its messages are

/** `wifi`, `cellular` and the like, where the browser tells; other changes of what it tells are estimates. */
const networkType = () => globalThis.navigator?.connection?.type;

const sizeOf = (data) => data.byteLength ?? data.size ?? data.length;
