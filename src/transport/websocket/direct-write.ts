/**
 * Writes to a socket without its stream. What a stream does for each write (requests, states, callbacks) is a tenth of what a small
 * frame costs, and most of what it touches is in no cache where a thousand phones get a frame each (row `audience`).
 *
 * Only ever the first attempt, while the stream holds nothing: what the socket does not take is the stream's to send, and
 * so is every error.
 */
import { writeSync } from "node:fs";
import type { SocketHandle } from "./socket-handle.ts";

/** Writes what the socket takes at once, and returns how many bytes that is: 0 where it takes none, has gone, or, as on Windows, has no number. */
export function writeDirectly({ fd }: SocketHandle, bytes: Uint8Array): number {
  if (typeof fd !== "number" || fd < 0) return 0;
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0; // EAGAIN: the stream waits for better times. All else the stream meets, and tells, as ever.
  }
}
