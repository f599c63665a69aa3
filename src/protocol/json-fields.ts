/**
 * The fields of a host's command in JSON (RFC 8259): one pass over the bytes checks the whole frame within the limits of CBOR and finds the
 * fields; a field is decoded when the command asks for it.
 */
import {
  isByte,
  isFieldName,
  MAX_CONTAINERS,
  MAX_DEPTH,
  MAX_ITEMS,
  wrongEntry,
  type FieldName,
  type FrameValue,
  type Scalar,
  type Span,
  type WrongEntry,
} from "./frame-value.ts";
import { HEX_DIGITS_OF_ESCAPE, unescapeJson } from "./json-escapes.ts";
import { failure, success, type Result } from "./result.ts";
import { isUtf8 } from "./utf8.ts";

/** The JSON value of a frame, found sound. */
export interface CheckedJson extends Span {
  /** The values of the fields that a command may have; none where the value is no object. */
  readonly fields: ReadonlyMap<FieldName, Span>;
}

export const NOT_JSON = "The text frame is not one JSON value";

/** The most that a frame may hold. */
export interface JsonLimits {
  /** Levels of nesting. */
  readonly depth: number;
  /** Keys and values. */
  readonly items: number;
  /** Lists and objects. */
  readonly containers: number;
}

/** Of a host's command. */
const COMMAND_LIMITS: JsonLimits = { depth: MAX_DEPTH, items: MAX_ITEMS, containers: MAX_CONTAINERS };

const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  f: 0x66,
  n: 0x6e,
  t: 0x74,
  u: 0x75,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
const FIRST_PRINTABLE = 0x20;
const FIRST_BEYOND_ASCII = 0x80;
/** A longer key is no field's name, even if each letter of it is escaped. */
const MAX_KEY_BYTES = 6 * 16;

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const bytesOf = (text: string): readonly number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const TRUE = bytesOf("true");
const FALSE = bytesOf("false");
const NULL = bytesOf("null");
const SIMPLE_ESCAPES: ReadonlySet<number> = new Set(bytesOf('"\\/bfnrt'));

/** Checks that `bytes` are one JSON value, within the limits of `frame-value.ts`. A byte order mark before it is skipped. */
export function checkJson(bytes: Uint8Array): Result<CheckedJson, string> {
  const check = new JsonCheck(bytes);
  if (BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) check.at = BYTE_ORDER_MARK.length;
  check.skipSpace();
  const from = check.at;
  const problem = check.value(0);
  if (problem !== undefined) return failure(problem);
  const to = check.at;
  check.skipSpace();
  return check.at === bytes.length ? success({ from, to, fields: check.fields }) : failure(NOT_JSON);
}

/** Each method moves past what it is named after, and returns what is wrong with it, if anything is. */
export class JsonCheck {
  readonly fields = new Map<FieldName, Span>();
  at: number;
  readonly #bytes: Uint8Array;
  readonly #limits: JsonLimits;
  #items = 0;
  #containers = 0;

  constructor(bytes: Uint8Array, at = 0, limits = COMMAND_LIMITS) {
    this.#bytes = bytes;
    this.at = at;
    this.#limits = limits;
  }

