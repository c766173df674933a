// How a web page joins an ENet game behind Torii: one POST, two data channels, one DELETE.
// Nothing here belongs to the demo; it is meant to be copied. It leaves out ICE servers and trickled
// candidates (the gateway is reachable and learns our address from our checks) and renegotiation.

export const TIMEOUT = 10_000; // ms: for joining, and for an interrupted connection to come back

/** The gateway said no. `permanent` when asking again would not help, `after` is the wait it asked for (ms). */
export class Refusal extends Error {
  constructor(response, sentence) {
    super(sentence.trim().slice(0, 300) || `The gateway answered ${response.status}.`);
    this.permanent = response.status < 500 && ![408, 425, 429].includes(response.status);
    this.after = 1000 * Number(response.headers.get('Retry-After')) || 0;
  }
}

/**
 * Resolves when both channels are open: `reliable` is ENet channel 0, `state` is ENet channel 1, unsequenced.
 * `session.ended` resolves once with `{reason, told}`; `told` when it was the gateway that gave the reason.
 */
export async function join(route, { signal, onMessage, onInterrupted = () => {} }) {
  const pc = new RTCPeerConnection();
  const reliable = pc.createDataChannel('0');
  const state = pc.createDataChannel('1', { ordered: false, maxRetransmits: 0 });
  for (const channel of [reliable, state]) {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = (event) => onMessage(channel, event.data);
  }
  let location = null;
  const leave = () => {
    if (location) fetch(location, { method: 'DELETE', keepalive: true }).catch(() => {}); // the gateway also times out
    location = null;
    pc.close();
  };
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    await pc.setLocalDescription();
    const response = await fetch(`/join/${encodeURIComponent(route)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: pc.localDescription.sdp,
      signal: inTime,
    });
    const text = await response.text();
    if (response.status !== 201) throw new Refusal(response, text);
    location = response.headers.get('Location');
    const ended = ending(pc, [reliable, state], onInterrupted).then(async (reason) => {
      const told = location && await lastWord(location);
      leave();
      return { reason: told ?? reason, told: told !== null };
    });
    await pc.setRemoteDescription({ type: 'answer', sdp: text });
    await Promise.race([
      Promise.all([opening(reliable), opening(state)]),
      ended.then(({ reason }) => Promise.reject(new Error(reason))),
      aborting(inTime),
    ]);
    return { pc, reliable, state, ended, leave };
  } catch (error) {
    const told = location && !signal.aborted && await lastWord(location);
    const sentence = told || failure(error, location);
    leave();
    throw sentence ? new Error(sentence) : error;
  }
}

function failure(error, location) {
  if (error.name === 'TimeoutError') {
    return location ? 'No connection came about: neither UDP nor TCP gets through.' : 'The gateway did not answer in time.';
  }
  return error instanceof TypeError && !location ? 'The gateway could not be reached.' : null; // fetch's own failure
}

const opening = (channel) => new Promise((resolve) => channel.addEventListener('open', resolve, { once: true }));

const aborting = (signal) => new Promise((_, reject) => {
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
});

/** The first sign of the end. The connection's state counts too: Chromium leaves channels open when it fails. */
const ending = (pc, channels, onInterrupted) => new Promise((resolve) => {
  let patience;
  for (const channel of channels) {
    channel.onerror = ({ error }) => {
      // Chromium: "User-Initiated Abort, reason=" and the words that came with the gateway's ABORT.
      resolve(error?.message?.split('reason=').at(-1).slice(0, 300) || 'The connection broke.');
    };
    channel.onclose = () => resolve('The connection was closed.');
  }
  pc.onconnectionstatechange = () => {
    clearTimeout(patience);
    if (pc.connectionState === 'failed') resolve('The connection was lost.');
    if (pc.connectionState === 'disconnected') {
      patience = setTimeout(resolve, TIMEOUT, 'The connection was lost.');
    }
    onInterrupted(pc.connectionState === 'disconnected');
  };
});

/** Why the gateway ended the session, or null: it is still on, unknown, or out of reach. */
async function lastWord(location) {
  try {
    const response = await fetch(location, { cache: 'no-store', signal: AbortSignal.timeout(3000) });
    const { state, reason } = await response.json();
    return state === 'ended' && typeof reason === 'string' ? reason.slice(0, 300) : null;
  } catch {
    return null;
  }
}
