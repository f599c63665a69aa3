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
  isEscaped,
  unescapeText,
  type Control,
} from "../protocol/exact.ts";
import type { Channel, Greeting, Heard, Resumption } from "./channel.ts";
import { FRAME_OVERHEAD_BYTES, type FrameMemory } from "./frame-memory.ts";
import { keep } from "./lent-bytes.ts";
import { Outbox, sizeOf, type KeptFrame, type OutboxFrame } from "./outbox.ts";
import { PageHistory } from "./page-history.ts";
import type { Port } from "./ports.ts";
import { ReceiveCounter } from "./receive-counter.ts";
import { VolatileSlot } from "./volatile-slot.ts";

export interface SessionChannelOptions {
  /** What is kept for this peer counts here. */
  readonly memory: FrameMemory;
  /** What becomes of frames over the limit while the peer is away: the oldest go, or whoever sends them is held back. */
  readonly overflow: "drop_oldest" | "hold_back";
  /** The life of the room, which counts belong to. */
  readonly epoch: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Bytes, of what a peer gets at once when it comes, after which it is pinged: on a poor line all of it takes longer than a peer may be
 * silent. What a plain one has confirmed by then is not sent again.
 */
const CONFIRM_EVERY_BYTES = 65_536;
/** `\0ack ` and fifteen digits; only what can be one is looked at more closely. */
const MAX_ACK_BYTES = 20;
/** What escapes data text that begins with U+0000 (P5.5.4). */
const ESCAPE = new Uint8Array(1);

export class SessionChannel implements Channel {
  readonly #roomEpoch: string;
  /** The life that the counts belong to: of the room, and in it of the page that last began from nothing. */
  #epoch: string;
  #freshStarts = 0;
  readonly #memory: FrameMemory;
  readonly #outbox: Outbox;
  readonly #overflow: SessionChannelOptions["overflow"];
  #port: Port | undefined;
  #isExact = false;
  /** Of what is in the outbox: sent on some connection, and known to have arrived. */
  #sent = 0;
  #confirmed = 0;
  /** Bytes in the outbox that this connection has not been sent yet: it did not take all that waited when it came. */
  #unsentBytes = 0;
  /** Nothing after this number may be let go of, whatever has arrived. */
  #checkpoint = Infinity;
  /** The last number whose arrival this peer was asked to confirm and has not. */
  #asked: number | undefined;
  readonly #volatile: VolatileSlot;
  readonly #received = new ReceiveCounter();
  /** Of peers that say which of their connections this is. */
  #pages: PageHistory | undefined;
  readonly #now: () => number;
  /** Bytes that waited for the peer when it came, until it has caught up once. */
  #backlog = 0;
  /** Bytes that were sent since the peer was last asked to confirm. */
  #unaskedBytes = 0;

  constructor({ memory, overflow, epoch, now }: SessionChannelOptions) {
    this.#now = now;
    this.#roomEpoch = epoch;
    this.#epoch = epoch;
    this.#overflow = overflow;
    this.#memory = memory;
    this.#volatile = new VolatileSlot(memory);
    this.#outbox = new Outbox(memory);
  }

  get port(): Port | undefined {
    return this.#port;
  }

  get isKeeping(): boolean {
    return true;
  }

  get isOverfull(): boolean {
    return this.#port === undefined && this.#memory.isOverLimit;
  }

  get keptBytes(): number {
    return this.#memory.bytes;
  }

  get waitingBytes(): number {
    return this.#port === undefined ? 0 : this.#port.queued + this.#unsentBytes;
  }

  isSlow(limit: number, bytes: number): boolean {
    const waiting = this.waitingBytes;
    if (waiting <= limit) this.#backlog = 0;
    return waiting > 0 && waiting + bytes > limit + this.#backlog;
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
    this.#received.told();
    const lost = Math.max(0, outbox.first - 1 - had);
    const isComing = (data: Uint8Array): boolean => this.#volatile.frame?.data === data || outbox.holdsAfter(had, data);
    const greetings = greeting(isFresh, isComing);
    if (resumption.isExact) {
      const hello = {
        epoch: this.#epoch,
        received: this.#received.received,
        greeting: greetings.length,
        next: had + lost + 1,
        lost,
      };
      port.send(encodeControl({ word: "hello", hello }), true);
    }
    this.#greet(greetings, had);
    this.#catchUp(had + lost);
    this.#backlog = this.waitingBytes;
    return lost;
  }

