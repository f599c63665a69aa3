/**
 * A phone that says what it is told to, frame by frame, over `couchwire.v1`: so it knows when the server has got a frame, and comes back to its seat after a
 * lost connection. It adds nothing of its own to what it says.
 */
import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import { afterClose } from "../protocol/close-codes.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { RecordedData } from "../recording/recording-file.ts";
import { ReliableSession } from "../sdk/reliable-session.ts";
import { secretSubprotocols } from "../sdk/secret-subprotocols.ts";
import { pause } from "./pace.ts";

export interface ReplayPhoneOptions {
  /** The address of the server over HTTP, without a slash at the end. */
  readonly server: string;
  readonly code: string;
  readonly pin: string | undefined;
  readonly name: string | undefined;
  readonly signal: AbortSignal;
  /** A frame of the host. */
  readonly onFrame: (frame: RecordedData) => void;
}

const CLOSE_NORMAL = 1000;
/** What a phone may send in a second: less than any server's default (`playerRate`, `playerBytes`). */
const FRAMES_PER_SECOND = 80;
const BYTES_PER_SECOND = 1_048_576;
/** That much of it may come at once. */
const BURST_MS = 1_000;
/** How long a connection that was lost is tried again; a phone that has sent too much waits for a minute. */
const COME_BACK_MS = 90_000;
/** Where no server answers at first, none is there. */
const FIRST_ATTEMPTS = 3;
const NO_ANSWER = 1006;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** A server that does not close in that time is not waited for. */
const CLOSE_MS = 5_000;
const MAX_OUTBOX_BYTES = Number.MAX_SAFE_INTEGER;

export class ReplayPhone {
  readonly #options: ReplayPhoneOptions;
  readonly #secret = randomBytes(16).toString("hex");
  readonly #session: ReliableSession;
  #socket: WebSocket | undefined;
  #player: number | undefined;
  /** Aborted when it is out for good. */
  readonly #over = new AbortController();
  /** Why it is out for good. */
  #end: string | undefined;
  #endCode: number | undefined;
  /** The close code of the last connection. */
  #lostBy: number | undefined;
  /** It is cut off on purpose. */
  #isCut = false;
  #busyUntil = 0;
  readonly #wakes = new Set<() => void>();

