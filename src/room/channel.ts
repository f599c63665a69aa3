/**
 * A conversation with one peer, host or player, that outlives its connections (P5.4, P5.5). It numbers what is sent,
 * keeps what may have to be sent again, counts what was got, and picks up where a new connection says.
 *
 * Without a session it keeps nothing and is a thin skin over the port.
 *
 * Long because its counts only make sense together: attaching, sending, reading and confirming share every one of them.
 */
import {
  beginsWithNul,
  decodeControl,
  encodeControl,
  escapeText,
  isEscaped,
  unescapeText,
  type Control,
} from "../protocol/exact.ts";
import { joined } from "../protocol/host-encoder.ts";
import { compact, Outbox, type OutboxFrame } from "./outbox.ts";
import type { Attempt } from "../protocol/peer-query.ts";
import { PageHistory } from "./page-history.ts";
import type { Port } from "./ports.ts";

export interface ChannelOptions {
  /** Bytes kept for this peer, or `undefined` where it has no session and nothing is kept. */
  readonly bufferBytes: number | undefined;
  /** What becomes of frames over the limit while the peer is away: the oldest go, or whoever sends them is held back. */
  readonly overflow: "drop_oldest" | "hold_back";
  /** The life of the room, which counts belong to. */
  readonly epoch: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** How a connection takes the conversation up. */
export interface Resumption {
  /** The peer speaks `couchwire.v1`: counts travel both ways. */
  readonly isExact: boolean;
  /** Data frames the peer has got, if it remembers; a page that starts from nothing does not. */
  readonly received?: number | undefined;
  /** The life of the room in which it counted them. */
  readonly epoch?: string | undefined;
  /** Which of the page's connections it is, if it says so. */
  readonly attempt?: Attempt | undefined;
}

/** The close reason after nonsense. */
export const NOT_UNDERSTOOD = "That control frame of couchwire.v1 was not understood.";

/** Frames, and bytes, of a peer after which it is told how many were got, so that it can let go of them. */
const ACK_EVERY_FRAMES = 16;
const ACK_EVERY_BYTES = 65_536;
/** `\0ack ` and fifteen digits; only what can be one is looked at more closely. */
const MAX_ACK_BYTES = 20;

export class Channel {
  readonly #roomEpoch: string;
  /** The life that the counts belong to: of the room, and in it of the page that last began from nothing. */
  #epoch: string;
  #freshStarts = 0;
  readonly #outbox: Outbox | undefined;
  readonly #overflow: ChannelOptions["overflow"];
  #port: Port | undefined;
  #isExact = false;
  /** Of what is in the outbox: sent on some connection, and known to have arrived. */
  #sent = 0;
  #confirmed = 0;
  /** Nothing after this number may be let go of, whatever has arrived. */
  #checkpoint = Infinity;
  #isConfirmationOut = false;
  #volatile: OutboxFrame | undefined;
  #received = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #skipped = 0;
  /** Of peers that say which of their connections this is. */
  #pages: PageHistory | undefined;
  readonly #now: () => number;
  /** Bytes that were queued when the peer had been sent what waited for it. */
  #backlog = 0;

  constructor({ bufferBytes, overflow, epoch, now }: ChannelOptions) {
    this.#now = now;
    this.#roomEpoch = epoch;
    this.#epoch = epoch;
    this.#overflow = overflow;
    this.#outbox = bufferBytes === undefined ? undefined : new Outbox(bufferBytes);
  }

  /** The connection of the moment. */
  get port(): Port | undefined {
    return this.#port;
  }

  get isExact(): boolean {
    return this.#isExact;
  }

