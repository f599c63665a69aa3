/** A conversation without a session: nobody can come back to it, so it keeps nothing, counts nothing, and is a thin skin over its port. */
import type { Channel, Greeting, Resumption } from "./channel.ts";
import type { FrameMemory } from "./frame-memory.ts";
import { keep } from "./lent-bytes.ts";
import type { Port } from "./ports.ts";
import { VolatileSlot } from "./volatile-slot.ts";

export class PlainChannel implements Channel {
  #port: Port | undefined;
  readonly #volatile: VolatileSlot;
  readonly #memory: FrameMemory;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
    this.#volatile = new VolatileSlot(memory);
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
    return this.#port?.queued ?? 0;
  }

  isSlow(limit: number, bytes: number): boolean {
    const waiting = this.waitingBytes;
    return waiting > 0 && waiting + bytes > limit;
  }

  isOvertaken(): boolean {
    return false;
  }

  canResume(): boolean {
    return true;
  }

  attach(port: Port, _: Resumption, greeting: Greeting): number {
    this.#port = port;
    for (const { data, isText } of greeting(true, nothingWaits)) port.send(data, isText);
    this.flush();
    return 0;
  }

  detach(): void {
    this.#port = undefined;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#volatile.frame !== undefined) this.#flushHeld();
    this.#port?.send(data, isText);
  }

  sendAhead(data: Uint8Array, isText: boolean): void {
    if (this.#volatile.frame !== undefined) this.#flushHeld();
    this.#port?.sendAhead(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (this.#volatile.frame !== undefined) this.#flushHeld();
    this.#port?.sendParts(head, data);
  }

  sendVolatile(data: Uint8Array, isText: boolean): void {
    if (this.#port?.isBusy !== true) return this.send(data, isText);
    this.#volatile.put(keep(data), isText);
  }

  flush(): void {
    if (this.#port?.isBusy === false) this.#flushHeld();
  }

  fit(): void {}

  shed(): boolean {
    return this.#volatile.take() === undefined;
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

  #flushHeld(): void {
    const held = this.#volatile.take();
    if (held !== undefined) this.#port?.send(held.data, held.isText);
  }
}

function nothingWaits(): boolean {
  return false;
}
