/** Writes CBOR (RFC 8949) as the wire has it: definite lengths, shortest heads, no tags, text keys. For events of the server and commands of the SDK. */
import { MAJOR, SIMPLE, TWO_TO_32, writeHead } from "./cbor-cursor.ts";

/** What can be written: JSON's values, and bytes. Objects are lists, bytes or plain ones, whose values are the same again. */
export type Writable = null | boolean | number | string | object;

const FIRST_CAPACITY_BYTES = 1_024;
/** A larger room for writing is given back: only checkpoints and the state of an enormous room need it. */
const MOST_KEPT_BYTES = 65_536;
const LONGEST_HEAD_BYTES = 9;
/** The longest text whose head is one byte. */
const SHORT_TEXT = 23;
const FIRST_BEYOND_ASCII = 0x80;

const utf8 = new TextEncoder();

/**
 * The value as one CBOR item, in bytes of its own. Fields that are `undefined` are left out, as JSON does.
 *
 * @throws TypeError for what CBOR has no item for, such as a function
 */
export function encodeCbor(value: Writable): Uint8Array<ArrayBuffer> {
  const writer = spare ?? new Writer();
  spare = undefined; // whoever writes while something is written gets another one
  writer.value(value);
  const written = writer.written();
  spare = writer;
  return written;
}

class Writer {
  #bytes = new Uint8Array(FIRST_CAPACITY_BYTES);
  #at = 0;

  /** What was written, of which the writer forgets all. */
  written(): Uint8Array<ArrayBuffer> {
    const written = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#bytes = new Uint8Array(FIRST_CAPACITY_BYTES);
    return written;
  }

  value(value: unknown): void {
    if (typeof value === "string") this.#text(value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "boolean") this.#head(MAJOR.simple, value ? SIMPLE.true : SIMPLE.false);
    else if (value === null) this.#head(MAJOR.simple, SIMPLE.null);
    else if (value instanceof Uint8Array) this.#content(MAJOR.bytes, value);
    else if (Array.isArray(value)) this.#list(value);
    else if (isMap(value)) this.#map(value);
    else throw new TypeError(`CBOR has no item for ${typeof value === "undefined" ? "nothing" : `a ${typeof value}`}.`);
  }

  #list(items: readonly unknown[]): void {
    this.#head(MAJOR.array, items.length);
    for (const item of items) this.value(item);
  }

  #map(map: Readonly<Record<string, unknown>>): void {
    let count = 0;
    for (const key in map) if (Object.hasOwn(map, key) && map[key] !== undefined) count += 1;
    this.#head(MAJOR.map, count);
    // `for in`, since V8 knows its way through the objects of one shape then (joins of row `idle`); a page may have put something of its own on all objects.
    for (const key in map) {
      if (!Object.hasOwn(map, key)) continue;
      const value = map[key];
      if (value === undefined) continue;
      this.#text(key);
      this.value(value);
    }
  }

  /** Integers beyond 32 bits are written as floats, which hold them: readers in JavaScript make a bigint of a longer integer. */
  #number(value: number): void {
    const argument = value < 0 ? -1 - value : value;
    if (Number.isInteger(value) && argument < TWO_TO_32 && !Object.is(value, -0)) {
      this.#head(value < 0 ? MAJOR.negative : MAJOR.unsigned, argument);
      return;
    }
    this.#reserve(LONGEST_HEAD_BYTES);
    this.#bytes[this.#at] = (MAJOR.simple << 5) | SIMPLE.float64;
    new DataView(this.#bytes.buffer).setFloat64(this.#at + 1, value);
    this.#at += LONGEST_HEAD_BYTES;
  }

  /** Nearly all text is keys and names, short and ASCII, and is written without a buffer of its own (joins of row `idle`). */
  #text(text: string): void {
    const { length } = text;
    if (length > SHORT_TEXT) return this.#content(MAJOR.text, utf8.encode(text));
    this.#reserve(1 + length);
    const bytes = this.#bytes;
    const start = this.#at;
    bytes[start] = (MAJOR.text << 5) | length;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit >= FIRST_BEYOND_ASCII) return this.#content(MAJOR.text, utf8.encode(text));
      bytes[start + 1 + index] = unit;
    }
    this.#at = start + 1 + length;
  }

  #content(major: number, content: Uint8Array): void {
    this.#head(major, content.length);
    this.#reserve(content.length);
    this.#bytes.set(content, this.#at);
    this.#at += content.length;
  }

  #head(major: number, argument: number): void {
    this.#reserve(LONGEST_HEAD_BYTES);
    this.#at = writeHead(this.#bytes, this.#at, major, argument);
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The last one, for the next item; not one that met an exception. */
let spare: Writer | undefined;
