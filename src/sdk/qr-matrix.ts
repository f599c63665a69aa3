/**
 * QR codes (ISO/IEC 18004) of any text: byte mode, error correction level M, the smallest version that holds it. A
 * general library would be a third of the whole SDK.
 */

/** Blocks of codewords at level M, by version from 1. */
const BLOCKS = [
  1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35,
  37, 38, 40, 43, 45, 47, 49,
] as const;
/** Codewords of error correction in each block at level M, by version from 1; 28 in those after. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26] as const;
const MAX_VERSION = BLOCKS.length;

/** How the codewords of one version are laid out. */
interface Layout {
  readonly version: number;
  readonly blocks: number;
  /** Codewords of error correction in each block. */
  readonly correction: number;
  /** Codewords in all. */
  readonly total: number;
}

/** The modules of the QR code, row by row, without a border; `true` is dark. `undefined` where the text is too long. */
export function qrMatrix(text: string): readonly (readonly boolean[])[] | undefined {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= MAX_VERSION; version++) {
    const layout = layoutOf(version);
    const data = dataCodewords(bytes, layout);
    if (data !== undefined) return new Drawing(version, interleave(data, layout)).best();
  }
  return undefined;
}

function layoutOf(version: number): Layout {
  const along = alignmentCount(version);
  let modules = (16 * version + 128) * version + 64;
  if (along > 0) modules -= (25 * along - 10) * along - 55;
  if (version >= 7) modules -= 36;
  return {
    version,
    blocks: BLOCKS[version - 1] ?? 0,
    correction: CORRECTION[version - 1] ?? 28,
    total: modules >> 3,
  };
}

/** Alignment patterns along one side. */
function alignmentCount(version: number): number {
  return version === 1 ? 0 : Math.floor(version / 7) + 2;
}

/** Mode, length, content and padding; `undefined` where they do not fit. */
function dataCodewords(content: Uint8Array, { version, blocks, correction, total }: Layout): Uint8Array | undefined {
  const data = new Uint8Array(total - blocks * correction);
  const lengthBits = version < 10 ? 8 : 16;
  if (4 + lengthBits + 8 * content.length > 8 * data.length) return undefined;
  let at = 0;
  const append = (value: number, bits: number): void => {
    for (let bit = bits - 1; bit >= 0; bit--, at++)
      data[at >> 3] = (data[at >> 3] ?? 0) | (((value >> bit) & 1) << (7 - (at & 7)));
  };
  append(4, 4);
  append(content.length, lengthBits);
  for (const byte of content) append(byte, 8);
  // The four bits left in the last codeword end the message; after them two bytes take turns.
  for (let index = (at >> 3) + 1, pad = 0xec; index < data.length; index++, pad ^= 0xec ^ 0x11) data[index] = pad;
  return data;
}

/** Splits the data into blocks, adds each block's error correction, and takes a codeword of each in turn. */
function interleave(data: Uint8Array, { blocks, correction, total }: Layout): Uint8Array {
  const shortBlocks = blocks - (total % blocks);
  const shortLength = Math.floor(total / blocks) - correction;
  const divisor = generator(correction);
  const result = new Uint8Array(total);
  for (let block = 0, from = 0; block < blocks; block++) {
    const isShort = block < shortBlocks;
    const part = data.subarray(from, (from += shortLength + (isShort ? 0 : 1)));
    // The last codeword of the long blocks stands after everybody's others.
    part.forEach((codeword, index) => {
      result[index * blocks + block - (index === shortLength ? shortBlocks : 0)] = codeword;
    });
    remainder(part, divisor).forEach((codeword, index) => {
      result[data.length + index * blocks + block] = codeword;
    });
  }
  return result;
}

/** The Reed–Solomon generator polynomial, highest power first, its leading 1 left out. */
function generator(degree: number): readonly number[] {
  let result: readonly number[] = Array.from({ length: degree }, (_, index) => (index === degree - 1 ? 1 : 0));
  for (let power = 0, root = 1; power < degree; power++, root = multiply(root, 2)) {
    const factor = root;
    result = result.map((coefficient, index) => multiply(coefficient, factor) ^ (result[index + 1] ?? 0));
  }
  return result;
}

function remainder(data: Uint8Array, divisor: readonly number[]): readonly number[] {
  let result = divisor.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (result[0] ?? 0);
    result = divisor.map((coefficient, index) => (result[index + 1] ?? 0) ^ multiply(coefficient, factor));
  }
  return result;
}

/** The product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return product;
}

/** Whether the mask turns a module over, by its pattern's number. */
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** The square: patterns at their places first, then the codewords around them. */
class Drawing {
  readonly #version: number;
  readonly #size: number;
  readonly #rows: boolean[][];
  /** Modules of patterns, which hold no data and are not masked. */
  readonly #isPattern: boolean[][];

  constructor(version: number, codewords: Uint8Array) {
    this.#version = version;
    this.#size = 4 * version + 17;
    this.#rows = this.#empty();
    this.#isPattern = this.#empty();
    this.#drawPatterns();
    this.#drawCodewords(codewords);
  }

