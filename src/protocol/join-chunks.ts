/** Strings that come in chunks (RFC 8949, section 3.2.3), put together: `cbor-x` reads none. */
import { BREAK_BYTE, CborCursor, MAJOR, writeHead } from "./cbor-cursor.ts";

/**
 * The same item with every chunked string in one piece. `item` is one that `checkCborMap` found sound. One piece never
 * takes more room than its chunks did, so the result fits into as many bytes.
 */
export function joinChunks(item: Uint8Array): Uint8Array {
  const joined = new Uint8Array(item.length);
  const cursor = new CborCursor(item);
  let to = 0;
  while (cursor.left > 0) {
    const from = cursor.at;
    cursor.next();
    const isString = cursor.major === MAJOR.bytes || cursor.major === MAJOR.text;
    if (isString && cursor.isIndefinite) {
      to = joinOne(cursor, joined, to);
      continue;
    }
    if (isString) cursor.at += cursor.argument;
    joined.set(item.subarray(from, cursor.at), to);
    to += cursor.at - from;
  }
  return joined.subarray(0, to);
}

/** Copies the string whose head was just read, without its chunks' borders, and returns where it ends. */
function joinOne(cursor: CborCursor, joined: Uint8Array, at: number): number {
  const { major } = cursor;
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (cursor.bytes[cursor.at] !== BREAK_BYTE) {
    cursor.next();
    chunks.push(cursor.bytes.subarray(cursor.at, cursor.at + cursor.argument));
    cursor.at += cursor.argument;
    length += cursor.argument;
  }
  cursor.at += 1;
  let to = writeHead(joined, at, major, length);
  for (const chunk of chunks) {
    joined.set(chunk, to);
    to += chunk.length;
  }
  return to;
}
