/** CBOR (RFC 8949), one head at a time: the ground under the bounded check of host frames, the SDK's small reader, and the writer. */

/** Major types, RFC 8949 section 3.1. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** What the low five bits of a simple item's first byte say, RFC 8949 section 3.3. */
export const SIMPLE = { false: 20, true: 21, null: 22, undefined: 23, float16: 25, float32: 26, float64: 27 } as const;

/** The "break" stop code that ends an item of indefinite length. */
export const BREAK_BYTE = 0xff;

/** What is below fits into the four bytes of a head. */
export const TWO_TO_32 = 2 ** 32;

/**
 * Walks heads and never looks past the last byte. A length is only ever a number here: nothing is allocated for what
 * a head claims.
 */
export class CborCursor {
  readonly bytes: Uint8Array;
  /** Where the next head, or the content of the current one, begins. */
  at: number;
  /** Of the last head: its major type, 0–7. */
  major = 0;
  /** Of the last head: the low five bits of its first byte. */
  info = 0;
  /** Of the last head: value, length, count, tag number or float bits; beyond 2^53 only roughly right. */
  argument = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Bytes left after the current position. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  /** The last head had no length of its own: chunks or items follow until a break. */
  get isIndefinite(): boolean {
    return this.info === 31;
  }

  /** Reads one head; `false` where the bytes end within it or its first byte is reserved. */
  next(): boolean {
    const { bytes } = this;
    const first = bytes[this.at];
    if (first === undefined) return false;
    this.major = first >> 5;
    this.info = first & 31;
    this.at += 1;
    if (this.info < 24) {
      this.argument = this.info;
      return true;
    }
    if (this.info > 27) {
      this.argument = 0;
      return (
        this.info === 31 && this.major !== MAJOR.unsigned && this.major !== MAJOR.negative && this.major !== MAJOR.tag
      );
    }
    const width = 1 << (this.info - 24);
    if (this.left < width) return false;
    let argument = 0;
    for (let index = 0; index < width; index++) argument = argument * 256 + (bytes[this.at + index] ?? 0);
    this.argument = argument;
    this.at += width;
    return true;
  }
}

/** How many bytes the head of an item with this argument takes: 1, 2, 3, 5 or 9. */
export function headLength(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 0x100) return 2;
  if (argument < 0x10000) return 3;
  return argument < TWO_TO_32 ? 5 : 9;
}

/** Writes the shortest head of an item and returns where its content begins. `argument` is at most 2^53 - 1. */
export function writeHead(bytes: Uint8Array, at: number, major: number, argument: number): number {
  const length = headLength(argument);
  const high = major << 5;
  if (length === 1) {
    bytes[at] = high | argument;
    return at + 1;
  }
  bytes[at] = high | (24 + Math.log2(length - 1));
  let rest = argument;
  for (let index = at + length - 1; index > at; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + length;
}

/** RFC 8949, appendix D: a float of one sign bit, five of exponent and ten of fraction. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (fraction + 1024) * 2 ** (exponent - 25);
}
