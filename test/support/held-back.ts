/**
 * Filling a connection whose other end does not read. How much the kernel's own buffers take differs between machines (on Linux
 * by `tcp_rmem` and `tcp_wmem`), so no fixed number of bytes is enough everywhere.
 */
import { readFileSync } from "node:fs";

const MEBIBYTE = 1_048_576;
/** What stays with a sender that is held back is more than this. */
const HELD_BYTES = MEBIBYTE;
/** Turns of the event loop in which a server without a limit would have read everything that it was sent. */
const PLENTY_OF_TURNS = 1_000;
/** A look whether it reads on, before it is given plenty of turns. */
const FEW_TURNS = 30;
/** No kernel takes so much for one connection. */
const TOO_MUCH_BYTES = 192 * MEBIBYTE;

/** A socket of `node:net` or of `ws`. */
export type SendingSocket = { readonly writableLength: number } | { readonly bufferedAmount: number };

export interface Filling {
  /** Sends one piece. */
  readonly write: (index: number) => void;
  /** How large a piece is. */
  readonly bytes: number;
  /** How many pieces are sent in any case. */
  readonly least?: number;
  /** Lets the server do what it can, such as answer another connection. */
  readonly turn: () => Promise<unknown>;
}

/** Sends pieces until the other end takes no more of them, and tells how many it sent. */
export async function writeUntilHeldBack(socket: SendingSocket, filling: Filling): Promise<number> {
  const { write, bytes, least = 1, turn } = filling;
  let written = 0;
  for (;;) {
    while (written < least || unsent(socket) <= HELD_BYTES) {
      if (written * bytes > TOO_MUCH_BYTES) throw new Error(`All of ${written * bytes} bytes were taken.`);
      write(written);
      written += 1;
    }
    if ((await staysUnsent(socket, turn, FEW_TURNS)) && (await staysUnsent(socket, turn, PLENTY_OF_TURNS))) {
      return written;
    }
  }
}

async function staysUnsent(socket: SendingSocket, turn: Filling["turn"], turns: number): Promise<boolean> {
  for (let count = 0; count < turns && unsent(socket) > HELD_BYTES; count++) await turn();
  return unsent(socket) > HELD_BYTES;
}

function unsent(socket: SendingSocket): number {
  return "writableLength" in socket ? socket.writableLength : socket.bufferedAmount;
}

/** What Linux takes for one connection at most where nothing is said about it: what it sends, and what the other end has not read. */
const USUAL_BYTES = 36 * MEBIBYTE;

/** How many bytes this machine's kernel takes at most for one connection on whose other end nothing is read. For what shows no sender that it waits. */
export function mostInKernel(): number {
  try {
    const [read, written] = ["rmem", "wmem"].map((name) =>
      Number(readFileSync(`/proc/sys/net/ipv4/tcp_${name}`, "utf8").trim().split(/\s+/)[2]),
    );
    return (read ?? 0) + (written ?? 0) || USUAL_BYTES;
  } catch {
    return USUAL_BYTES; // no Linux
  }
}
