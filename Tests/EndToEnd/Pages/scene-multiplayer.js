// The bytes of Godot 4's SceneMultiplayer, as far as a player needs them: announcing a node path, calling and receiving
// `@rpc` functions, raw packets, the relay between clients, authentication, and reading what a server spawns and
// synchronizes (scene-replication.js). Captured examples: Fixtures/godot4.
//
// Left out: owning a spawner or synchronizer, values other than int, String and bool.

import { check, Inbox } from "./torii-test.js";
import { readDelta, readDespawn, readSpawn, readSync } from "./scene-replication.js";
import { decodeVariants, encodeVariant, u32, utf8 } from "./variant.js";

const command = { remoteCall: 0, simplifyPath: 1, confirmPath: 2, raw: 3, spawn: 4, despawn: 5, sync: 6, sys: 7 };
const sys = { auth: 0, addPeer: 1, delPeer: 2, relay: 3 };
/// Of a SYNC: only what changed.
const isDelta = 0x10;

/// The nodes of Servers/godot4 that have a path on the wire: their `@rpc` functions in the order of the names, which is
/// the order of their ids, and the MD5 of those names joined without a separator, which both sides compare when a path is
/// announced.
export const nodes = {
    World: {
        functions: [
            "hello", "kick_me", "move",
            "ping_ordered_0", "ping_ordered_1", "ping_reliable_0", "ping_reliable_1", "ping_unreliable_0",
            "ping_unreliable_1", "pong_ordered_0", "pong_ordered_1", "pong_reliable_0", "pong_reliable_1",
            "pong_unreliable_0", "pong_unreliable_1", "say", "welcome",
        ],
        checksum: "2274207a6e8d49df8d73672ac1a7870e",
    },
    "World/Stage": {
        functions: [
            "bring_on", "cue_ordered", "cue_reliable", "cue_unreliable", "cued_ordered", "cued_reliable",
            "cued_unreliable", "set_mood", "take_off",
        ],
        checksum: "650ac9b5da722ee91ae55a8b8bd2b4a0",
    },
    "World/Stage/Spawner": { functions: [], checksum: "d41d8cd98f00b204e9800998ecf8427e" },
};
const server = 1;

const terminated = (text) => [...utf8(text), 0];
const text = (bytes) => new TextDecoder().decode(bytes);

/// One client's end. Events are objects in `events`; each that came in a packet has the `stream`, and `from` whom:
/// {kind: "call", node, name, args}, {kind: "raw", bytes}, {kind: "peer", id, present},
/// {kind: "confirmed", node, matching}, {kind: "auth", bytes}, {kind: "empty"}, and "spawn", "despawn",
/// "sync", "delta" with what scene-replication.js reads.
export class SceneMultiplayer {
    #announced = new Map(); // `peer path` → our id of the path has been confirmed
    #paths = new Map(); // `peer id` → path the peer announced

    constructor(send) {
        this.send = send; // (stream, Uint8Array)
        this.events = new Inbox();
        this.peers = new Set();
    }

    /// Calls a function of a node of the peer's; its path is announced first and named in full until it was confirmed.
    call(name, args, { node = "World", stream = 1, to = server } = {}) {
        const id = nodes[node].functions.indexOf(name);
        check(id >= 0, `${node} has no function ${name}`);
        // Without arguments there is not even a count: the highest bit of the first byte says so.
        const bare = args.length === 0 ? 0x80 : 0;
        const rest = bare ? [] : [args.length, ...args.flatMap(encodeVariant)];
        const own = this.#ownID(node);
        const key = `${to} ${node}`;
        if (!this.#announced.has(key)) {
            this.#announced.set(key, false);
            const announcement = [...terminated(nodes[node].checksum), ...u32(own), ...terminated(node)];
            this.#send(to, 1, [command.simplifyPath, ...announcement]);
        }
        if (this.#announced.get(key)) {
            this.#send(to, stream, [command.remoteCall | bare, own, id, ...rest]);
        } else {
            // 32-bit node id with the highest bit set: not an id but where the path begins in this packet.
            const offset = 6 + rest.length;
            this.#send(to, stream, [0x20 | bare, ...u32(0x80000000 | offset), id, ...rest, ...terminated(node)]);
        }
    }

