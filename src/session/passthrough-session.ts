/** A conversation without a session. It ends with its connection, so it keeps nothing and counts nothing. */
import { SendWindow } from "../protocol/reliable/send-window.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import { EXPIRE_EVERY_MS, type PassingTerms } from "../room/passing-terms.ts";
import type { InitialFrames, ResumeRequest } from "../room/ports.ts";
import { transmit } from "./ack-policy.ts";
import { toKept, type KeptFrame } from "./kept-frame.ts";
import type { Port } from "./ports.ts";
import type { Session } from "./session.ts";
import { VolatileFrames } from "./volatile-frames.ts";

export class PassthroughSession implements Session {
  #port: Port | undefined;
  readonly #volatile: VolatileFrames;
  readonly #memory: FrameMemory;
  readonly #now: () => number;
  /** Frames that wait here. Made for the first frame that may expire and finds the connection behind. */
  #queue: SendWindow<KeptFrame> | undefined;
  /** When frames that have waited too long were last looked for. */
  #expiredAt = -Infinity;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(memory: FrameMemory, now: () => number) {
    this.#memory = memory;
    this.#now = now;
    this.#volatile = new VolatileFrames(memory);
  }

  get port(): Port | undefined {
    return this.#port;
  }

  get isKeeping(): boolean {
    return false;
  }

  get isOverfull(): boolean {
    return false;
  }

  get takesMore(): boolean {
    return this.#port?.isBusy === false && !this.#hasQueue;
  }

  get keptBytes(): number {
    return this.#memory.bytes;
  }

  get waitingBytes(): number {
    return (this.#port?.queued ?? 0) + (this.#queue?.unsentBytes ?? 0);
  }

  isSlow(limit: number, bytes: number): boolean {
    const isOver = (): boolean => this.waitingBytes > 0 && this.waitingBytes + bytes > limit;
    if (isOver()) this.#expireNowAndThen();
    return isOver();
  }

  isStaleAttempt(): boolean {
    return false;
  }

  canResume(): boolean {
    return true;
  }

  attach(port: Port, _: ResumeRequest, initialFrames: InitialFrames): number {
    this.#port = port;
    for (const { data, isText } of initialFrames(true, nothingWaits)) port.send(data, isText);
    this.flush();
    return 0;
  }

  detach(): void {
    this.#port = undefined;
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#flushHeld();
    if (this.#hasQueue) this.#enqueue(toKept(undefined, toOwned(data), isText));
    else this.#port?.send(data, isText);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.#flushHeld();
    if (this.#hasQueue) this.#enqueue(toKept(undefined, toOwned(data), isText));
    else this.#port?.sendCorked(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    this.#flushHeld();
    if (this.#hasQueue) this.#enqueue(toKept(head, toOwned(data), false));
    else this.#port?.sendParts(head, data);
  }

  sendPassing(data: Uint8Array, isText: boolean, { name, expiresAt }: PassingTerms): void {
    const port = this.#port;
    if (port === undefined) return;
    if (!port.isBusy && !this.#hasQueue) return this.send(data, isText);
    const frame = toKept(undefined, toOwned(data), isText, expiresAt);
    if (name !== undefined) return this.#volatile.put(name, frame);
    this.#flushHeld();
    this.#deliver(frame);
  }

  refuse(): void {}

  turnTo(): boolean {
    this.settle();
    return false;
  }

  settle(): void {
    this.#volatile.clear();
    this.#queue?.drop(this.#queue.last);
  }

  flush(): void {
    const port = this.#port;
    if (port === undefined) return;
    if (this.#queue !== undefined) this.#drain(port, this.#queue);
    if (!this.#hasQueue) this.#flushHeld(true);
  }

  fit(): void {}

  shed(): boolean {
    const isUnharmed = this.#volatile.isEmpty && !this.#hasQueue;
    this.settle();
    return isUnharmed;
  }

  takeAck(): boolean {
    return false;
  }

  read(data: Uint8Array): Uint8Array {
    return data;
  }

  noticePart(): void {}

  takeSkipped(): number {
    return 0;
  }

  confirm(): void {}

  checkpoint(): void {}

  get #hasQueue(): boolean {
    return this.#queue !== undefined && this.#queue.hasUnsent;
  }

  #drain(port: Port, queue: SendWindow<KeptFrame>): void {
    queue.expire(this.#now());
    while (!port.isBusy) {
      const frame = queue.takeUnsent();
      if (frame === undefined) return;
      queue.drop(queue.sent);
      transmit(port, frame.head, frame.data, frame.isText);
    }
  }

  /** Sends the waiting volatile frames: all of them, or with `canWait` those that the connection takes at once. */
  #flushHeld(canWait = false): void {
    if (this.#volatile.isEmpty) return;
    this.#volatile.expire(this.#now());
    for (;;) {
      if (canWait && this.#port?.isBusy !== false) return;
      const held = this.#volatile.take();
      if (held === undefined) return;
      this.#deliver(held);
    }
  }

  /** Drops what has waited too long, while so much waits that each new frame asks for it. */
  #expireNowAndThen(): void {
    if (this.#now() - this.#expiredAt < EXPIRE_EVERY_MS) return;
    this.#expiredAt = this.#now();
    this.#queue?.expire(this.#expiredAt);
  }

  /** A frame that may expire waits here while the connection is behind, since its queue gives nothing back; what follows waits behind it. */
  #deliver(frame: KeptFrame): void {
    const isHeld = this.#hasQueue || (frame.expiresAt !== Infinity && this.#port?.isBusy === true);
    if (isHeld) this.#enqueue(frame);
    else this.#port?.send(frame.data, frame.isText);
  }

  #enqueue(frame: KeptFrame): void {
    this.#queue ??= new SendWindow<KeptFrame>(this.#memory);
    this.#queue.push(frame);
  }
}

function nothingWaits(): boolean {
  return false;
}
