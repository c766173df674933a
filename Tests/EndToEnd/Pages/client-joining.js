// What joining by the client library comes to when the way is not free: refusals, failures, and a page that gives up.
import { channels, echo, failure, joined, library } from "./client.js";
import { check, order, pattern, within } from "./torii-test.js";

/// Options in the page's URL.
function options(parameters) {
    const given = { channels };
    if (parameters.has("token")) given.token = parameters.get("token");
    if (parameters.has("timeout")) given.timeoutMs = Number(parameters.get("timeout"));
    if (parameters.has("attempts")) given.attempts = Number(parameters.get("attempts"));
    if (parameters.has("peer_id")) given.peerId = Number(parameters.get("peer_id"));
    return given;
}

/// The methods of what is asked from now on; `answered` is called with each that has its answer.
function watchRequests(answered = () => {}) {
    const asked = [];
    const original = globalThis.fetch;
    globalThis.fetch = async (url, options = {}) => {
        if (!options.cache) return original(url, options); // the test's own
        asked.push(options.method);
        const response = await original(url, options);
        answered(options.method);
        return response;
    };
    return asked;
}

export const scenarios = {
    // Joins, however many attempts it takes, plays and leaves.
    async succeeds({ join, step, parameters }) {
        const retries = [];
        const onRetry = (retry) => {
            retries.push(retry);
            step("retrying", retry);
        };
        const player = await joined(join, { ...options(parameters), onRetry });
        await step("joined", { retries });
        await step("echo", await echo(player, "chat", pattern(10)));
        await player.connection.close();
        await step("left");
    },

    // Is left while the connection is being closed: the gateway is told at once, and not again.
    async hides({ join, step }) {
        const { connection } = await joined(join);
        const asked = watchRequests();
        connection.channels.chat.send(pattern(200_000));
        const closed = connection.close({ data: 7 });
        check(connection.channels.chat.bufferedAmount > 0, "nothing was left to send");
        dispatchEvent(new Event("pagehide"));
        check(asked.join() === "DELETE", `at once: ${asked}`);
        await closed;
        await step("left", { asked });
    },

    // Is left while it joins.
    async hidesEarly({ join, step }) {
        const asked = watchRequests((method) => {
            if (method === "POST") setTimeout(() => dispatchEvent(new Event("pagehide")));
        });
        const { join: enter } = await library(join);
        await step("failed", await failure(enter(join, { channels })));
        await step("left", { asked: asked.filter((method) => method !== "GET") });
    },

    // Cannot join, and tells with what join() failed.
    async fails({ join, step, parameters }) {
        const { join: enter } = await library(parameters.get("library") ?? join);
        const retries = [];
        await step("failed", await failure(enter(join, { ...options(parameters), onRetry: (retry) => retries.push(retry) })));
        await step("retries", retries);
    },

    // Aborts when the test says so: with the error that the page gave.
    async aborts({ join, step, parameters }) {
        const { join: enter } = await library(parameters.get("library") ?? join);
        const controller = new AbortController();
        const failed = failure(enter(join, {
            ...options(parameters), signal: controller.signal, onRetry: () => step("waiting"),
        }));
        await step("joining");
        await order(0);
        controller.abort(new DOMException("the player changed their mind", "AbortError"));
        await step("failed", await within(failed, "the failure", 2000));
        if (parameters.has("stays")) await order(1);
    },

    async abortedBefore({ join, step }) {
        const { join: enter } = await library(join);
        await step("failed", await failure(enter(join, { channels, signal: AbortSignal.abort() })));
    },

    // What only a mistake in the page's code can ask for.
    async mistakes({ join, step }) {
        const { join: enter } = await library(join);
        for (const wrong of [{}, { channels: {} }, undefined]) {
            const { name, message } = await failure(enter(join, wrong));
            check(name === "TypeError", `${name}: ${message}`);
            await step("refused", message);
        }
    },

    // A worker has no WebRTC, and join() says so there.
    async worker({ join, step }) {
        const source = `import { join } from ${JSON.stringify(new URL("/torii.js", join))};
            join(${JSON.stringify(join)}, { channels: { chat: {} } })
                .catch(({ name, code, message }) => postMessage({ name, code, message }));`;
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
        const failed = new Promise((resolve, reject) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => reject(new Error(message));
        });
        await step("failed", await within(failed, "the worker's word"));
        worker.terminate();
    },
};
