/** The sockets of one page, as its agent tells of them. */
import type { SocketChange } from "../messages.ts";
import { roleOf, type SocketRole } from "./decode-frame.ts";

export interface WatchedSocket {
  readonly role: SocketRole;
  readonly is: SocketChange["is"];
  /** Of a closed one. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** Sockets that are remembered; a page that reconnects in a loop makes ever new ones. */
const MAX_SOCKETS = 50;

export class PageSockets {
  readonly #sockets = new Map<number, WatchedSocket>();

  changed({ socket, is, url, code, reason = "" }: SocketChange): void {
    this.#sockets.delete(socket);
    this.#sockets.set(socket, { role: roleOf(url), is, code, reason });
    for (const old of this.#sockets.keys()) {
      if (this.#sockets.size <= MAX_SOCKETS) return;
      this.#sockets.delete(old);
    }
  }

  roleOf(socket: number): SocketRole {
    return this.#sockets.get(socket)?.role ?? "other";
  }

  /** The one that counts: an open one, else the newest. */
  get current(): WatchedSocket | undefined {
    const own = [...this.#sockets.values()].filter(({ role }) => role !== "other");
    return own.find(({ is }) => is === "open") ?? own[own.length - 1];
  }

  clear(): void {
    this.#sockets.clear();
  }
}