    raw(bytes, { stream = 1, to = server } = {}) {
        this.#send(to, stream, [command.raw, ...bytes]);
    }

    /// What the server's `auth_callback` gets; without any bytes: this side has let the other in.
    authenticate(bytes) {
        this.send(1, new Uint8Array([command.sys, sys.auth, ...bytes]));
    }

    /// This side's id of the path of a node.
    #ownID(node) {
        return Object.keys(nodes).indexOf(node) + 1;
    }

    #send(to, stream, bytes) {
        const relayed = to === server ? bytes : [command.sys, sys.relay, ...u32(to), ...bytes];
        this.send(stream, new Uint8Array(relayed));
    }

    /// A message of a data channel.
    receive(stream, bytes) {
        if (bytes.length === 0) return this.events.put({ kind: "empty", from: server, stream });
        if ((bytes[0] & 7) !== command.sys) return this.#receive(server, stream, bytes);
        if (bytes[1] === sys.auth) return this.events.put({ kind: "auth", from: server, stream, bytes: bytes.subarray(2) });
        check(bytes.length >= 6, `a system packet of ${bytes.length} bytes`);
        const id = new DataView(bytes.buffer, bytes.byteOffset).getInt32(2, true);
        if (bytes[1] === sys.relay) {
            this.#receive(id, stream, bytes.subarray(6));
        } else {
            const present = bytes[1] === sys.addPeer;
            check(present || bytes[1] === sys.delPeer, `system command ${bytes[1]}`);
            if (present) this.peers.add(id); else this.peers.delete(id);
            this.events.put({ kind: "peer", id, present });
        }
    }

    #receive(from, stream, bytes) {
        const put = (kind, what) => this.events.put({ kind, from, stream, ...what });
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        switch (bytes[0] & 7) {
            case command.remoteCall: return this.#receiveCall(from, stream, bytes, view);
            case command.raw: return put("raw", { bytes: bytes.subarray(1) });
            case command.spawn: {
                const { spawner, ...spawn } = readSpawn(bytes);
                return put("spawn", { spawner: this.#paths.get(`${from} ${spawner}`), ...spawn });
            }
            case command.despawn: return put("despawn", readDespawn(bytes));
            case command.sync: return bytes[0] & isDelta ? put("delta", readDelta(bytes)) : put("sync", readSync(bytes));
            case command.simplifyPath: {
                const id = view.getUint32(34, true);
                const path = text(bytes.subarray(38, bytes.length - 1));
                const matching = text(bytes.subarray(1, 33)) === nodes[path]?.checksum;
                this.#paths.set(`${from} ${id}`, path);
                return this.#send(from, 1, [command.confirmPath, matching ? 1 : 0, ...u32(id)]);
            }
            case command.confirmPath: {
                check(bytes.length === 6, `a confirmation of ${bytes.length} bytes`);
                const node = Object.keys(nodes)[view.getUint32(2, true) - 1];
                this.#announced.set(`${from} ${node}`, true);
                return put("confirmed", { node, matching: bytes[1] === 1 });
            }
            default: check(false, `command ${bytes[0] & 7} from ${from}`);
        }
    }

    #receiveCall(from, stream, bytes, view) {
        const width = [1, 2, 4][(bytes[0] >> 4) & 3];
        const id = width === 1 ? view.getUint8(1) : width === 2 ? view.getUint16(1, true) : view.getUint32(1, true);
        check((bytes[0] & 0x40) === 0, "a function id of 16 bits in a world of 17 functions");
        const named = width === 4 && id >= 0x80000000;
        const end = named ? id - 0x80000000 : bytes.length;
        const node = named ? text(bytes.subarray(end, bytes.length - 1)) : this.#paths.get(`${from} ${id}`);
        check(nodes[node], `a call to the node "${node}"`);
        const count = (bytes[0] & 0x80) === 0 ? bytes[2 + width] : 0;
        const args = count > 0 ? decodeVariants(bytes.subarray(3 + width, end)) : [];
        check(args.length === count, `${args.length} arguments of ${count}`);
        this.events.put({ kind: "call", from, stream, node, name: nodes[node].functions[bytes[1 + width]], args });
    }
}
