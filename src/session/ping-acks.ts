/**
 * Asks a peer that does not count, by pings, what has arrived (P5.4.8): one question at a time, and one more for every 64 KiB that it gets at once when
 * it connects. On a poor connection all of that takes longer than a peer may be silent, and what is confirmed by then is not sent again.
 */
import type { SendWindow } from "../protocol/reliable/send-window.ts";
import type { Port } from "./ports.ts";
import { transmit, type AckPolicy, type ConnectionStart } from "./ack-policy.ts";
import type { Message } from "../room/ports.ts";
import type { KeptFrame } from "./kept-frame.ts";

const ASK_EVERY_BYTES = 65_536;

export class PingAcks implements AckPolicy {
  readonly #window: SendWindow<KeptFrame>;
  #port: Port | undefined;
  /** The last number whose arrival the peer was asked to confirm and has not. */
  #asked: number | undefined;
  /** Bytes that were sent one after the other since the peer was last asked. */
  #unaskedBytes = 0;

  constructor(window: SendWindow<KeptFrame>, port?: Port) {
    this.#window = window;
    this.#port = port;
  }

  get port(): Port | undefined {
    return this.#port;
  }

  /** Sends the initial frames. Pings between them ask only for what the peer had before. */
  begin({ had }: ConnectionStart, frames: readonly Message[]): void {
    for (const { data, isText } of frames) {
      this.#port?.send(data, isText);
      if (this.#isDueAfter(data.length)) this.#port?.confirm(had);
    }
    this.#unaskedBytes = 0;
  }

  send({ head, data, isText }: KeptFrame, isCorked: boolean): void {
    const port = this.#port;
    if (port === undefined) return;
    if (isCorked) port.sendCorked(data, isText);
    else transmit(port, head, data, isText);
    this.#window.markSent();
    if (!isCorked && this.#asked === undefined) this.#ask();
  }

  sendKept({ head, data, isText, cost }: KeptFrame): void {
    if (this.#port !== undefined) transmit(this.#port, head, data, isText);
    if (this.#isDueAfter(cost) || !this.#window.hasUnsent) this.#ask();
  }

  caughtUp(): void {
    this.#ask();
  }

  refuse(): void {}

  /** What was sent counts as arrived. Where it is unknown since when nothing arrived, only what was confirmed does. */
  end(isSilent: boolean): void {
    this.#port = undefined;
    if (!isSilent) this.#window.acknowledge(this.#window.sent);
  }

  takeAck(): boolean {
    return false;
  }

  read(data: Uint8Array): Uint8Array {
    return data;
  }

  noticePart(): void {}

  confirm(through: number): void {
    this.#window.acknowledge(Math.min(through, this.#window.sent));
    if (this.#asked !== undefined && through < this.#asked) return;
    this.#asked = undefined;
    this.#ask();
  }

  /** A peer that does not count cannot say what its checkpoint has taken in. */
  checkpoint(): void {
    this.#window.pin(Infinity);
  }

  /** Asks whether everything that was sent has arrived, unless that is known or asked already. */
  #ask(): void {
    const { acknowledged, sent } = this.#window;
    if (acknowledged >= sent || this.#asked === sent) return;
    this.#asked = sent;
    this.#port?.confirm(sent);
  }

  /** Counts bytes of what is sent at once; whether that is enough for another question. */
  #isDueAfter(bytes: number): boolean {
    this.#unaskedBytes += bytes;
    if (this.#unaskedBytes < ASK_EVERY_BYTES) return false;
    this.#unaskedBytes = 0;
    return true;
  }
}
