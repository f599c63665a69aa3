/** A conversation without a session: nobody can come back to it, so it keeps nothing, counts nothing, and is a thin skin over its port. */
import type { Channel, Greeting, Resumption } from "./channel.ts";
import { keep } from "./lent-bytes.ts";
import type { OutboxFrame } from "./outbox.ts";
import type { Port } from "./ports.ts";

export class PlainChannel implements Channel {
  #port: Port | undefined;
  #volatile: OutboxFrame | undefined;

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
    return 0;
  }

  isSlow(limit: number): boolean {
    return this.#port !== undefined && this.#port.queued > limit;
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
    this.flushVolatile();
    return 0;
  }

  detach(): void {
    this.#port = undefined;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#port?.send(data, isText);
  }

  sendAhead(data: Uint8Array, isText: boolean): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#port?.sendAhead(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (this.#volatile !== undefined) this.#flushHeld();
    this.#port?.sendParts(head, data);
  }

  sendVolatile(data: Uint8Array, isText: boolean): void {
    if (this.#port?.isBusy === true) this.#volatile = { data: keep(data), isText };
    else this.send(data, isText);
  }

  flushVolatile(): void {
    if (this.#port?.isBusy === false) this.#flushHeld();
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
    const held = this.#volatile;
    if (held === undefined) return;
    this.#volatile = undefined;
    this.#port?.send(held.data, held.isText);
  }
}

function nothingWaits(): boolean {
  return false;
}
