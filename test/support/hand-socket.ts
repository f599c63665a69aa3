/** WebSockets moved by hand: a test plays the network and the server, and sees what was sent. */
import type { WebSocketClass, WebSocketPort } from "../../src/sdk/web-socket-port.ts";

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

export class HandSocket implements WebSocketPort {
  binaryType = "blob";
  readyState = 0;
  readonly url: string;
  readonly sent: (string | Uint8Array)[] = [];
  readonly #listeners = new Map<string, Listener>();

  constructor(url: string) {
    this.url = url;
  }

  /** The server takes the connection. */
  accept(): void {
    this.readyState = 1;
    this.#tell("open", {});
  }

  /** A frame of the server arrives. */
  deliver(data: string | Uint8Array): void {
    this.#tell("message", { data: typeof data === "string" ? data : new Uint8Array(data).buffer });
  }

  /** The connection ends, with the server's close code or 1006. */
  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.#tell("close", { code, reason });
  }

  /** The page was frozen: the socket is gone and nobody is told. */
  die(): void {
    this.readyState = 3;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState === 0) throw new Error("InvalidStateError: still connecting");
    this.sent.push(typeof data === "string" ? data : data.slice());
  }

  close(): void {
    if (this.readyState < 2) this.readyState = 2;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  #tell(type: string, event: Partial<Parameters<Listener>[0]>): void {
    this.#listeners.get(type)?.({ data: undefined, code: 0, reason: "", ...event });
  }
}

export interface HandNetwork {
  readonly WebSocket: WebSocketClass;
  /** Every socket that was made, oldest first. */
  readonly sockets: HandSocket[];
  /** The newest socket. */
  readonly socket: HandSocket;
}

export function createHandNetwork(): HandNetwork {
  const sockets: HandSocket[] = [];
  return {
    sockets,
    WebSocket: class extends HandSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    },
    get socket() {
      const newest = sockets.at(-1);
      if (newest === undefined) throw new Error("No socket was made yet");
      return newest;
    },
  };
}
