// What every test page needs: joining by the HTTP contract, promises instead of events, and a report that always comes.
//
// Nothing here waits without a limit: a promise that does not settle in time is rejected with a sentence saying what it
// waited for, and that sentence is the `error` of the report.

const patience = 10_000; // ms, for one event

/// ms within which a page must know of a server that fell silent: the 8 s of Deploy/routes.md, and what a busy machine adds.
export const silenceLimit = 12_000;

export class Failure extends Error {}
/// Nothing came in time, though it might have.
export class Late extends Failure {}

export function check(condition, sentence) {
    if (!condition) throw new Failure(sentence);
}

/// Sends and awaits the answer; where either may be lost on the way, up to ten times. ENet drops unreliable packets when
/// it finds the round trip slow, which on a busy machine it sometimes is.
export async function ask(send, answer, { reliable }) {
    for (let attempt = 1; ; attempt += 1) {
        send();
        try {
            return await answer(reliable ? patience : patience / 10);
        } catch (error) {
            if (reliable || attempt === 10 || !(error instanceof Late)) throw error;
        }
    }
}

/// Settles as `promise` does, or fails after `limit` ms with what was waited for.
export function within(promise, what, limit = patience) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Late(`${what}: nothing after ${limit} ms`)), limit);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/// Things that arrive, in order, whether somebody already waits for them or not.
export class Inbox {
    #items = [];
    #waiting = [];
    #ended = null;

    put(item) {
        const at = this.#waiting.findIndex((waiter) => waiter.wanted(item));
        if (at < 0) this.#items.push(item);
        else this.#waiting.splice(at, 1)[0].resolve(item);
    }

    /// From now on nothing will come; whoever waits is told why.
    end(why) {
        this.#ended ??= why;
        for (const waiter of this.#waiting.splice(0)) waiter.reject(new Failure(`${waiter.what}: ${why}`));
    }

    /// The first item that is wanted, taken out.
    take(what, wanted = () => true, limit = patience) {
        const at = this.#items.findIndex(wanted);
        if (at >= 0) return Promise.resolve(this.#items.splice(at, 1)[0]);
        if (this.#ended) return Promise.reject(new Failure(`${what}: ${this.#ended}`));
        const { promise, resolve, reject } = deferred();
        const waiter = { what, wanted, resolve, reject };
        this.#waiting.push(waiter);
        return within(promise, what, limit).finally(() => {
            this.#waiting = this.#waiting.filter((other) => other !== waiter);
        });
    }

    get size() {
        return this.#items.length;
    }
}

export function deferred() {
    let resolve, reject;
    const promise = new Promise((yes, no) => [resolve, reject] = [yes, no]);
    promise.catch(() => {}); // Reported by whoever awaits it; not also as an unhandled rejection.
    return { promise, resolve, reject };
}

/// A data channel whose messages can be awaited; `data` is a Uint8Array whatever came, `text` tells which it was.
export class Channel {
    constructor(rtc) {
        this.rtc = rtc;
        this.inbox = new Inbox();
        this.errors = [];
        const opened = deferred();
        const closed = deferred();
        this.opened = opened.promise;
        this.closed = closed.promise;
        rtc.binaryType = "arraybuffer";
        rtc.onopen = () => opened.resolve();
        rtc.onmessage = ({ data }) => {
            const text = typeof data === "string";
            this.inbox.put({ text, data: text ? new TextEncoder().encode(data) : new Uint8Array(data) });
        };
        rtc.onerror = ({ error }) => {
            this.errors.push({
                message: error.message, detail: error.errorDetail, cause: error.sctpCauseCode ?? null,
            });
        };
        rtc.onclose = () => {
            opened.reject(new Failure(`channel "${rtc.label}" closed before it opened`));
            this.inbox.end(`channel "${rtc.label}" was closed`);
            closed.resolve(this.errors);
        };
    }

    send(data) {
        this.rtc.send(data);
    }

    receive(what = `a message on "${this.rtc.label}"`, limit = patience) {
        return this.inbox.take(what, undefined, limit);
    }
}

/// Chromium fails requests under way when it hears that the host's interfaces changed, and of those of a namespace made a
/// moment ago it may hear late: what fails without any answer is sent once more.
async function fetched(url, options) {
    try {
        return await fetch(url, options);
    } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return fetch(url, options);
    }
}

/// What the test program wants of this page, counted from 0; comes when it does.
export async function order(number) {
    for (;;) {
        try {
            return await (await fetch(`/orders/${number}`)).json();
        } catch {
            await new Promise((resolve) => setTimeout(resolve, 50)); // see `fetched`
        }
    }
}

/// The answer of the gateway to a request, as far as a page of another origin may see it.
export async function request(url, options = {}) {
    const response = await within(fetched(url, options), `${options.method ?? "GET"} ${url}`);
    return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        location: response.headers.get("Location") && new URL(response.headers.get("Location"), url).href,
        body: await response.text(),
    };
}

/// One player's connection: channels are made before `join`, as the offer must ask for them.
export class Connection {
    constructor(configuration = {}) {
        this.pc = new RTCPeerConnection(configuration);
        this.channels = [];
        const connected = deferred();
        const ended = deferred();
        this.connected = connected.promise;
        this.ended = ended.promise;
        this.pc.onconnectionstatechange = () => {
            const state = this.pc.connectionState;
            if (state === "connected") connected.resolve();
            if (state === "failed" || state === "closed") {
                connected.reject(new Failure(`the connection ${state} before it was connected`));
                ended.resolve(state);
            }
        };
    }

