// A player of a route of profile `godot4` or `godot3`: the connection exactly as Godot 4's web export makes it, misspelt
// option included, and SceneMultiplayer on it.
import { ask, check, Connection, equal, pattern } from "./torii-test.js";
import { SceneMultiplayer } from "./scene-multiplayer.js";

export const mode = { unreliable: 0, ordered: 1, reliable: 2 };
export const modeName = ["unreliable", "ordered", "reliable"];

/// transfer_channel 1, 2, 3 of the game (`channels_config`): streams 4, 5, 6.
const channelsConfig = [mode.reliable, mode.ordered, mode.unreliable];

export class Player {
    /// `peerId` null: the gateway chooses one and names it in a header.
    constructor(join, peerId, config = channelsConfig) {
        const url = new URL(join);
        if (peerId !== null) url.searchParams.set("peer_id", peerId);
        this.url = url.href;
        this.connection = new Connection();
        const streams = new Map();
        const create = (label, options) => {
            const channel = this.connection.channel(label, { negotiated: true, ...options });
            streams.set(options.id, channel);
            channel.rtc.onmessage = ({ data }) => {
                const text = typeof data === "string";
                this.texts += text ? 1 : 0;
                this.game.receive(options.id, text ? new TextEncoder().encode(data) : new Uint8Array(data));
            };
        };
        create("reliable", { id: 1, ordered: true });
        create("ordered", { id: 2, ordered: true, maxPacketLifetime: 1 });
        create("unreliable", { id: 3, ordered: false, maxPacketLifetime: 1 });
        config.forEach((kind, at) => {
            const id = 4 + at;
            const lifetime = kind === mode.reliable ? {} : { maxPacketLifetime: 1 };
            create(String(id), { id, ordered: kind !== mode.unreliable, ...lifetime });
        });
        this.texts = 0;
        this.game = new SceneMultiplayer((stream, bytes) => streams.get(stream).send(bytes));
        this.connection.channels[0].closed.then(() => this.game.events.end("the connection was closed"));
    }

    static async join({ join, parameters, step }, config = channelsConfig) {
        const wanted = parameters.get("peer_id");
        const player = new Player(join, wanted, config);
        const { opened_ms } = await player.connection.join(player.url);
        const { headers } = player.connection.answer;
        const named = Object.keys(headers).find((header) => header.includes("peer-id"));
        player.id = Number(wanted ?? headers[named]);
        check(Number.isInteger(player.id) && player.id > 1, "the answer does not name the peer id the gateway chose");
        await step("open", { id: player.id, opened_ms, headers });
        return player;
    }

    event(what, wanted, limit) {
        return this.game.events.take(what, wanted, limit);
    }

    called(name, { from = 1, first = null, limit } = {}) {
        return this.event(`the call of ${name} by ${from}`, (event) =>
            event.kind === "call" && event.name === name && event.from === from
                && (first === null || event.args[0] === first), limit);
    }

    /// Says hello; the server's answer carries the id under which it knows this player.
    async enter(step) {
        this.game.call("hello", ["web"]);
        const { args } = await this.called("welcome");
        check(args[0] === "web" && args[1] === this.id, `welcomed as ${args}, not as web, ${this.id}`);
        const { matching } = await this.event("the confirmation of the path", ({ kind }) => kind === "confirmed");
        check(matching, "the server's list of functions is another one");
        await step("entered", { id: args[1] });
    }

    /// A raw request 'e' to the server or to a peer, answered by 'r' in the mode and on the channel it names.
    async echo(sendStream, kind, channel, size, to = 1, contents = pattern) {
        const request = new Uint8Array([0x65, kind, channel, ...contents(size, size + sendStream)]);
        const what = `the ${modeName[kind]} echo of ${size} bytes on transfer channel ${channel} from ${to}`;
        const reply = await ask(
            () => this.game.raw(request, { stream: sendStream, to }),
            (limit) => this.event(what, (event) => event.kind === "raw" && event.from === to
                && event.bytes[0] === 0x72 && event.bytes[1] === kind && event.bytes[2] === channel
                && event.bytes.length === request.length, limit),
            { reliable: kind === mode.reliable && [1, 4].includes(sendStream) });
        check(equal(reply.bytes.subarray(1), request.subarray(1)), `${what}: the bytes differ`);
        return { sent: sendStream, mode: modeName[kind], channel, size, received: reply.stream };
    }

    async leave(step) {
        this.connection.pc.close();
        await step("left");
    }
}

/// The stream on which a packet of this mode and transfer channel must reach the page.
export const streamOf = (kind, channel) => channel > 0 ? channel + 3 : 3 - kind;
