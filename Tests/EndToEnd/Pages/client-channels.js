// What happens on the client library's channels: limits, messages that come early, channels that come and go.
import { channels, echo, failure, joined, library, pause } from "./client.js";
import { check, deferred, equal, Inbox, pattern, within } from "./torii-test.js";

/// The library learns that one channel is open only after `until`, and therefore join() returns then; `opened` gets the
/// other when it is open.
function openingLast(name, until, opened) {
    const create = RTCPeerConnection.prototype.createDataChannel;
    RTCPeerConnection.prototype.createDataChannel = function (label, init) {
        const rtc = create.call(this, label, init);
        rtc.addEventListener("open", (event) => {
            if (label !== channels[name].label) return opened(rtc);
            event.stopImmediatePropagation();
            until.then(() => rtc.dispatchEvent(new Event("open")));
        }, { once: true });
        return rtc;
    };
}

export const scenarios = {
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
        // Of one that never opened, the browser says nothing more.
        const { connection } = player;
        failure(connection.openChannel("late", { label: "7" }));
        const unopened = failure(connection.channels.late.ready());
        connection.channels.late.close();
        await step("rejected", await within(unopened, "ready() of a channel that never opened"));
        await player.connection.close();
    },

    // What waits when the page leaves, and when the gateway is told of that: nothing, however long it takes by the page's clock,
    // which stands still here. A channel that stays full does not keep the page.
    async flushes({ join, step }) {
        const send = globalThis.fetch;
        const now = performance.now.bind(performance);
        let chat;
        globalThis.fetch = (url, options) => {
            if (options?.method === "DELETE") step("told", { waiting: chat.bufferedAmount });
            return send(url, options);
        };
        const player = await joined(join);
        chat = player.connection.channels.chat;
        for (let number = 0; number < 20; number += 1) chat.send(pattern(50_000, number));
        check(chat.bufferedAmount > 0, "nothing waits");
        const stop = now();
        performance.now = () => stop;
        await player.connection.close();
        performance.now = now;
        const other = await joined(join);
        chat = other.connection.channels.chat;
        Object.defineProperty(chat.rtc, "bufferedAmount", { value: 1 });
        await within(other.connection.close(), "the end");
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
        openingLast("state", answered, (rtc) => {
            rtc.addEventListener("message", resolve, { once: true });
            rtc.send("early");
        });
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

    // More than is held comes on a channel before the other has opened, which is when join() returns. The messages are made
    // here, as real ones may get lost where they are unreliable.
    async tooEarly({ join, step, parameters }) {
        const name = parameters.get("channel");
        const { promise: flooded, resolve } = deferred();
        openingLast(name === "chat" ? "state" : "chat", flooded, (rtc) => {
            for (let number = 0; number < 5; number += 1) {
                rtc.dispatchEvent(new MessageEvent("message", { data: new ArrayBuffer(1 << 20) }));
            }
            resolve();
        });
        const joining = (await library(join)).join(join, { channels });
        if (name === "chat") return step("failed", await failure(joining));
        const connection = await joining;
        let received = 0;
        connection.channels.state.addEventListener("message", () => { received += 1; });
        await within(new Promise((done) => connection.addEventListener("open", () => setTimeout(done))), "the event open");
        await step("opened", { received, dropped: connection.channels.state.dropped });
        await connection.close();
    },

    // Thrown out before join() has returned.
    async kickedEarly({ join, step }) {
        openingLast("state", new Promise(() => {}), (rtc) => rtc.send("kick 42"));
        await step("failed", await failure((await library(join)).join(join, { channels })));
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
        check(late.rtc.readyState !== "open", "the data channel stays open");
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
};
