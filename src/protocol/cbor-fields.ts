/** The fields of a host's command in CBOR: the whole frame is checked first, a field is decoded when the command asks for it. */
import { BREAK_BYTE, EIGHT_BYTES_FOLLOW, MAJOR, ONE_BYTE_FOLLOWS } from "./cbor-format.ts";
import {
  CborReader,
  NOT_UTF8,
  unreadable,
  resultOf,
  TRUNCATED,
  type CborCursor,
  type CborLimits,
  type CborValue,
} from "./cbor-reader.ts";
import {
  isByte,
  isFieldName,
  MAX_CONTAINERS,
  MAX_DEPTH,
  MAX_ITEMS,
  MAX_MAP_ENTRIES,
  wrongEntry,
  type FieldName,
  type FrameValue,
  type Scalar,
  type Span,
  type WrongEntry,
} from "./frame-value.ts";
import { failure, type Result } from "./result.ts";
import { isUtf8 } from "./utf8.ts";

const COMMAND_LIMITS: CborLimits = { depth: MAX_DEPTH, items: MAX_ITEMS };

/** For a field of a frame that was checked: the integers of a `data` list may be more than `MAX_ITEMS`. */
const CHECKED: CborLimits = { depth: MAX_DEPTH, items: Infinity };

const TOO_MANY_CONTAINERS = `The CBOR has more than ${MAX_CONTAINERS} arrays, maps and chunked strings`;
const TOO_MANY_ENTRIES = `A CBOR map has more than ${MAX_MAP_ENTRIES} entries`;

/** RFC 8746: arrays of uint8, clamped uint8 and sint8. The reader takes no other tag, and these only on a byte string. */
const TYPED_BYTES_TAGS: ReadonlySet<number> = new Set([64, 68, 72]);

/** Integers, negative ones too, begin with a byte up to this one. */
const LAST_INTEGER_BYTE = 0x3f;
const LARGEST_BYTE = 255;

const utf8 = new TextEncoder();

/** The first item of a frame, found sound. */
export interface CheckedMap {
  /** Where the item ends. What stands behind it is padding (WMBP C4). */
  readonly end: number;
  /** The values of the fields that a command may have. */
  readonly fields: ReadonlyMap<FieldName, Span>;
}

/** Checks that `bytes` begin with one well-formed CBOR map whose keys are text, within the limits of a command. */
export function checkCborMap(bytes: Uint8Array): Result<CheckedMap, string> {
  if (bytes.length === 0) return failure("The frame is empty");
  if (majorAt(bytes, 0) !== MAJOR.map) return failure("A command is one CBOR map");
  return resultOf(() => readMap(new CommandReader(bytes, COMMAND_LIMITS)));
}

function readMap(reader: CommandReader): CheckedMap {
  const { cursor } = reader;
  const { bytes } = cursor;
  const keys = new Set<string>();
  const fields = new Map<FieldName, Span>();
  reader.map(0, (key) => {
    if (keys.has(key)) unreadable("A field stands twice in the map");
    keys.add(key);
    const from = cursor.at;
    if (key === "data" && majorAt(bytes, from) === MAJOR.array) skipDataList(reader);
    else reader.skip(1);
    if (isFieldName(key)) fields.set(key, { from, to: cursor.at });
  });
  return { end: cursor.at, fields };
}

/** Takes what any writer of CBOR may produce: indefinite lengths, strings in chunks, integers of 64 bits, and tagged byte strings. */
class CommandReader extends CborReader {
  #containers = 0;

