/**
 * A frame may be a view of a much larger buffer, such as all that one read of a socket brought. Its bytes do not change, but a stored view keeps
 * the whole buffer in memory. Code that stores bytes beyond the call that brought them stores `toOwned(bytes)`.
 */

/** V8 stores the content of arrays up to this size inside the object, which costs less than a reference to any buffer. */
const IN_OBJECT_BYTES = 64;

/** Data of at least this size is copied once for all recipients. As a view of a larger buffer, each connection that has to wait would copy it. */
export const SHARED_BYTES = 4_096;

/** Returns the same bytes, fit to be stored: a copy where the buffer is much larger than they are. */
export function toOwned(data: Uint8Array): Uint8Array {
  return data.length <= IN_OBJECT_BYTES ? new Uint8Array(data) : compact(data);
}

/** Returns the same bytes in a buffer less than twice their size: a copy where theirs is larger. */
export function compact(data: Uint8Array): Uint8Array {
  return data.length * 2 < data.buffer.byteLength ? new Uint8Array(data) : data;
}
