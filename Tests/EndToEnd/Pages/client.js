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

    // Joins though it takes more than one try, and plays.
    async persist({ join, step }) {
        const player = await joined(join, { onRetry: (retry) => step("retry", retry) });
        await step("played", await echo(player, "chat", pattern(50)));
        await player.connection.close();
    },

    // The player's id where the route's players have one, and a data word for the server where they have none.
    async named({ join, step, parameters }) {
        const { join: enter } = await library(join);
        const godots = { reliable: { negotiated: true, id: 1 } };
        const player = await enter(parameters.get("godot"), { channels: godots, peerId: 4242 });
        await step("joined", { peerId: player.peerId });
        await player.close();
        const other = await enter(join, { channels, connectData: 17 });
        await step("joined", { peerId: other.peerId });
        await other.close();
    },

    // The servers to play on, one after the other.
    async chooses({ join, step, parameters }) {
        for (const server of parameters.get("servers").split(",")) {
            const player = await joined(join, { server });
            await step("echo", await echo(player, "chat", pattern(20)));
            await player.connection.close();
        }
        await step("refused", await failure((await library(join)).join(join, { channels, server: "nowhere" })));
    },

    // Plays until the end comes from elsewhere, kicked by the server if it is asked to; then joins again.
    async stay({ join, step, parameters }) {
        const player = await joined(join);
        await step("playing", await echo(player, "chat", pattern(50)));
        if (parameters.has("kick")) player.connection.channels.chat.send(`kick ${parameters.get("kick")}`);
        const end = await within(player.closed, "the end", Number(parameters.get("patience") ?? 60) * 1000);
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
        if (parameters.has("online")) {
            // As long as a restart is under way, another change of the network begins none.
            const count = Number(parameters.get("online"));
            while (requests.filter(({ status }) => status === 200).length < count) {
                dispatchEvent(new Event("online"));
                await pause(100);
            }
        }
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

    // The browser tells over which kind of network it goes; those here do not, so the page tells them what a phone's would.
    async moved({ join, step }) {
        const network = Object.assign(new EventTarget(), { type: "wifi" });
        Object.defineProperty(navigator, "connection", { value: network });
        const requests = recordedRequests();
        const player = await joined(join);
        // What is another estimate of the same network restarts nothing.
        network.dispatchEvent(new Event("change"));
        await step("playing", await echo(player, "chat", pattern(50)));
        check(requests.length === 0, "an estimate restarted ICE");
        network.type = "cellular";
        network.dispatchEvent(new Event("change"));
        await within((async () => { while (!requests[0]?.status) await pause(50); })(), "the restart");
        await step("echo", await echo(player, "chat", pattern(51)));
        await player.connection.close();
    },

    // The connection is interrupted and does not come back; the time until it is given up passes by the page's clock alone.
    async lost({ join, step }) {
        const player = await joined(join);
        player.connection.addEventListener("statechange", () => step(player.connection.state));
        await step("playing", await echo(player, "chat", pattern(50)));
        await order(0);
        const now = performance.now.bind(performance);
        performance.now = () => now() + 31_000;
        await step("ended", await within(player.closed, "the end", 30_000));
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
            // Of a hidden page, browsers make it a second.
            if (round % 5 === 0) await pause(200);
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

export const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration));

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
