// A small encoder of QR codes (ISO/IEC 18004): bytes, error correction level M, versions 1 to 6, which is 106 bytes.
// Left out: other modes and levels, larger versions, mirroring and structured append.

/** By version: error correction codewords of each block, and data codewords of each (table 9). */
const BLOCKS = [
  null, { correction: 10, data: [16] }, { correction: 16, data: [28] }, { correction: 26, data: [44] },
  { correction: 18, data: [32, 32] }, { correction: 24, data: [43, 43] }, { correction: 16, data: [27, 27, 27, 27] },
];
const LEVEL_M = 0b00;
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2, (x, y) => (x * y) % 2 + (x * y) % 3,
  (x, y) => ((x * y) % 2 + (x * y) % 3) % 2, (x, y) => ((x + y) % 2 + (x * y) % 3) % 2,
];

/** `{size, isDark(x, y)}`, or null when the text is too long. */
export function encode(text) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((blocks) => blocks && capacity(blocks) >= bytes.length);
  if (version < 0) return null;
  const blank = new Matrix(version);
  blank.place(interleave(dataCodewords(bytes, BLOCKS[version]), BLOCKS[version]));
  const masked = MASKS.map((_, mask) => blank.masked(mask));
  const best = masked.reduce((a, b) => b.penalty() < a.penalty() ? b : a);
  return { size: best.size, isDark: (x, y) => best.isDark(x, y) };
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
/** Four bits say the mode and eight the length. */
const capacity = ({ data }) => Math.floor((8 * sum(data) - 12) / 8);

function dataCodewords(bytes, { data }) {
  const bits = [0, 1, 0, 0];
  const push = (value) => { for (let bit = 7; bit >= 0; bit -= 1) bits.push(value >> bit & 1); };
  push(bytes.length);
  bytes.forEach(push);
  const room = 8 * sum(data);
  while (bits.length < room && (bits.length % 8 || bits.length < 8 * (bytes.length + 2))) bits.push(0);
  for (let pad = 0xEC; bits.length < room; pad ^= 0xEC ^ 0x11) push(pad);
  return Uint8Array.from({ length: sum(data) }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8).join(''), 2));
}

/** The blocks' data codewords in turn, then their error correction codewords in turn. */
function interleave(codewords, { correction, data }) {
  let start = 0;
  const blocks = data.map((length) => codewords.slice(start, start += length));
  const corrections = blocks.map((block) => remainder(block, correction));
  const inTurn = (rows) => Array.from({ length: rows[0].length }, (_, i) => rows.map((row) => row[i])).flat();
  return [...inTurn(blocks), ...inTurn(corrections)];
}

// GF(256) with the polynomial x⁸ + x⁴ + x³ + x² + 1

const EXPONENTS = new Uint8Array(510);
const LOGARITHMS = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i += 1) {
  EXPONENTS[i] = EXPONENTS[i + 255] = value;
  LOGARITHMS[value] = i;
  value = value << 1 ^ (value & 0x80 ? 0x11D : 0);
}
const product = (a, b) => a && b ? EXPONENTS[LOGARITHMS[a] + LOGARITHMS[b]] : 0;

/** Reed-Solomon: the remainder of dividing by (x − α⁰)(x − α¹)… */
function remainder(block, count) {
  let generator = [1];
  for (let i = 0; i < count; i += 1) {
    const next = [...generator, 0];
    generator.forEach((factor, k) => { next[k + 1] ^= product(factor, EXPONENTS[i]); });
    generator = next;
  }
  const rest = [...block, ...new Array(count).fill(0)];
  block.forEach((_, i) => {
    const factor = rest[i];
    generator.forEach((one, k) => { rest[i + k] ^= product(one, factor); });
  });
  return rest.slice(block.length);
}

/** The modules, of which those of finding, alignment, timing and format are no place for data. */
class Matrix {
  #dark;
  #fixed;

  constructor(version) {
    this.version = version;
    this.size = 17 + 4 * version;
    this.#dark = new Uint8Array(this.size ** 2);
    this.#fixed = new Uint8Array(this.size ** 2);
    this.#drawPatterns();
  }

  isDark(x, y) {
    return this.#dark[y * this.size + x] === 1;
  }

  #set(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.#dark[y * this.size + x] = dark ? 1 : 0;
    this.#fixed[y * this.size + x] = 1;
  }

  #drawPatterns() {
    const end = this.size - 1;
    for (let i = 0; i < this.size; i += 1) {
      this.#set(i, 6, i % 2 === 0);
      this.#set(6, i, i % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [end - 3, 3], [3, end - 3]]) this.#drawRings(x, y, 4, (ring) => ring !== 2 && ring !== 4);
    if (this.version > 1) this.#drawRings(end - 6, end - 6, 2, (ring) => ring !== 1);
    this.#drawFormat(0); // to keep the place
  }

  #drawRings(x, y, radius, isDark) {
    for (let dy = -radius; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1) {
        this.#set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  /** Level and mask, with their BCH code, twice. */
  #drawFormat(mask) {
    const data = LEVEL_M << 3 | mask;
    let rest = data << 10;
    for (let bit = 14; bit >= 10; bit -= 1) if (rest >> bit & 1) rest ^= 0x537 << (bit - 10);
    const format = (data << 10 | rest) ^ 0x5412;
    const end = this.size - 1;
    for (let i = 0; i < 15; i += 1) {
      const dark = format >> i & 1;
      if (i < 8) {
        this.#set(8, i < 6 ? i : i + 1, dark);
        this.#set(end - i, 8, dark);
      } else {
        this.#set(i === 8 ? 7 : 14 - i, 8, dark);
        this.#set(8, end - 14 + i, dark);
      }
    }
    this.#set(8, end - 7, true);
  }

  /** In columns of two from the right, upwards and downwards in turn, around the timing pattern. */
  place(codewords) {
    let bit = 0;
    for (let right = this.size - 1; right > 0; right -= 2) {
      if (right === 6) right = 5;
      const isUpward = (right + 1 & 2) === 0;
      for (let step = 0; step < this.size; step += 1) {
        const y = isUpward ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.#fixed[y * this.size + x]) continue;
          this.#dark[y * this.size + x] = codewords[bit >> 3] >> (7 - bit % 8) & 1;
          bit += 1; // past the last codeword are remainder bits, which stay light
        }
      }
    }
  }

  masked(mask) {
    const copy = new Matrix(this.version);
    this.#dark.forEach((dark, i) => {
      if (this.#fixed[i]) return;
      copy.#dark[i] = dark ^ (MASKS[mask](i % this.size, Math.floor(i / this.size)) === 0 ? 1 : 0);
    });
    copy.#drawFormat(mask);
    return copy;
  }

  /** How hard it is to read (§7.8.3). */
  penalty() {
    const { size } = this;
    const range = Array.from({ length: size }, (_, i) => i);
    const rows = range.map((y) => range.map((x) => this.isDark(x, y) ? 1 : 0).join(''));
    const columns = range.map((x) => range.map((y) => this.isDark(x, y) ? 1 : 0).join(''));
    let points = 0;
    for (const line of [...rows, ...columns]) {
      for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
      points += 40 * [...line.matchAll(/(?=00001011101|10111010000)/g)].length;
    }
    for (let y = 1; y < size; y += 1) {
      for (let x = 1; x < size; x += 1) {
        const four = rows[y][x] + rows[y][x - 1] + rows[y - 1][x] + rows[y - 1][x - 1];
        if (four === '0000' || four === '1111') points += 3;
      }
    }
    const dark = sum(this.#dark) / size ** 2;
    return points + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
  }
}
