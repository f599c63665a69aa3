/**
 * A conversation that outlives its connections (P5.4, P5.5). It numbers what is sent, keeps what may have to be sent again, counts
 * what was got, and picks up where a new connection says.
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
import type { Channel, Greeting, Heard, Resumption } from "./channel.ts";
import { keep } from "./lent-bytes.ts";
import { Outbox, type OutboxFrame } from "./outbox.ts";
import { PageHistory } from "./page-history.ts";
import type { Port } from "./ports.ts";

export interface SessionChannelOptions {
  /** Bytes kept for this peer. */
  readonly bufferBytes: number;
  /** What becomes of frames over the limit while the peer is away: the oldest go, or whoever sends them is held back. */
  readonly overflow: "drop_oldest" | "hold_back";
  /** The life of the room, which counts belong to. */
  readonly epoch: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Frames, and bytes, of a peer after which it is told how many were got, so that it can let go of them. */
const ACK_EVERY_FRAMES = 16;
const ACK_EVERY_BYTES = 65_536;
/** Frames of a peer after which it is told so with the next frame that it gets anyway: that costs no system call (row `sessions`). */
const ACK_ALONG_FRAMES = 8;
/** How often a peer is told, while a frame of its comes, that it does. */
const TELL_OF_PARTS_MS = 1_000;
/**
 * Bytes, of what a peer gets at once when it comes, after which it is pinged: on a poor line all of it takes longer than a peer may be
 * silent. What a plain one has confirmed by then is not sent again.
 */
const CONFIRM_EVERY_BYTES = 65_536;
/** `\0ack ` and fifteen digits; only what can be one is looked at more closely. */
const MAX_ACK_BYTES = 20;

export class SessionChannel implements Channel {
  readonly #roomEpoch: string;
  /** The life that the counts belong to: of the room, and in it of the page that last began from nothing. */
  #epoch: string;
  #freshStarts = 0;
  readonly #outbox: Outbox;
  readonly #overflow: SessionChannelOptions["overflow"];
  #port: Port | undefined;
  #isExact = false;
  /** Of what is in the outbox: sent on some connection, and known to have arrived. */
  #sent = 0;
  #confirmed = 0;
  /** Nothing after this number may be let go of, whatever has arrived. */
  #checkpoint = Infinity;
  /** The last number whose arrival this peer was asked to confirm and has not. */
  #asked: number | undefined;
  #volatile: OutboxFrame | undefined;
  #received = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #toldOfPartAt = -TELL_OF_PARTS_MS;
  #skipped = 0;
  /** Of peers that say which of their connections this is. */
  #pages: PageHistory | undefined;
  readonly #now: () => number;
  /** Bytes that were queued when the peer had been sent what waited for it. */
  #backlog = 0;

  constructor({ bufferBytes, overflow, epoch, now }: SessionChannelOptions) {
    this.#now = now;
    this.#roomEpoch = epoch;
    this.#epoch = epoch;
    this.#overflow = overflow;
    this.#outbox = new Outbox(bufferBytes);
  }

  get port(): Port | undefined {
    return this.#port;
  }

  get isKeeping(): boolean {
    return true;
  }

  get isOverfull(): boolean {
    return this.#port === undefined && this.#outbox.isOverLimit;
  }

  get keptBytes(): number {
    return this.#outbox.bytes;
  }

  isSlow(limit: number): boolean {
    const queued = this.#port?.queued ?? 0;
    if (queued <= limit) this.#backlog = 0;
    return queued > limit + this.#backlog;
  }

  isOvertaken({ attempt }: Resumption): boolean {
    return attempt !== undefined && (this.#pages?.isOvertaken(attempt, this.#now()) ?? false);
  }

  canResume({ received, epoch }: Resumption): boolean {
    return received === undefined || epoch !== this.#epoch || received <= this.#outbox.last;
  }

  /** Says hello first where counts are spoken of. */
  attach(port: Port, resumption: Resumption, greeting: Greeting): number {
    const outbox = this.#outbox;
    const isFresh = resumption.received === undefined || resumption.epoch !== this.#epoch;
    const had = isFresh ? this.#startOfFresh(resumption.isExact) : (resumption.received ?? 0);
    if (isFresh) this.#startLife();
    else this.#release(had);

    this.#port = port;
    this.#isExact = resumption.isExact;
    if (resumption.attempt !== undefined) this.#pages ??= new PageHistory();
    this.#pages?.turnTo(resumption.attempt, this.#now());
    this.#asked = undefined;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    const lost = Math.max(0, outbox.first - 1 - had);
    const isComing = (data: Uint8Array): boolean => this.#volatile?.data === data || outbox.holdsAfter(had, data);
    const greetings = greeting(isFresh, isComing);
    if (resumption.isExact) {
      const hello = {
        epoch: this.#epoch,
        received: this.#received,
        greeting: greetings.length,
        next: had + lost + 1,
        lost,
      };
      port.send(encodeControl({ word: "hello", hello }), true);
    }
    this.#greet(greetings, had);
    this.#catchUp(had + lost);
    this.flushVolatile();
    this.#backlog = port.queued;
    return lost;
  }

  detach(isSilent: boolean): void {
    this.#port = undefined;
    if (!this.#isExact) {
      if (isSilent) this.#sent = this.#confirmed;
      else this.#confirmed = this.#sent;
    }
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#deliver(undefined, data, isText);
  }

  sendAhead(data: Uint8Array, isText: boolean): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#deliver(undefined, data, isText, "ahead");
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#deliver(head, keep(data), false);
  }

