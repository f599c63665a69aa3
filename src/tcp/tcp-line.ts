/** One TCP connection to a server of ghost-sync's wire: frames in and out, pings answered, and an end when the server is silent. */
import { connect, type Socket } from "node:net";
import { FrameSplitter } from "../protocol/ghost-sync/frame-splitter.ts";
import {
  decodeServerMessage,
  encodeClientMessage,
  type ClientMessage,
  type ServerMessage,
} from "../protocol/ghost-sync/messages.ts";
import { TcpError } from "./tcp-error.ts";

/** What the server says but pings, which are answered, and pongs. */
export type LineMessage = Exclude<ServerMessage, { readonly say: "ping" | "pong" }>;

export interface LineListener {
  onMessage(message: LineMessage): void;
  /** The connection is gone; called once, last. */
  onEnd(reason: string): void;
}

export interface LineOptions {
  readonly host: string;
  readonly port: number;
  /** Bytes in one payload of the server. */
  readonly maxPayload: number;
  /** Milliseconds between the client's own pings. */
  readonly pingMs: number;
  /** Milliseconds without a byte of the server after which the connection counts as dead. */
  readonly idleMs: number;
}

/** How long the server may take to hang up after the client has. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A connection that is open, or a `TcpError`. */
export function openSocket({ host, port }: Pick<LineOptions, "host" | "port">, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (why: string, cause?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new TcpError("cannot_connect", `${host}:${port} cannot be reached: ${why}`, { cause }));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const onError = (error: Error): void => fail(error.message, error);
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

export class TcpLine {
  readonly #socket: Socket;
  readonly #listener: LineListener;
  readonly #splitter: FrameSplitter;
  readonly #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  #reason = "The connection was lost.";
  /** The last thing that the server said was an error: the reason, if it hangs up now. */
  #lastError: string | undefined;
  #isOver = false;

  constructor(socket: Socket, { maxPayload, pingMs, idleMs }: LineOptions, listener: LineListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#splitter = new FrameSplitter(maxPayload);
    this.#timer = setInterval(() => {
      if (performance.now() - this.#heardAt > idleMs) this.#fail("Nothing was heard from the server for too long.");
      else this.send({ say: "ping" });
    }, pingMs);
    socket.on("data", (chunk: Buffer) => this.#read(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)));
    socket.on("error", (error) => (this.#reason = `The connection was lost: ${error.message}`));
    socket.on("close", () => {
      clearInterval(this.#timer);
      this.#isOver = true;
      listener.onEnd(this.#lastError ?? this.#reason);
    });
  }

  /** Bytes that the system has not taken yet. */
  get queued(): number {
    return this.#socket.writableLength;
  }

  send(message: ClientMessage): void {
    if (!this.#isOver) this.#socket.write(encodeClientMessage(message));
  }

  /** Sends what waits, and hangs up. */
  end(): void {
    clearInterval(this.#timer);
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    this.#heardAt = performance.now();
    this.#splitter.push(chunk);
    while (!this.#isOver) {
      const payload = this.#splitter.next();
      if (payload === undefined) return;
      if (payload instanceof Uint8Array) this.#take(payload);
      else this.#fail(`payload too large: ${payload.size} bytes (max ${payload.max})`);
    }
  }

  #take(payload: Uint8Array): void {
    const read = decodeServerMessage(payload);
    if (!read.ok) return this.#fail(`The server does not speak ghost-sync's wire: ${read.failure}.`);
    const message = read.value;
    if (message.say === "ping") return this.send({ say: "pong" });
    if (message.say === "pong") return;
    this.#lastError = message.say === "error" ? message.text : undefined;
    this.#listener.onMessage(message);
  }

  #fail(reason: string): void {
    this.#isOver = true;
    this.#lastError = undefined;
    this.#reason = reason;
    this.#socket.destroy();
  }
}
