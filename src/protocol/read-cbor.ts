/**
 * The reader for frames that few hosts write and `cbor-x` does not read as RFC 8949 has them: strings in chunks,
 * lengths and integers in eight bytes, arrays and maps that end with a break, text that begins with a byte order mark.
 */
import { BREAK_BYTE, CborCursor, fromHalf, MAJOR, SIMPLE } from "./cbor-cursor.ts";

/** A byte order mark is the sender's text, and stays. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads an item that `checkCborMap` found sound: nothing is checked a second time, and the depth is bounded. */
export function readCbor(item: Uint8Array): unknown {
  return readItem(new CborCursor(item));
}

function readItem(cursor: CborCursor): unknown {
  cursor.next();
  switch (cursor.major) {
    case MAJOR.unsigned:
      return cursor.argument;
    case MAJOR.negative:
      return -1 - cursor.argument;
    case MAJOR.bytes:
      return readString(cursor);
    case MAJOR.text:
      return utf8.decode(readString(cursor));
    case MAJOR.array:
      return readItems(cursor, 1);
    case MAJOR.map: {
      const items = readItems(cursor, 2);
      const entries: [string, unknown][] = [];
      for (let at = 0; at < items.length; at += 2) entries.push([String(items[at]), items[at + 1]]);
      return Object.fromEntries(entries); // makes own properties of all keys, `__proto__` too
    }
    case MAJOR.tag: // says only that bytes follow
      return readItem(cursor);
    default:
      return readSimple(cursor);
  }
}

/** The items of an array, or a map's keys and values in turn. */
function readItems(cursor: CborCursor, perEntry: number): readonly unknown[] {
  const items: unknown[] = [];
  if (cursor.isIndefinite) {
    while (!isAtBreak(cursor)) items.push(readItem(cursor));
  } else {
    for (let count = cursor.argument * perEntry; count > 0; count--) items.push(readItem(cursor));
  }
  return items;
}

function readString(cursor: CborCursor): Uint8Array {
  if (!cursor.isIndefinite) return readContent(cursor);
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (!isAtBreak(cursor)) {
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

/** Whether the item of indefinite length ends here; moves past the break if it does. */
function isAtBreak(cursor: CborCursor): boolean {
  if (cursor.bytes[cursor.at] !== BREAK_BYTE) return false;
  cursor.at += 1;
  return true;
}

function readSimple({ info, bytes, at }: CborCursor): unknown {
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
