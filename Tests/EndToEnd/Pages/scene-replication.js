// The packets of MultiplayerSpawner and MultiplayerSynchronizer, as a peer reads that owns no node itself. Integers are
// little-endian. Only spawns by `spawn_function` are known, which carry its argument; other scenes have an index.

import { check } from "./torii-test.js";
import { decodeVariants } from "./variant.js";

const byArgument = 0xff;

class Reader {
    constructor(bytes, at) {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        this.at = at;
    }

    get left() { return this.bytes.length - this.at; }
    u8() { return this.view.getUint8((this.at += 1) - 1); }
    u16() { return this.view.getUint16((this.at += 2) - 2, true); }
    u32() { return this.view.getUint32((this.at += 4) - 4, true); }
    u64() { return Number(this.view.getBigUint64((this.at += 8) - 8, true)); }

    take(count) {
        check(count <= this.left, `${count} bytes are announced and ${this.left} are there`);
        return this.bytes.subarray(this.at, this.at += count);
    }
}

/// scene (u8), the sender's id of the spawner's path, the node's id, how many synchronizers, length of the name (u32 each);
/// ids of the synchronizers; name; size of the argument (u32) and the argument; the properties to begin with.
export function readSpawn(bytes) {
    const reader = new Reader(bytes, 1);
    const scene = reader.u8();
    check(scene === byArgument, `a spawn of scene ${scene}, which this client does not know`);
    const [spawner, id, count, length] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
    const synchronizers = Array.from({ length: count }, () => reader.u32());
    const name = new TextDecoder().decode(reader.take(length).subarray(0, length - 1));
    const [argument] = decodeVariants(reader.take(reader.u32()));
    return { spawner, id, synchronizers, name, argument, values: decodeVariants(reader.take(reader.left)) };
}

/// The node's id (u32).
export function readDespawn(bytes) {
    return { id: new Reader(bytes, 1).u32() };
}

/// The sender's count of such packets (u16), then for each synchronizer its id, the size (u32 each) and all properties that
/// are sent always.
export function readSync(bytes) {
    const reader = new Reader(bytes, 1);
    const time = reader.u16();
    const states = [];
    while (reader.left > 0) states.push({ synchronizer: reader.u32(), values: decodeVariants(reader.take(reader.u32())) });
    return { time, states };
}

/// For each synchronizer its id (u32), which of its watched properties changed (u64, a bit each), the size (u32) and those.
export function readDelta(bytes) {
    const reader = new Reader(bytes, 1);
    const changes = [];
    while (reader.left > 0) {
        const [synchronizer, changed] = [reader.u32(), reader.u64()];
        changes.push({ synchronizer, changed, values: decodeVariants(reader.take(reader.u32())) });
    }
    return { changes };
}
