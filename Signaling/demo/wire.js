// The game's messages: little-endian, one kind byte first. Decoding never reads past the end and never
// throws: anything malformed is null. It leaves out versions; the game and this page ship together.

export const WORLD = { width: 1000, height: 600 };
export const NATIVE = 0;
export const WEB = 1;
const NAME_BYTES = 24;
const CHAT_BYTES = 200;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// To the server. Channel 1: position. Every channel: ping. Channel 0: the others.

export function position(x, y) {
  const view = message(0x01, 8);
  view.setFloat32(1, x, true);
  view.setFloat32(5, y, true);
  return view.buffer;
}

export function ping(number, time) {
  const view = message(0x02, 12);
  view.setUint32(1, number, true);
  view.setFloat64(5, time, true);
  return view.buffer;
}

export const hello = (name) => bytes([0x10, WEB], name, NAME_BYTES);
export const chat = (text) => bytes([0x11], text, CHAT_BYTES);
export const ripple = () => message(0x12, 0).buffer;

function message(kind, size) {
  const view = new DataView(new ArrayBuffer(1 + size));
  view.setUint8(0, kind);
  return view;
}

/** `head`, then as many whole characters of `text` as fit into `limit` bytes of UTF-8. */
function bytes(head, text, limit) {
  const room = new Uint8Array(head.length + limit);
  room.set(head);
  const { written } = encoder.encodeInto(text, room.subarray(head.length));
  return room.slice(0, head.length + written).buffer;
}

// From the server.

/** The message as `{type, …}`, or null when it is malformed or unknown. */
export function decode(data) {
  if (!(data instanceof ArrayBuffer) || data.byteLength < 1) return null;
  const view = new DataView(data);
  const size = data.byteLength;
  switch (view.getUint8(0)) {
    case 0x02:
      return size === 17 ? { type: 'pong', number: view.getUint32(1, true), count: view.getUint32(13, true) } : null;
    case 0x20: return size === 3 ? { type: 'welcome', id: view.getUint16(1, true) } : null;
    case 0x21: return joined(view, data);
    case 0x22: return size === 3 ? { type: 'left', id: view.getUint16(1, true) } : null;
    case 0x23: return size >= 3 ? { type: 'chat', id: view.getUint16(1, true), text: text(data, 3, CHAT_BYTES) } : null;
    case 0x24: return size === 3 ? { type: 'ripple', id: view.getUint16(1, true) } : null;
    case 0x30: return snapshot(view);
    default: return null;
  }
}

function joined(view, data) {
  if (view.byteLength < 6) return null;
  const kind = view.getUint8(3);
  if (kind !== NATIVE && kind !== WEB) return null;
  const id = view.getUint16(1, true);
  const hue = view.getUint16(4, true) % 360;
  return { type: 'joined', id, kind, hue, name: text(data, 6, NAME_BYTES) || `Player ${id}` };
}

function snapshot(view) {
  if (view.byteLength < 7) return null;
  const count = view.getUint16(5, true);
  if (view.byteLength !== 7 + count * 10) return null;
  const places = [];
  for (let at = 7; at < view.byteLength; at += 10) {
    const x = view.getFloat32(at + 2, true);
    const y = view.getFloat32(at + 6, true);
    if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
    places.push({ id: view.getUint16(at, true), ...inside(x, y) });
  }
  return { type: 'snapshot', tick: view.getUint32(1, true), places };
}

/** The nearest place in the world. */
export const inside = (x, y) => ({
  x: Math.min(Math.max(x, 0), WORLD.width),
  y: Math.min(Math.max(y, 0), WORLD.height),
});

// Control and direction-changing characters would let one player's text disturb another's line.
const unwanted = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const text = (data, from, limit) => decoder
  .decode(new Uint8Array(data, from, Math.min(limit, data.byteLength - from)))
  .replace(unwanted, '')
  .trim();
