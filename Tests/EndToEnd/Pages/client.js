// Scenarios for the client library, taken from the gateway itself as any page would: /torii.js of the origin to join at.
// The route has profile `channels` and the server of echo.js behind it.
import { check, deferred, equal, Failure, Inbox, order, pattern, within } from "./torii-test.js";

export const channels = {
    chat: { label: "0" },
    state: { label: "1", ordered: false, maxRetransmits: 0 },
};

export const library = (join) => import(new URL("/torii.js", join));

/// Joins and collects what comes: messages by channel, and the end.
export async function joined(join, options = {}) {
    const connection = await (await library(join)).join(join, { channels, ...options });
    return watched(connection);
}

export function watched(connection) {
    const inboxes = Object.fromEntries(Object.keys(connection.channels).map((name) => [name, new Inbox()]));
    const closed = deferred();
    const states = [];
    connection.addEventListener("message", ({ channel, data }) => inboxes[channel.name].put(new Uint8Array(data)));
    connection.addEventListener("statechange", () => states.push(connection.state));
    connection.addEventListener("close", ({ reason, code, data, transient }) => {
        closed.resolve({ reason, code, data, transient });
        for (const inbox of Object.values(inboxes)) inbox.end(reason);
    });
    return { connection, inboxes, closed: closed.promise, states };
}

/// Sends on a channel until it comes back: where it may be lost, more than once.
export async function echo({ connection, inboxes }, name, bytes) {
    const channel = connection.channels[name];
    for (let attempt = 1; ; attempt += 1) {
        channel.send(bytes);
        try {
            const limit = channel.reliable ? undefined : 1000;
            await inboxes[name].take(`the echo of ${bytes.length} bytes on ${name}`, (one) => equal(one, bytes), limit);
            return { name, size: bytes.length };
        } catch (error) {
            if (channel.reliable || attempt === 10) throw error;
        }
    }
}

/// What a promise that should fail failed with.
export async function failure(promise) {
    let joined;
    try {
        joined = await promise;
    } catch ({ name, message, code, status, transient, retryAfterMs }) {
        return { name, message, code, status, transient, retryAfterMs };
    }
    joined.close();
    throw new Failure("joining succeeded");
}

