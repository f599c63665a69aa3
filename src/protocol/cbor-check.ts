/** The check of a host's CBOR, before anything is decoded: one pass, which also finds where the command's fields lie. */
import { CborCursor, MAJOR } from "./cbor-cursor.ts";
import { mostToCome, skipIntegers, takeBreak } from "./cbor-steps.ts";
import { isFieldName, type FieldName } from "./frame-value.ts";
import { failure, success, type Result } from "./result.ts";
import { isUtf8 } from "./utf8.ts";

/** How deep items may be nested: the command's map, its fields, and room for the structure of a `meta`. */
export const MAX_DEPTH = 16;
/** Items in one frame, all levels together: keys, values, and the chunks of strings. The integers of a `data` list do not count. */
export const MAX_ITEMS = 65_536;
/** Arrays, maps and chunked strings in one frame, all levels together. */
export const MAX_CONTAINERS = 4_096;
/** Entries in one CBOR map. */
export const MAX_MAP_ENTRIES = 1_024;

/** RFC 8746: arrays of uint8, clamped uint8 and sint8. The only tags a host frame may carry, and only on a byte string. */
const TYPED_BYTES_TAGS: ReadonlySet<number> = new Set([64, 68, 72]);

/** Where a value lies in its frame. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The first item of a frame, found sound. */
export interface CheckedMap {
  /** Where the item ends. What stands behind it is padding (WMBP C4). */
  readonly end: number;
  /** The values of the fields that a command may have. */
  readonly fields: ReadonlyMap<FieldName, Span>;
}

const TRUNCATED = "The CBOR ends in the middle of an item, or claims more than the frame holds";
const NOT_CBOR = "The frame is not CBOR";
const TOO_MANY_ITEMS = `The CBOR has more than ${MAX_ITEMS} items`;
const TOO_MANY_CONTAINERS = `The CBOR has more than ${MAX_CONTAINERS} arrays, maps and chunked strings`;
const TOO_MANY_ENTRIES = `A CBOR map has more than ${MAX_MAP_ENTRIES} entries`;

/** A byte order mark in a key is a part of it. */
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Checks that `bytes` begin with one well-formed CBOR map whose keys are text, within the limits above. It
 * allocates nothing for what a head claims, and for what it skips nothing at all.
 */
export function checkCborMap(bytes: Uint8Array): Result<CheckedMap, string> {
  if (bytes.length === 0) return failure("The frame is empty");
  if ((bytes[0] ?? 0) >> 5 !== MAJOR.map) return failure("A command is one CBOR map");
  const check = new CborCheck(bytes);
  const problem = check.outermostMap();
  return problem === undefined ? success({ end: check.cursor.at, fields: check.fields }) : failure(problem);
}

/** Each method moves past what it is named after, and returns what is wrong with it, if anything is. */
class CborCheck {
  readonly cursor: CborCursor;
  readonly fields = new Map<FieldName, Span>();
  #items = 0;
  #containers = 0;

  constructor(bytes: Uint8Array) {
    this.cursor = new CborCursor(bytes);
  }

