/** A TCP socket of ghost-sync's wire as a connection: frames in and out, pings and pongs, and how it ends (P7). Which room its client is in, it does not know. */
import type { Duplex } from "node:stream";
import { FrameSplitter } from "../../protocol/ghost-sync/frame-splitter.ts";
import { encodeServerMessage } from "../../protocol/ghost-sync/messages.ts";
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import type { ConnectionHandler } from "../../room/ports.ts";
import { Connection, type ConnectionOwner } from "../connection.ts";
import { PingFlood } from "../ping-flood.ts";
import { SocketWriter, type SocketWriterOwner } from "./socket-writer.ts";

export interface TcpConnectionOptions {
  /** Bytes in one payload of the client; a prefix over it ends the connection before anything is allocated. */
  readonly maxPayload: number;
  /** Frames that may wait for the client before it is ended; 0: their bytes alone count. */
  readonly tcpQueueFrames: number;
  readonly pingMs: number;
}

/** A ping that is on its way: when it left, and how many frames its pong confirms. */
interface Question {
  readonly askedAt: number;
  readonly count: number | undefined;
}

const PING = encodeServerMessage({ say: "ping" });
const PONG = encodeServerMessage({ say: "pong" });
/** How long a client that was silent may take to hang up: it reads nothing, so its place is not kept for it. */
const SILENT_CLOSE_MS = 500;
/** The part of a ping interval by which the first ping leaves early: half a round of the heartbeat, so that on average none is late. */
const FIRST_PING_EARLY = 1 / 16;
/** A ping that leaves later than half an interval after it was due is not on time: the process was held up. */
const ON_TIME = 1.5;

export class TcpConnection extends Connection implements SocketWriterOwner {
  readonly #socket: Duplex;
  readonly #options: TcpConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #splitter: FrameSplitter;
  readonly #writer: SocketWriter;
  readonly #questions: Question[] = [];
  #pingFlood: PingFlood | undefined;
  #rtt: number | undefined;
  #isLetIn = false;
  /** What the client says next depends on an answer that is not there. */
  #isWaiting = false;
  #isPausedByRoom = false;
  #isReading = false;
  /** Bytes of frames that are not over, as the memory budget knows of them. */
  #partBytes = 0;
  #silentTimer: NodeJS.Timeout | undefined;

  constructor(owner: ConnectionOwner, socket: Duplex, options: TcpConnectionOptions) {
    super(owner);
    this.#socket = socket;
    this.#options = options;
    this.#owner = owner;
    this.#splitter = new FrameSplitter(options.maxPayload);
    this.#writer = new SocketWriter(socket, this.memory, this);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#onClosed());
  }

  get queued(): number {
    return this.#writer.queued;
  }

  get isBusy(): boolean {
    return this.#writer.isBusy;
  }

  get rtt(): number | undefined {
    return this.#rtt;
  }

