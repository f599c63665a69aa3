/** A WebSocket as a port of a room: the one place where `ws` and a room's promises meet. */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import type { PlayerPort } from "../../room/ports.ts";

const TEXT = { binary: false, compress: false } as const;
const BINARY = { binary: true, compress: false } as const;

/** What a frame that waits costs besides its bytes, in Node's and the library's own objects; measured, and rounded up. */
const FRAME_OVERHEAD_BYTES = 256;

/** Pings carry a letter that says what their pong is for, since every WebSocket gives the payload back (RFC 6455, 5.5.3). */
const CONFIRM_LETTER = "c";
const PROBE_PAYLOAD = Buffer.from("p");

/**
 * Serves as `PlayerPort` and as `HostPort`. It also remembers whether anything was heard of its peer, for the
 * heartbeat to look at.
 */
export class WebSocketPort implements PlayerPort {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #now: () => number;
  #isClosing = false;
  #probedAt: number | undefined;
  #rtt: number | undefined;

  #framesQueued = 0;
  /** One function for all frames, so that counting them costs the hot path no allocation. */
  readonly #onSent = (): void => {
    this.#framesQueued -= 1;
    if (this.#framesQueued === 0) this.onDrained?.();
  };

  #isPongUnderWay = false;
  #owedPong: Buffer | undefined;
  readonly #onPongSent = (): void => {
    const owed = this.#owedPong;
    this.#isPongUnderWay = false;
    this.#owedPong = undefined;
    if (owed !== undefined) this.#answerPing(owed);
  };

  /**
   * Called when all that was sent has left this process. The socket's own `drain` would not do: it comes only after
   * more was waiting than the socket likes, and our limits may be tighter.
   */
  onDrained: (() => void) | undefined;
  /** Any frame has come since the heartbeat last looked. */
  wasHeard = true;
  /** A ping of the heartbeat is out, and no pong has come since. */
  awaitsPong = false;
  /** Called when the peer has confirmed that so many frames arrived. */
  onConfirmed: ((count: number) => void) | undefined;

  /** `stream` is what the socket writes to. `now` gives milliseconds of a clock that never goes back. */
  constructor(socket: WebSocket, stream: Duplex, now: () => number) {
    this.#socket = socket;
    this.#stream = stream;
    this.#now = now;
    socket.on("ping", (payload) => {
      this.wasHeard = true;
      this.#answerPing(payload);
    });
    stream.on("drain", () => this.onDrained?.()); // a ping that goes out last leaves no frame to tell of it
    socket.on("pong", (payload) => this.#hearPong(payload));
  }

  /** Counts what is in memory: a million frames of one byte are more than a megabyte. */
  get queued(): number {
    const { bufferedAmount } = this.#socket;
    return bufferedAmount === 0 ? 0 : bufferedAmount + this.#framesQueued * FRAME_OVERHEAD_BYTES;
  }

  get isBusy(): boolean {
    return this.#stream.writableNeedDrain;
  }

  get rtt(): number | undefined {
    return this.#rtt;
  }

  /** We do not read from this peer, so its silence says nothing about it. */
  get isPaused(): boolean {
    return this.#socket.isPaused;
  }

  /** The room has let go of this peer: what it still says is nobody's business. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#framesQueued += 1;
    this.#socket.send(data, isText ? TEXT : BINARY, this.#onSent);
  }

  close(name: CloseName, reason?: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { code, reason: sentence } = CLOSE_CODES[name];
    this.#socket.resume(); // or the peer's own Close would never be read
    this.#socket.close(code, reason ?? sentence);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  confirm(count: number): void {
    this.#ping(`${CONFIRM_LETTER}${count}`);
  }

  /** A ping that measures the way. By when its pong has to be here is the heartbeat's business, and only for its own. */
  probe(): void {
    this.#probedAt ??= this.#now();
    this.#ping(PROBE_PAYLOAD);
  }

  /** Cuts the line without a goodbye, for peers that would not hear it. */
  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  /**
   * One answer is under way at a time, and then the newest ping's is next, as RFC 6455 (5.5.3) allows: or one who only
   * asks and never reads could fill the memory with answers.
   */
  #answerPing(payload: Buffer): void {
    if (this.#isPongUnderWay) {
      this.#owedPong = Buffer.from(payload);
    } else if (this.#socket.readyState === WebSocket.OPEN) {
      this.#isPongUnderWay = true;
      this.#socket.pong(payload, false, this.#onPongSent);
    }
  }

  #ping(payload: string | Buffer): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping(payload);
  }

  #hearPong(payload: Buffer): void {
    this.wasHeard = true;
    this.awaitsPong = false;
    const text = payload.toString("latin1");
    if (this.#probedAt !== undefined && payload.equals(PROBE_PAYLOAD)) {
      this.#rtt = Math.round(this.#now() - this.#probedAt);
      this.#probedAt = undefined;
    } else if (/^c\d{1,15}$/.test(text)) {
      this.onConfirmed?.(Number(text.slice(1)));
    }
  }
}
