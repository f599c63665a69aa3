/**
 * Reads CBOR (RFC 8949) within limits, host commands on the server and events in the SDK. A length is only a number until
 * the bytes for it are found: the reader allocates nothing for what a head claims.
 */
import { EIGHT_BYTES_FOLLOW, INDEFINITE_LENGTH, MAJOR, ONE_BYTE_FOLLOWS, SIMPLE } from "./cbor-format.ts";
import { failure, success, type Result } from "./result.ts";

/** What can be read: JSON's values, `undefined`, and bytes. */
export type CborValue =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array<ArrayBuffer>
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };

/** Limits of one reading. */
export interface CborLimits {
  /** How deep arrays and maps may be nested. */
  readonly depth: number;
  /** Keys, values, and the chunks of strings, all levels together. */
  readonly items: number;
}

export const TRUNCATED = "The CBOR ends in the middle of an item, or claims more than the frame holds";
export const NOT_UTF8 = "The CBOR has text that is not valid UTF-8";

/** A byte order mark is the sender's text, and stays. */
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The first item of `bytes`, or what is wrong with it. Never throws. Ignores what stands behind the item. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): Result<CborValue, string> {
  return resultOf(() => new CborReader(bytes, limits).item(0));
}

/** What `read` returns, or what is wrong with the bytes. */
export function resultOf<Value>(read: () => Value): Result<Value, string> {
  try {
    return success(read());
  } catch (error) {
    if (error instanceof UnreadableCbor) return failure(error.message);
    throw error;
  }
}

/** Ends the recursion of a reader. `resultOf` catches it. */
class UnreadableCbor extends Error {}

/** Refuses the bytes. `reason`: what is wrong with them, as the beginning of a sentence. */
export function unreadable(reason: string): never {
  throw new UnreadableCbor(reason);
}

/** Walks from head to head and never looks past the last byte. */
export class CborCursor {
  readonly bytes: Uint8Array;
  /** Where the next head begins, or the content of the current one. */
  at: number;
  /** Of the last head: its major type, 0–7. */
  major = 0;
  /** Of the last head: the low five bits of its first byte. */
  info = 0;
  /** Of the last head: value, length, count, tag number or float bits; only approximate beyond 2^53. */
  argument = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Bytes left after the current position. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  /** The last head has no length: chunks, items or entries follow until a break. */
  get isIndefinite(): boolean {
    return this.info === INDEFINITE_LENGTH;
  }

  /** Reads one head; `false` where the bytes end within it or its first byte is reserved. */
  next(): boolean {
    const { bytes } = this;
    const first = bytes[this.at];
    if (first === undefined) return false;
    const info = first & 31;
    this.major = first >> 5;
    this.info = info;
    this.at += 1;
    if (info < ONE_BYTE_FOLLOWS) {
      this.argument = info;
      return true;
    }
    if (info > EIGHT_BYTES_FOLLOW) {
      this.argument = 0;
      const { major } = this;
      const mayBeIndefinite = major !== MAJOR.unsigned && major !== MAJOR.negative && major !== MAJOR.tag;
      return info === INDEFINITE_LENGTH && mayBeIndefinite;
    }
    const { at } = this;
    const end = at + (1 << (info - ONE_BYTE_FOLLOWS));
    if (end > bytes.length) return false;
    let argument = 0;
    for (let index = at; index < end; index++) argument = argument * 256 + (bytes[index] ?? 0);
    this.argument = argument;
    this.at = end;
    return true;
  }
}

/**
 * Decodes items; a method throws what `resultOf` catches where they are not sound. It takes what a writer of this wire
 * needs: no tags, definite lengths, and integers up to 2^53 - 1.
 */
export class CborReader {
  readonly cursor: CborCursor;
  protected readonly limits: CborLimits;
  protected items = 0;

  constructor(bytes: Uint8Array, limits: CborLimits, at = 0) {
    this.cursor = new CborCursor(bytes, at);
    this.limits = limits;
  }