  sendVolatile(data: Uint8Array, isText: boolean): void {
    if (this.#port === undefined || this.#port.isBusy) this.#volatile = { data, isText };
    else this.send(data, isText);
  }

  flushVolatile(): void {
    if (this.#port !== undefined && !this.#port.isBusy) this.#flushHeld();
  }

  takeAck(data: Uint8Array, isText: boolean): boolean {
    if (!this.#isExact || !isText || !beginsWithNul(data) || data.length > MAX_ACK_BYTES) return false;
    const control = decodeControl(data);
    if (control?.word !== "ack" || control.count > this.#sent || control.count <= this.#confirmed) return false;
    this.#release(control.count);
    return true;
  }

  read(data: Uint8Array, isText: boolean): Heard {
    if (!this.#isExact) return data;
    if (isText && beginsWithNul(data) && !isEscaped(data)) {
      return this.#readControl(decodeControl(data)) ? "control" : "nonsense";
    }
    this.#received += 1;
    this.#unackedFrames += 1;
    this.#unackedBytes += data.length;
    if (this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES) this.#acknowledge("alone");
    return isText && beginsWithNul(data) ? unescapeText(data) : data;
  }

  noticePart(): void {
    if (!this.#isExact) return;
    const now = Math.round(this.#now()); // small whole numbers take no memory of their own
    if (now - this.#toldOfPartAt < TELL_OF_PARTS_MS) return;
    this.#toldOfPartAt = now;
    this.#acknowledge("alone");
  }

  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }

  confirm(through: number): void {
    if (this.#isExact) return;
    this.#release(Math.min(through, this.#sent));
    if (this.#asked !== undefined && through < this.#asked) return; // there is more to come
    this.#asked = undefined;
    this.#askConfirmation();
  }

  checkpoint(through: number | undefined): void {
    const isCounted = this.#isExact && through !== undefined;
    this.#checkpoint = isCounted ? Math.min(through, this.#sent) : Infinity;
    this.#release(isCounted ? this.#checkpoint : 0);
  }

  /** The last frame a page that starts from nothing is not to get again. */
  #startOfFresh(isExact: boolean): number {
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
    this.#deliver(undefined, held.data, held.isText);
  }

  /** These bytes may be kept as they are. */
  #deliver(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, how?: "ahead"): void {
    const outbox = this.#outbox;
    outbox.push(head, data, isText);
    if (this.#port !== undefined) {
      if (this.#unackedFrames >= ACK_ALONG_FRAMES) this.#acknowledge("along");
      this.#transmit(head, data, isText, how);
      this.#sent = outbox.last;
      if (how === undefined) this.#askConfirmation();
    }
    // What was sent may go unheard of; what was not may only where that is the rule. Whoever resumes is told the number.
    const mayGo = this.#port !== undefined || this.#overflow === "drop_oldest" ? outbox.last : this.#confirmed;
    if (outbox.isOverLimit) outbox.evict(mayGo);
  }

  #transmit(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, how?: "ahead"): void {
    const escaped = this.#isExact && isText ? escapeText(data) : data;
    if (head !== undefined) this.#port?.sendParts(head, data);
    else if (how === "ahead") this.#port?.sendAhead(escaped, isText);
    else this.#port?.send(escaped, isText);
  }

  #release(through: number): void {
    this.#confirmed = Math.max(this.#confirmed, through);
    this.#outbox.trim(Math.min(this.#confirmed, this.#checkpoint));
  }

  #askConfirmation(): void {
    if (this.#asked === undefined) this.#ask();
  }

  #ask(): void {
    if (this.#isExact || this.#confirmed >= this.#sent || this.#asked === this.#sent) return;
    this.#asked = this.#sent;
    this.#port?.confirm(this.#sent);
  }

  /** Sends a greeting, which is not counted; its pings ask for no more than what the peer had. */
  #greet(frames: readonly OutboxFrame[], had: number): void {
    const count = onceIn(CONFIRM_EVERY_BYTES, () => this.#port?.confirm(had));
    for (const { data, isText } of frames) {
      this.#transmit(undefined, data, isText);
      count(data.length);
    }
  }

  /** Sends all that is kept after this number. */
  #catchUp(after: number): void {
    const count = onceIn(CONFIRM_EVERY_BYTES, () => this.#ask());
    this.#sent = after;
    this.#outbox.forEachAfter(after, ({ head, data, isText, cost }) => {
      this.#transmit(head, data, isText);
      this.#sent += 1;
      count(cost);
    });
    this.#ask();
  }

  /** `along`: with the frame that is sent next, which is at once. */
  #acknowledge(how: "alone" | "along"): void {
    const port = this.#port;
    if (port === undefined || port.isBusy) return; // the next frame asks again, so a peer that does not read costs nothing
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    const ack = encodeControl({ word: "ack", count: this.#received });
    if (how === "alone") port.send(ack, true);
    else port.sendAhead(ack, true);
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
        this.#acknowledge("alone");
        return true;
      case "hello":
      case undefined:
        return false;
      default:
        return control satisfies never;
    }
  }
}

/** What counts bytes, and does this whenever so many more have come together. */
function onceIn(limitBytes: number, action: () => void): (bytes: number) => void {
  let counted = 0;
  return (bytes) => {
    counted += bytes;
    if (counted < limitBytes) return;
    counted = 0;
    action();
  };
}
