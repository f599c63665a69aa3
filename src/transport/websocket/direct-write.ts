/**
 * Writes to a socket without its stream. What a stream does for each write (requests, states, callbacks) is a tenth of what a small
 * frame costs, and most of what it touches is in no cache where a thousand phones get a frame each (row `audience`).
 *
 * Only ever the first attempt, while the stream holds nothing: what the socket does not take is the stream's to send, and
 * so is every error.
 */
import { writeSync } from "node:fs";
import type { Duplex } from "node:stream";
import type { SocketHandle } from "./socket-handle.ts";

/** Writes to the socket itself where that may be, and what that does not take to its stream. Returns whether it took all. */
export function writeThrough(stream: Duplex, handle: SocketHandle | undefined, bytes: Uint8Array): boolean {
  const isDirect = handle !== undefined && stream.writableLength === 0 && !stream.writableEnded;
  const taken = isDirect ? writeDirectly(handle, bytes) : 0;
  if (taken === bytes.length) return true;
  stream.write(taken === 0 ? bytes : bytes.subarray(taken));
  return false;
}

/** Writes what the socket takes at once, and returns how many bytes that is: 0 where it takes none, has gone, or, as on Windows, has no number. */
export function writeDirectly({ fd }: SocketHandle, bytes: Uint8Array): number {
  if (typeof fd !== "number" || fd < 0) return 0;
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0; // EAGAIN: the stream waits for better times. All else the stream meets, and tells, as ever.
  }
}