  /** The matrix under the mask that a camera reads best. */
  best(): readonly (readonly boolean[])[] {
    const candidates = MASKS.map((isTurned, mask) => {
      this.#drawFormat(mask);
      return this.#rows.map((row, y) =>
        row.map((isDark, x) => isDark !== (isTurned(x, y) && this.#isPattern[y]?.[x] !== true)),
      );
    });
    const penalties = candidates.map(penalty);
    return candidates[penalties.indexOf(Math.min(...penalties))] ?? this.#rows;
  }

  #empty(): boolean[][] {
    return Array.from({ length: this.#size }, () => Array.from({ length: this.#size }, () => false));
  }

  #set(x: number, y: number, isDark: boolean): void {
    const row = this.#rows[y];
    const patterns = this.#isPattern[y];
    if (row?.[x] === undefined || patterns === undefined) return; // a finder's quiet border, outside
    row[x] = isDark;
    patterns[x] = true;
  }

  #drawPatterns(): void {
    const end = this.#size - 1;
    for (let at = 0; at <= end; at++) {
      this.#set(6, at, at % 2 === 0);
      this.#set(at, 6, at % 2 === 0);
    }
    for (const [x, y] of [
      [3, 3],
      [end - 3, 3],
      [3, end - 3],
    ] as const) {
      this.#drawRings(x, y, 4, (ring) => ring !== 2 && ring !== 4);
    }
    const centres = this.#alignmentCentres();
    const last = centres.at(-1);
    for (const x of centres) {
      for (const y of centres) {
        const isFinder = (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6);
        if (!isFinder) this.#drawRings(x, y, 2, (ring) => ring !== 1);
      }
    }
    this.#drawFormat(0);
    this.#drawVersion();
  }

  #drawRings(x: number, y: number, radius: number, isDark: (ring: number) => boolean): void {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        this.#set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  #alignmentCentres(): readonly number[] {
    const count = alignmentCount(this.#version);
    const step = Math.floor((8 * this.#version + 3 * count + 5) / (4 * count - 4)) * 2;
    return Array.from({ length: count }, (_, index) => (index === 0 ? 6 : this.#size - 7 - (count - 1 - index) * step));
  }

  /** Level M (its bits are 00) and the mask, twice. */
  #drawFormat(mask: number): void {
    const end = this.#size - 1;
    const bits = ((mask << 10) | checkBits(mask, 10, 0x537)) ^ 0x5412;
    for (let bit = 0; bit < 15; bit++) {
      const isDark = ((bits >> bit) & 1) === 1;
      if (bit < 8) {
        this.#set(8, bit + (bit > 5 ? 1 : 0), isDark);
        this.#set(end - bit, 8, isDark);
      } else {
        this.#set(bit === 8 ? 7 : 14 - bit, 8, isDark);
        this.#set(8, end - 14 + bit, isDark);
      }
    }
    this.#set(8, end - 7, true);
  }

  #drawVersion(): void {
    if (this.#version < 7) return;
    const bits = (this.#version << 12) | checkBits(this.#version, 12, 0x1f25);
    for (let bit = 0; bit < 18; bit++) {
      const across = this.#size - 11 + (bit % 3);
      const along = Math.floor(bit / 3);
      const isDark = ((bits >> bit) & 1) === 1;
      this.#set(across, along, isDark);
      this.#set(along, across, isDark);
    }
  }

  /** Two columns at a time from the right, up and down in turn, around the patterns. */
  #drawCodewords(codewords: Uint8Array): void {
    let at = 0;
    for (let pair = this.#size - 1, isUpward = true; pair > 0; pair -= 2, isUpward = !isUpward) {
      if (pair === 6) pair -= 1; // the column of the timing pattern
      for (let step = 0; step < this.#size; step++) {
        const y = isUpward ? this.#size - 1 - step : step;
        for (const x of [pair, pair - 1]) {
          const row = this.#rows[y];
          if (row === undefined || this.#isPattern[y]?.[x] === true) continue;
          row[x] = (((codewords[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1;
          at += 1;
        }
      }
    }
  }
}

/** The BCH remainder that guards format and version. */
function checkBits(value: number, length: number, polynomial: number): number {
  let rest = value;
  for (let bit = 0; bit < length; bit++) rest = (rest << 1) ^ ((rest >> (length - 1)) * polynomial);
  return rest;
}

/** How hard the matrix is to read: long runs, things like a finder, blocks of one colour, too much of one colour. */
function penalty(rows: readonly (readonly boolean[])[]): number {
  const columns = rows.map((_, x) => rows.map((row) => row[x] === true));
  let sum = 0;
  let dark = 0;
  for (const line of [...rows, ...columns]) {
    const text = line.map(Number).join("");
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    sum += 40 * [...`0000${text}0000`.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  rows.forEach((row, y) =>
    row.forEach((isDark, x) => {
      if (isDark) dark += 1;
      const below = rows[y + 1];
      if (row[x + 1] === isDark && below?.[x] === isDark && below[x + 1] === isDark) sum += 3;
    }),
  );
  const modules = rows.length ** 2;
  return sum + 10 * Math.floor(Math.abs((100 * dark) / modules - 50) / 5);
}
