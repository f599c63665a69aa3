/** A phone: a plain WebSocket. */
import type { WebSocket } from "ws";
import { Inbox } from "./inbox.ts";
import type { TestServer } from "./server.ts";
import { connect, type Closing } from "./socket-end.ts";

export type FramePayload = string | Uint8Array;

export class PlayerClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  readonly frames = new Inbox<FramePayload>("a player");
  readonly #opened: Promise<void>;

  constructor(url: string, ca?: string) {
    const { socket, opened, closed } = connect(url, ca);
    this.socket = socket;
    this.closed = closed;
    this.#opened = opened;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.frames.push(isBinary ? new Uint8Array(data) : data.toString());
    });
    socket.on("close", (code, reason) => this.frames.end(`closed with ${code} ${reason.toString()}`));
  }

  /** The handshake is done; whether there was a seat is told by what comes next. */
  static async connect(server: Pick<TestServer, "ws" | "ca">, path: string): Promise<PlayerClient> {
    const player = new PlayerClient(`${server.ws}/${path}`, server.ca);
    await player.#opened;
    return player;
  }

  send(data: FramePayload): void {
    this.socket.send(data);
  }

  next(): Promise<FramePayload> {
    return this.frames.next();
  }

  close(code?: number): Promise<Closing> {
    this.socket.close(code);
    return this.closed;
  }
}
