// Scenarios around what Servers/godot4/server.gd puts on its stage, and around the edges of SceneMultiplayer:
// authentication, sizes, and the relay to a native player.
import { ask, check, equal, order } from "./torii-test.js";
import { mode, modeName, Player, streamOf } from "./godot-player.js";
import { utf8 } from "./variant.js";

const stage = "World/Stage";

/// Waits until the server has put `figure` on the stage; SceneMultiplayer sends that RELIABLE on channel 0.
async function spawned(player, figure) {
    const spawn = await player.event(`the spawn of ${figure}`, (event) => event.kind === "spawn" && event.name === figure);
    check(spawn.stream === 1 && spawn.from === 1, `the spawn came on stream ${spawn.stream} from ${spawn.from}`);
    check(spawn.spawner === `${stage}/Spawner`, `the path of the spawner is ${spawn.spawner}`);
    check(spawn.argument === figure, `the argument of the spawn is ${spawn.argument}`);
    check(spawn.synchronizers.length === 1, `${spawn.synchronizers.length} synchronizers`);
    return { ...spawn, synchronizer: spawn.synchronizers[0], steps: spawn.values[0], mood: spawn.values[1] };
}

/// Five SYNC packets, UNRELIABLE on channel 0: the figure walks on in them, and none is older than the one before.
async function walks(player, { synchronizer, steps }) {
    const seen = [];
    while (seen.length < 5) {
        const { stream, states } = await player.event("a SYNC", ({ kind, states }) =>
            kind === "sync" && states.some((state) => state.synchronizer === synchronizer));
        check(stream === 3, `a SYNC on stream ${stream}`);
        seen.push(states.find((state) => state.synchronizer === synchronizer).values[0]);
    }
    // The first may tell what the spawn told.
    const goesOn = seen[0] >= steps && seen.every((value, at) => at === 0 || value > seen[at - 1]);
    check(goesOn, `after ${steps} steps it walked ${seen}`);
    return seen;
}

/// A property that is sent when it changes: RELIABLE on channel 0.
async function changes(player, { synchronizer }, mood) {
    const { stream } = await player.event(`the mood ${mood}`, (event) => event.kind === "delta" && event.changes.some(
        (change) => change.synchronizer === synchronizer && change.values.length === 1 && change.values[0] === mood));
    check(stream === 1, `a delta on stream ${stream}`);
}

export const scenarios = {
    // Brings Columbine on and changes her mood; waits for Pierrot, whom somebody else brings on; when told, takes her off.
    async stage(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        player.game.call("bring_on", ["Columbine"], { node: stage });
        const columbine = await spawned(player, "Columbine");
        check(columbine.mood === "calm", `she came on ${columbine.mood}`);
        await context.step("spawned", { steps: await walks(player, columbine) });
        player.game.call("set_mood", ["Columbine", "merry"], { node: stage });
        await changes(player, columbine, "merry");
        await context.step("changed");
        await spawned(player, "Pierrot");
        await context.step("met");
        await order(0);
        player.game.call("take_off", ["Columbine"], { node: stage });
        const { stream } = await player.event("her exit", ({ kind, id }) => kind === "despawn" && id === columbine.id);
        check(stream === 1, `the despawn came on stream ${stream}`);
        await context.step("despawned");
        await player.leave(context.step);
    },

    // Joins when both are on the stage already: the server tells it in the same moment that it has accepted it.
    async late(context) {
        const player = await Player.join(context);
        const columbine = await spawned(player, "Columbine");
        check(columbine.mood === "merry" && columbine.steps > 0, `found ${columbine.mood} after ${columbine.steps} steps`);
        await spawned(player, "Pierrot");
        await context.step("found", { steps: await walks(player, columbine) });
        await player.leave(context.step);
    },

    // Calls in every mode on a transfer channel of its own, there and back.
    async cues(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        for (const [kind, stream] of [["reliable", 4], ["ordered", 5], ["unreliable", 6]]) {
            for (const value of [7, -70_000]) {
                const { stream: back } = await ask(
                    () => player.game.call(`cue_${kind}`, [value], { node: stage, stream }),
                    (limit) => player.called(`cued_${kind}`, { first: value, limit }),
                    { reliable: kind === "reliable" });
                check(back === stream, `cued_${kind} arrived on stream ${back} instead of ${stream}`);
            }
            await context.step("called", { kind, stream });
        }
        await player.leave(context.step);
    },

    // Packets of many fragments, and empty ones when told. A fragmented UNRELIABLE packet loses its mark in libenet and
    // arrives as an ordered one; on a transfer channel of its own that makes no difference.
    async sizes(context) {
        const player = await Player.join(context);
        await player.enter(context.step);
        for (const [kind, channel, size, back] of [
            [mode.reliable, 0, 60_000, 1], [mode.reliable, 1, 60_000, 4],
            [mode.ordered, 0, 5_000, 2], [mode.unreliable, 0, 5_000, 2], [mode.unreliable, 3, 5_000, 6]]) {
            const seen = await player.echo(streamOf(kind, channel), kind, channel, size);
            check(seen.received === back, `${size} ${modeName[kind]} bytes came on stream ${seen.received}`);
            await context.step("echo", seen);
        }
        for (let round = 0; round < 5; round += 1) {
            for (const stream of [1, 2, 3]) player.connection.channels[stream - 1].send(new Uint8Array(0));
        }
        await context.step("sent nothing");
        for (const stream of [1, 2, 3]) {
            await player.event(`nothing on stream ${stream}`, (event) => event.kind === "empty" && event.stream === stream);
        }
        await player.leave(context.step);
    },

    // ?password=: the answer to the server's question, none without it. ?admitted=yes: it is the right one.
    async newcomer(context) {
        const { parameters, step } = context;
        const player = await Player.join(context);
        const said = (what, wanted) => player.event(what, (event) => event.kind === "auth" && wanted(event.bytes));
        const { stream } = await said("the question", (bytes) => equal(bytes, utf8("password?")));
        check(stream === 1, `the question came on stream ${stream}`);
        await step("asked");
        if (parameters.has("password")) player.game.authenticate(utf8(parameters.get("password")));
        if (parameters.get("admitted") === "yes") {
            await said("the end of authentication", (bytes) => bytes.length === 0);
            player.game.authenticate([]);
            await player.enter(step);
            await player.leave(step);
        } else {
            await step("ended", await player.connection.end());
            player.connection.pc.close();
        }
    },

    // ?other=ID: raw bytes in every mode to another player and back, and then what that one sends by itself.
    async relayed(context) {
        const player = await Player.join(context);
        const other = Number(context.parameters.get("other"));
        await player.enter(context.step);
        const ways = [
            [mode.reliable, 0], [mode.ordered, 0], [mode.unreliable, 0],
            [mode.reliable, 1], [mode.ordered, 2], [mode.unreliable, 3],
        ];
        for (const [kind, channel] of ways) {
            const seen = await player.echo(streamOf(kind, channel), kind, channel, 100, other);
            check(seen.received === streamOf(kind, channel), `relayed to stream ${seen.received}`);
            await context.step("echo", seen);
        }
        await context.step("listening");
        for (const [kind, channel] of ways) {
            const what = `${modeName[kind]} ${channel}`;
            const { stream } = await player.event(`the other's ${what}`, ({ kind: event, from, bytes }) => event === "raw"
                && from === other && bytes[0] === 0x65 && bytes[1] === kind && bytes[2] === channel);
            check(stream === streamOf(kind, channel), `the other's ${what} came on stream ${stream}`);
        }
        await context.step("heard");
        await player.leave(context.step);
    },
};
