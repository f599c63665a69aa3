/** Reads a socket through its public stream and tells one owner what comes. */
import type { Duplex } from "node:stream";

export interface SocketOwner {
  /** The next bytes. The owner may change them in place; a view of them keeps the whole chunk in memory. */
  onData(chunk: Uint8Array): void;
  /** The peer has ended its side of the connection. */
  onEnd(): void;
  /** The socket is closed, after its end or after an error. Called once, last. */
  onSocketClosed(): void;
}

export function readSocket(socket: Duplex, owner: SocketOwner): void {
  // A plain `Uint8Array` over the same bytes, so that the frame reader meets one class of object only.
  socket.on("data", ({ buffer, byteOffset, length }: Buffer) =>
    owner.onData(new Uint8Array(buffer, byteOffset, length)),
  );
  socket.on("end", () => owner.onEnd());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => owner.onSocketClosed());
}
