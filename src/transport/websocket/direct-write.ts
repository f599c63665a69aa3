/**
 * Writes to a socket without its stream. What a stream does for each write (requests, states, callbacks) is a tenth of what a small
 * frame costs, and most of what it touches is in no cache where a thousand phones get a frame each (row `audience`).
 *
 * Only ever the first attempt, while the stream holds nothing: what the socket does not take is the stream's to send, and
 * so is every error.
 */
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

/** The system's handle of a socket. As soon as it is closed it has no number any more, or a negative one: so it is asked each time, and never another connection's is written to. */
export interface Descriptor {
  readonly fd?: unknown;
}

/**
 * The handle behind this stream, if it is a plain socket of a system that numbers them. Node has it in an undocumented property; where
 * that is missing, as on Windows, streams do all the work. Behind TLS is a socket, too, but nobody shall write past the encryption.
 */
export function descriptorOf(stream: Duplex): Descriptor | undefined {
  if (!(stream instanceof Socket) || stream instanceof TLSSocket) return undefined;
  const handle: unknown = Reflect.get(stream, "_handle");
  return typeof handle === "object" && handle !== null ? handle : undefined;
}

/** Writes what the socket takes at once, and returns how many bytes that is: 0 where it takes none, or has gone. */
export function writeDirectly({ fd }: Descriptor, bytes: Uint8Array): number {
  if (typeof fd !== "number" || fd < 0) return 0;
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0; // EAGAIN: the stream waits for better times. All else the stream meets, and tells, as ever.
  }
}
