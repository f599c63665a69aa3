/** Writes CBOR (RFC 8949) as the wire has it, with definite lengths, shortest heads, no tags and text keys: events of the server and commands of the SDK. */
import { MAJOR, SIMPLE } from "./cbor-format.ts";
import { hasOwn } from "./has-own.ts";

/** What can be written: JSON's values and bytes. An object is a list, bytes, or a plain object of such values. */
export type Writable = null | boolean | number | string | object;

/** Size of the buffer that items are written into, one behind the other. */
const BUFFER_BYTES = 8_192;
/** A larger buffer, made for a large item, is not kept: only checkpoints and the state of a very large room need one. */
const MOST_KEPT_BYTES = 65_536;
const LONGEST_HEAD_BYTES = 9;
/** An argument below this fits into four bytes. */
const TWO_TO_32 = 2 ** 32;
/** The longest text whose head is one byte. */
const SHORT_TEXT = 23;
/** Up to this many bytes a loop copies faster than `set`. */
const FEW_BYTES = 32;
const FIRST_BEYOND_ASCII = 0x80;

const utf8 = new TextEncoder();

/**
 * The value as one CBOR item, in bytes of its own. Fields that are `undefined` are left out, as JSON does.
 *
 * @throws TypeError for what CBOR has no item for, such as a function
 */
export function encodeCbor(value: Writable): Uint8Array<ArrayBuffer> {
  return written((writer) => writer.value(value), true);
}

/**
 * What `write` writes. The bytes never change. They may be a view of a larger buffer, of which they are less than half: to give an event a
 * buffer of its own takes longer than to write it.
 */
export function writtenCbor(write: (writer: CborWriter) => void): Uint8Array<ArrayBuffer> {
  return written(write, false);
}

function written(write: (writer: CborWriter) => void, isOwn: boolean): Uint8Array<ArrayBuffer> {
  const writer = spare ?? new CborWriter();
  spare = undefined; // a call from within `write` gets another one
  write(writer);
  const bytes = isOwn ? writer.takeOwn() : writer.take();
  spare = writer;
  return bytes;
}

/** Writes one item behind the other. The caller writes as many items behind the head of a map or list as the head says. */
export class CborWriter {
  #bytes = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #at = 0;

  /** Returns what was written since the last take; a view of the buffer where it is short. */
  take(): Uint8Array<ArrayBuffer> {
    const start = this.#start;
    const length = this.#at - start;
    if (length * 2 >= this.#bytes.length) return this.takeOwn();
    this.#start = this.#at;
    return new Uint8Array(this.#bytes.buffer, start, length);
  }

  /** As `take`, in bytes of its own. */
  takeOwn(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(this.#start, this.#at);
    this.#at = this.#start;
    if (this.#bytes.length > MOST_KEPT_BYTES) this.startAnew(BUFFER_BYTES);
    return taken;
  }

  value(value: unknown): void {
    if (typeof value === "string") this.text(value);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "boolean") this.head(MAJOR.simple, value ? SIMPLE.true : SIMPLE.false);
    else if (value === null) this.head(MAJOR.simple, SIMPLE.null);
    else if (value instanceof Uint8Array) this.content(MAJOR.bytes, value);
    else if (Array.isArray(value)) this.list(value);
    else if (isMap(value)) this.map(value);
    else throw new TypeError(`CBOR has no item for ${typeof value === "undefined" ? "nothing" : `a ${typeof value}`}.`);
  }

  private list(items: readonly unknown[]): void {
    this.head(MAJOR.array, items.length);
    for (const item of items) this.value(item);
  }

  private map(map: Readonly<Record<string, unknown>>): void {
    let count = 0;
    for (const key in map) if (hasOwn(map, key) && map[key] !== undefined) count += 1;
    this.head(MAJOR.map, count);
    // `for in`, since V8 remembers the keys of objects of one shape; `hasOwn`, since a page may have put something of its own on all objects.
    for (const key in map) {
      if (!hasOwn(map, key)) continue;
      const value = map[key];
      if (value === undefined) continue;
      this.text(key);
      this.value(value);
    }
  }

  /** Integers beyond 32 bits are written as floats, which hold them: readers in JavaScript make a bigint of a longer integer. */
  private number(value: number): void {
    const argument = value < 0 ? -1 - value : value;
    if (Number.isInteger(value) && argument < TWO_TO_32 && !Object.is(value, -0)) {
      this.head(value < 0 ? MAJOR.negative : MAJOR.unsigned, argument);
      return;
    }
    this.reserve(LONGEST_HEAD_BYTES);
    this.#bytes[this.#at] = (MAJOR.simple << 5) | SIMPLE.float64;
    new DataView(this.#bytes.buffer).setFloat64(this.#at + 1, value);
    this.#at += LONGEST_HEAD_BYTES;
  }

  /** Nearly all text is keys and names, short and ASCII: it goes into the buffer letter by letter, without an encoder. */
  text(text: string): void {
    const { length } = text;
    if (length > SHORT_TEXT) return this.content(MAJOR.text, utf8.encode(text));
    this.reserve(1 + length);
    const bytes = this.#bytes;
    const start = this.#at;
    bytes[start] = (MAJOR.text << 5) | length;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit >= FIRST_BEYOND_ASCII) return this.content(MAJOR.text, utf8.encode(text));
      bytes[start + 1 + index] = unit;
    }
    this.#at = start + 1 + length;
  }

  /** Writes bytes that are encoded already. */
  append(items: Uint8Array): void {
    const { length } = items;
    this.reserve(length);
    const bytes = this.#bytes;
    const start = this.#at;
    if (length > FEW_BYTES) bytes.set(items, start);
    else for (let index = 0; index < length; index++) bytes[start + index] = items[index] ?? 0;
    this.#at = start + length;
  }

  private content(major: number, content: Uint8Array): void {
    this.head(major, content.length);
    this.append(content);
  }

  /** Writes a head. It is the whole item of an integer or a simple value; of every other item the content follows. `argument` is at most 2^53 - 1. */
  head(major: number, argument: number): void {
    this.reserve(LONGEST_HEAD_BYTES);
    this.#at = writeHead(this.#bytes, this.#at, major, argument);
  }

  private reserve(length: number): void {
    if (this.#at + length > this.#bytes.length) this.moveOn(length);
  }

  /** Moves the item that is begun to a buffer with room for `length` bytes more. */
  private moveOn(length: number): void {
    const begun = this.#bytes.subarray(this.#start, this.#at);
    const needed = begun.length + length;
    this.startAnew(needed <= BUFFER_BYTES ? BUFFER_BYTES : 2 * needed);
    this.append(begun);
  }

  private startAnew(bytes: number): void {
    this.#bytes = new Uint8Array(bytes);
    this.#start = 0;
    this.#at = 0;
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

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The writer of the last item, for the next one. A writer that has thrown is dropped. */
let spare: CborWriter | undefined;
