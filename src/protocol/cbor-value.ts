/** One CBOR value of a frame that `checkCborMap` found sound: nothing is checked a second time, and the depth is bounded. */
import { CborCursor, fromHalf, MAJOR, SIMPLE } from "./cbor-cursor.ts";
import { mostToCome, readSmallIntegers, takeBreak } from "./cbor-steps.ts";
import type { Span } from "./cbor-check.ts";
import { isByte, wrongEntry, type FrameValue, type Scalar, type WrongEntry } from "./frame-value.ts";

/** A byte order mark is the sender's text, and stays. */
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const KINDS: readonly FrameValue["kind"][] = [
  "scalar",
  "scalar",
  "bytes",
  "text",
  "list",
  "map",
  "bytes", // a tag says only that bytes follow
  "scalar",
];
const LARGEST_BYTE = 255;

export class CborValue implements FrameValue {
  readonly kind: FrameValue["kind"];
  readonly #bytes: Uint8Array;
  readonly #from: number;
  #to: number | undefined;

  /** `to`: where it ends, if that is known. */
  constructor(bytes: Uint8Array, { from, to }: { readonly from: number; readonly to?: Span["to"] }) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.kind = KINDS[(bytes[from] ?? 0) >> 5] ?? "scalar";
  }

  get size(): number {
    return this.#end - this.#from;
  }

  get length(): number {
    const cursor = this.#open();
    if (this.kind === "scalar" || this.kind === "map") return 0;
    if (!cursor.isIndefinite) return cursor.argument;
    let length = 0;
    while (!takeBreak(cursor)) {
      const contentAt = skipItem(cursor);
      length += this.kind === "list" ? 1 : cursor.at - contentAt;
    }
    return length;
  }

  get scalar(): Scalar {
    return this.kind === "scalar" ? readScalar(this.#open()) : undefined;
  }

  content(): Uint8Array {
    return readString(this.#open());
  }

  *entries(): Iterable<FrameValue> {
    const cursor = this.#open();
    const { isIndefinite } = cursor;
    const most = mostToCome(cursor);
    for (let count = 0; count < most; count++) {
      if (isIndefinite && takeBreak(cursor)) return;
      const from = cursor.at;
      skipItem(cursor);
      yield new CborValue(this.#bytes, { from, to: cursor.at });
    }
  }

  byteList(): Uint8Array | WrongEntry {
    const bytes = this.#bytes;
    const cursor = this.#open();
    const list = new Uint8Array(cursor.isIndefinite ? this.size : cursor.argument);
    const { isIndefinite } = cursor;
    let count = 0;
    for (;;) {
      count = readSmallIntegers(cursor, list, count);
      if (isIndefinite ? takeBreak(cursor) : count === list.length) return list.subarray(0, count);
      const from = cursor.at;
      cursor.next();
      let scalar: Scalar = cursor.argument;
      if (cursor.major !== MAJOR.unsigned || scalar > LARGEST_BYTE) {
        const entry = new CborValue(bytes, { from });
        ({ scalar } = entry);
        if (!isByte(scalar)) return wrongEntry(count, entry);
      }
      list[count++] = scalar;
    }
  }

  decode(): unknown {
    return decodeItem(new CborCursor(this.#bytes, this.#from));
  }

  get #end(): number {
    if (this.#to === undefined) {
      const cursor = new CborCursor(this.#bytes, this.#from);
      skipItem(cursor);
      this.#to = cursor.at;
    }
    return this.#to;
  }

  /** A cursor whose last head is this value's own. */
  #open(): CborCursor {
    const cursor = new CborCursor(this.#bytes, this.#from);
    cursor.next();
    if (cursor.major === MAJOR.tag) cursor.next();
    return cursor;
  }
}

/** Moves past one item; returns where its content begins, if that is bytes or text in one piece. */
function skipItem(cursor: CborCursor): number {
  cursor.next();
  const { at, major, argument } = cursor;
  if (cursor.isIndefinite) {
    while (!takeBreak(cursor)) skipItem(cursor);
  } else if (major === MAJOR.bytes || major === MAJOR.text) {
    cursor.at += argument;
  } else if (major === MAJOR.tag) {
    skipItem(cursor);
  } else if (major === MAJOR.array || major === MAJOR.map) {
    for (let count = major === MAJOR.map ? argument * 2 : argument; count > 0; count--) skipItem(cursor);
  }
  return at;
}

function decodeItem(cursor: CborCursor): unknown {
  cursor.next();
  switch (cursor.major) {
    case MAJOR.bytes:
      return readString(cursor);
    case MAJOR.text:
      return fromUtf8.decode(readString(cursor));
    case MAJOR.array:
      return decodeItems(cursor, 1);
    case MAJOR.map: {
      const items = decodeItems(cursor, 2);
      const entries: [string, unknown][] = [];
      for (let at = 0; at < items.length; at += 2) entries.push([String(items[at]), items[at + 1]]);
      return Object.fromEntries(entries); // makes own properties of all keys, `__proto__` too
    }
    case MAJOR.tag:
      return decodeItem(cursor);
    default:
      return readScalar(cursor);
  }
}

/** The items of an array, or a map's keys and values in turn. */
function decodeItems(cursor: CborCursor, perEntry: number): readonly unknown[] {
  const items: unknown[] = [];
  if (cursor.isIndefinite) {
    while (!takeBreak(cursor)) items.push(decodeItem(cursor));
  } else {
    for (let count = cursor.argument * perEntry; count > 0; count--) items.push(decodeItem(cursor));
  }
  return items;
}

/** The content of the string whose head was read. */
function readString(cursor: CborCursor): Uint8Array {
  if (!cursor.isIndefinite) return readContent(cursor);
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (!takeBreak(cursor)) {
    cursor.next();
    chunks.push(readContent(cursor));
    length += cursor.argument;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function readContent(cursor: CborCursor): Uint8Array {
  const from = cursor.at;
  cursor.at += cursor.argument;
  return cursor.bytes.subarray(from, cursor.at);
}

function readScalar({ major, info, argument, bytes, at }: CborCursor): Scalar {
  if (major === MAJOR.unsigned) return argument;
  if (major === MAJOR.negative) return -1 - argument;
  const view = new DataView(bytes.buffer, bytes.byteOffset, at);
  switch (info) {
    case SIMPLE.false:
      return false;
    case SIMPLE.true:
      return true;
    case SIMPLE.null:
      return null;
    case SIMPLE.float16:
      return fromHalf(view.getUint16(at - 2));
    case SIMPLE.float32:
      return view.getFloat32(at - 4);
    case SIMPLE.float64:
      return view.getFloat64(at - 8);
    default:
      return undefined;
  }
}
