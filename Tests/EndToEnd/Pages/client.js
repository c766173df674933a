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

    // Plays until the end comes from elsewhere.
    async stay({ join, step, parameters }) {
        const player = await joined(join);
        await step("playing", await echo(player, "chat", pattern(50)));
        if (parameters.has("kick")) player.connection.channels.chat.send(`kick ${parameters.get("kick")}`);
        const end = await within(player.closed, "the end", 60_000);
        await step("ended", { ...end, states: player.states });
        check(Object.keys(player.connection.channels).length === 0, "channels are left");
    },
};
