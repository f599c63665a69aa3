/** The system's end of a socket, as far as reads and writes may go past the stream in front of it (`direct-read.ts`, `direct-write.ts`). */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

export interface SocketHandle {
  /** The descriptor. As soon as the handle is closed it has none any more, or a negative one: so it is asked each time, and another connection's is never used. */
  readonly fd?: unknown;
  /** What Node calls with each piece of memory that has been read. */
  onread?: unknown;
}

/**
 * The handle behind this stream, if it is a plain socket. Node has it in an undocumented property; where that is
 * missing, streams do all the work. Behind TLS is a socket, too, but nobody shall go past the encryption.
 */
export function handleOf(stream: Duplex): SocketHandle | undefined {
  if (!(stream instanceof Socket) || stream instanceof TLSSocket) return undefined;
  const handle: unknown = Reflect.get(stream, "_handle");
  return typeof handle === "object" && handle !== null ? handle : undefined;
}
