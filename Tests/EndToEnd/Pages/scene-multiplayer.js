// The bytes of Godot 4's SceneMultiplayer, as far as a player needs them: announcing a node path, calling and receiving
// `@rpc` functions, raw packets, the relay between clients. Captured examples: Fixtures/godot4.
//
// Left out: authentication, spawning and synchronising nodes, arguments other than int, String and bool.

import { check, Inbox } from "./torii-test.js";

const command = { remoteCall: 0, simplifyPath: 1, confirmPath: 2, raw: 3, sys: 7 };
const sys = { addPeer: 1, delPeer: 2, relay: 3 };
const type = { nil: 0, bool: 1, int: 2, string: 4 };

/// The `@rpc` functions of Servers/godot4/world.gd in the order of their names, which is the order of their ids.
const functions = [
    "hello", "kick_me", "move",
    "ping_ordered_0", "ping_ordered_1", "ping_reliable_0", "ping_reliable_1", "ping_unreliable_0", "ping_unreliable_1",
    "pong_ordered_0", "pong_ordered_1", "pong_reliable_0", "pong_reliable_1", "pong_unreliable_0", "pong_unreliable_1",
    "say", "welcome",
];
/// MD5 of those names joined without a separator: what both sides compare when a path is announced.
const checksum = "2274207a6e8d49df8d73672ac1a7870e";
const path = "World";
const server = 1;

const utf8 = (text) => new TextEncoder().encode(text);
const u32 = (value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const terminated = (text) => [...utf8(text), 0];

export function encodeArgument(value) {
    if (typeof value === "string") {
        const bytes = utf8(value);
        const padding = new Array((4 - (bytes.length % 4)) % 4).fill(0);
        return [...u32(type.string), ...u32(bytes.length), ...bytes, ...padding];
    }
    // The two highest bits of the first byte tell how wide the integer is; it is signed and little-endian.
    if (value >= -128 && value < 128) return [type.int, value & 255];
    if (value >= -32768 && value < 32768) return [type.int | 0x40, value & 255, (value >> 8) & 255];
    return [type.int | 0x80, ...u32(value)];
}

export function decodeArguments(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = [];
    let at = 1;
    for (let left = bytes[0]; left > 0; left -= 1) {
        const head = view.getUint8(at);
        if ((head & 0x3f) === type.int) {
            const width = 1 << (head >> 6);
            values.push(width === 1 ? view.getInt8(at + 1) : width === 2 ? view.getInt16(at + 1, true)
                : width === 4 ? view.getInt32(at + 1, true) : Number(view.getBigInt64(at + 1, true)));
            at += 1 + width;
        } else if ((head & 0x3f) === type.bool) {
            values.push((head & 0x80) !== 0);
            at += 1;
        } else {
            check(head === type.string, `an argument of type ${head}, which this client does not know`);
            const length = view.getUint32(at + 4, true);
            values.push(new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length)));
            at += 8 + length + (4 - (length % 4)) % 4;
        }
    }
    return values;
}

/// One client's end. Events are objects in `events`: {kind: "call", from, name, args, stream}, {kind: "raw", from, bytes,
/// stream}, {kind: "peer", id, present}, {kind: "confirmed", from, matching}.
export class SceneMultiplayer {
    #announced = new Map(); // peer → our id of the path has been confirmed
    #paths = new Map(); // `peer id` → path the peer announced
    #lastRelay = null;

    constructor(send) {
        this.send = send; // (stream, Uint8Array)
        this.events = new Inbox();
        this.peers = new Set();
    }

    /// Calls a function of the peer's world; the path is announced first and named in full until it was confirmed.
    call(name, args, { stream = 1, to = server } = {}) {
        const id = functions.indexOf(name);
        check(id >= 0, `the world has no function ${name}`);
        // Without arguments there is not even a count: the highest bit of the first byte says so.
        const bare = args.length === 0 ? 0x80 : 0;
        const rest = bare ? [] : [args.length, ...args.flatMap(encodeArgument)];
        if (!this.#announced.has(to)) {
            this.#announced.set(to, false);
            this.#send(to, 1, [command.simplifyPath, ...terminated(checksum), ...u32(1), ...terminated(path)]);
        }
        if (this.#announced.get(to)) {
            this.#send(to, stream, [command.remoteCall | bare, 1, id, ...rest]);
        } else {
            // 32-bit node id with the highest bit set: not an id but where the path begins in this packet.
            const offset = 6 + rest.length;
            this.#send(to, stream, [0x20 | bare, ...u32(0x80000000 | offset), id, ...rest, ...terminated(path)]);
        }
    }

    raw(bytes, { stream = 1, to = server } = {}) {
        this.#send(to, stream, [command.raw, ...bytes]);
    }

    #send(to, stream, bytes) {
        const relayed = to === server ? bytes : [command.sys, sys.relay, ...u32(to), ...bytes];
        this.send(stream, new Uint8Array(relayed));
    }

    /// A message of a data channel.
    receive(stream, bytes) {
        check(bytes.length > 0, "an empty packet, which SceneMultiplayer never sends");
        if ((bytes[0] & 7) !== command.sys) {
            this.#receive(server, stream, bytes);
            return;
        }
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
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        switch (bytes[0] & 7) {
            case command.remoteCall: return this.#receiveCall(from, stream, bytes, view);
            case command.raw:
                return this.events.put({ kind: "raw", from, stream, bytes: bytes.subarray(1) });
            case command.simplifyPath: {
                const matching = new TextDecoder().decode(bytes.subarray(1, 33)) === checksum;
                const id = view.getUint32(34, true);
                this.#paths.set(`${from} ${id}`, new TextDecoder().decode(bytes.subarray(38, bytes.length - 1)));
                return this.#send(from, 1, [command.confirmPath, matching ? 1 : 0, ...u32(id)]);
            }
            case command.confirmPath: {
                check(bytes.length === 6, `a confirmation of ${bytes.length} bytes`);
                this.#announced.set(from, true);
                return this.events.put({ kind: "confirmed", from, matching: bytes[1] === 1 });
            }
            default: check(false, `command ${bytes[0] & 7} from ${from}`);
        }
    }

    #receiveCall(from, stream, bytes, view) {
        const width = [1, 2, 4][(bytes[0] >> 4) & 3];
        const node = width === 1 ? view.getUint8(1) : width === 2 ? view.getUint16(1, true) : view.getUint32(1, true);
        check((bytes[0] & 0x40) === 0, "a function id of 16 bits in a world of 17 functions");
        const named = width === 4 && node >= 0x80000000;
        const target = named
            ? new TextDecoder().decode(bytes.subarray(node - 0x80000000, bytes.length - 1))
            : this.#paths.get(`${from} ${node}`);
        check(target === path, `a call to the node "${target}"`);
        const args = (bytes[0] & 0x80) === 0 ? decodeArguments(bytes.subarray(2 + width)) : [];
        this.events.put({ kind: "call", from, stream, name: functions[bytes[1 + width]], args });
    }
}
