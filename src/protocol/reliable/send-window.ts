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

  /** The number of the last frame that this connection was sent, or that the other end had before it. */
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

  /** The number up to which acknowledged frames are dropped; `Infinity` where all are. */
  get pinned(): number {
    return this.#pinned;
  }

  /** Keeps a frame, whose bytes never change from now on, as the last of those that wait. */
  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#unsentBytes += frame.cost;
    this.#memory.take(frame);
    if (frame.expiresAt < this.#nextExpiryAt) this.#nextExpiryAt = frame.expiresAt;
  }

  /** The connection was sent everything that is kept. */
  markSent(): void {
    this.#unsentBytes = 0;
    this.#sent = this.last;
    this.#fixNumbers(this.#sent);
  }

  /** The next frame that waits. It counts as sent from now on. */
  takeUnsent(): Frame | undefined {
    const frame = this.at(this.#sent + 1);
    if (frame === undefined) return undefined;
    this.#sent += 1;
    this.#unsentBytes -= frame.cost;
    this.#fixNumbers(this.#sent);
    return frame;
  }

  /** The frame of this number, where it is kept. */
  at(number: number): Frame | undefined {
    return number < this.#first ? undefined : this.#frames[this.#head + number - this.#first];
  }

  /** How many frames after this number are gone: the other end never gets them. */
  lostAfter(number: number): number {
    return Math.max(0, this.#first - 1 - number);
  }

  /** A new connection begins, whose end has everything up to this number: the frames after it that are kept wait to be sent. */
  rewind(number: number): void {
    this.#moveSent(Math.min(number + this.lostAfter(number), this.last));
  }

  /** Everything up to this number has arrived, and goes unless it is pinned. A number below an earlier one tells nothing. */
  acknowledge(number: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(number, this.last));
    this.#fixNumbers(this.#acknowledged);
    this.drop(Math.min(this.#acknowledged, this.#pinned));
  }

  /** Keeps every frame after this number, acknowledged or not; `Infinity` ends that. */
  pin(number: number): void {
    this.#pinned = number;
    this.acknowledge(0);
  }

  /** The connection is over, and it is taken that all it was sent has arrived. The frames stay, for the peer may know better. */
  presumeArrived(): void {
    this.#acknowledged = Math.max(this.#acknowledged, this.#sent);
  }

  /** The connection is over, and it is unknown since when: what was not acknowledged waits to be sent again. */
  presumeLost(): void {
    this.#moveSent(this.#acknowledged);
  }

  /** Drops the oldest frames up to this number, for as long as too much is kept. */
  evict(through: number): void {
    while (this.#memory.isOverLimit && this.#first <= through && this.size > 0) this.#dropFirst();
  }

  /** Drops the oldest frames up to this number. */
  drop(through: number): void {
    while (this.#first <= through && this.size > 0) this.#dropFirst();
  }

  /** Drops the frames that have waited too long. None was ever sent, so those behind them move up and leave no hole. */
  expire(now: number): void {
    if (now < this.#nextExpiryAt) return;
    this.#nextExpiryAt = Infinity;
    let kept = this.#head + Math.max(0, this.#fixed + 1 - this.#first);
    for (let index = kept; index < this.#frames.length; index++) {
      const frame = this.#frames[index];
      if (frame === undefined) continue;
      if (frame.expiresAt <= now) {
        this.#unsentBytes -= frame.cost;
        this.#memory.giveBack(frame);
      } else {
        if (frame.expiresAt < this.#nextExpiryAt) this.#nextExpiryAt = frame.expiresAt;
        this.#frames[kept++] = frame;
      }
    }
    this.#frames.length = kept;
  }

  #moveSent(number: number): void {
    this.#unsentBytes += this.#costBetween(number, this.#sent) - this.#costBetween(this.#sent, number);
    this.#sent = number;
    this.#fixNumbers(number);
  }

  #fixNumbers(through: number): void {
    if (through > this.#fixed) this.#fixed = through;
  }

  /** What the kept frames after one number count for, up to another. */
  #costBetween(after: number, through: number): number {
    let cost = 0;
    for (let next = Math.max(after + 1, this.#first); next <= through; next++) cost += this.at(next)?.cost ?? 0;
    return cost;
  }

  #dropFirst(): void {
    const frame = this.#frames[this.#head];
    if (frame !== undefined) {
      this.#memory.giveBack(frame);
      if (this.#first > this.#sent) this.#unsentBytes -= frame.cost;
    }
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    this.#first += 1;
    if (this.#head > MAX_SPENT && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
  }
}