  detach(isSilent: boolean): void {
    this.#port = undefined;
    if (!this.#isExact) {
      if (isSilent) this.#sent = this.#confirmed;
      else this.#confirmed = this.#sent;
    }
    // One volatile frame may be larger than all that is kept for an away peer.
    if (this.#memory.isOverLimit) this.#volatile.take();
    this.fit();
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#volatile.frame !== undefined) this.#flushHeld();
    this.#deliver(undefined, data, isText);
  }

  sendAhead(data: Uint8Array, isText: boolean): void {
    if (this.#volatile.frame !== undefined) this.#flushHeld();
    this.#deliver(undefined, data, isText, "ahead");
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (this.#volatile.frame !== undefined) this.#flushHeld();
    this.#deliver(head, keep(data), false);
  }

  sendVolatile(data: Uint8Array, isText: boolean): void {
    if (this.#port !== undefined && !this.#port.isBusy && this.#unsentBytes === 0) return this.send(data, isText);
    this.#volatile.put(data, isText);
    // It gives way to what must arrive. A live peer gets the newest one, of whatever size.
    if (this.#port === undefined && this.#memory.isOverLimit) this.#volatile.take();
  }

  flush(): void {
    const outbox = this.#outbox;
    const port = this.#port;
    if (port === undefined) return;
    while (this.#sent < outbox.last) {
      const frame = port.isBusy ? undefined : outbox.at(this.#sent + 1);
      if (frame === undefined) return;
      this.#unsentBytes -= sizeOf(frame);
      this.#sendKept(frame);
    }
    if (!port.isBusy) this.#flushHeld();
  }

  fit(): void {
    if (this.#memory.isOverLimit) this.#outbox.evict(this.#lastDispensable);
  }

  shed(): boolean {
    const isUnharmed = this.#port === undefined || (this.#unsentBytes === 0 && this.#volatile.frame === undefined);
    if (this.#port === undefined) this.#volatile.take();
    this.#outbox.trim(this.#lastDispensable);
    return isUnharmed;
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
    this.#received.add(data.length);
    if (this.#received.isDue) this.#acknowledge("alone");
    return isText && beginsWithNul(data) ? unescapeText(data) : data;
  }

  noticePart(): void {
    if (this.#isExact && this.#received.takePartNotice(this.#now())) this.#acknowledge("alone");
  }

  takeSkipped(): number {
    return this.#received.takeSkipped();
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
    this.#received.startOver();
    this.#freshStarts += 1;
    if (this.#freshStarts > 1) this.#epoch = `${this.#roomEpoch}.${this.#freshStarts}`;
  }

  #flushHeld(): void {
    const held = this.#volatile.take();
    if (held !== undefined) this.#deliver(undefined, held.data, held.isText);
  }

  /**
   * The last frame that may be let go of before it has arrived. What this connection was sent may go unheard of; what it was not is needed for its
   * numbers, and for an away peer may go only where that is the rule. A peer that resumes is told how many are gone.
   */
  get #lastDispensable(): number {
    if (this.#port !== undefined) return this.#sent;
    return this.#overflow === "drop_oldest" ? this.#outbox.last : this.#confirmed;
  }

  /** These bytes may be kept as they are. */
  #deliver(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, how?: "ahead"): void {
    const outbox = this.#outbox;
    outbox.push(head, data, isText);
    if (this.#port !== undefined) {
      if (this.#sent < outbox.last - 1) {
        this.#unsentBytes += (head?.length ?? 0) + data.length;
      } else {
        if (this.#received.isDueAlong) this.#acknowledge("along");
        this.#transmit(head, data, isText, how);
        this.#sent = outbox.last;
        if (how === undefined) this.#askConfirmation();
      }
    }
    this.fit();
  }

  #transmit(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, how?: "ahead"): void {
    if (head !== undefined) this.#port?.sendParts(head, data);
    else if (this.#isExact && isText && beginsWithNul(data)) this.#port?.sendParts(ESCAPE, data, true);
    else if (how === "ahead") this.#port?.sendAhead(data, isText);
    else this.#port?.send(data, isText);
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

  /** Sends all that is kept after this number, as far as the line takes it at once; the rest goes as it drains. */
  #catchUp(after: number): void {
    this.#sent = after;
    this.#unaskedBytes = 0;
    this.#unsentBytes = this.#outbox.bytesAfter(after);
    this.flush();
    this.#ask();
  }

  /** The next frame of those that waited. */
  #sendKept(frame: KeptFrame): void {
    this.#transmit(frame.head, frame.data, frame.isText);
    this.#sent += 1;
    this.#unaskedBytes += sizeOf(frame) + FRAME_OVERHEAD_BYTES;
    if (this.#unaskedBytes < CONFIRM_EVERY_BYTES && this.#sent < this.#outbox.last) return;
    this.#unaskedBytes = 0;
    this.#ask();
  }

  /** `along`: with the frame that is sent next, which is at once. */
  #acknowledge(how: "alone" | "along"): void {
    const port = this.#port;
    if (port === undefined || port.isBusy) return; // the next frame asks again, so a peer that does not read costs nothing
    this.#received.told();
    const ack = encodeControl({ word: "ack", count: this.#received.received });
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
        return this.#received.skip(control.count);
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