  /** Moves past the next item, without decoding it. `depth`: the number of arrays and maps around it. */
  skip(depth: number): void {
    const { cursor } = this;
    this.head();
    switch (cursor.major) {
      case MAJOR.bytes:
      case MAJOR.text:
      case MAJOR.tag:
        this.#pieces();
        break;
      case MAJOR.array:
        this.#entriesBySome(depth, 1, () => {
          this.skip(depth + 1);
          return 1;
        });
        break;
      case MAJOR.map:
        this.entries(depth, 2, () => {
          this.keyHead();
          this.#pieces();
          this.skip(depth + 1);
        });
        break;
      default: // an integer or a simple value is all in its head
    }
  }

  /** Moves past the map that is next. `value` moves past the value of this key. */
  map(depth: number, value: (key: string) => void): void {
    this.head();
    this.#entriesBySome(depth, 2, () => {
      value(this.key());
      return 1;
    });
  }

  /** Moves past the array that is next. `some` moves past one entry or several, at most `most`, and returns how many. */
  array(depth: number, some: (most: number) => number): void {
    this.head();
    this.#entriesBySome(depth, 1, some);
  }

  /** The content of the byte string or text that is next, tagged or not: a view where it lies there in one piece. */
  string(): Uint8Array {
    this.head();
    return this.content();
  }

  /** The key of a map's field that is next. */
  memberKey(): string {
    return this.key();
  }

  protected override checkHead(): void {
    const { cursor } = this;
    if (cursor.major === MAJOR.simple && cursor.isIndefinite)
      unreadable("The CBOR has a break outside of an item of indefinite length");
  }

  protected override entries(depth: number, leastBytesOfEach: number, entry: () => void): void {
    this.#entriesBySome(depth, leastBytesOfEach, () => {
      entry();
      return 1;
    });
  }

  #entriesBySome(depth: number, leastBytesOfEach: number, some: (most: number) => number): void {
    const { cursor } = this;
    const { isIndefinite } = cursor;
    const limit = cursor.major === MAJOR.map ? MAX_MAP_ENTRIES : Infinity;
    this.#countContainer();
    const claimed = this.enter(depth, leastBytesOfEach);
    const count = isIndefinite ? Infinity : claimed;
    if (claimed > limit) unreadable(TOO_MANY_ENTRIES);
    for (let done = 0; done < count;) {
      if (isIndefinite && takeBreak(cursor)) return;
      if (done === limit) unreadable(TOO_MANY_ENTRIES);
      done += some(count - done);
    }
  }

  /** Text in one piece is not checked here: `text` checks it, and that of a field was checked with the frame. */
  protected override content(): Uint8Array {
    const { cursor } = this;
    if (cursor.major === MAJOR.tag) this.#byteTag();
    if (!cursor.isIndefinite) return super.content();
    const pieces: Uint8Array[] = [];
    this.#pieces((piece) => pieces.push(piece));
    return joined(pieces);
  }

  /** Moves past the content of the string whose head was read, one piece or several. */
  #pieces(take?: (piece: Uint8Array) => void): void {
    const { cursor } = this;
    if (cursor.major === MAJOR.tag) this.#byteTag();
    const { major } = cursor;
    if (!cursor.isIndefinite) return this.#piece(take);
    this.#countContainer();
    while (!takeBreak(cursor)) {
      this.head();
      if (cursor.major !== major || cursor.isIndefinite)
        unreadable("A chunked CBOR string has a chunk of another type");
      this.#piece(take);
    }
  }

  /** Text is checked in place: most of it is not decoded. */
  #piece(take?: (piece: Uint8Array) => void): void {
    const { cursor } = this;
    const { bytes, at, argument } = cursor;
    if (argument > cursor.left) unreadable(TRUNCATED);
    cursor.at += argument;
    if (cursor.major === MAJOR.text && !isUtf8(bytes, at, cursor.at)) unreadable(NOT_UTF8);
    take?.(bytes.subarray(at, cursor.at));
  }

  /** Moves from a tag to the head of its byte string. */
  #byteTag(): void {
    const { cursor } = this;
    const tag = cursor.argument;
    if (!TYPED_BYTES_TAGS.has(tag)) unreadable(`CBOR tag ${tag} is not understood here`);
    this.head();
    if (cursor.major !== MAJOR.bytes || cursor.isIndefinite) unreadable(`CBOR tag ${tag} has to be on a byte string`);
  }

  #countContainer(): void {
    this.#containers += 1;
    if (this.#containers > MAX_CONTAINERS) unreadable(TOO_MANY_CONTAINERS);
  }
}

/** Moves past the break that ends an item of indefinite length, if it is next. */
function takeBreak(cursor: CborCursor): boolean {
  if (cursor.bytes[cursor.at] !== BREAK_BYTE) return false;
  cursor.at += 1;
  return true;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A list as `data`: the reader does not count its integers, since each becomes one byte. */
function skipDataList(reader: CommandReader): void {
  reader.array(1, (most) => {
    const integers = skipIntegers(reader.cursor, most);
    if (integers > 0) return integers;
    reader.skip(2);
    return 1;
  });
}

/** Moves past the integers that are next and whole, up to `most`; returns how many there were. */
function skipIntegers(cursor: CborCursor, most: number): number {
  const { bytes } = cursor;
  let { at } = cursor;
  let count = 0;
  for (; count < most; count++) {
    const first = bytes[at] ?? BREAK_BYTE;
    const info = first & 31;
    if (first > LAST_INTEGER_BYTE || info > EIGHT_BYTES_FOLLOW) break;
    const end = at + (info < ONE_BYTE_FOLLOWS ? 1 : 1 + (1 << (info - ONE_BYTE_FOLLOWS)));
    if (end > bytes.length) break;
    at = end;
  }
  cursor.at = at;
  return count;
}

function majorAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) >> 5;
}

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