  constructor(options: ReplayPhoneOptions) {
    this.#options = options;
    this.#session = new ReliableSession(
      { limitBytes: MAX_OUTBOX_BYTES, maxFrameBytes: MAX_OUTBOX_BYTES, whenFull: "refuse" },
      (frame) => this.#socket?.send(frame),
    );
  }

  /** The player that it is here. */
  get player(): number | undefined {
    return this.#player;
  }

  /** Why it is out for good; `undefined` while it is not. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Is aborted when it is out for good. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** The close code by which it was turned away or put out. */
  get endCode(): number | undefined {
    return this.#endCode;
  }

  /** Takes its seat, or goes back to it. The failure is a sentence. */
  async connect(): Promise<Result<undefined, string>> {
    this.#isCut = false;
    const { signal } = this.#options;
    const deadline = performance.now() + COME_BACK_MS;
    for (let attempt = 1; ; attempt++) {
      this.#open();
      const timer = setTimeout(() => this.#wake(), deadline - performance.now() + 1);
      await this.#news(() => this.#session.isUp || this.#socket === undefined || performance.now() > deadline);
      clearTimeout(timer);
      if (this.#session.isUp) return success(undefined);
      if (this.#end !== undefined) return failure(this.#end);
      const isNoServer = this.#player === undefined && this.#lostBy === NO_ANSWER && attempt >= FIRST_ATTEMPTS;
      if (isNoServer || signal.aborted || performance.now() > deadline) {
        const isWaiting = this.#socket !== undefined;
        await this.cut();
        return failure(isWaiting ? "The room lets it wait." : `Nothing answers at ${this.#options.server}.`);
      }
      await pause(Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS), signal);
    }
  }

  /** Says a frame, no faster than a phone may. */
  async send(frame: RecordedData): Promise<void> {
    const bytes = typeof frame === "string" ? Buffer.byteLength(frame) : frame.length;
    const cost = Math.max(1_000 / FRAMES_PER_SECOND, (1_000 * bytes) / BYTES_PER_SECOND);
    const now = performance.now();
    this.#busyUntil = Math.max(this.#busyUntil, now - BURST_MS) + cost;
    await pause(this.#busyUntil - now, this.#options.signal);
    if (this.#end === undefined) this.#session.send(frame);
  }

  /** Resolves when the server has got all that was said, and the host was given it; or the phone is out. */
  async confirmed(): Promise<void> {
    if (this.#end !== undefined || !this.#session.hasUnconfirmed || this.#options.signal.aborted) return;
    this.#session.ask();
    await this.#news(() => !this.#session.hasUnconfirmed || this.#end !== undefined);
  }

  /** Resolves when it is out for good, or after so many milliseconds. @default however long that takes */
  async out(ms?: number): Promise<void> {
    let isLate = false;
    const late = (): void => {
      isLate = true;
      this.#wake();
    };
    const timer = ms === undefined ? undefined : setTimeout(late, ms);
    await this.#news(() => this.#end !== undefined || isLate);
    clearTimeout(timer);
  }

  /** Its connection is gone as in a dead spot: the server keeps its seat. */
  async cut(): Promise<void> {
    this.#isCut = true;
    await this.#close((socket) => socket.terminate());
  }

  /** Leaves for good. */
  async leave(): Promise<void> {
    this.#finish("It has left.");
    await this.#close((socket) => socket.close(CLOSE_NORMAL));
  }

  #open(): void {
    const { server, code, pin, name } = this.#options;
    const query = new URLSearchParams({ ...(name !== undefined && { name }), ...this.#session.resumption });
    const address = `${server.replace(/^http/, "ws")}/${code}?${query}`;
    const offered = [RELIABLE_SUBPROTOCOL, ...secretSubprotocols({ session: this.#secret, pin })];
    const socket = new WebSocket(address, offered, { perMessageDeflate: false, handshakeTimeout: 10_000 });
    this.#socket = socket;
    socket.on("error", () => {}); // `close` follows
    socket.on("message", (data: Buffer, isBinary) => {
      if (socket === this.#socket) this.#read(isBinary ? new Uint8Array(data) : data.toString());
    });
    socket.on("close", (closeCode, reason) => {
      if (socket === this.#socket) this.#lost(closeCode, reason.toString());
    });
  }

  #read(frame: RecordedData): void {
    const incoming = this.#session.read(frame);
    if (incoming.is === "data") this.#options.onFrame(incoming.data);
    if (incoming.is === "greeting") {
      this.#player = incoming.greeting.hello.player ?? this.#player;
      for (const first of incoming.greeting.frames) this.#options.onFrame(first);
    }
    this.#session.acknowledge();
    this.#wake();
  }

  #lost(closeCode: number, reason: string): void {
    const wasUp = this.#session.isUp;
    this.#lostBy = closeCode;
    this.#session.down();
    this.#socket = undefined;
    if (afterClose(closeCode) === "final") {
      this.#endCode ??= closeCode;
      this.#finish(reason === "" ? `The server closed with ${closeCode}.` : reason);
    } else if (wasUp && !this.#isCut && this.#end === undefined && !this.#options.signal.aborted) void this.#comeBack();
    this.#wake();
  }

  async #comeBack(): Promise<void> {
    const back = await this.connect();
    if (back.ok) this.#session.ask();
    else this.#finish(back.failure);
    this.#wake();
  }

  async #close(close: (socket: WebSocket) => void): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
    close(socket);
    await closed;
    clearTimeout(timer);
  }

  #finish(why: string): void {
    this.#end ??= why;
    this.#over.abort();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }

  /** Resolves when this is so, which is looked at after each frame, or the replay is stopped. */
  async #news(isSo: () => boolean): Promise<void> {
    const { signal } = this.#options;
    while (!isSo() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener("abort", done);
          this.#wakes.delete(done);
          resolve();
        };
        signal.addEventListener("abort", done);
        this.#wakes.add(done);
      });
    }
  }
}