  /** The number of the next frame that is sent. */
  get next(): number {
    return (this.#outbox?.last ?? 0) + 1;
  }

  /** Whether frames wait for a connection, and are more than the buffer may hold. */
  get isOverfull(): boolean {
    return this.#port === undefined && (this.#outbox?.isOverLimit ?? false);
  }

  /** Bytes that are kept. */
  get keptBytes(): number {
    return this.#outbox?.bytes ?? 0;
  }

  /**
   * Whether more than `limit` bytes are queued for a live peer. What waited for it when it came is not its fault: until
   * the queue has been within the limit once, that much more is allowed, or it would be closed as soon as it is back.
   */
  isSlow(limit: number): boolean {
    const queued = this.#port?.queued ?? 0;
    if (queued <= limit) this.#backlog = 0;
    return queued > limit + this.#backlog;
  }

  /**
   * Whether a later connection of the same page has been here already, or another page that has just taken the place of
   * this one: then it was overtaken on its way, and nobody is at its end.
   */
  isOvertaken({ attempt }: Resumption): boolean {
    return attempt !== undefined && (this.#pages?.isOvertaken(attempt, this.#now()) ?? false);
  }

  /** Whether these counts can be the peer's: it cannot have got more than was sent in this life of the room. */
  canResume({ received, epoch }: Resumption): boolean {
    return received === undefined || epoch !== this.#epoch || received <= (this.#outbox?.last ?? 0);
  }

  /**
   * Goes on over a new connection: says hello where counts are spoken of, then `greeting` (frames outside the count), then what
   * waited. Returns how many frames the peer will never get. `isComing`: this frame is among what waited.
   */
  attach(
    port: Port,
    resumption: Resumption,
    greeting: (isFresh: boolean, isComing: (data: Uint8Array) => boolean) => readonly OutboxFrame[],
  ): number {
    const outbox = this.#outbox;
    const isFresh = resumption.received === undefined || resumption.epoch !== this.#epoch;
    const had = isFresh ? this.#startOfFresh(resumption.isExact) : (resumption.received ?? 0);
    if (isFresh) this.#startLife();
    else this.#release(had);

    this.#port = port;
    this.#isExact = resumption.isExact;
    if (resumption.attempt !== undefined) this.#pages ??= new PageHistory();
    this.#pages?.turnTo(resumption.attempt, this.#now());
    this.#isConfirmationOut = false;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    const lost = outbox === undefined ? 0 : Math.max(0, outbox.first - 1 - had);
    const isComing = (data: Uint8Array): boolean =>
      this.#volatile?.data === data || (outbox?.holdsAfter(had, data) ?? false);
    const greetings = greeting(isFresh, isComing);
    if (resumption.isExact) {
      const hello = {
        epoch: this.#epoch,
        received: this.#received,
        greeting: greetings.length,
        next: had + lost + 1,
        lost,
      };
      this.#sendControl({ word: "hello", hello });
    }
    for (const { data, isText } of greetings) this.#transmit(data, isText);
    outbox?.forEachAfter(had, ({ data, isText }) => this.#transmit(data, isText));
    this.#sent = outbox?.last ?? 0;
    this.#askConfirmation();
    this.flushVolatile();
    this.#backlog = port.queued;
    return lost;
  }

  /**
   * The connection is gone. `isSilent`: nobody knows since when, so what it did not confirm counts as never arrived;
   * otherwise what was sent counts as arrived, unless the peer itself says else when it comes back.
   */
  detach(isSilent: boolean): void {
    this.#port = undefined;
    if (!this.#isExact) {
      if (isSilent) this.#sent = this.#confirmed;
      else this.#confirmed = this.#sent;
    }
  }

  /** Sends a frame, or keeps it for the next connection. */
  send(data: Uint8Array, isText: boolean): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#deliver(data, isText);
  }

  /** As `send`, for a binary frame that is `head` and then `data`: put together only where it has to be kept. */
  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (this.#outbox === undefined && this.#volatile === undefined) this.#port?.sendParts(head, data);
    else this.send(joined(head, data), false);
  }

  /** Sends a frame that a newer one replaces for as long as the peer cannot take it. */
  sendVolatile(data: Uint8Array, isText: boolean): void {
    if (this.#port === undefined || this.#port.isBusy) this.#volatile = { data: compact(data), isText };
    else this.send(data, isText);
  }

  /** The peer can take more: the newest volatile frame goes out. */
  flushVolatile(): void {
    if (this.#port !== undefined && !this.#port.isBusy) this.#flushHeld();
  }

  /**
   * Takes an ack that tells something new, before anything else is asked of the frame: there are no more of those than
   * frames sent, so they need no other limit. `false`: it is something else.
   */
  takeAck(data: Uint8Array, isText: boolean): boolean {
    if (!this.#isExact || !isText || !beginsWithNul(data) || data.length > MAX_ACK_BYTES) return false;
    const control = decodeControl(data);
    if (control?.word !== "ack" || control.count > this.#sent || control.count <= this.#confirmed) return false;
    this.#release(control.count);
    return true;
  }

  /** What the peer sent: its data, or what else the frame was. After nonsense the connection is to be closed. */
  read(data: Uint8Array, isText: boolean): Uint8Array | "control" | "nonsense" {
    if (!this.#isExact) return data;
    if (isText && beginsWithNul(data) && !isEscaped(data)) {
      return this.#readControl(decodeControl(data)) ? "control" : "nonsense";
    }
    this.#received += 1;
    this.#unackedFrames += 1;
    this.#unackedBytes += data.length;
    if (this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES) this.#acknowledge();
    return isText && beginsWithNul(data) ? unescapeText(data) : data;
  }

  /** Frames that the peer said it lost before it could send them, since this was last asked. */
  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }

  /** A connection without counts has confirmed, through a pong, all frames up to this number. */
  confirm(through: number): void {
    this.#isConfirmationOut = false;
    if (this.#isExact) return;
    this.#release(Math.min(through, this.#sent));
    this.#askConfirmation();
  }

  /**
   * A counting peer's state up to this frame is safe: what came after is kept until the next checkpoint says otherwise.
   * One without a count takes the count of the last with it.
   */
  checkpoint(through: number | undefined): void {
    const isCounted = this.#isExact && through !== undefined;
    this.#checkpoint = isCounted ? Math.min(through, this.#sent) : Infinity;
    this.#release(isCounted ? this.#checkpoint : 0);
  }

  /** The last frame a page that starts from nothing is not to get again. */
  #startOfFresh(isExact: boolean): number {
    if (this.#outbox === undefined) return 0;
    if (this.#checkpoint !== Infinity) return this.#checkpoint;
    return isExact || this.#isExact ? this.#confirmed : this.#sent;
  }

  /** A page has begun to count from nothing: one that still counts from before, such as a page gone back to, is told so. */
  #startLife(): void {
    this.#received = 0;
    this.#freshStarts += 1;
    if (this.#freshStarts > 1) this.#epoch = `${this.#roomEpoch}.${this.#freshStarts}`;
  }

  #flushHeld(): void {
    const held = this.#volatile;
    if (held === undefined) return;
    this.#volatile = undefined;
    this.#deliver(held.data, held.isText);
  }

  #deliver(data: Uint8Array, isText: boolean): void {
    const outbox = this.#outbox;
    if (outbox === undefined) {
      this.#port?.send(data, isText);
      return;
    }
    outbox.push(data, isText);
    if (this.#port !== undefined) {
      this.#transmit(data, isText);
      this.#sent = outbox.last;
      this.#askConfirmation();
    }
    // What was sent may go unheard of; what was not may only where that is the rule. Whoever resumes is told the number.
    const mayGo = this.#port !== undefined || this.#overflow === "drop_oldest" ? outbox.last : this.#confirmed;
    if (outbox.isOverLimit) outbox.evict(mayGo);
  }

  #transmit(data: Uint8Array, isText: boolean): void {
    this.#port?.send(this.#isExact && isText ? escapeText(data) : data, isText);
  }

  #release(through: number): void {
    this.#confirmed = Math.max(this.#confirmed, through);
    this.#outbox?.trim(Math.min(this.#confirmed, this.#checkpoint));
  }

  #askConfirmation(): void {
    if (this.#isExact || this.#isConfirmationOut || this.#outbox === undefined || this.#confirmed >= this.#sent) return;
    this.#isConfirmationOut = true;
    this.#port?.confirm(this.#sent);
  }

  #acknowledge(): void {
    if (this.#port?.isBusy ?? true) return; // the next frame asks again, so a peer that does not read costs nothing
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    this.#sendControl({ word: "ack", count: this.#received });
  }

  /** `false` where this peer cannot have meant it. */
  #readControl(control: Control | undefined): boolean {
    switch (control?.word) {
      case "ack":
        if (control.count > this.#sent) return false;
        this.#release(control.count);
        return true;
      case "skip":
        if (!Number.isSafeInteger(this.#received + control.count)) return false;
        this.#received += control.count;
        this.#skipped += control.count;
        return true;
      case "ping":
        this.#acknowledge();
        return true;
      case "hello":
      case undefined:
        return false;
      default:
        return control satisfies never;
    }
  }

  #sendControl(control: Control): void {
    this.#port?.send(encodeControl(control), true);
  }
}
