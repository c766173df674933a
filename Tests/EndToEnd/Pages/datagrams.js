// Scenarios for a udp:// route whose server sends every datagram back, and for one whose server a program on the test's
// side speaks to through this page.
import { check, Connection, equal, Late, order, pattern, within } from "./torii-test.js";

const unreliable = { ordered: false, maxRetransmits: 0 };

async function joined(join, step, options = unreliable, edit = undefined) {
    const connection = new Connection();
    const channel = connection.channel("datagrams", options);
    await connection.join(join, edit);
    await step("open", { limit: connection.pc.sctp.maxMessageSize });
    return { connection, channel };
}

/// Sends them all and waits until each has come back unchanged, in whatever order; what is lost is sent again.
async function echoed(channel, datagrams) {
    let missing = [...datagrams];
    for (let attempt = 1; missing.length > 0; attempt += 1) {
        check(attempt <= 10, `${missing.map((bytes) => bytes.length)} bytes never came back`);
        for (const bytes of missing) channel.send(bytes);
        try {
            while (missing.length > 0) {
                const { data } = await channel.receive(undefined, 1_000);
                check(datagrams.some((bytes) => equal(bytes, data)), `${data.length} other bytes came`);
                missing = missing.filter((bytes) => !equal(bytes, data));
            }
        } catch (error) {
            if (!(error instanceof Late)) throw error;
        }
    }
}

async function left({ connection }, step) {
    connection.pc.close();
    await step("left");
}

export const scenarios = {
    // Every size to the limit that the answer named; the browser itself refuses to send more.
    async sizes({ join, step }) {
        const player = await joined(join, step);
        const limit = player.connection.pc.sctp.maxMessageSize;
        const together = 24;
        for (let size = 0; size <= limit; size += together) {
            const sizes = Array.from({ length: Math.min(together, limit + 1 - size) }, (_, at) => size + at);
            await echoed(player.channel, sizes.map((size) => pattern(size, size)));
        }
        await step("echoed", { sizes: limit + 1 });
        let refusal = null;
        try {
            player.channel.send(new Uint8Array(limit + 1));
        } catch (error) {
            refusal = error.name;
        }
        check(refusal, `the browser sent ${limit + 1} bytes`);
        await echoed(player.channel, [pattern(limit)]);
        await left(player, step);
    },

    // A page that overlooks the limit, and a server that has none.
    async tooLarge({ join, step }) {
        const larger = (sdp) => sdp.replace(/a=max-message-size:\d+/, "a=max-message-size:262144");
        const player = await joined(join, step, unreliable, larger);
        for (const size of [1453, 1500, 65_536]) player.channel.send(pattern(size));
        await echoed(player.channel, [pattern(1452)]);
        for (const size of [1453, 4096]) player.channel.send(`grow ${size}`);
        await echoed(player.channel, [pattern(1451)]);
        check(player.channel.inbox.size === 0, "what is too large came back");
        await left(player, step);
    },

    // Any channel will do, and text is its bytes; ?kind=announced, reliable or negotiated.
    async kinds({ join, step, parameters }) {
        const options = {
            announced: unreliable, reliable: {}, negotiated: { ...unreliable, negotiated: true, id: 5 },
        }[parameters.get("kind")];
        const player = await joined(join, step, options);
        await echoed(player.channel, [pattern(100), new Uint8Array(0), pattern(1), pattern(1452)]);
        player.channel.send("鳥居");
        const { data } = await player.channel.receive();
        check(equal(data, new TextEncoder().encode("鳥居")), "text came back as something else");
        await left(player, step);
    },

    // There is one channel; another is closed by the gateway, and the first goes on. Closed, it makes room.
    async second({ join, step }) {
        const player = await joined(join, step);
        const second = player.connection.channel("second", unreliable);
        await within(second.closed, "the second channel to be closed");
        await echoed(player.channel, [pattern(10)]);
        player.channel.rtc.close();
        await within(player.channel.closed, "the first channel to be closed");
        const third = player.connection.channel("third", unreliable);
        await within(third.opened, "the third channel to open");
        await echoed(third, [pattern(20)]);
        await left(player, step);
    },

    // Nothing listens at the server: the first datagram finds out.
    async unreachable({ join, step }) {
        const { connection, channel } = await joined(join, step);
        channel.send("anybody?");
        await step("ended", await connection.end());
        connection.pc.close();
    },

    // Carries datagrams between the program behind /datagrams of this page's server and the gateway, until stopped.
    async carry({ join, step }) {
        const player = await joined(join, step);
        const { rtc } = player.channel;
        const carried = { up: 0, down: 0, largest_up: 0, largest_down: 0, dropped: 0 };
        const mailbox = new Mailbox();
        rtc.onmessage = ({ data }) => {
            carried.down += 1;
            carried.largest_down = Math.max(carried.largest_down, data.byteLength);
            mailbox.put(new Uint8Array(data));
        };
        await step("carrying");
        const stopped = order(0);
        const up = (async () => {
            // Firefox has the response only when the program has sent something.
            for await (const datagram of datagrams((await fetch("/datagrams")).body)) {
                // As a network would: what cannot go soon is worth nothing to a protocol that repeats.
                if (rtc.bufferedAmount > 256 * 1024) {
                    carried.dropped += 1;
                    continue;
                }
                carried.up += 1;
                carried.largest_up = Math.max(carried.largest_up, datagram.length);
                rtc.send(datagram);
            }
        })();
        await Promise.race([stopped, up.then(() => check(false, "the program's datagrams ended"))]);
        await step("carried", carried);
        await left(player, step);
    },
};

/// The datagrams of a stream, each of which comes after its length in two bytes.
async function* datagrams(stream) {
    const reader = stream.getReader();
    let rest = new Uint8Array(0);
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const bytes = new Uint8Array(rest.length + value.length);
        bytes.set(rest);
        bytes.set(value, rest.length);
        let at = 0;
        while (bytes.length - at >= 2) {
            const end = at + 2 + (bytes[at] << 8 | bytes[at + 1]);
            if (end > bytes.length) break;
            yield bytes.slice(at + 2, end);
            at = end;
        }
        rest = bytes.slice(at);
    }
}

/// Posts datagrams to the program, all that came since the last post together.
class Mailbox {
    #waiting = [];
    #isPosting = false;

    put(datagram) {
        this.#waiting.push(datagram);
        if (!this.#isPosting) this.#post();
    }

    async #post() {
        this.#isPosting = true;
        while (this.#waiting.length > 0) {
            const frames = this.#waiting.splice(0).flatMap((datagram) =>
                [new Uint8Array([datagram.length >> 8, datagram.length & 0xFF]), datagram]);
            await fetch("/datagrams", { method: "POST", body: new Blob(frames) });
        }
        this.#isPosting = false;
    }
}
