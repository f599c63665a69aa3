/**
 * What a peer that does not count is asked, by pings, of what has arrived (P5.4.8): one question at a time, and one more for every 64 KiB of what it
 * gets at once when it comes. On a poor line all of that takes longer than a peer may be silent, and what is confirmed by then is not sent again.
 */
import type { Port } from "../room/ports.ts";

const ASK_EVERY_BYTES = 65_536;

export class DeliveryConfirmations {
  /** The last number whose arrival this peer was asked to confirm and has not. */
  #asked: number | undefined;
  /** Bytes that were sent since it was last asked. */
  #unaskedBytes = 0;

  /** A new connection was asked nothing. */
  startOver(): void {
    this.#asked = undefined;
    this.#unaskedBytes = 0;
  }

  /** Whether a question is out. */
  get isOpen(): boolean {
    return this.#asked !== undefined;
  }

  /** Asks whether everything up to this number has arrived, unless that is asked already. */
  ask(port: Port | undefined, number: number): void {
    if (this.#asked === number) return;
    this.#asked = number;
    port?.confirm(number);
  }

  /** The peer has confirmed this number; `false` where it was asked for a later one. */
  answer(number: number): boolean {
    if (this.#asked !== undefined && number < this.#asked) return false;
    this.#asked = undefined;
    return true;
  }

  /** Counts bytes of what is sent at once; whether that is enough for another question. */
  isDueAfter(bytes: number): boolean {
    this.#unaskedBytes += bytes;
    if (this.#unaskedBytes < ASK_EVERY_BYTES) return false;
    this.#unaskedBytes = 0;
    return true;
  }
}
