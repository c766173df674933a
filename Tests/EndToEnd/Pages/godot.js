// Scenarios for a route of profile `godot4` with Servers/godot4/server.gd behind it.
import { ask, check, equal, Inbox, Late, request, silenceLimit } from "./torii-test.js";
import { mode, modeName, Player, streamOf } from "./godot-player.js";

export const scenarios = {
    // The RPC round trip in every mode and on a second transfer channel.
    async world(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        const calls = [["reliable_0", 1], ["ordered_0", 2], ["unreliable_0", 3], ["reliable_1", 4]];
        let number = 1;
        for (const [kind, stream] of calls) {
            for (const value of [number, -number, number * 1000, number * 1_000_000]) {
                const { stream: back } = await ask(
                    () => player.game.call(`ping_${kind}`, [value], { stream }),
                    (limit) => player.called(`pong_${kind}`, { first: value, limit }),
                    { reliable: kind.startsWith("reliable") });
                check(back === stream, `pong_${kind} arrived on stream ${back} instead of ${stream}`);
            }
            await context.step("called", { kind, stream });
            number += 1;
        }
        check(player.texts === 0, "a text message arrived; Godot takes only binary ones for packets");
        await player.leave(context.step);
    },

    // send_bytes there and back on every stream, each answer on the stream of its mode and channel.
    async raw(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        const ways = [
            [mode.reliable, 0], [mode.ordered, 0], [mode.unreliable, 0],
            [mode.reliable, 1], [mode.ordered, 2], [mode.unreliable, 3],
        ];
        for (const [kind, channel] of ways) {
            for (const size of [0, 1, 1000]) {
                const stream = streamOf(kind, channel);
                const seen = await player.echo(stream, kind, channel, size);
                check(seen.received === stream,
                    `the ${modeName[kind]} answer on channel ${channel} came on stream ${seen.received}`);
                await context.step("echo", seen);
            }
        }
        // The largest message Godot's receive buffer can hold is 65,530 bytes, of which one is the command.
        for (const size of [20_000, 65_530 - 4]) await context.step("echo", await player.echo(1, mode.reliable, 0, size));
        await player.leave(context.step);
    },

    // Much that repeats itself, there and back in every mode: who compresses makes little of it.
    async repeating(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        const contents = (size) => new Uint8Array(size).map((_, at) => at / 100);
        for (const [kind, size] of [
            [mode.reliable, 1], [mode.reliable, 1000], [mode.ordered, 1000], [mode.unreliable, 1000],
            [mode.reliable, 60_000]]) {
            await context.step("echo", await player.echo(streamOf(kind, 0), kind, 0, size, 1, contents));
        }
        await player.leave(context.step);
    },

    // ?other=ID: another player is in the world. A chat line and raw bytes reach it through the server's relay.
    async relay(context) {
        const player = await Player.join(context);
        const other = Number(context.parameters.get("other"));
        await player.event(`the announcement of ${other}`, (event) =>
            event.kind === "peer" && event.id === other && event.present);
        await context.step("announced", { peers: [...player.game.peers] });
        await player.enter(context.step);
        for (const text of ["good evening", "once more"]) {
            player.game.call("say", [text], { to: other });
            const { args } = await player.called("say", { from: other });
            check(args[0] === `re: ${text}`, `the other player answered ${args}`);
            await context.step("said", { text, answer: args[0] });
        }
        for (const [kind, channel] of [[mode.reliable, 0], [mode.ordered, 0], [mode.unreliable, 0], [mode.reliable, 1]]) {
            const seen = await player.echo(streamOf(kind, channel), kind, channel, 100, other);
            check(seen.received === streamOf(kind, channel), `relayed to stream ${seen.received}`);
            await context.step("echo", seen);
        }
        await player.leave(context.step);
    },

    // The server kicks at the player's own wish.
    async kick(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        player.game.call("kick_me", []);
        await context.step("ended", await player.connection.end());
        player.connection.pc.close();
    },

    // ?peer_id=ID of somebody who plays already.
    async duplicate(context) {
        const player = new Player(context.join, context.parameters.get("peer_id"));
        const { status, body } = await player.connection.offer(player.url);
        check(status === 409, `a duplicate peer id was answered with ${status}: ${body}`);
        await context.step("refused", { status, body });
        player.connection.pc.close();
    },

    // ?status=: any other refusal, for instance of a peer id out of range.
    async refused(context) {
        const player = new Player(context.join, context.parameters.get("peer_id"));
        const { status, body } = await player.connection.offer(player.url);
        check(status === Number(context.parameters.get("status")), `joining was answered with ${status}: ${body}`);
        await context.step("refused", { status, body });
        player.connection.pc.close();
    },

    // The connection ends before or soon after it opened: a server that refuses silently, is full, or is not there.
    async unreachable(context) {
        const player = new Player(context.join, context.parameters.get("peer_id"));
        const { status, body } = await player.connection.offer(player.url);
        await context.step("answered", { status, body: status === 201 ? "" : body });
        if (status === 201) {
            await player.connection.pc.setRemoteDescription({ type: "answer", sdp: body });
            await context.step("ended", await player.connection.end(45_000));
        }
        player.connection.pc.close();
    },

    // Says `entered` and waits for whatever the test does to the server (kick, close, quit).
    async stay(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        await context.step("ended", await player.connection.end(Number(context.parameters.get("for") ?? 40_000)));
        player.connection.pc.close();
    },

    // The server dies: the page is told, asks why, and joins again under the id it had.
    async rejoin(context) {
        const first = await Player.join(context);
        await first.enter(context.step);
        await context.step("staying");
        await context.step("ended", await first.connection.end(silenceLimit));
        await context.step("status", JSON.parse((await request(first.connection.answer.location)).body));
        first.connection.pc.close();
        const second = await Player.join(context);
        await second.enter(context.step);
        await context.step("back");
        await second.leave(context.step);
    },

    // A Godot 3 page on a route of profile `godot3`: its three channels, and raw packets as its MultiplayerAPI makes them,
    // without the header that its ENet peers write. Each kind there and back, a long one, and the server's kick.
    async godot3(context) {
        const player = await Player.join(context, []);
        const arrived = new Inbox();
        player.game.receive = (stream, bytes) => arrived.put({ stream, bytes });
        const send = (stream, text) => {
            const packet = new Uint8Array([4, ...new TextEncoder().encode(text)]);
            player.connection.channels[stream - 1].send(packet);
            return packet;
        };
        for (const [stream, text] of [
            [1, "reliable"], [2, "ordered"], [3, "unreliable"], [1, `reliable ${"long ".repeat(10_000)}`]]) {
            let sent;
            const echo = await ask(
                () => { sent = send(stream, text); },
                (limit) => arrived.take(`the ${text.slice(0, 10)} echo`, ({ bytes }) => equal(bytes, sent), limit),
                { reliable: stream === 1 });
            check(echo.stream === stream, `the echo of stream ${stream} came on ${echo.stream}`);
            await context.step("echo", { stream, size: echo.bytes.length });
        }
        send(1, "kick me");
        await context.step("ended", await player.connection.end());
        player.connection.pc.close();
    },

    // ?mode=reliable&channel=0&count=N: after `entered` the test lets the server `send` N numbered packets at once.
    // Reliable ones all arrive in order; of the others none arrives twice.
    async burst(context) {
        const { parameters, step } = context;
        const player = await Player.join(context);
        await player.enter(step);
        const kind = mode[parameters.get("mode") ?? "reliable"];
        const stream = streamOf(kind, Number(parameters.get("channel") ?? 0));
        const count = Number(parameters.get("count"));
        const numbers = [];
        let bytes = 0;
        while (numbers.length < count) {
            let packet;
            try {
                packet = await player.event("a packet of the burst", (event) =>
                    event.kind === "raw" && event.bytes[0] === 0x73, numbers.length > 0 ? 2_000 : 10_000);
            } catch (error) {
                if (kind === mode.reliable || numbers.length === 0 || !(error instanceof Late)) throw error;
                break;
            }
            check(packet.stream === stream, `a packet of the burst on stream ${packet.stream} instead of ${stream}`);
            numbers.push(new DataView(packet.bytes.buffer, packet.bytes.byteOffset).getUint32(4, true));
            bytes += packet.bytes.length;
        }
        check(new Set(numbers).size === numbers.length, "a packet of the burst arrived twice");
        const sorted = numbers.every((number, at) => at === 0 || number > numbers[at - 1]);
        check(sorted || kind === mode.unreliable, "the burst arrived out of order");
        await step("received", { packets: numbers.length, bytes, sorted });
        await player.leave(step);
    },
};
