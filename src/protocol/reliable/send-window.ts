/**
 * The frames that one end of a conversation has sent or will send (P5.5), numbered from 1 and kept in order until the other end has got them.
 * The server and the SDK both keep theirs here: it numbers, sends again after a resume, trims and drops. It copies nothing and knows no clock.
 *
 * The frames that were sent on this connection come first, and those that were not follow. A number belongs to a frame from its first sending on;
 * a frame that was never sent may expire, and the frames behind it move up.
 */

/** What a window has to know of a frame. */
export interface WindowFrame {
  /** Bytes that the frame counts for while it is kept. */
  readonly cost: number;
  /** When it is dropped if it was never sent by then, in milliseconds of the owner's clock; `Infinity` for never. */
  readonly expiresAt: number;
}

/** Counts what a window keeps, and says when that is too much. */
export interface WindowMemory<Frame> {
  readonly isOverLimit: boolean;
  /** This frame is kept from now on. */
  take(frame: Frame): void;
  /** A frame that was taken is kept no more. */
  giveBack(frame: Frame): void;
}

/** Spent slots at the front of the list, past which it is cut where they are more than half of it: so each frame is moved once on average. */
const MAX_SPENT = 32;

export class SendWindow<Frame extends WindowFrame> {
  readonly #memory: WindowMemory<Frame>;
  #frames: (Frame | undefined)[] = [];
  /** Where in `#frames` the first kept frame is; the slots before it are spent. */
  #head = 0;
  #first = 1;
  #sent = 0;
  #unsentBytes = 0;
  #acknowledged = 0;
  #pinned = Infinity;
  /** The last number that the other end may know: no frame up to it changes its number. */
  #fixed = 0;
  /** No frame expires before this time. */
  #nextExpiryAt = Infinity;

  constructor(memory: WindowMemory<Frame>) {
    this.#memory = memory;
  }

  /** The number of the first frame that is kept, or that will be. */
  get first(): number {
    return this.#first;
  }

  /** The number of the last frame put in; 0 before the first one. */
  get last(): number {
    return this.#first + this.size - 1;
  }

  /** Frames that are kept. */
  get size(): number {
    return this.#frames.length - this.#head;
  }

  /** The number of the last frame that this connection was sent, or that it is not to be sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether frames wait that this connection was not sent yet. */
  get hasUnsent(): boolean {
    return this.#sent < this.last;
  }

  /** What the frames count for that this connection was not sent yet. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** The number of the last frame that has arrived, as far as is known. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The last number that the other end may know. */
  get known(): number {
    return this.#fixed;
  }

  /** The number up to which acknowledged frames are dropped; `Infinity` where all are. */
  get pinned(): number {
    return this.#pinned;
  }

  /** Keeps a frame, whose bytes never change from now on, as the last of those that wait. */
  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#unsentBytes += frame.cost;
    this.#memory.take(frame);
    this.#nextExpiryAt = Math.min(this.#nextExpiryAt, frame.expiresAt);
  }

  /** The connection was sent everything that is kept. */
  markSent(): void {
    this.#unsentBytes = 0;
    this.#sent = this.last;
    this.#fixed = Math.max(this.#fixed, this.#sent);
  }

  /** The next frame that waits. It counts as sent from now on. */
  takeUnsent(): Frame | undefined {
    const frame = this.frame(this.#sent + 1);
    if (frame === undefined) return undefined;
    this.#unsentBytes -= frame.cost;
    this.#sent += 1;
    this.#fixed = Math.max(this.#fixed, this.#sent);
    return frame;
  }

  /** The frame of this number, where it is kept. */
  frame(number: number): Frame | undefined {
    return number < this.#first ? undefined : this.#frames[this.#head + number - this.#first];
  }

  /** How many frames after this number are gone: the other end never gets them. */
  lostAfter(number: number): number {
    return Math.max(0, this.#first - 1 - number);
  }

  /** Another connection begins. The frames after this number wait to be sent over it, as far as they are kept. */
  rewind(number: number): void {
    this.#sent = Math.max(Math.min(number, this.last), this.#first - 1);
    this.#fixed = Math.max(this.#fixed, this.#sent);
    this.#unsentBytes = 0;
    for (let next = this.#sent + 1; next <= this.last; next++) {
      this.#unsentBytes += this.frame(next)?.cost ?? 0;
    }
  }

  /**
   * Everything up to this number has arrived, and is dropped unless it is pinned. A number below an earlier one tells nothing. A frame that was
   * acknowledged over an earlier connection and waits to be sent again stays, since this connection counts it.
   */
  acknowledge(number: number): void {
    const arrived = Math.min(number, this.last);
    this.#acknowledged = Math.max(this.#acknowledged, arrived);
    this.#fixed = Math.max(this.#fixed, this.#acknowledged);
    this.drop(Math.min(this.#acknowledged, this.#pinned, Math.max(arrived, this.#sent)));
  }

  /** Keeps every frame after this number, acknowledged or not; `Infinity` ends that. */
  pin(number: number): void {
    this.#pinned = number;
    this.acknowledge(0);
  }

  /**
   * What is kept is of no use to the other end any more: everything up to this number counts as arrived, and frames that the other end cannot know of go
   * without a trace. Frames in between stay, for their numbers are known.
   */
  settle(through: number): void {
    const known = this.#head + Math.max(0, this.#fixed + 1 - this.#first);
    for (const frame of this.#frames.slice(known)) {
      if (frame === undefined) continue;
      this.#unsentBytes -= frame.cost;
      this.#memory.giveBack(frame);
    }
    this.#frames.length = Math.min(this.#frames.length, known);
    this.#pinned = Infinity;
    this.#acknowledged = Math.max(this.#acknowledged, through, this.#first - 1);
    this.#fixed = Math.max(this.#fixed, this.#acknowledged);
    this.drop(this.#acknowledged);
  }

  /** Drops the oldest frames up to this number; where `isToFit`, only for as long as too much is kept. */
  drop(through: number, isToFit = false): void {
    while (this.#first <= through && this.size > 0) {
      if (isToFit && !this.#memory.isOverLimit) return;
      const frame = this.#frames[this.#head];
      if (frame !== undefined) {
        if (this.#first > this.#sent) this.#unsentBytes -= frame.cost;
        this.#memory.giveBack(frame);
      }
      this.#sent = Math.max(this.#sent, this.#first);
      this.#frames[this.#head] = undefined;
      this.#head += 1;
      this.#first += 1;
      if (this.#head > MAX_SPENT && this.#head * 2 > this.#frames.length) {
        this.#frames = this.#frames.slice(this.#head);
        this.#head = 0;
      }
    }
  }

  /** Drops the frames that have waited too long. None was ever sent, so those behind them move up and leave no hole. */
  expire(now: number): void {
    if (now < this.#nextExpiryAt) return;
    this.#nextExpiryAt = Infinity;
    let kept = this.#head + Math.max(0, this.#fixed + 1 - this.#first);
    for (const frame of this.#frames.slice(kept)) {
      if (frame === undefined) continue;
      if (frame.expiresAt <= now) {
        this.#unsentBytes -= frame.cost;
        this.#memory.giveBack(frame);
      } else {
        this.#nextExpiryAt = Math.min(this.#nextExpiryAt, frame.expiresAt);
        this.#frames[kept++] = frame;
      }
    }
    this.#frames.length = kept;
  }
}
