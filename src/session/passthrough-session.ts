/** A conversation without a session: it ends with its connection, so it keeps nothing, counts nothing, and is a thin skin over its port. */
import { joined } from "../protocol/host-encoder.ts";
import type { Session, InitialFrames, ResumeRequest } from "./session.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import { FrameQueue } from "./frame-queue.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { PassingTerms } from "../room/passing-terms.ts";
import type { Port } from "../room/ports.ts";
import { VolatileFrames, type WaitingFrame } from "./volatile-frames.ts";

export class PassthroughSession implements Session {
  #port: Port | undefined;
  readonly #volatile: VolatileFrames;
  readonly #memory: FrameMemory;
  readonly #now: () => number;
  /** Made for the first frame that may expire and finds the line behind. */
  #queue: FrameQueue | undefined;

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

  get keptBytes(): number {
    return this.#memory.bytes;
  }

  get waitingBytes(): number {
    return (this.#port?.queued ?? 0) + (this.#queue?.bytes ?? 0);
  }

  isSlow(limit: number, bytes: number): boolean {
    const isOver = (): boolean => this.waitingBytes > 0 && this.waitingBytes + bytes > limit;
    if (isOver()) this.#queue?.expire(this.#now());
    return isOver();
  }

  isStaleAttempt(): boolean {
    return false;
  }

  canResume(): boolean {
    return true;
  }

  attach(port: Port, _: ResumeRequest, greeting: InitialFrames): number {
    this.#port = port;
    for (const { data, isText } of greeting(true, nothingWaits)) port.send(data, isText);
    this.flush();
    return 0;
  }

  detach(): void {
    this.#port = undefined;
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#flushHeld();
    if (this.#hasQueue) this.#enqueue(data, isText);
    else this.#port?.send(data, isText);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.#flushHeld();
    if (this.#hasQueue) this.#enqueue(data, isText);
    else this.#port?.sendCorked(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    this.#flushHeld();
    if (this.#hasQueue) this.#enqueue(joined(head, data), false);
    else this.#port?.sendParts(head, data);
  }

  sendPassing(data: Uint8Array, isText: boolean, { name, expiresAt }: PassingTerms): void {
    const port = this.#port;
    if (port === undefined) return;
    if (!port.isBusy && !this.#hasQueue) return this.send(data, isText);
    if (name !== undefined) return this.#volatile.put(name, { data: toOwned(data), isText, expiresAt });
    this.#flushHeld();
    this.#deliver({ data, isText, expiresAt });
  }

  flush(): void {
    const port = this.#port;
    if (port === undefined) return;
    this.#queue?.drain(
      this.#now(),
      () => !port.isBusy,
      ({ data, isText }) => port.send(data, isText),
    );
    if (!this.#hasQueue) this.#flushHeld(true);
  }

  fit(): void {}

  shed(): boolean {
    const isUnharmed = this.#volatile.isEmpty && !this.#hasQueue;
    this.#volatile.clear();
    this.#queue?.clear();
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
    return this.#queue !== undefined && !this.#queue.isEmpty;
  }

  /** Sends the volatile frames, before what is sent next: all of them, or those that need not wait. */
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

  /** What may expire stays here while the line is behind, since from its queue nothing can be taken back; what follows waits behind it. */
  #deliver({ data, isText, expiresAt }: WaitingFrame): void {
    const isHeld = this.#hasQueue || (expiresAt !== Infinity && this.#port?.isBusy === true);
    if (isHeld) this.#enqueue(data, isText, expiresAt);
    else this.#port?.send(data, isText);
  }

  #enqueue(data: Uint8Array, isText: boolean, expiresAt = Infinity): void {
    this.#queue ??= new FrameQueue(this.#memory);
    this.#queue.push({ data: toOwned(data), isText, expiresAt });
  }
}

function nothingWaits(): boolean {
  return false;
}