  outermostMap(): string | undefined {
    const { cursor } = this;
    const problem = this.#head() ?? this.#enter(0, 2);
    if (problem !== undefined) return problem;
    const keys = new Set<string>();
    return this.#entries(() => {
      const keyAt = cursor.at;
      const wrongKey = this.#key();
      if (wrongKey !== undefined) return wrongKey;
      const key = textOf(cursor.bytes, keyAt, cursor.at);
      if (keys.has(key)) return "A field stands twice in the map";
      keys.add(key);
      const from = cursor.at;
      const wrongValue = key === "data" && isArray(cursor) ? this.#dataList() : this.#item(1);
      if (isFieldName(key)) this.fields.set(key, { from, to: cursor.at });
      return wrongValue;
    });
  }

  /** `depth`: in how many arrays and maps it stands. */
  #item(depth: number): string | undefined {
    const { cursor } = this;
    const problem = this.#head();
    if (problem !== undefined) return problem;
    switch (cursor.major) {
      case MAJOR.tag:
        return this.#taggedBytes(cursor.argument);
      case MAJOR.bytes:
      case MAJOR.text:
        return this.#string();
      case MAJOR.array:
        return this.#enter(depth, 1) ?? this.#list(depth);
      case MAJOR.map:
        return this.#enter(depth, 2) ?? this.#entries(() => this.#key() ?? this.#item(depth + 1));
      case MAJOR.simple:
        return this.#simple();
      default: // integers are all in their head
        return undefined;
    }
  }

  #head(): string | undefined {
    const { cursor } = this;
    this.#items += 1;
    if (this.#items > MAX_ITEMS) return TOO_MANY_ITEMS;
    if (cursor.next()) return undefined;
    return cursor.left === 0 ? TRUNCATED : NOT_CBOR;
  }

  /** The array or map whose head was read may be entered. */
  #enter(depth: number, itemsPerEntry: number): string | undefined {
    const { cursor } = this;
    this.#containers += 1;
    if (this.#containers > MAX_CONTAINERS) return TOO_MANY_CONTAINERS;
    if (depth === MAX_DEPTH) return `The CBOR is nested deeper than ${MAX_DEPTH} levels`;
    if (cursor.argument * itemsPerEntry > cursor.left) return TRUNCATED;
    return undefined;
  }

  #list(depth: number): string | undefined {
    const { cursor } = this;
    const { isIndefinite } = cursor;
    const most = mostToCome(cursor);
    for (let count = 0; count < most; count++) {
      if (isIndefinite && takeBreak(cursor)) break;
      const problem = this.#item(depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** A list as `data`: its integers are not counted, since each becomes a byte and no more. */
  #dataList(): string | undefined {
    const { cursor } = this;
    const problem = this.#head() ?? this.#enter(1, 1);
    if (problem !== undefined) return problem;
    const { isIndefinite } = cursor;
    let left = mostToCome(cursor);
    while (left > 0) {
      left -= skipIntegers(cursor, left);
      if (left === 0 || (isIndefinite && takeBreak(cursor))) break;
      const wrong = this.#item(2);
      if (wrong !== undefined) return wrong;
      left -= 1;
    }
    return undefined;
  }

  /** The entries of the map whose head was read; `entry` moves past one. */
  #entries(entry: () => string | undefined): string | undefined {
    const { cursor } = this;
    const { isIndefinite } = cursor;
    const most = mostToCome(cursor);
    if (cursor.argument > MAX_MAP_ENTRIES) return TOO_MANY_ENTRIES;
    for (let count = 0; count < most; count++) {
      if (isIndefinite && takeBreak(cursor)) break;
      if (count === MAX_MAP_ENTRIES) return TOO_MANY_ENTRIES;
      const problem = entry();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #key(): string | undefined {
    const problem = this.#head();
    if (problem !== undefined) return problem;
    return this.cursor.major === MAJOR.text ? this.#string() : "The keys of a CBOR map have to be text";
  }

  /** The content of the string whose head was read. */
  #string(): string | undefined {
    const { cursor } = this;
    const { major } = cursor;
    if (!cursor.isIndefinite) return this.#chunk(major);
    this.#containers += 1;
    if (this.#containers > MAX_CONTAINERS) return TOO_MANY_CONTAINERS;
    while (!takeBreak(cursor)) {
      const problem = this.#head();
      if (problem !== undefined) return problem === NOT_CBOR ? TRUNCATED : problem;
      if (cursor.major !== major || cursor.isIndefinite) return "A chunked CBOR string has a chunk of another type";
      const wrong = this.#chunk(major);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  #chunk(major: number): string | undefined {
    const { cursor } = this;
    const { at, argument } = cursor;
    if (argument > cursor.left) return TRUNCATED;
    cursor.at += argument;
    const isWrong = major === MAJOR.text && !isUtf8(cursor.bytes, at, cursor.at);
    return isWrong ? "The CBOR has text that is not valid UTF-8" : undefined;
  }

  #taggedBytes(tag: number): string | undefined {
    const { cursor } = this;
    if (!TYPED_BYTES_TAGS.has(tag)) return `CBOR tag ${tag} is not understood here`;
    const problem = this.#head();
    if (problem !== undefined) return problem === NOT_CBOR ? TRUNCATED : problem;
    if (cursor.major !== MAJOR.bytes || cursor.isIndefinite) return `CBOR tag ${tag} has to be on a byte string`;
    return this.#chunk(MAJOR.bytes);
  }

  #simple(): string | undefined {
    const { cursor } = this;
    if (cursor.isIndefinite) return "The CBOR has a break outside of an item of indefinite length";
    const isUnassigned = cursor.info < 20 || cursor.info === 24;
    return isUnassigned ? "The CBOR has a simple value that is not assigned" : undefined;
  }
}

function isArray({ bytes, at }: CborCursor): boolean {
  return (bytes[at] ?? 0) >> 5 === MAJOR.array;
}

/** The sound text item that lies here, in one piece or in chunks. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  const cursor = new CborCursor(bytes, from);
  cursor.next();
  if (!cursor.isIndefinite) return fromUtf8.decode(bytes.subarray(cursor.at, to));
  let text = "";
  while (!takeBreak(cursor)) {
    cursor.next();
    const end = cursor.at + cursor.argument;
    text += fromUtf8.decode(bytes.subarray(cursor.at, end));
    cursor.at = end;
  }
  return text;
}
