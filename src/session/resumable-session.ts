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
} from "../protocol/reliable/control-frames.ts";
import { DeliveryConfirmations } from "./delivery-confirmations.ts";
import type { Session, InitialFrames, ReceivedFrame, ResumeRequest } from "./session.ts";
import { SessionEpoch } from "./session-epoch.ts";
import { costOf, type FrameMemory } from "../room/frame-memory.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import { Outbox, type KeptFrame, type OutboxFrame } from "./outbox.ts";
import { EXPIRE_EVERY_MS, type PassingTerms } from "../room/passing-terms.ts";
import type { Port } from "../room/ports.ts";
import { ReceiveCounter } from "./receive-counter.ts";
import { VolatileFrames } from "./volatile-frames.ts";

export interface ResumableSessionOptions {
  /** What is kept for this peer counts here. */
  readonly memory: FrameMemory;
  /** What becomes of frames over the limit while the peer is away: the oldest go, or their senders are held back. */
  readonly overflow: "drop_oldest" | "hold_back";
  /** The life of the room, which counts belong to. */
  readonly epoch: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** `\0ack ` and fifteen digits; only what can be one is looked at more closely. */
const MAX_ACK_BYTES = 20;
/** What escapes data text that begins with U+0000 (P5.5.4). */
const ESCAPE = new Uint8Array(1);

export class ResumableSession implements Session {
  readonly #life: SessionEpoch;
  readonly #memory: FrameMemory;
  readonly #outbox: Outbox;
  readonly #overflow: ResumableSessionOptions["overflow"];
  #port: Port | undefined;
  #isReliable = false;
  /** Of what is in the outbox: sent on some connection, and known to have arrived. */
  #sent = 0;
  #confirmed = 0;
  /** What the frames of the outbox count for that this connection has not been sent yet. */
  #unsentBytes = 0;
  /** Nothing after this number may be let go of, whatever has arrived. */
  #checkpoint = Infinity;
  readonly #questions = new DeliveryConfirmations();
  readonly #volatile: VolatileFrames;
  readonly #received = new ReceiveCounter();
  readonly #now: () => number;
  /** Bytes that waited for the peer when it came, until it has caught up once. */
  #backlog = 0;
  /** When frames that have waited too long were last looked for. */
  #expiredAt = -Infinity;

  constructor({ memory, overflow, epoch, now }: ResumableSessionOptions) {
    this.#now = now;
    this.#life = new SessionEpoch(epoch);
    this.#overflow = overflow;
    this.#memory = memory;
    this.#volatile = new VolatileFrames(memory);
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
    if (this.waitingBytes <= limit) this.#backlog = 0;
    const isOver = (): boolean => this.waitingBytes > 0 && this.waitingBytes + bytes > limit + this.#backlog;
    if (isOver()) this.#expireNowAndThen();
    return isOver();
  }

  isStaleAttempt(resumeRequest: ResumeRequest): boolean {
    return this.#life.isStaleAttempt(resumeRequest, this.#now());
  }