/** One value of a frame that `checkCborMap` found sound. */
export class CborFrameValue implements FrameValue {
  readonly kind: FrameValue["kind"];
  readonly #bytes: Uint8Array;
  readonly #from: number;
  #to: number | undefined;

  /** `to`: where it ends, if that is known. */
  constructor(bytes: Uint8Array, { from, to }: { readonly from: number; readonly to?: Span["to"] }) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.kind = KINDS[majorAt(bytes, from)] ?? "scalar";
  }

  get size(): number {
    if (this.#to === undefined) {
      const reader = this.#reader();
      reader.skip(0);
      this.#to = reader.cursor.at;
    }
    return this.#to - this.#from;
  }

  get length(): number {
    if (this.kind === "scalar" || this.kind === "map") return 0;
    const { cursor } = this.#reader();
    cursor.next();
    if (cursor.major === MAJOR.tag) cursor.next();
    if (!cursor.isIndefinite) return cursor.argument;
    if (this.kind !== "list") return this.content().length;
    let length = 0;
    for (const _ of this.entries()) length += 1;
    return length;
  }

  get scalar(): Scalar {
    const value: CborValue = this.kind === "scalar" ? this.#reader().item(0) : undefined;
    return typeof value === "number" || typeof value === "boolean" || value === null ? value : undefined;
  }

  content(): Uint8Array {
    return this.#reader().string();
  }

  *entries(): Iterable<FrameValue> {
    const reader = this.#reader();
    const { cursor } = reader;
    cursor.next();
    const { isIndefinite } = cursor;
    const count = isIndefinite ? Infinity : cursor.argument;
    for (let done = 0; done < count; done++) {
      if (isIndefinite && takeBreak(cursor)) return;
      const from = cursor.at;
      reader.skip(0);
      yield new CborFrameValue(this.#bytes, { from, to: cursor.at });
    }
  }

  *members(): Iterable<readonly [string, FrameValue]> {
    const reader = this.#reader();
    const { cursor } = reader;
    cursor.next();
    const { isIndefinite } = cursor;
    const count = isIndefinite ? Infinity : cursor.argument;
    for (let done = 0; done < count; done++) {
      if (isIndefinite && takeBreak(cursor)) return;
      const key = reader.memberKey();
      const from = cursor.at;
      reader.skip(0);
      yield [key, new CborFrameValue(this.#bytes, { from, to: cursor.at })];
    }
  }

  byteList(): Uint8Array | WrongEntry {
    const bytes = this.#bytes;
    const { cursor } = this.#reader();
    cursor.next();
    const { isIndefinite } = cursor;
    const list = new Uint8Array(isIndefinite ? this.size : cursor.argument);
    let count = 0;
    for (;;) {
      count = readSmallIntegers(cursor, list, count);
      if (isIndefinite ? takeBreak(cursor) : count === list.length) return list.subarray(0, count);
      const from = cursor.at;
      cursor.next();
      let scalar: Scalar = cursor.argument;
      if (cursor.major !== MAJOR.unsigned || scalar > LARGEST_BYTE) {
        const entry = new CborFrameValue(bytes, { from });
        ({ scalar } = entry);
        if (!isByte(scalar)) return wrongEntry(count, entry);
      }
      list[count++] = scalar;
    }
  }

  decode(): unknown {
    return this.#reader().item(0);
  }

  json(): Uint8Array | undefined {
    const value = this.#reader().item(0);
    return isJson(value) ? utf8.encode(JSON.stringify(value)) : undefined;
  }

  #reader(): CommandReader {
    return new CommandReader(this.#bytes, CHECKED, this.#from);
  }
}

/** Whether JSON has all of this value. */
function isJson(value: CborValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return value !== undefined;
  return !(value instanceof Uint8Array) && Object.values(value).every(isJson);
}

/** Reads the integers that are next, as long as they are bytes in the usual encoding, into `list` from that index on; returns the index behind them. */
function readSmallIntegers(cursor: CborCursor, list: Uint8Array, from: number): number {
  const { bytes } = cursor;
  let { at } = cursor;
  let index = from;
  for (; index < list.length; index++) {
    const first = bytes[at] ?? BREAK_BYTE;
    if (first > ONE_BYTE_FOLLOWS) break;
    list[index] = first < ONE_BYTE_FOLLOWS ? first : (bytes[at + 1] ?? 0);
    at += first < ONE_BYTE_FOLLOWS ? 1 : 2;
  }
  cursor.at = at;
  return index;
}
