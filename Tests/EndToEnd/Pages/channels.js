// Scenarios about data channels as such, for the same route and server as echo.js: many of them, of every kind, closed
// and opened again.
import { check, equal, pattern, within } from "./torii-test.js";
import { echo, joined, left } from "./echo.js";

/// Closes a channel and waits until the other side has closed it, too.
async function closed(channel) {
    channel.rtc.close();
    await within(channel.closed, `channel "${channel.rtc.label}" (${channel.rtc.id}) to close`, 20_000);
}

/// Sends a number every few milliseconds; `stop` waits for all of them, in order.
function traffic(channel) {
    let count = 0;
    const timer = setInterval(() => channel.send(new Uint32Array([count++])), 5);
    return {
        async stop() {
            clearInterval(timer);
            for (let number = 0; number < count; number += 1) {
                const { data } = await channel.receive(`number ${number} of ${count}`, 20_000);
                const [came] = new Uint32Array(data.slice().buffer);
                check(came === number, `number ${came} came in place of ${number}`);
            }
            return count;
        },
    };
}

export const scenarios = {
    // Every reliability in either order, from both sides, with text, binary and empty messages.
    async modes({ join, step }) {
        const limits = [
            {}, { maxRetransmits: 0 }, { maxRetransmits: 3 }, { maxPacketLifeTime: 500 }, { maxPacketLifeTime: 5000 },
        ];
        const kinds = [true, false].flatMap((ordered, row) =>
            limits.map((limit, at) => [String(10 + row * limits.length + at), { ordered, ...limit }]));
        const connection = await joined(join, step, kinds);
        for (const channel of connection.channels) {
            for (const data of ["tekst ÿ 鳥居", pattern(100), "", new Uint8Array(0), pattern(5000)]) {
                await step("echo", await echoUnlessLost(channel, data));
            }
        }
        await left(connection, step);
    },

    // Negotiated and announced channels in one connection, made in any order and later.
    async mixed({ join, step }) {
        const connection = await joined(join, step, [
            ["own", { negotiated: true, id: 100 }], ["1", {}], ["own", { negotiated: true, id: 42, ordered: false }],
            ["2", { ordered: false }],
        ]);
        connection.channel("3", {});
        connection.channel("own", { negotiated: true, id: 200 });
        connection.channel("4", { protocol: "p".repeat(60_000), priority: "high" });
        await connection.opened();
        for (const channel of [...connection.channels].reverse()) {
            for (const data of ["text", pattern(2000)]) await step("echo", await echoUnlessLost(channel, data));
        }
        await left(connection, step);
    },

    // ?rounds=N: a channel closed and opened again N times, while another plays on.
    async reopen({ join, step, parameters }) {
        const connection = await joined(join, step);
        const playing = traffic(connection.channels[0]);
        const ids = new Set();
        for (let round = 0; round < Number(parameters.get("rounds")); round += 1) {
            const channel = connection.channel("7");
            await connection.opened();
            ids.add(channel.rtc.id);
            await echo(channel, pattern(50, round));
            await closed(channel);
            connection.channels.pop();
        }
        await step("numbers", await playing.stop());
        await step("reopened", { ids: [...ids] });
        await left(connection, step);
    },

    // A channel without a number keeps its place in the order of opening when it is closed and opened again.
    async places({ join, step }) {
        const connection = await joined(join, step);
        for (let round = 0; round < 300; round += 1) {
            const channel = connection.channel("chat");
            await connection.opened();
            if (round % 50 === 0) await step("echo", await echo(channel, pattern(20, round)));
            await closed(channel);
            connection.channels.pop();
        }
        await left(connection, step);
    },

    // What was sent right before close() arrives.
    async lastWords({ join, step }) {
        const connection = await joined(join, step, [["0", {}], ["9", {}]]);
        for (let number = 0; number < 200; number += 1) connection.channels[1].send(pattern(1000, number));
        await closed(connection.channels[1]);
        await step("closed");
        await echo(connection.channels[0], "still here");
        await left(connection, step);
    },

    // ?count=N channels, half of them announced and half negotiated.
    async many({ join, step, parameters }) {
        const count = Number(parameters.get("count")) / 2;
        const connection = await joined(join, step);
        // The other side's parity is free for what is negotiated. Several channels of one number would get one echo.
        const parity = 1 - connection.channels[0].rtc.id % 2;
        // Numbers of the one parity for what is announced, as ids of the other are for what is negotiated.
        for (let at = 1; at < count; at += 1) {
            connection.channel(at < 127 ? String(2 * at + 1 - parity) : "unused");
        }
        for (let at = 0; at < count; at += 1) {
            connection.channel("own", { negotiated: true, id: 2 * at + parity });
        }
        await connection.opened();
        await step("opened", { count: connection.channels.length });
        for (const at of [0, 1, 126, count, count + 1, count + 126]) {
            await step("echo", await echo(connection.channels[at], pattern(30, at)));
        }
        await left(connection, step);
    },

    // ?count=N channels closed in one go, and as many opened again.
    async closeMany({ join, step, parameters }) {
        const connection = await joined(join, step);
        for (let round = 0; round < 2; round += 1) {
            const first = connection.channels[0];
            for (let at = 0; at < Number(parameters.get("count")); at += 1) connection.channel(String(1 + at % 200));
            await connection.opened();
            await Promise.all(connection.channels.slice(1).map(closed));
            connection.channels = [first];
            await step("closed", await echo(first, pattern(10, round)));
        }
        await left(connection, step);
    },

    // The largest message both ways; one byte more is refused by the browser, and the channel lives on.
    async largest({ join, step }) {
        const connection = await joined(join, step);
        const [channel] = connection.channels;
        check(connection.pc.sctp.maxMessageSize === 262144, `the limit is ${connection.pc.sctp.maxMessageSize}`);
        for (const size of [262144, 1, 262144]) {
            channel.send(pattern(size, size));
            const { data } = await channel.receive(`the echo of ${size} bytes`, 20_000);
            check(equal(data, pattern(size, size)), `${size} bytes came back as ${data.length} others`);
        }
        let refusal = null;
        try {
            channel.send(new Uint8Array(262145));
        } catch (error) {
            refusal = error.name;
        }
        check(refusal === "TypeError", `262,145 bytes: ${refusal}`);
        await step("echo", await echo(channel, pattern(262144, 2)));
        await left(connection, step);
    },

    // A fast page: sends for ever on a reliable channel, as much as the browser takes, until it ends.
    async flood({ join, step }) {
        const connection = await joined(join, step);
        const [channel] = connection.channels;
        await echo(channel, "here");
        await step("flooding");
        const message = pattern(60_000);
        let sent = 0;
        const timer = setInterval(() => {
            while (channel.rtc.readyState === "open" && channel.rtc.bufferedAmount < 8_000_000) {
                channel.send(message);
                sent += message.length;
            }
        }, 10);
        const how = await connection.end(60_000);
        clearInterval(timer);
        await step("ended", { sent, ...how });
        connection.pc.close();
    },
};

/// Partially reliable messages may be lost, and are asked for again.
async function echoUnlessLost(channel, data) {
    const { maxRetransmits, maxPacketLifeTime } = channel.rtc;
    if (maxRetransmits === null && maxPacketLifeTime === null) return echo(channel, data);
    const expected = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let attempt = 0; attempt < 10; attempt += 1) {
        channel.send(data);
        try {
            await channel.inbox.take(`the echo of ${expected.length} bytes on "${channel.rtc.label}"`,
                (message) => equal(message.data, expected), 1000);
            return { label: channel.rtc.label, attempts: attempt + 1 };
        } catch (error) {
            if (attempt === 9) throw error;
        }
    }
}