export const scenarios = {
    // Both kinds of channel, then the page leaves.
    async play({ join, step }) {
        const player = await joined(join);
        const { connection } = player;
        check(connection.state === "open", `the state is ${connection.state}`);
        for (const name of ["chat", "state"]) await step("echo", await echo(player, name, pattern(100)));
        await step("stats", await connection.stats());
        await step("joined", { peerId: connection.peerId, location: connection.location });
        connection.channels.chat.send(new TextEncoder().encode("goodbye"));
        await connection.close({ data: 7 });
        await step("closed", await within(player.closed, "the event close"));
        check(await within(connection.closed, "closed"), "closed has no value");
    },

    // Plays until the end comes from elsewhere, kicked by the server if it is asked to; then joins again.
    async stay({ join, step, parameters }) {
        const player = await joined(join);
        await step("playing", await echo(player, "chat", pattern(50)));
        if (parameters.has("kick")) player.connection.channels.chat.send(`kick ${parameters.get("kick")}`);
        const end = await within(player.closed, "the end", 60_000);
        await step("ended", { ...end, states: [...player.states] });
        check(Object.keys(player.connection.channels).length === 0, "channels are left");
        if (!parameters.has("again")) return;
        await order(0);
        const next = await joined(join);
        await step("again", await echo(next, "chat", pattern(50, 2)));
        await next.connection.close();
    },

    // Nobody is behind the gateway: the connection closes or, where that is known as soon as the channels are open, there is
    // none.
    async unanswered({ join, step }) {
        const end = await joined(join).then(
            (player) => within(player.closed, "the end", 30_000),
            ({ code, message, transient }) => ({ code, reason: message, transient }));
        await step("ended", end);
    },

    // The connection is interrupted and comes back while the test stops and starts what is between; each message arrives.
    async endure({ join, step, parameters }) {
        const requests = recordedRequests();
        const player = await joined(join);
        const { connection } = player;
        const first = connection.location;
        connection.addEventListener("statechange", () => step(connection.state));
        await step("playing", await echo(player, "chat", pattern(50)));
        if (parameters.has("online")) dispatchEvent(new Event("online"));
        let isStopped = false;
        order(0).then(() => { isStopped = true; });
        let rounds = 0;
        for (; !isStopped || connection.state !== "open"; rounds += 1) {
            connection.channels.chat.send(pattern(64, rounds));
            const back = await player.inboxes.chat.take(`round ${rounds}`, undefined, 50_000);
            check(equal(back, pattern(64, rounds)), `round ${rounds} came back as another`);
        }
        check(connection.location === first, "it is another session");
        await step("endured", { rounds, requests });
        await connection.close();
    },

    // As much as the reliable channel takes, with ready() before each message: all of it comes back in order, and never
    // does more wait here than the limit.
    async flood({ join, step, parameters }) {
        const player = await joined(join, { channels: { chat: { label: "0", maxBufferedBytes: 400_000 } } });
        const { chat } = player.connection.channels;
        const count = Number(parameters.get("count"));
        let most = 0;
        let waits = 0;
        const received = (async () => {
            for (let number = 0; number < count; number += 1) {
                const bytes = await player.inboxes.chat.take(`message ${number} of ${count}`, undefined, 30_000);
                check(equal(bytes, pattern(20_000, number)), `message ${number} is not what was sent`);
            }
        })();
        for (let number = 0; number < count; number += 1) {
            if (chat.bufferedAmount > 100_000) waits += 1;
            await chat.ready();
            chat.send(pattern(20_000, number));
            most = Math.max(most, chat.bufferedAmount);
        }
        await received;
        await step("flooded", { most, waits });
        await player.connection.close();
    },

    // Without ready(): a reliable channel refuses by an exception, an unreliable one drops; neither takes more.
    async overflow({ join, step }) {
        const player = await joined(join);
        const { chat, state } = player.connection.channels;
        let refusal = null;
        let taken = 0;
        for (; !refusal && taken < 1000; taken += 1) {
            try {
                chat.send(new Uint8Array(200_000));
            } catch ({ name, message }) {
                refusal = { name, message };
            }
        }
        check(chat.isOpen, "the channel did not survive");
        let sent = 0;
        while (state.send(new Uint8Array(1000)) && sent < 1000) sent += 1;
        await step("full", { refusal, taken, buffered: chat.bufferedAmount, sent, dropped: state.dropped });
        const waiting = chat.ready();
        await waiting;
        await step("ready", { buffered: chat.bufferedAmount });
        const rejected = failure(chat.ready().then(() => {
            while (chat.bufferedAmount < 2_000_000) chat.send(new Uint8Array(200_000));
            const promise = chat.ready();
            chat.close();
            return promise;
        }));
        await step("rejected", await within(rejected, "ready() of a closed channel"));
        await player.connection.close();
    },

    // A page too busy to read: its one thread stands still while messages come.
    async busy({ join, step }) {
        const player = await joined(join);
        const { chat } = player.connection.channels;
        for (let number = 0; number < 300; number += 1) chat.send(pattern(1000, number));
        for (let stops = 0; stops < 5; stops += 1) {
            const until = performance.now() + 300;
            while (performance.now() < until);
            await new Promise((resolve) => setTimeout(resolve));
        }
        for (let number = 0; number < 300; number += 1) {
            const bytes = await player.inboxes.chat.take(`message ${number}`);
            check(equal(bytes, pattern(1000, number)), `message ${number} is not what was sent`);
        }
        await step("read");
        await player.connection.close();
    },

    // Messages that come before join() has returned are for those who listen right after it. The second channel's opening
    // is held back here until the first has an echo.
    async early({ join, step }) {
        const { promise: answered, resolve } = deferred();
        const create = RTCPeerConnection.prototype.createDataChannel;
        RTCPeerConnection.prototype.createDataChannel = function (label, init) {
            const rtc = create.call(this, label, init);
            if (label === "0") {
                rtc.addEventListener("open", () => rtc.send("early"));
                rtc.addEventListener("message", resolve, { once: true });
            } else {
                rtc.addEventListener("open", (event) => {
                    event.stopImmediatePropagation();
                    answered.then(() => rtc.dispatchEvent(new Event("open")));
                }, { once: true });
            }
            return rtc;
        };
        const connection = await (await library(join)).join(join, { channels });
        const seen = [];
        connection.addEventListener("open", () => seen.push("open"));
        const first = deferred();
        connection.channels.chat.addEventListener("message", ({ data }) => {
            seen.push(new TextDecoder().decode(data));
            first.resolve();
        });
        await within(first.promise, "the early message");
        await step("seen", seen);
        await connection.close();
    },

    // Channels opened and closed in the middle of the game.
    async channels({ join, step }) {
        const player = await joined(join);
        const { connection, inboxes } = player;
        const late = await connection.openChannel("late", { label: "7", ordered: false });
        inboxes.late = new Inbox();
        await step("echo", await echo(player, "late", pattern(70)));
        const closed = new Promise((resolve) => late.addEventListener("close", ({ code }) => resolve(code)));
        late.close();
        await step("closed", { code: await within(closed, "the channel's close"), left: Object.keys(connection.channels) });
        await step("refused", await failure(Promise.resolve().then(() => late.send("more"))));
        await step("echo", await echo(player, "chat", pattern(71)));
        check(connection.state === "open", `the state is ${connection.state}`);
        // One that the library did not close itself, while the session goes on.
        const state = connection.channels.state;
        const lost = new Promise((resolve) => state.addEventListener("close", ({ code }) => resolve(code)));
        state.rtc.close();
        await step("closed", { code: await within(lost, "the channel's close"), left: Object.keys(connection.channels) });
        await step("echo", await echo(player, "chat", pattern(72)));
        await connection.close();
    },

    // Only by a relay, of which the answer tells.
    async relay({ join, step }) {
        const requests = recordedRequests();
        const player = await joined(join, { iceTransportPolicy: "relay" });
        await step("echo", await echo(player, "chat", pattern(30)));
        await step("stats", await player.connection.stats());
        dispatchEvent(new Event("online"));
        await within((async () => {
            while (!requests.some(({ method, status }) => method === "PATCH" && status === 200)) await pause(50);
        })(), "the restart");
        await step("echo", await echo(player, "chat", pattern(31)));
        await step("requests", requests);
        await player.connection.close();
    },

    // A channel that a worker has: it plays there, and hears the end.
    async handed({ join, step }) {
        const source = `import { Channel } from ${JSON.stringify(new URL("/torii.js", join))};
            onmessage = async ({ data: { name, channel } }) => {
                const state = new Channel(name, channel);
                state.addEventListener("message", ({ data }) => postMessage({ message: [...new Uint8Array(data)] }));
                state.addEventListener("close", ({ reason }) => postMessage({ reason }));
                await state.ready();
                state.send(new Uint8Array([1, 2, 3]));
            };`;
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
        const words = new Inbox();
        worker.onmessage = ({ data }) => words.put(data);
        worker.onerror = ({ message }) => words.end(message);
        const player = await joined(join, { channels: { chat: { label: "0" }, moves: { label: "1", worker } } });
        await step("echo", await echo(player, "chat", pattern(10)));
        await step("message", await words.take("the worker's message", ({ message }) => message));
        check(Object.keys(player.connection.channels).join() === "chat", "the page has the worker's channel");
        await player.connection.close();
        await step("ended", await words.take("the worker's end", ({ reason }) => reason));
        worker.terminate();
    },

    // Two tabs of one browser in one game; the other one is closed by its person.
    async tabs({ join, step }) {
        const player = await joined(join);
        const other = new BroadcastChannel("tabs");
        const words = new Inbox();
        other.onmessage = ({ data }) => words.put(data);
        const address = new URL(location.href);
        address.searchParams.set("scenario", "otherTab");
        address.searchParams.set("report", "about:blank");
        const tab = open(address);
        const theirs = await words.take("the other tab's session", undefined, 30_000);
        await within((async () => { while (!document.hidden) await pause(50); })(), "the other tab to hide this one");
        await step("hidden", { isAnother: theirs !== player.connection.location });
        for (let round = 0; round < 20; round += 1) {
            await echo(player, "chat", pattern(100, round));
            await pause(200);
        }
        await step("played", { states: [...player.states] });
        tab.close();
        await step("closed tab");
        await order(0);
        await step("echo", await echo(player, "chat", pattern(12)));
        await player.connection.close();
    },

    async otherTab({ join }) {
        const player = await joined(join);
        await echo(player, "chat", pattern(11));
        new BroadcastChannel("tabs").postMessage(player.connection.location);
        await new Promise(() => {});
    },
};

const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration));

/// What this page asks of the gateway from now on.
function recordedRequests() {
    const requests = [];
    const send = globalThis.fetch;
    globalThis.fetch = async (url, options) => {
        const { method = "GET", headers = {} } = options ?? {};
        const request = { method, path: new URL(url, location.href).pathname, match: headers["If-Match"] };
        if (headers["If-Match"] || request.path === "/ice-servers") requests.push(request);
        const response = await send(url, options);
        request.status = response.status;
        return response;
    };
    return requests;
}
