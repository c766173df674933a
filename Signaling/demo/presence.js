// Stays in the game: joins, and after a failure or a loss joins again with growing, jittered waits.
// An end or a refusal that another attempt would not mend is left to the person.

export const ATTEMPTS = 5;
const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 8000; // ms
const SETTLED = 10_000; // ms in the game after which earlier failures are forgotten

/** The wait before attempt `attempt` (1…), in ms: doubling, and between half and all of it at random. */
export function wait(attempt, random = Math.random()) {
  const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
  return ceiling * (0.5 + random / 2);
}

/**
 * Runs until `signal` aborts or nothing more is tried. `enter(signal)` resolves, in the game, to a promise of its end:
 * `{reason, transient}`, `transient` when joining again may succeed.
 * `onStatus(state, reason, {wait, attempt})` is told 'joining', 'retrying', 'ended' and 'failed'.
 */
export async function stay({ enter, signal, onStatus }) {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    onStatus('joining', null, { attempt });
    const outcome = await once(enter, signal);
    if (signal.aborted) return;
    if (!outcome.transient) return onStatus('ended', outcome.reason, { attempt });
    if (outcome.lasted > SETTLED) attempt = 0;
    if (attempt >= ATTEMPTS) return onStatus('failed', outcome.reason, { attempt });
    const pause = Math.max(wait(attempt), Math.min(outcome.after, 60_000));
    onStatus('retrying', outcome.reason, { attempt: attempt + 1, wait: pause });
    await sleep(pause, signal);
  }
}

async function once(enter, signal) {
  try {
    const { ended } = await enter(signal);
    const start = performance.now();
    const { reason, transient } = await ended;
    return { reason, transient, after: 0, lasted: performance.now() - start };
  } catch (error) {
    // What is no refusal of the gateway's may pass.
    return { reason: error.message, transient: error.transient ?? true, after: error.retryAfterMs ?? 0, lasted: 0 };
  }
}

const sleep = (duration, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, duration);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});