  /** Decodes the next item, with a copy of its bytes. `depth`: the number of arrays and maps around it. */
  item(depth: number): CborValue {
    const { cursor } = this;
    this.head();
    switch (cursor.major) {
      case MAJOR.unsigned:
        return cursor.argument;
      case MAJOR.negative:
        return -1 - cursor.argument;
      case MAJOR.bytes:
      case MAJOR.tag:
        return new Uint8Array(this.content());
      case MAJOR.text:
        return this.text();
      case MAJOR.array: {
        const items: CborValue[] = [];
        this.entries(depth, 1, () => items.push(this.item(depth + 1)));
        return items;
      }
      case MAJOR.map: {
        const entries: [string, CborValue][] = [];
        this.entries(depth, 2, () => entries.push([this.key(), this.item(depth + 1)]));
        return Object.fromEntries(entries); // makes own properties of all keys, `__proto__` too
      }
      default:
        return this.simple();
    }
  }

  /** Reads a head, within the limits. */
  protected head(): void {
    const { cursor, limits } = this;
    this.items += 1;
    if (this.items > limits.items) unreadable(`The CBOR has more than ${limits.items} items`);
    if (!cursor.next()) unreadable(cursor.left === 0 ? TRUNCATED : "The frame is not CBOR");
    if (cursor.major === MAJOR.simple && (cursor.info < SIMPLE.false || cursor.info === ONE_BYTE_FOLLOWS))
      unreadable("The CBOR has a simple value that is not assigned");
    this.checkHead();
  }

  /** Refuses a head that this reader does not take. */
  protected checkHead(): void {
    const { cursor } = this;
    if (cursor.isIndefinite || cursor.major === MAJOR.tag)
      unreadable("The CBOR has a tag or an item of indefinite length");
    if (cursor.major !== MAJOR.simple && !Number.isSafeInteger(cursor.argument))
      unreadable("A number is beyond 2^53 - 1");
  }

  /** Moves past the entries of the array or map whose head was read. `entry` moves past one. */
  protected entries(depth: number, leastBytesOfEach: number, entry: () => void): void {
    for (let left = this.enter(depth, leastBytesOfEach); left > 0; left--) entry();
  }

  /** How many entries the array or map claims whose head was read. */
  protected enter(depth: number, leastBytesOfEach: number): number {
    const { argument, left } = this.cursor;
    if (depth === this.limits.depth) unreadable(`The CBOR is nested deeper than ${depth} levels`);
    if (argument * leastBytesOfEach > left) unreadable(TRUNCATED);
    return argument;
  }

  protected key(): string {
    this.keyHead();
    return this.text();
  }

  protected keyHead(): void {
    this.head();
    if (this.cursor.major !== MAJOR.text) unreadable("The keys of a CBOR map have to be text");
  }

  /** The text whose head was read. */
  protected text(): string {
    const content = this.content();
    try {
      return fromUtf8.decode(content);
    } catch {
      return unreadable(NOT_UTF8); // the decoder throws for this alone
    }
  }

  /** The content of the string whose head was read, a view of the bytes. */
  protected content(): Uint8Array {
    const { cursor } = this;
    const { bytes, at, argument } = cursor;
    if (argument > cursor.left) unreadable(TRUNCATED);
    cursor.at += argument;
    return bytes.subarray(at, cursor.at);
  }

  /** The value whose head was read, where that is all of it. */
  protected simple(): CborValue {
    const { info, bytes, at } = this.cursor;
    switch (info) {
      case SIMPLE.false:
        return false;
      case SIMPLE.true:
        return true;
      case SIMPLE.null:
        return null;
      case SIMPLE.undefined:
        return undefined;
      default:
        return readFloat(info, new DataView(bytes.buffer, bytes.byteOffset), at);
    }
  }
}

/** The float whose bytes end at this place. */
function readFloat(info: number, view: DataView, end: number): number {
  if (info === SIMPLE.float64) return view.getFloat64(end - 8);
  return info === SIMPLE.float32 ? view.getFloat32(end - 4) : fromHalf(view.getUint16(end - 2));
}

/** RFC 8949, appendix D: a float of one sign bit, five of exponent and ten of fraction. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (fraction + 1024) * 2 ** (exponent - 25);
}
