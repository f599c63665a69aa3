/** A client of `couchwire.v1` made by hand: it shows every frame as it came, and does nothing by itself. */
import { WebSocket } from "ws";
import { onTestEnd } from "./clean-up.ts";
import { Inbox } from "./inbox.ts";
import type { TestServer } from "./server.ts";
import type { Closing } from "./socket-end.ts";

export interface HelloSeen {
  readonly epoch: string;
  readonly received: number;
  readonly greeting: number;
  readonly next: number;
  readonly lost: number;
  readonly player?: number;
  readonly game?: string;
  readonly now?: number;
}

let sessions = 0;

/** A new session. */
export function newSession(): string {
  return `session-${String(++sessions).padStart(16, "0")}`;
}

export class ReliableClient {
  readonly socket: WebSocket;
  readonly frames = new Inbox<string | Uint8Array>("a counting client");
  readonly closed: Promise<Closing>;

  constructor(server: Pick<TestServer, "ws" | "ca">, path: string) {
    this.socket = new WebSocket(`${server.ws}/${path}`, "couchwire.v1", {
      perMessageDeflate: false,
      ...(server.ca !== undefined && { ca: server.ca }),
    });
    onTestEnd(() => this.socket.terminate());
    this.socket.on("error", () => {}); // `closed` follows
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.frames.push(isBinary ? new Uint8Array(data) : data.toString());
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        this.frames.end(`closed with ${code} ${reason.toString()}`);
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** The first frame, which has to be the hello. */
  async hello(): Promise<HelloSeen> {
    const first = await this.frames.next();
    if (typeof first !== "string" || !first.startsWith("\0hello ")) throw new Error(`no hello: ${String(first)}`);
    const hello: HelloSeen = JSON.parse(first.slice(7));
    return hello;
  }

  next(): Promise<string | Uint8Array> {
    return this.frames.next();
  }

  send(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  /** Cuts the line without a Close. */
  async cut(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}
