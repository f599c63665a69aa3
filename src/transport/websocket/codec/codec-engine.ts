/** The own codec as an engine: reads and writes frames on the public stream of the socket. */
import type { Duplex } from "node:stream";
import type { MemoryAccount } from "../../../room/memory-budget.ts";
import type { EngineSocket, SocketListener, Upgrade, WebSocketEngine } from "../engine.ts";
import { FairReads, type WaitingReader } from "./fair-reads.ts";
import type { WriteScheduler } from "../write-scheduler.ts";
import { closePayload, OPCODE } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { acceptance } from "../handshake.ts";

export function createCodecEngine(scheduler: WriteScheduler): WebSocketEngine {
  const fairReads = new FairReads();
  return {
    accept(upgrade, listener) {
      upgrade.socket.write(acceptance(upgrade.request, upgrade.subprotocol));
      return new CodecSocket(upgrade, { scheduler, fairReads }, listener);
    },
  };
}

const NO_PAYLOAD = new Uint8Array(0);

/** What all sockets of one engine have in common. */
export interface SharedTurns {
  readonly scheduler: WriteScheduler;
  readonly fairReads: FairReads;
}

export class CodecSocket implements EngineSocket, WaitingReader {
  readonly #socket: Duplex;
  readonly #turns: SharedTurns;
  readonly #listener: SocketListener;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #memory: MemoryAccount;
  /** Bytes of a message that is not over, as the memory budget knows of them. */
  #partBytes = 0;
  /** The owner does not want to be told anything. */
  #isPaused = false;
  /** Bytes of a large read that waits for its turn in the stream; 0 where none waits. */
  waitingBytes = 0;

  constructor(upgrade: Omit<Upgrade, "request" | "subprotocol">, turns: SharedTurns, listener: SocketListener) {
    const { socket, head, maxPayload, memory } = upgrade;
    this.#socket = socket;
    this.#turns = turns;
    this.#listener = listener;
    this.#memory = memory;
    this.#reader = new FrameReader(listener, maxPayload);
    this.#writer = new FrameWriter(socket, turns.scheduler, listener, memory);
    if (head.length > 0) socket.unshift(head);
    socket.on("data", (chunk: Buffer) => {
      if (turns.fairReads.take(this, chunk.length)) this.read(chunk);
      else this.#putOff(chunk);
    });
    socket.on("end", () => listener.onEnd());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      turns.fairReads.forget(this);
      this.#reader.stop();
      listener.onSocketClosed();
    });
  }

  /** Takes the next bytes, which may be changed in place. */
  read({ buffer, byteOffset, length }: Uint8Array): void {
    this.#listener.onBytes(length);
    this.#turns.scheduler.beginRead(this.#reader);
    try {
      this.#reader.read(new Uint8Array(buffer, byteOffset, length)); // no `Buffer`, so that the reader meets one class of object only
    } finally {
      this.#turns.scheduler.endRead(); // also after an exception, or a deferred frame would wait for the read of another socket
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
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.waitingBytes === 0) this.#socket.resume();
  }

  goOn(): void {
    this.#memory.add(-this.waitingBytes);
    this.waitingBytes = 0;
    if (!this.#isPaused) this.#socket.resume();
  }

  /** The stream gives these bytes again when it flows again, before all others and before its end. */
  #putOff(chunk: Buffer): void {
    this.waitingBytes = chunk.length;
    this.#memory.add(chunk.length);
    this.#socket.pause();
    this.#socket.unshift(chunk);
  }

  #countPart(): void {
    const bytes = this.#reader.heldBytes;
    if (bytes === this.#partBytes) return;
    this.#memory.add(bytes - this.#partBytes);
    this.#partBytes = bytes;
  }
}
