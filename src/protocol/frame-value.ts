/** The fields of a host's frame as they lie in it, in CBOR or JSON: checked within these limits, and decoded when a command asks for them. */

/** How deep items may be nested: the command's map, its fields, and room for the structure of a `meta`. */
export const MAX_DEPTH = 16;
/** Items in one frame, all levels together: keys, values, and the chunks of strings. The integers of a `data` list do not count. */
export const MAX_ITEMS = 65_536;
/** Arrays, maps and chunked strings in one frame, all levels together. */
export const MAX_CONTAINERS = 4_096;
/** Entries in one CBOR map. */
export const MAX_MAP_ENTRIES = 4_096;

/** Where a value lies in its frame. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** All fields that a command may have. What else is in a frame is skipped. */
const FIELD_NAMES = [
  "append",
  "audience",
  "ban",
  "channel",
  "cmd",
  "data",
  "every",
  "except",
  "id",
  "join_url",
  "key",
  "keys",
  "max_players",
  "meta",
  "name",
  "overflow",
  "pin",
  "player",
  "queue",
  "reason",
  "received",
  "retain",
  "silent",
  "to",
  "ttl",
  "volatile",
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

const KNOWN: ReadonlySet<string> = new Set(FIELD_NAMES);

export function isFieldName(text: string): text is FieldName {
  return KNOWN.has(text);
}

export type FrameFields = ReadonlyMap<FieldName, FrameValue>;

/** The value of an item that has no length. */
export type Scalar = number | boolean | null | undefined;

/** One value, in CBOR or JSON. */
export interface FrameValue {
  readonly kind: "scalar" | "text" | "bytes" | "list" | "map";
  /** Bytes that it takes in the frame, its head included. */
  readonly size: number;
  /** Of a text, in bytes of UTF-8; of a byte string; of a list, in entries, which may have to be counted. 0 for all else. */
  readonly length: number;
  /** The value, if it is a scalar. */
  readonly scalar: Scalar;
  /** A text as UTF-8, or a byte string; a view of the frame where it lies there in one piece. */
  content(): Uint8Array;
  /** The entries of a list. */
  entries(): Iterable<FrameValue>;
  /** The fields of a map. A key that stands in it twice comes twice. */
  members(): Iterable<readonly [key: string, value: FrameValue]>;
  /** A list of whole numbers from 0 to 255 as bytes, or the first entry that is no such number. */
  byteList(): Uint8Array | WrongEntry;
  /** All of it as values of JavaScript. */
  decode(): unknown;
  /** All of it as JSON in UTF-8: a view of the frame where it lies there. `undefined` where it holds what JSON has not: bytes, `undefined`, a number without end. */
  json(): Uint8Array | undefined;
}

export interface WrongEntry {
  readonly index: number;
  readonly entry: FrameValue;
}

export function isByte(value: Scalar): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}

/** The first entry of a list that is no byte. */
export function wrongEntry(index: number, entry: FrameValue): WrongEntry {
  return { index, entry };
}
