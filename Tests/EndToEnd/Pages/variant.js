// Godot's Variant on the wire, as SceneMultiplayer writes arguments and properties: int, String and bool.

import { check } from "./torii-test.js";

const type = { bool: 1, int: 2, string: 4 };

export const utf8 = (text) => new TextEncoder().encode(text);
export const u32 = (value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

export function encodeVariant(value) {
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

/// All values in `bytes`, which nothing counts.
export function decodeVariants(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = [];
    for (let at = 0; at < bytes.length;) {
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
            check(head === type.string, `a value of type ${head}, which this client does not know`);
            const length = view.getUint32(at + 4, true);
            values.push(new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length)));
            at += 8 + length + (4 - (length % 4)) % 4;
        }
    }
    return values;
}
