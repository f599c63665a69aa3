/** The connection of a bot with a seat of its own: it passes what the seat is told to the bot, and what the bot says to the room. */
import type { ConnectionHandler } from "../room/ports.ts";
import type { PlayerPort } from "../session/ports.ts";

/** Frames that a bot has said while it is not read from. */
const MAX_HELD = 1_000;

export class BotPort implements PlayerPort {
  readonly queued = 0;
  readonly isBusy = false;
  readonly rtt = undefined;
  readonly #onFrame: (data: Uint8Array, isText: boolean) => void;
  readonly #onClosed: () => void;
  readonly #held: { readonly data: Uint8Array; readonly isText: boolean }[] = [];
  #handler: ConnectionHandler | undefined;
  #isPaused = false;
  #isClosed = false;

  constructor(onFrame: (data: Uint8Array, isText: boolean) => void, onClosed: () => void) {
    this.#onFrame = onFrame;
    this.#onClosed = onClosed;
  }

  /** The bot is in the room. */
  admitted(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#release();
  }

  /** What the bot says. Throws where it says too much. */
  say(data: Uint8Array, isText: boolean): void {
    if (this.#isClosed) return;
    if (this.#held.length >= MAX_HELD)
      throw new RangeError(`${MAX_HELD} messages of the bot wait already: the room takes no more for now.`);
    this.#held.push({ data, isText });
    this.#release();
  }

  /** The bot leaves. */
  leave(): void {
    if (this.#isClosed) return;
    this.#handler?.gone("left");
    this.close();
  }

  // What the room does with the connection.

  send(data: Uint8Array, isText: boolean): void {
    if (!this.#isClosed) this.#onFrame(data, isText);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    const whole = new Uint8Array(head.length + data.length);
    whole.set(head);
    whole.set(data, head.length);
    this.send(whole, isText);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#held.length = 0;
    this.#onClosed();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    queueMicrotask(() => this.#release()); // a port never calls back before a call has returned
  }

  confirm(): void {} // it counts nothing

  probe(): void {} // there is no way to measure

  #release(): void {
    while (!this.#isPaused && !this.#isClosed && this.#handler !== undefined) {
      const next = this.#held.shift();
      if (next === undefined) break;
      this.#handler.message(next.data, next.isText);
    }
  }
}
