/** The check of everything CBOR that comes from outside, before a decoder may allocate anything for it. */
import { BREAK_BYTE, CborCursor, MAJOR } from "./cbor-cursor.ts";
import { failure, success, type Result } from "./result.ts";

/** How deep items may be nested: the command's map, its fields, and room for the structure of a `meta`. */
export const MAX_DEPTH = 16;
/** Arrays, maps and chunked strings in one frame, all levels together. */
export const MAX_CONTAINERS = 4_096;
/** Entries in one map. */
export const MAX_MAP_ENTRIES = 1_024;

/** RFC 8746: arrays of uint8, clamped uint8 and sint8. The only tags a host frame may carry, and only on a byte string. */
const TYPED_BYTES_TAGS: ReadonlySet<number> = new Set([64, 68, 72]);

/** The first item of a frame, found sound. */
export interface CheckedMap {
  /** Where the item ends. What stands behind it is padding (WMBP C4). */
  readonly end: number;
  /** Entries of the outermost map, doubles counted, so that they can be told. */
  readonly entries: number;
  /** Written as nearly all hosts write, so that `cbor-x` may read it; the rest is for `readCbor`. */
  readonly isPlain: boolean;
}

/** An array or map that the walk is inside of. */
interface Open {
  readonly isMap: boolean;
  readonly isIndefinite: boolean;
  /** Items to come, two for each entry of a map; counts up instead where the length is indefinite. */
  items: number;
}

/** The `info` of a head whose argument takes eight bytes. */
const EIGHT_BYTES = 27;
const BYTE_ORDER_MARK_START = 0xef;
const TRUNCATED = "The CBOR ends in the middle of an item, or claims more than the frame holds";

/**
 * Checks that `bytes` begin with one well-formed CBOR map whose keys are text, within the limits above. Costs one
 * pass, and memory for at most `MAX_DEPTH` levels, whatever the heads claim.
 */
export function checkCborMap(bytes: Uint8Array): Result<CheckedMap, string> {
  const cursor = new CborCursor(bytes);
  const open: Open[] = [];
  let containers = 0;
  let entries = 0;
  let isPlain = true;

  if (bytes.length === 0) return failure("The frame is empty");
  if ((bytes[0] ?? 0) >> 5 !== MAJOR.map) return failure("A command is one CBOR map");

  do {
    const inside = open.at(-1);
    if (inside?.isIndefinite && bytes[cursor.at] === BREAK_BYTE) {
      if (inside.isMap && inside.items % 2 === 1) return failure("A CBOR map ends with a key that has no value");
      cursor.at += 1;
      open.pop();
      leaveWhatIsFull(open);
      continue;
    }
    if (!cursor.next()) return failure(cursor.left === 0 ? TRUNCATED : "The frame is not CBOR");
    const { major, argument, isIndefinite } = cursor;
    if (isIndefinite || (cursor.info === EIGHT_BYTES && major !== MAJOR.simple)) isPlain = false;
    if (inside !== undefined) {
      const isKey = inside.isMap && inside.items % 2 === 0;
      if (isKey && major !== MAJOR.text) return failure("The keys of a CBOR map have to be text");
      if (isKey && open.length === 1) entries += 1;
      inside.items += inside.isIndefinite ? 1 : -1;
      if (inside.isIndefinite && inside.isMap && inside.items > 2 * MAX_MAP_ENTRIES) return failure(TOO_MANY_ENTRIES);
    }

    switch (major) {
      case MAJOR.tag: {
        if (!TYPED_BYTES_TAGS.has(argument)) return failure(`CBOR tag ${argument} is not understood here`);
        if (!cursor.next()) return failure(TRUNCATED);
        if (cursor.major !== MAJOR.bytes || cursor.isIndefinite)
          return failure(`CBOR tag ${argument} has to be on a byte string`);
        if (cursor.info === EIGHT_BYTES) isPlain = false;
        if (cursor.argument > cursor.left) return failure(TRUNCATED);
        cursor.at += cursor.argument;
        break;
      }
      case MAJOR.bytes:
      case MAJOR.text: {
        if (isIndefinite && ++containers > MAX_CONTAINERS) return failure(TOO_MANY_CONTAINERS);
        if (major === MAJOR.text && bytes[cursor.at] === BYTE_ORDER_MARK_START) isPlain = false;
        const problem = skipString(cursor);
        if (problem !== undefined) return failure(problem);
        break;
      }
      case MAJOR.array:
      case MAJOR.map: {
        const isMap = major === MAJOR.map;
        if (++containers > MAX_CONTAINERS) return failure(TOO_MANY_CONTAINERS);
        if (open.length === MAX_DEPTH) return failure(`The CBOR is nested deeper than ${MAX_DEPTH} levels`);
        if (argument * (isMap ? 2 : 1) > cursor.left) return failure(TRUNCATED);
        if (isMap && argument > MAX_MAP_ENTRIES) return failure(TOO_MANY_ENTRIES);
        open.push({ isMap, isIndefinite, items: argument * (isMap ? 2 : 1) });
        break;
      }
      case MAJOR.simple:
        if (isIndefinite) return failure("The CBOR has a break outside of an item of indefinite length");
        if (cursor.info < 20 || cursor.info === 24) return failure("The CBOR has a simple value that is not assigned");
        break;
      default: // integers are all in their head
        break;
    }

    leaveWhatIsFull(open);
  } while (open.length > 0);

  return success({ end: cursor.at, entries, isPlain });
}

const TOO_MANY_CONTAINERS = `The CBOR has more than ${MAX_CONTAINERS} arrays, maps and chunked strings`;
const TOO_MANY_ENTRIES = `A CBOR map has more than ${MAX_MAP_ENTRIES} entries`;

/** Leaves the arrays and maps that have all their items; those of indefinite length wait for their break. */
function leaveWhatIsFull(open: Open[]): void {
  let innermost = open.at(-1);
  while (innermost !== undefined && !innermost.isIndefinite && innermost.items === 0) {
    open.pop();
    innermost = open.at(-1);
  }
}

/** Moves past the content of the string whose head was just read; tells what is wrong with it. */
function skipString(cursor: CborCursor): string | undefined {
  const { major } = cursor;
  if (!cursor.isIndefinite) return skipChunk(cursor, major);
  for (;;) {
    if (cursor.bytes[cursor.at] === BREAK_BYTE) {
      cursor.at += 1;
      return undefined;
    }
    if (!cursor.next()) return TRUNCATED;
    if (cursor.major !== major || cursor.isIndefinite) return "A chunked CBOR string has a chunk of another type";
    const problem = skipChunk(cursor, major);
    if (problem !== undefined) return problem;
  }
}

function skipChunk(cursor: CborCursor, major: number): string | undefined {
  const { at, argument } = cursor;
  if (argument > cursor.left) return TRUNCATED;
  cursor.at += argument;
  return major === MAJOR.text && !isUtf8(cursor.bytes, at, cursor.at)
    ? "The CBOR has text that is not valid UTF-8"
    : undefined;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Whether this part of the bytes is valid UTF-8. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && (bytes[at] ?? 0) < 0x80) at += 1;
  if (at === to) return true;
  try {
    strictUtf8.decode(bytes.subarray(at, to));
    return true;
  } catch {
    return false; // the decoder's way of saying that the bytes are no UTF-8
  }
}
