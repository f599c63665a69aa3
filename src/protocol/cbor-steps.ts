/** Steps of a cursor that only the server takes; the SDK's small reader does without them. */
import { BREAK_BYTE, type CborCursor } from "./cbor-cursor.ts";

/** Integers, negative ones too, begin with a byte up to this one. */
const LAST_INTEGER_BYTE = 0x3f;
/** The first byte of an integer of two bytes; a smaller one is the integer itself. */
const ONE_BYTE_FOLLOWS = 24;
/** In the low five bits of a first byte: the widest argument, eight bytes. */
const EIGHT_BYTES_FOLLOW = 27;

/** Of the array or map whose head was read: how many items or entries follow at most; a break may end them. */
export function mostToCome(cursor: CborCursor): number {
  return cursor.isIndefinite ? Infinity : cursor.argument;
}

/** Moves past the break that ends an item of indefinite length, if it is next. */
export function takeBreak(cursor: CborCursor): boolean {
  if (cursor.bytes[cursor.at] !== BREAK_BYTE) return false;
  cursor.at += 1;
  return true;
}

/** Moves past the integers that are next and whole, up to `most`; returns how many there were. */
export function skipIntegers(cursor: CborCursor, most: number): number {
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

/** Reads the integers that are next, as long as they are bytes in the usual encoding, into `list` from that index on; returns the index behind them. */
export function readSmallIntegers(cursor: CborCursor, list: Uint8Array, from: number): number {
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