  canResume(resumeRequest: ResumeRequest): boolean {
    return (this.#life.countedBy(resumeRequest) ?? 0) <= this.#outbox.last;
  }

  /** Says hello first where counts are spoken of. */
  attach(port: Port, resumeRequest: ResumeRequest, greeting: InitialFrames): number {
    const outbox = this.#outbox;
    const counted = this.#life.countedBy(resumeRequest);
    const isFresh = counted === undefined;
    const had = counted ?? this.#startOfFresh(resumeRequest.isReliable);
    if (isFresh) {
      this.#received.startOver();
      this.#life.begin();
    } else this.#release(had);
    this.#expire();

    this.#port = port;
    this.#isReliable = resumeRequest.isReliable;
    this.#life.turnTo(resumeRequest, this.#now());
    this.#questions.startOver();
    this.#received.told();
    const lost = Math.max(0, outbox.first - 1 - had);
    const isComing = (data: Uint8Array): boolean => this.#volatile.holds(data) || outbox.holdsAfter(had, data);
    const greetings = greeting(isFresh, isComing);
    if (resumeRequest.isReliable) {
      const hello = {
        epoch: this.#life.epoch,
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
    if (!this.#isReliable) {
      if (isSilent) this.#sent = this.#confirmed;
      else this.#confirmed = this.#sent;
    }
    this.#volatile.fit(); // one of them may be larger than all that is kept for an away peer
    this.fit();
  }

  send(data: Uint8Array, isText: boolean): void {
    if (!this.#volatile.isEmpty) this.#flushHeld();
    this.#deliver(undefined, data, isText);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    if (!this.#volatile.isEmpty) this.#flushHeld();
    this.#deliver(undefined, data, isText, "ahead");
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (!this.#volatile.isEmpty) this.#flushHeld();
    this.#deliver(head, toOwned(data), false);
  }

  sendPassing(data: Uint8Array, isText: boolean, { name, expiresAt }: PassingTerms): void {
    const port = this.#port;
    if (port !== undefined && !port.isBusy && this.#isWritten) return this.send(data, isText);
    if (name === undefined) {
      if (!this.#volatile.isEmpty) this.#flushHeld();
      return this.#deliver(undefined, data, isText, undefined, expiresAt);
    }
    this.#volatile.put(name, { data, isText, expiresAt });
    // Volatile frames give way to what must arrive. A live peer gets the newest ones, of whatever size.
    if (port === undefined) this.#volatile.fit();
  }

  flush(): void {
    const outbox = this.#outbox;
    const port = this.#port;
    if (port === undefined) return;
    this.#expire();
    while (this.#sent < outbox.last) {
      const frame = port.isBusy ? undefined : outbox.at(this.#sent + 1);
      if (frame === undefined) return;
      this.#unsentBytes -= costOf(frame);
      this.#sendKept(frame);
    }
    if (!this.#volatile.isEmpty) this.#flushHeld(true);
  }

  fit(): void {
    if (!this.#memory.isOverLimit) return;
    this.#expireNowAndThen();
    this.#outbox.evict(this.#lastDispensable);
  }

  shed(): boolean {
    const isUnharmed = this.#port === undefined || (this.#isWritten && this.#volatile.isEmpty);
    if (this.#port === undefined) this.#volatile.clear();
    this.#outbox.trim(this.#lastDispensable);
    return isUnharmed;
  }

  takeAck(data: Uint8Array, isText: boolean): boolean {
    if (!this.#isReliable || !isText || !beginsWithNul(data) || data.length > MAX_ACK_BYTES) return false;
    const control = decodeControl(data);
    if (control?.word !== "ack" || control.count > this.#sent || control.count <= this.#confirmed) return false;
    this.#release(control.count);
    return true;
  }

  read(data: Uint8Array, isText: boolean): ReceivedFrame {
    if (!this.#isReliable) return data;
    if (isText && beginsWithNul(data) && !isEscaped(data)) {
      return this.#readControl(decodeControl(data)) ? "control" : "nonsense";
    }
    this.#received.add(data.length);
    if (this.#received.isDue) this.#acknowledge("alone");
    return isText && beginsWithNul(data) ? unescapeText(data) : data;
  }

  noticePart(): void {
    if (this.#isReliable && this.#received.takePartNotice(this.#now())) this.#acknowledge("alone");
  }

  takeSkipped(): number {
    return this.#received.takeSkipped();
  }

  confirm(through: number): void {
    if (this.#isReliable) return;
    this.#release(Math.min(through, this.#sent));
    if (this.#questions.answer(through)) this.#ask();
  }

  checkpoint(through: number | undefined): void {
    const isCounted = this.#isReliable && through !== undefined;
    this.#checkpoint = isCounted ? Math.min(through, this.#sent) : Infinity;
    this.#release(isCounted ? this.#checkpoint : 0);
  }

  /** The last frame a page that starts from nothing is not to get again. */
  #startOfFresh(isReliable: boolean): number {
    if (this.#checkpoint !== Infinity) return this.#checkpoint;
    return isReliable || this.#isReliable ? this.#confirmed : this.#sent;
  }

  /** Whether this connection was sent all that is kept. */
  get #isWritten(): boolean {
    return this.#sent >= this.#outbox.last;
  }

  /** As `expire`, while the buffer is full and each frame asks for it. */
  #expireNowAndThen(): void {
    if (this.#now() - this.#expiredAt >= EXPIRE_EVERY_MS) this.#expire();
  }

  /** Drops what has waited too long and was never written. */
  #expire(): void {
    this.#expiredAt = this.#now();
    this.#volatile.expire(this.#expiredAt);
    const dropped = this.#outbox.expire(this.#expiredAt);
    if (this.#port !== undefined) this.#unsentBytes -= dropped;
  }

  /** Sends the volatile frames, before what is sent next: all of them, or those that need not wait. */
  #flushHeld(canWait = false): void {
    this.#volatile.expire(this.#now());
    for (;;) {
      if (canWait && this.#port?.isBusy !== false) return;
      const held = this.#volatile.take();
      if (held === undefined) return;
      this.#deliver(undefined, held.data, held.isText, undefined, held.expiresAt);
    }
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
  #deliver(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, how?: "ahead", expiresAt = Infinity): void {
    const outbox = this.#outbox;
    const port = this.#port;
    // What may expire stays here while the line is behind, since from its queue nothing can be taken back; what follows waits behind it.
    const isHeld = port === undefined || !this.#isWritten || (expiresAt !== Infinity && port.isBusy);
    outbox.push(head, data, isText, isHeld ? expiresAt : Infinity);
    if (port !== undefined) {
      if (isHeld) {
        this.#unsentBytes += costOf({ head, data });
      } else {
        if (this.#received.isDueAlong) this.#acknowledge("along");
        this.#transmit(head, data, isText, how);
        this.#sent = outbox.last;
        if (how === undefined && !this.#questions.isOpen) this.#ask();
      }
    }
    this.fit();
  }

  #transmit(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, how?: "ahead"): void {
    if (head !== undefined) this.#port?.sendParts(head, data);
    else if (this.#isReliable && isText && beginsWithNul(data)) this.#port?.sendParts(ESCAPE, data, true);
    else if (how === "ahead") this.#port?.sendCorked(data, isText);
    else this.#port?.send(data, isText);
  }

  #release(through: number): void {
    this.#confirmed = Math.max(this.#confirmed, through);
    this.#outbox.trim(Math.min(this.#confirmed, this.#checkpoint));
  }

  #ask(): void {
    if (!this.#isReliable && this.#confirmed < this.#sent) this.#questions.ask(this.#port, this.#sent);
  }

  /** Sends a greeting, which is not counted; its pings ask for no more than what the peer had. */
  #greet(frames: readonly OutboxFrame[], had: number): void {
    for (const { data, isText } of frames) {
      this.#transmit(undefined, data, isText);
      if (this.#questions.isDueAfter(data.length)) this.#port?.confirm(had);
    }
  }

  /** Sends all that is kept after this number, as far as the line takes it at once; the rest goes as it drains. */
  #catchUp(after: number): void {
    this.#sent = after;
    this.#questions.startOver();
    this.#unsentBytes = this.#outbox.bytesAfter(after);
    this.flush();
    this.#ask();
  }

  /** The next frame of those that waited. */
  #sendKept(frame: KeptFrame): void {
    this.#outbox.noteWritten(frame);
    this.#transmit(frame.head, frame.data, frame.isText);
    this.#sent += 1;
    if (this.#questions.isDueAfter(costOf(frame)) || this.#isWritten) this.#ask();
  }

  /** `along`: with the frame that is sent next, which is at once. */
  #acknowledge(how: "alone" | "along"): void {
    const port = this.#port;
    if (port === undefined || port.isBusy) return; // the next frame asks again, so a peer that does not read costs nothing
    this.#received.told();
    const ack = encodeControl({ word: "ack", count: this.#received.received });
    if (how === "alone") port.send(ack, true);
    else port.sendCorked(ack, true);
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