  /** `depth`: in how many lists and objects it stands. `isData`: integers in this list are not counted. */
  value(depth: number, isData = false): string | undefined {
    const first = this.#bytes[this.at];
    this.#items += 1;
    if (this.#items > this.#limits.items) return `The JSON has more than ${this.#limits.items} items`;
    switch (first) {
      case BYTE.quote:
        return this.#string();
      case BYTE.openObject:
        return this.#enter(depth) ?? this.#object(depth);
      case BYTE.openList:
        return this.#enter(depth) ?? this.#list(depth, isData);
      case BYTE.t:
        return this.#literal(TRUE);
      case BYTE.f:
        return this.#literal(FALSE);
      case BYTE.n:
        return this.#literal(NULL);
      default:
        return this.skipNumber() ? undefined : NOT_JSON;
    }
  }

  skipSpace(): void {
    const bytes = this.#bytes;
    while (isSpace(bytes[this.at])) this.at += 1;
  }

  /** Moves past a number, if one is next; stays where it is otherwise. */
  skipNumber(): boolean {
    const bytes = this.#bytes;
    const start = this.at;
    let at = start;
    if (bytes[at] === BYTE.minus) at += 1;
    const first = bytes[at];
    if (!isDigit(first)) return false;
    at += 1;
    if (first !== BYTE.zero) while (isDigit(bytes[at])) at += 1;
    if (bytes[at] === 0x2e) {
      at += 1;
      if (!isDigit(bytes[at])) return false;
      while (isDigit(bytes[at])) at += 1;
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at += 1;
      if (bytes[at] === 0x2b || bytes[at] === BYTE.minus) at += 1;
      if (!isDigit(bytes[at])) return false;
      while (isDigit(bytes[at])) at += 1;
    }
    this.at = at;
    return true;
  }

  #enter(depth: number): string | undefined {
    const { depth: most, containers } = this.#limits;
    if (depth === most) return `The JSON is nested deeper than ${most} levels`;
    this.#containers += 1;
    if (this.#containers > containers) return `The JSON has more than ${containers} arrays and objects`;
    this.at += 1;
    this.skipSpace();
    return undefined;
  }

  #object(depth: number): string | undefined {
    const bytes = this.#bytes;
    if (this.#take(BYTE.closeObject)) return undefined;
    for (;;) {
      const keyAt = this.at;
      if (bytes[keyAt] !== BYTE.quote) return NOT_JSON;
      const wrongKey = this.value(depth);
      if (wrongKey !== undefined) return wrongKey;
      const key = depth === 0 ? keyIn(bytes, keyAt, this.at) : undefined;
      this.skipSpace();
      if (!this.#take(BYTE.colon)) return NOT_JSON;
      const from = this.at;
      const wrongValue = this.value(depth + 1, key === "data");
      if (wrongValue !== undefined) return wrongValue;
      if (key !== undefined) this.fields.set(key, { from, to: this.at }); // the last of several counts
      this.skipSpace();
      if (this.#take(BYTE.closeObject)) return undefined;
      if (!this.#take(BYTE.comma)) return NOT_JSON;
    }
  }

  #list(depth: number, isData: boolean): string | undefined {
    if (this.#take(BYTE.closeList)) return undefined;
    for (;;) {
      if (isData) this.#skipIntegers();
      const problem = this.value(depth + 1);
      if (problem !== undefined) return problem;
      this.skipSpace();
      if (this.#take(BYTE.closeList)) return undefined;
      if (!this.#take(BYTE.comma)) return NOT_JSON;
    }
  }

  /** Moves past the integers that are next in a list, each with its comma. */
  #skipIntegers(): void {
    const bytes = this.#bytes;
    let from = this.at;
    for (;;) {
      let at = from;
      while (isDigit(bytes[at])) at += 1;
      const isLongZero = bytes[from] === BYTE.zero && at > from + 1;
      if (at === from || bytes[at] !== BYTE.comma || isLongZero) break;
      at += 1;
      while (isSpace(bytes[at])) at += 1;
      from = at;
    }
    this.at = from;
  }

  /** Moves past this byte and the space behind it, if it is next. */
  #take(byte: number): boolean {
    if (this.#bytes[this.at] !== byte) return false;
    this.at += 1;
    if (byte === BYTE.comma || byte === BYTE.colon) this.skipSpace();
    return true;
  }

  #string(): string | undefined {
    const bytes = this.#bytes;
    const from = this.at + 1;
    let at = from;
    let isAscii = true;
    for (;;) {
      while (isPlain(bytes[at])) at += 1;
      const byte = bytes[at];
      if (byte === BYTE.quote) break;
      if (byte === BYTE.backslash) {
        const length = escapeLength(bytes, at);
        if (length === 0) return NOT_JSON;
        at += length;
      } else {
        if (byte === undefined || byte < FIRST_PRINTABLE) return NOT_JSON;
        isAscii = false;
        at += 1;
      }
    }
    this.at = at + 1;
    return isAscii || isUtf8(bytes, from, at) ? undefined : NOT_JSON;
  }

  #literal(letters: readonly number[]): string | undefined {
    for (const letter of letters) {
      if (this.#bytes[this.at] !== letter) return NOT_JSON;
      this.at += 1;
    }
    return undefined;
  }
}

/** The field that this key names. The key is sound, and lies here with its quotes. */
function keyIn(bytes: Uint8Array, from: number, to: number): FieldName | undefined {
  if (to - from > MAX_KEY_BYTES) return undefined;
  const key: unknown = JSON.parse(fromUtf8.decode(bytes.subarray(from, to)));
  return typeof key === "string" && isFieldName(key) ? key : undefined;
}

/** Whether the byte is an ASCII character that stands for itself in a string. */
function isPlain(byte: number | undefined): boolean {
  if (byte === undefined || byte === BYTE.quote || byte === BYTE.backslash) return false;
  return byte >= FIRST_PRINTABLE && byte < FIRST_BEYOND_ASCII;
}

/** Length of the escape at this place in bytes; 0 where there is none. */
function escapeLength(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1];
  if (letter !== BYTE.u) return letter !== undefined && SIMPLE_ESCAPES.has(letter) ? 2 : 0;
  const end = at + 2 + HEX_DIGITS_OF_ESCAPE;
  for (let digit = at + 2; digit < end; digit++) if (!isHex(bytes[digit])) return 0;
  return end - at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= BYTE.zero && byte <= BYTE.nine;
}

/** Whether a number goes on with this byte behind its digits: with a fraction or an exponent. */
function isNumberPart(byte: number | undefined): boolean {
  return byte === 0x2e || byte === 0x65 || byte === 0x45;
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

const LARGEST_BYTE = 255;
/** A number with more digits is read as NaN: to parse it takes long, and no command needs one. */
const MAX_NUMBER_LENGTH = 1_000;

/** One JSON value of a frame that `checkJson` found sound. */
export class JsonFrameValue implements FrameValue {
  readonly kind: FrameValue["kind"];
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  #content: Uint8Array | undefined;

  constructor(bytes: Uint8Array, { from, to }: Span) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.kind = kindOf(bytes[from]);
  }

  get size(): number {
    return this.#to - this.#from;
  }

  get length(): number {
    if (this.kind === "text") return this.content().length;
    let length = 0;
    if (this.kind === "list") for (const _ of this.#spans()) length += 1;
    return length;
  }

  get scalar(): Scalar {
    switch (this.#bytes[this.#from]) {
      case BYTE.t:
        return true;
      case BYTE.f:
        return false;
      case BYTE.n:
        return null;
      default:
        if (this.kind !== "scalar") return undefined;
        return this.size > MAX_NUMBER_LENGTH ? NaN : Number(this.#text());
    }
  }

  content(): Uint8Array {
    return (this.#content ??= unescapeJson(this.#bytes.subarray(this.#from + 1, this.#to - 1)));
  }

  *entries(): Iterable<FrameValue> {
    for (const span of this.#spans()) yield new JsonFrameValue(this.#bytes, span);
  }

  *members(): Iterable<readonly [string, FrameValue]> {
    const bytes = this.#bytes;
    const check = new JsonCheck(bytes, this.#from + 1);
    for (;;) {
      check.skipSpace();
      const keyAt = check.at;
      if (bytes[keyAt] === BYTE.closeObject) return;
      check.value(1);
      const key = new JsonFrameValue(bytes, { from: keyAt, to: check.at });
      check.skipSpace();
      check.at += 1; // the colon
      check.skipSpace();
      const from = check.at;
      check.value(1);
      yield [fromUtf8.decode(key.content()), new JsonFrameValue(bytes, { from, to: check.at })];
      check.skipSpace();
      if (bytes[check.at] === BYTE.comma) check.at += 1;
    }
  }

  byteList(): Uint8Array | WrongEntry {
    const bytes = this.#bytes;
    const list = new Uint8Array(this.size >> 1); // an entry takes two bytes at least: itself, and what follows it
    let count = 0;
    for (let at = this.#from + 1; ;) {
      while (isSpace(bytes[at])) at += 1;
      if (bytes[at] === BYTE.closeList) return list.subarray(0, count);
      const start = at;
      let byte = 0;
      for (; isDigit(bytes[at]) && byte <= LARGEST_BYTE; at++) byte = byte * 10 + (bytes[at] ?? 0) - BYTE.zero;
      if (at === start || byte > LARGEST_BYTE || isNumberPart(bytes[at])) {
        const entry = this.#entryAt(start);
        const { scalar } = entry;
        if (!isByte(scalar)) return wrongEntry(count, entry);
        byte = scalar;
        at = start + entry.size;
      }
      list[count++] = byte;
      while (isSpace(bytes[at])) at += 1;
      if (bytes[at] === BYTE.comma) at += 1;
    }
  }

  decode(): unknown {
    return JSON.parse(this.#text());
  }

  json(): Uint8Array {
    return this.#bytes.subarray(this.#from, this.#to);
  }

  /** The spans of a list's entries. */
  *#spans(): Iterable<Span> {
    const check = new JsonCheck(this.#bytes, this.#from + 1);
    for (;;) {
      check.skipSpace();
      const from = check.at;
      if (this.#bytes[from] === BYTE.closeList) return;
      check.value(1);
      yield { from, to: check.at };
      check.skipSpace();
      if (this.#bytes[check.at] === BYTE.comma) check.at += 1;
    }
  }

  #entryAt(from: number): JsonFrameValue {
    const check = new JsonCheck(this.#bytes, from);
    check.value(1);
    return new JsonFrameValue(this.#bytes, { from, to: check.at });
  }

  #text(): string {
    return fromUtf8.decode(this.#bytes.subarray(this.#from, this.#to));
  }
}

function kindOf(first: number | undefined): FrameValue["kind"] {
  if (first === BYTE.quote) return "text";
  if (first === BYTE.openList) return "list";
  return first === BYTE.openObject ? "map" : "scalar";
}
