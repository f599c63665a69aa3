/** The own codec as an engine: reads and writes frames on the public stream of the socket. */
import type { Duplex } from "node:stream";
import type { MemoryAccount } from "../../../room/memory-budget.ts";
import type { EngineSocket, SocketListener, Upgrade, WebSocketEngine } from "../engine.ts";
import type { WriteScheduler } from "../write-scheduler.ts";
import { closePayload, OPCODE } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { acceptance } from "./handshake.ts";

export function createCodecEngine(scheduler: WriteScheduler): WebSocketEngine {
  return {
    accept(upgrade, listener) {
      upgrade.socket.write(acceptance(upgrade.request, upgrade.subprotocol));
      return new CodecSocket(upgrade, scheduler, listener);
    },
  };
}

const NO_PAYLOAD = new Uint8Array(0);

export class CodecSocket implements EngineSocket {
  readonly #socket: Duplex;
  readonly #scheduler: WriteScheduler;
  readonly #listener: SocketListener;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #memory: MemoryAccount;
  /** Bytes of a message that is not over, as the memory budget knows of them. */
  #partBytes = 0;

  constructor(upgrade: Omit<Upgrade, "request" | "subprotocol">, scheduler: WriteScheduler, listener: SocketListener) {
    const { socket, head, maxPayload, memory } = upgrade;
    this.#socket = socket;
    this.#scheduler = scheduler;
    this.#listener = listener;
    this.#memory = memory;
    this.#reader = new FrameReader(listener, maxPayload);
    this.#writer = new FrameWriter(socket, scheduler, listener, memory);
    if (head.length > 0) socket.unshift(head);
    socket.on("data", (chunk: Buffer) => this.read(chunk));
    socket.on("end", () => listener.onEnd());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#reader.stop();
      listener.onSocketClosed();
    });
  }

  /** Takes the next bytes, which may be changed in place. */
  read({ buffer, byteOffset, length }: Uint8Array): void {
    this.#listener.onBytes(length);
    this.#scheduler.beginRead(this.#reader);
    try {
      this.#reader.read(new Uint8Array(buffer, byteOffset, length)); // no `Buffer`, so that the reader meets one class of object only
    } finally {
      this.#scheduler.endRead(); // also after an exception, or a deferred frame would wait for the read of another socket
    }
    this.#countPart();
    if (this.#reader.isAmid) this.#listener.onPart();
  }

  get queued(): number {
    return this.#writer.queued;
  }

  get isBusy(): boolean {
    return this.#writer.isBusy;
  }

  send(data: Uint8Array, isText: boolean, head?: Uint8Array): void {
    this.#writer.send(isText ? OPCODE.text : OPCODE.binary, data, head);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.#writer.sendCorked(isText ? OPCODE.text : OPCODE.binary, data);
  }

  ping(payload: Uint8Array): void {
    this.#writer.send(OPCODE.ping, payload);
  }

  pingCorked(payload: Uint8Array): void {
    this.#writer.sendCorked(OPCODE.ping, payload);
  }

  pong(payload: Uint8Array): void {
    this.#writer.send(OPCODE.pong, payload);
  }

  close(code: number | undefined, reason: string): void {
    this.#writer.send(OPCODE.close, code === undefined ? NO_PAYLOAD : closePayload(code, reason));
  }

  end(): void {
    this.#writer.end();
  }

  dropQueue(): void {
    this.#writer.dropQueue();
  }

  terminate(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #countPart(): void {
    const bytes = this.#reader.heldBytes;
    if (bytes === this.#partBytes) return;
    this.#memory.add(bytes - this.#partBytes);
    this.#partBytes = bytes;
  }
}