    channel(label, options = {}) {
        const channel = new Channel(this.pc.createDataChannel(label, options));
        this.channels.push(channel);
        return channel;
    }

    /// Posts the offer; returns the gateway's answer whatever its status was.
    async offer(url) {
        await this.pc.setLocalDescription(await this.pc.createOffer());
        this.answer = await request(url, {
            method: "POST",
            headers: { "Content-Type": "application/sdp" },
            body: this.pc.localDescription.sdp,
        });
        return this.answer;
    }

    /// Joins and waits until every channel is open. `edit` is what the page makes of the answer before it takes it.
    async join(url, edit = (sdp) => sdp) {
        const { status, body, location } = await this.offer(url);
        check(status === 201, `joining answered ${status}: ${body}`);
        check(location, "the answer has no Location header, or does not expose it");
        const started = performance.now();
        await this.pc.setRemoteDescription({ type: "answer", sdp: edit(body) });
        await this.opened();
        return { location, opened_ms: performance.now() - started };
    }

    async opened() {
        await Promise.all(this.channels.map((channel) =>
            within(Promise.race([channel.opened, this.ended.then((state) => {
                throw new Failure(`the connection ${state}`);
            })]), `channel "${channel.rtc.label}" to open`)
        ));
    }

    /// Waits for the other side to end it and tells how that looked: closed channels, or only a failed connection.
    async end(limit = 20_000) {
        const started = performance.now();
        const first = await within(Promise.race([
            Promise.all(this.channels.map((channel) => channel.closed)).then(() => "channels closed"),
            this.ended.then((state) => `connection ${state}`),
        ]), "the connection to end", limit);
        return {
            how: first,
            after_ms: performance.now() - started,
            errors: this.channels.flatMap((channel) => channel.errors),
            connection: this.pc.connectionState,
        };
    }

    /// The addresses and types of the candidate pair in use.
    async selectedPair() {
        const stats = await this.pc.getStats();
        const all = [...stats.values()];
        const transport = all.find((entry) => entry.type === "transport");
        const pair = stats.get(transport?.selectedCandidatePairId)
            ?? all.find((entry) => entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded");
        check(pair, "there is no selected candidate pair");
        const describe = (id) => {
            const { candidateType, protocol, address, port, usernameFragment } = stats.get(id) ?? {};
            return { type: candidateType, protocol, address, port, ufrag: usernameFragment };
        };
        return {
            local: describe(pair.localCandidateId),
            remote: describe(pair.remoteCandidateId),
            round_trip_ms: (pair.currentRoundTripTime ?? 0) * 1000,
        };
    }
}

export function equal(a, b) {
    return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/// `size` bytes that differ from message to message and from place to place.
export function pattern(size, seed = 1) {
    const bytes = new Uint8Array(size);
    for (let at = 0, state = seed >>> 0; at < size; at += 1) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[at] = state >>> 24;
    }
    return bytes;
}

/// Runs the scenario the URL names and posts `{ok, scenario, steps, error?}` to its `report`; each step is also posted
/// to `report/steps` as it happens, so that the test can act in the middle.
export async function run(load) {
    const parameters = new URLSearchParams(location.search);
    const report = parameters.get("report");
    const scenario = parameters.get("scenario");
    const steps = [];
    let sending = Promise.resolve();

    const post = (url, value) => fetch(url, { method: "POST", body: JSON.stringify(value) });
    const step = (name, detail = null) => {
        const entry = { name, detail, at_ms: Math.round(performance.now()) };
        steps.push(entry);
        document.getElementById("log").textContent += `${JSON.stringify(entry)}\n`;
        sending = sending.then(() => post(`${report}/steps`, entry));
        return sending;
    };

    const stray = deferred();
    addEventListener("error", ({ message }) => stray.reject(new Failure(message)));
    addEventListener("unhandledrejection", ({ reason }) => stray.reject(reason));

    const result = { ok: false, scenario, steps };
    try {
        const { scenarios } = await load();
        check(scenarios?.[scenario], `there is no scenario "${scenario}"`);
        const limit = Number(parameters.get("limit") ?? 60_000);
        const context = { join: parameters.get("join"), parameters, step };
        await within(Promise.race([scenarios[scenario](context), stray.promise]), `scenario "${scenario}"`, limit);
        await sending;
        result.ok = true;
    } catch (error) {
        result.error = error instanceof Failure ? error.message : `${error}\n${error.stack}`;
    }
    await post(report, result);
}
