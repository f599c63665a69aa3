/** WebSockets moved by hand: a test plays the network and the server, and sees what was sent. */
import { writeControl, type Hello } from "../../src/protocol/reliable/control-frames.ts";
import type { WebSocketClass, WebSocketPort } from "../../src/sdk/client-socket.ts";

type Frame = string | Uint8Array;
type Listener = (event: { data: unknown; code: number; reason: string }) => void;

export class FakeSocket implements WebSocketPort {
  binaryType = "blob";
  readyState = 0;
  readonly url: string;
  readonly protocols: readonly string[];
  /** The codes it was closed with from this side, `undefined` for none. */
  readonly closedWith: (number | undefined)[] = [];
  readonly sent: (string | Uint8Array)[] = [];
  /** What the server selects. */
  protocol = "couchwire.v1";
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string, protocols: readonly string[] = []) {
    this.url = url;
    this.protocols = protocols;
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

  /** The server says hello, as it does first on every connection, and then what a page needs that starts from nothing. */
  greet(said: Partial<Hello> = {}, ...frames: Frame[]): void {
    if (this.readyState === 0) this.accept();
    const hello: Hello = { epoch: "life", received: 0, next: 1, lost: 0, ...said, greeting: frames.length };
    this.deliver(writeControl({ word: "hello", hello }));
    for (const frame of frames) this.deliver(frame);
  }

  /** The connection ends, with the server's close code or 1006. */
  end(code: number, reason = ""): void {
    this.readyState = 3;
    this.#tell("close", { code, reason });
  }

  /** The page was frozen: the socket is gone without an event. */
  die(): void {
    this.readyState = 3;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState === 0) throw new Error("InvalidStateError: still connecting");
    this.sent.push(typeof data === "string" ? data : data.slice());
  }

  close(code?: number): void {
    this.closedWith.push(code);
    if (this.readyState < 2) this.readyState = 2;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  #tell(type: string, event: Partial<Parameters<Listener>[0]>): void {
    for (const listener of this.#listeners.get(type) ?? [])
      listener({ data: undefined, code: 0, reason: "", ...event });
  }
}

export interface FakeNetwork {
  readonly WebSocket: WebSocketClass;
  /** Every socket that was made, oldest first. */
  readonly sockets: FakeSocket[];
  /** The newest socket. */
  readonly socket: FakeSocket;
}

export function createFakeNetwork(): FakeNetwork {
  const sockets: FakeSocket[] = [];
  return {
    sockets,
    WebSocket: class extends FakeSocket {
      constructor(url: string, protocols: readonly string[]) {
        super(url, protocols);
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
