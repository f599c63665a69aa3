/**
 * The bytes of a frame may be a view of a much larger buffer, such as all that one read of a socket brought. They do not change, but a view
 * that is stored keeps the whole buffer in memory. Code that stores bytes beyond the call that brought them stores `keep(bytes)`.
 */

/** V8 stores the content of arrays up to this size inside the object, which costs less than a reference to any buffer. */
const IN_OBJECT_BYTES = 64;

/** The same bytes, to be stored. */
export function toOwned(data: Uint8Array): Uint8Array {
  return data.length <= IN_OBJECT_BYTES ? new Uint8Array(data) : compact(data);
}

/** The same bytes in a buffer that is not much larger than they are: a copy where they are a small part of theirs. */
export function compact(data: Uint8Array): Uint8Array {
  return data.length * 2 < data.buffer.byteLength ? new Uint8Array(data) : data;
}
