/**
 * Asks a peer that does not count, by pings, what has arrived (P5.4.8): one question at a time, and one more for every 64 KiB that it gets at once when
 * it connects. On a poor connection all of that takes longer than a peer may be silent, and what is confirmed by then is not sent again. A peer that is
 * sent many frames a second is asked twice a second: each question costs it a pong.
 */
import type { TokenBucket } from "../protocol/token-bucket.ts";
import type { SendWindow } from "../protocol/reliable/send-window.ts";
import type { Port } from "./ports.ts";
import { transmit, type AckPolicy, type ConnectionStart } from "./ack-policy.ts";
import type { Cancel, Clock, Message } from "../room/ports.ts";
import type { KeptFrame } from "./kept-frame.ts";

const ASK_EVERY_BYTES = 65_536;
/** Questions about frames that are sent one by one: so many at once, and so many a second in the long run. */
export const QUESTIONS = { size: 16, perSecond: 2 };
/** A question that is one too many leaves with a later frame, or after this time. */
const ASK_LATER_MS = 1_000;
/** While a question waits, the clock is looked at once in so many frames: what costs a little for each frame costs much for 140 a second. */
const FRAMES_PER_LOOK = 16;
/** A frame below this size leaves in one write with its question. */
const CORKED_BYTES = 4_096;

/** What limits the questions of one conversation, over all its connections. */
export interface QuestionPace {
  readonly bucket: TokenBucket;
  readonly clock: Pick<Clock, "now" | "after">;
}

export class PingAcks implements AckPolicy {
  readonly #window: SendWindow<KeptFrame>;
  readonly #pace: QuestionPace;
  #port: Port | undefined;
  /** The last number whose arrival the peer was asked to confirm and has not. */
  #asked: number | undefined;
  /** Bytes that were sent one after the other since the peer was last asked. */
  #unaskedBytes = 0;
  /** Set while a question waits that was one too many. */
  #cancelLater: Cancel | undefined;
  /** Frames that are sent before the next look at the clock. */
  #framesToLook = 0;

  constructor(window: SendWindow<KeptFrame>, pace: QuestionPace, port?: Port) {
    this.#window = window;
    this.#pace = pace;
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
    const isAsking = !isCorked && this.#asked === undefined && this.#mayAsk();
    const hasCompany = isAsking && head === undefined && data.length < CORKED_BYTES;
    if (isCorked || hasCompany) port.sendCorked(data, isText);
    else transmit(port, head, data, isText);
    this.#window.markSent();
    if (isAsking) this.#ask();
  }

  sendKept({ head, data, isText, cost }: KeptFrame): void {
    if (this.#port !== undefined) transmit(this.#port, head, data, isText);
    if (this.#isDueAfter(cost) || !this.#window.hasUnsent) this.#ask();
  }

  caughtUp(): void {
    this.#ask();
  }

  refuse(): void {}

  tellGame(): boolean {
    return false;
  }

  /** What was sent counts as arrived. Where it is unknown since when nothing arrived, only what was confirmed does. */
  end(isSilent: boolean): void {
    this.#port = undefined;
    this.#cancelLater?.();
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
    if (this.#isUnsure && this.#mayAsk()) this.#ask();
  }

  /** A peer that does not count cannot say what its checkpoint has taken in. */
  checkpoint(): void {
    this.#window.pin(Infinity);
  }

  /** Something was sent that is not known to have arrived. */
  get #isUnsure(): boolean {
    return this.#window.acknowledged < this.#window.sent;
  }

  /** Asks whether everything that was sent has arrived, unless that is known or asked already. */
  #ask(): void {
    const { sent } = this.#window;
    if (!this.#isUnsure || this.#asked === sent) return;
    this.#asked = sent;
    this.#port?.confirm(sent);
  }

  /** Whether a question may leave now. One that may not is asked later. */
  #mayAsk(): boolean {
    if (this.#framesToLook > 0) {
      this.#framesToLook -= 1;
      return false;
    }
    const { bucket, clock } = this.#pace;
    if (bucket.take(1, clock.now())) return true;
    this.#framesToLook = FRAMES_PER_LOOK - 1;
    this.#cancelLater ??= clock.after(ASK_LATER_MS, () => {
      this.#cancelLater = undefined;
      this.#framesToLook = 0;
      if (this.#asked === undefined && this.#isUnsure && this.#mayAsk()) this.#ask();
    });
    return false;
  }

  /** Counts bytes of what is sent at once; whether that is enough for another question. */
  #isDueAfter(bytes: number): boolean {
    this.#unaskedBytes += bytes;
    if (this.#unaskedBytes < ASK_EVERY_BYTES) return false;
    this.#unaskedBytes = 0;
    return true;
  }
}
