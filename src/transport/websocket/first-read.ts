/**
 * What a connection says first. For nearly all that come at once, which are phones, it is a whole handshake in one piece, and then Node's HTTP
 * server, which makes a parser, a message and a dozen listeners for it, need not hear of the connection: that is a tenth of what
 * a join costs (row `joins`). All others are Node's from their first byte on, as are those that say nothing for a while.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { readHandshakeHead } from "./handshake-head.ts";
import type { RequestHead } from "./request-header.ts";
import { followStream, unfollowStream, type StreamFollower } from "./stream-events.ts";

/** So often it is looked who is silent. Who was so the last time, too, is Node's to wait for, and to cut off. */
const LOOK_MS = 1_000;

/** Takes over the connection of a handshake, or gives back `false`: then it is to be answered as the plain request that it also is. */
export type TakeHandshake = (head: RequestHead) => boolean;

export interface FirstReads {
  /** Cuts off those who have not said anything yet; the HTTP server knows nothing of them. */
  close(): void;
}

/** From now on all that is said first on the connections of this server comes here. Nobody but the server itself may listen for connections yet. */
export function createFirstReads(http: Server, takeHandshake: TakeHandshake): FirstReads {
  const [serve, ...others] = http.listeners("connection");
  if (serve === undefined || others.length > 0) return { close() {} }; // this is not as we know it: Node does all the work
  let fresh = new Set<Socket>();
  let silent = new Set<Socket>();
  let looking: NodeJS.Timeout | undefined; // none while nobody is silent: it would be left over by a server that has closed

  const passOn = (socket: Socket, said?: Uint8Array): void => {
    unfollowStream(socket);
    socket.read(0); // or the stream would begin to read once more, though a body that nobody takes has stopped it
    Reflect.apply(serve, http, [socket]);
    if (said !== undefined) socket.emit("data", Buffer.from(said.buffer, said.byteOffset, said.length));
  };

  function listen(socket: Socket): void {
    fresh.add(socket);
    looking ??= setTimeout(look, LOOK_MS).unref();
    const newcomer: StreamFollower = {
      onData(chunk) {
        forget(socket);
        const head = readHandshakeHead(chunk, socket);
        const isTaken = head !== undefined && takeHandshake(head);
        if (!isTaken) passOn(socket, chunk);
      },
      onEnd: () => void socket.destroy(),
      onStreamClosed: () => forget(socket),
    };
    followStream(socket, newcomer);
  }

  function look(): void {
    const silentForLong = silent;
    silent = fresh; // those who have only just come are left alone: V8 has compiled the way in for sockets that Node's server has not touched
    fresh = new Set();
    looking = silent.size > 0 ? setTimeout(look, LOOK_MS).unref() : undefined;
    for (const socket of silentForLong) passOn(socket);
  }

  function forget(socket: Socket): void {
    if (!fresh.delete(socket)) silent.delete(socket);
  }

  http.removeAllListeners("connection");
  http.on("connection", listen);

  return {
    close() {
      clearTimeout(looking);
      looking = undefined;
      for (const socket of [...silent, ...fresh]) socket.destroy();
    },
  };
}
