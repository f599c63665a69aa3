/**
 * Reads a socket until the head of its first request is there. The socket has a `highWaterMark` of 0: then Node reads only when it is asked to, and nothing is
 * read of what comes after the head, so all of it is there for the process that gets the socket.
 */
import type { Socket } from "node:net";
import { endOfHead } from "./request-head.ts";

export interface HeadLimits {
  /** What is not whole by then goes on as it is: the HTTP server behind answers it. */
  readonly maxBytes: number;
  readonly maxMs: number;
}

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/**
 * Calls `take` once, with all that was read. A peer that leaves before, or says nothing in that time, is cut. Returns what ends the time at once.
 */
export function readHead(socket: Socket, { maxBytes, maxMs }: HeadLimits, take: (head: Buffer) => void): () => void {
  let head: Buffer = Buffer.alloc(0);
  const end = (): void => {
    clearTimeout(deadline);
    socket.off("readable", onReadable).off("end", pass).off("close", end);
  };
  const pass = (): void => {
    end();
    if (head.length === 0) socket.destroy();
    else take(head);
  };
  const onReadable = (): void => {
    for (;;) {
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      const seen = head.length;
      head = seen === 0 ? chunk : Buffer.concat([head, chunk]);
      if (endOfHead(head, seen) !== -1 || head.length >= maxBytes || !mayBeginRequest(head)) return pass();
    }
  };
  const deadline = setTimeout(pass, maxMs).unref();
  socket.on("error", () => socket.destroy());
  socket.on("readable", onReadable).on("end", pass).on("close", end);
  return pass;
}

/** Takes what was read meanwhile, where a runtime reads on. */
export function readRest(socket: Socket): Buffer {
  const parts: Buffer[] = [];
  while (socket.readableLength > 0) {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) break;
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** A request begins with a letter, or with empty lines before it. A browser that speaks TLS is answered at once. */
function mayBeginRequest([first = 0]: Buffer): boolean {
  return (
    (first >= 65 && first <= 90) || (first >= 97 && first <= 122) || first === CARRIAGE_RETURN || first === LINE_FEED
  );
}