  /** Sends a whole frame, as a `MemberEncoder` made it. */
  send(frame: Uint8Array): void {
    if (this.isClosing || this.isGone) return;
    this.#writer.send(frame);
    const { tcpQueueFrames } = this.#options;
    if (tcpQueueFrames > 0 && this.#writer.queuedFrames > tcpQueueFrames) this.#endSlow();
  }

  /** Tells the client why the connection ends, as its last frame (P7.4). */
  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.isClosing) return;
    this.readToEnd(); // or the end of the peer would never be read
    // Its successor is sent all of it again; a client that does not read would not come to the reason.
    if (name === "replaced" || name === "slow_consumer") this.#writer.dropQueue();
    if (reason !== "") this.#writer.send(encodeServerMessage({ say: "error", text: reason }));
    this.beginClosing();
    this.#writer.end();
    if (name === "timeout") this.#silentTimer = setTimeout(() => this.terminate(), SILENT_CLOSE_MS);
  }

  override closeAndDrop(name: CloseName): void {
    this.#writer.dropQueue();
    this.close(name);
  }

  terminate(): void {
    this.isClosing = true;
    this.#socket.destroy();
  }

  confirm(count: number): void {
    this.#ask(count);
  }

  probe(): void {
    this.#ask(undefined);
  }

  /** The next ping is due one interval after this one was, not after it left: the heartbeat may be a round late, and would be later with each ping. */
  override ping(intervalMs: number): void {
    const isPingStuck = this.isBusy;
    const dueAt = this.pingAt;
    super.ping(intervalMs);
    this.isPingStuck = isPingStuck;
    const isOnTime = this.pingAt - dueAt < intervalMs * ON_TIME;
    if (isOnTime) this.pingAt = dueAt + intervalMs;
  }

  /** Answers the client's ping. */
  answerPing(): void {
    if (!this.#isFlood()) this.send(PONG);
  }

  /** The client's pongs come in the order of the pings. */
  takePong(): void {
    const question = this.#questions.shift();
    if (question === undefined) {
      this.#isFlood();
      return;
    }
    this.unanswered = 0;
    this.#rtt = Math.round(this.#owner.now() - question.askedAt);
    this.#owner.onRoundTrip?.(this.#rtt);
    if (question.count !== undefined) this.tellConfirmed(question.count);
  }

  /** Reads no further frame until `goOn`. */
  wait(): void {
    this.#isWaiting = true;
    super.pause();
  }

  goOn(): void {
    this.#isWaiting = false;
    if (!this.#isPausedByRoom) super.resume();
  }

  override pause(): void {
    this.#isPausedByRoom = true;
    super.pause();
  }

  override resume(): void {
    this.#isPausedByRoom = false;
    if (!this.#isWaiting) super.resume();
  }

  override letIn(handler: ConnectionHandler): void {
    this.#isLetIn = true;
    // The first after one interval, as ghost-sync has it. The heartbeat spreads those of other wires.
    this.pingAt = this.heardAt + Math.round(this.#options.pingMs * (1 - FIRST_PING_EARLY));
    super.letIn(handler);
    this.#readFrames();
  }

  /** The socket has taken what it had refused: the client reads, however slowly, and its pong comes behind what it has not read yet. */
  onTaken(): void {
    this.wasHeard = true;
    this.unanswered = 0;
  }

  onDrained(): void {
    this.tellDrained();
  }

  protected stopReading(): void {
    this.#socket.pause();
  }

  protected startReading(): void {
    this.#readFrames();
    if (!this.isPaused || this.isClosing) this.#socket.resume();
  }

  #onData(chunk: Buffer): void {
    this.tellBytes(chunk.length);
    if (this.isClosing) return;
    // A pong cannot come in the middle of a frame, so the bytes of the frame are as good (P7.2).
    if (this.#splitter.isAmid) this.unanswered = 0;
    this.#splitter.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#readFrames();
    if (this.#splitter.isAmid) {
      this.unanswered = 0;
      this.tellPart();
    }
  }

  /** Tells the frames that are whole, as long as they may be told. The handler may pause the connection, and let it go on, with each of them. */
  #readFrames(): void {
    if (this.#isReading || !this.#isLetIn) return;
    this.#isReading = true;
    while (!this.isPaused && !this.isClosing && !this.isGone) {
      const next = this.#splitter.next();
      if (next === undefined) break;
      if (next instanceof Uint8Array) this.tellMessage(next, false);
      else this.end("frame_too_large", `payload too large: ${next.size} bytes (max ${next.max})`);
    }
    this.#isReading = false;
    if (this.isClosing) this.#splitter.clear();
    this.#countPart();
  }

  #countPart(): void {
    const bytes = this.#splitter.heldBytes;
    this.memory.add(bytes - this.#partBytes);
    this.#partBytes = bytes;
  }

  /** The client has ended its side. ghost-sync has no other word for going. */
  #onEnd(): void {
    this.tellGone("cut");
    if (!this.isClosing) this.beginClosing();
    this.#writer.dropQueue();
    this.#writer.end();
  }

  #onClosed(): void {
    clearTimeout(this.#silentTimer);
    this.tellGone("cut");
    this.#splitter.clear();
    this.tellEnded();
  }

  #ask(count: number | undefined): void {
    if (this.isClosing || this.isGone) return;
    this.#questions.push({ askedAt: this.#owner.now(), count });
    this.#writer.send(PING);
  }

  /** Not in the stack of the room that sends. */
  #endSlow(): void {
    queueMicrotask(() => {
      if (!this.isClosing) this.end("slow_consumer");
    });
  }

  /** Whether the ping, or the pong that was not asked for, which has just come is one too many. The client is ended then. */
  #isFlood(): boolean {
    this.#pingFlood ??= new PingFlood(this.#owner.now);
    const isFlood = this.#pingFlood.add();
    if (isFlood && !this.isClosing) this.end("rate_limited", this.handler?.ban());
    return isFlood;
  }
}
