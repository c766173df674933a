// What the script of the Godot add-on (Signaling/godot/addons/torii/page.gd) makes of a page that does with its connection
// what Godot's web export does. ?shim=CODE runs it as Godot's JavaScriptBridge.eval does; without, the page is as Godot
// leaves it.
import { order } from "./torii-test.js";
import { mode, Player } from "./godot-player.js";

/// The streams of `Player` on which a game sends unreliably, in either way, and those on which it does not.
const unreliable = [2, 3, 5, 6];
const reliable = [1, 4];

function prepare({ parameters }) {
    const code = parameters.get("shim");
    if (code) (0, eval)(code);
}

export const scenarios = {
    // The channels as the browser made them.
    async channels(context) {
        prepare(context);
        prepare(context); // Once more is not too much.
        const { connection } = new Player(context.join, "1");
        const seen = connection.channels.map(({ rtc }) => ({
            stream: rtc.id, ordered: rtc.ordered, lifetime: rtc.maxPacketLifeTime, retransmits: rtc.maxRetransmits,
            label: rtc.label, negotiated: rtc.negotiated,
        }));
        // Who spells it right, or limits something else, gets what was asked for.
        for (const options of [
            undefined, { maxRetransmits: 3 }, { maxPacketLifeTime: 200, maxPacketLifetime: 1 },
            { maxRetransmits: 5, maxPacketLifetime: 1 }, { maxPacketLifetime: 300 }]) {
            const rtc = connection.pc.createDataChannel("other", options);
            seen.push({ options, lifetime: rtc.maxPacketLifeTime, retransmits: rtc.maxRetransmits });
        }
        await context.step("made", seen);
        connection.pc.close();
    },

    // After order 0 nothing large gets through: 700 bytes on each unreliable stream, and 1000 on a reliable one. After
    // order 1 it does again, and each stream still works.
    async lost(context) {
        prepare(context);
        const player = await Player.join(context);
        await player.enter(context.step);
        await order(0);
        for (const stream of unreliable) player.game.raw(new Uint8Array(700), { stream });
        player.game.raw(new Uint8Array(1000), { stream: 1 });
        await context.step("sent");
        await order(1);
        for (const stream of [...reliable, ...unreliable]) await player.echo(stream, mode.reliable, 0, 10);
        await player.leave(context.step);
    },

    // Is still playing when the test closes the page.
    async playing(context) {
        prepare(context);
        const player = await Player.join(context);
        await player.enter(context.step);
    },
};
