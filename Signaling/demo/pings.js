// Round-trip times of one kind of ping over the last 30 s. A ping not back after 2 s counts as lost.

export const SPAN = 30_000; // ms
const GIVE_UP = 2000; // ms

export class Pings {
  samples = []; // {time, rtt}: rtt null while under way, Infinity when lost; oldest first

  sent(time) {
    this.samples.push({ time, rtt: null });
  }

  /** An echo; echoes of pings we do not know, or know as back or lost, are ignored. */
  returned(time, now) {
    const sample = this.samples.findLast((one) => one.time === time);
    if (sample?.rtt === null) sample.rtt = now - time;
  }

  expire(now) {
    while (this.samples.length && now - this.samples[0].time > SPAN) this.samples.shift();
    for (const sample of this.samples) {
      if (sample.rtt === null && now - sample.time > GIVE_UP) sample.rtt = Infinity;
    }
  }

  /** `{now, p50, p95}` in ms and `loss` from 0 to 1; null where nothing is known. */
  summary() {
    const back = this.samples.filter(({ rtt }) => rtt !== null && rtt !== Infinity);
    const lost = this.samples.filter(({ rtt }) => rtt === Infinity).length;
    const sorted = back.map(({ rtt }) => rtt).sort((a, b) => a - b);
    const quantile = (part) => sorted[Math.ceil(part * sorted.length) - 1] ?? null;
    const decided = back.length + lost;
    return {
      now: back.at(-1)?.rtt ?? null,
      p50: quantile(0.5),
      p95: quantile(0.95),
      loss: decided ? lost / decided : null,
    };
  }
}

/** Events per second, over the last two seconds. */
export class Rate {
  #times = [];

  count(now) {
    this.#times.push(now);
    this.#forget(now);
  }

  perSecond(now) {
    this.#forget(now);
    return this.#times.length / 2;
  }

  #forget(now) {
    while (now - this.#times[0] > 2000) this.#times.shift();
  }
}
