/**
 * What a peer sends is lent: its bytes are there until the call that brings them returns, and whoever needs them for longer says so.
 * What nobody has kept a transport frees at once, since large messages keep a garbage collector busy (rows `drawing` and `slow`).
 */

/** V8 keeps the content of arrays up to this size with the object, which costs less than to keep any buffer (row `sessions`). */
const IN_OBJECT_BYTES = 64;

let keeps = 0;

/** Goes up whenever bytes are kept: where it has not while a message was handled, nobody has kept anything of it. */
export function keepCount(): number {
  return keeps;
}

/** Somebody keeps bytes as they are. */
export function noteKept(): void {
  keeps += 1;
}

/** The same bytes, to be kept for as long as they are needed. */
export function keep(data: Uint8Array): Uint8Array {
  if (data.length <= IN_OBJECT_BYTES) return new Uint8Array(data);
  const kept = compact(data);
  if (kept === data) noteKept();
  return kept;
}

/** The same bytes in a buffer not much larger: a view of a part of one would keep all of it from being freed. */
export function compact(data: Uint8Array): Uint8Array {
  return data.length * 2 < data.buffer.byteLength ? new Uint8Array(data) : data;
}
