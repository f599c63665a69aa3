/** Speaks `couchwire.v1` with a peer (P5.5): says hello, escapes text, reads and writes control frames. */
import {
  beginsWithNul,
  decodeControl,
  encodeControl,
  encodeRefusal,
  ESCAPE,
  isControl,
  unescapeText,
  type Control,
  type GameNotice,
  type TokenAnswer,
} from "../protocol/reliable/control-frames.ts";
import type { ReceiveCounter } from "../protocol/reliable/receive-counter.ts";
import type { SendWindow } from "../protocol/reliable/send-window.ts";
import type { Port, PortToken } from "./ports.ts";
import type { Clock, Message, ReceivedFrame } from "../room/ports.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import { transmit, type AckPolicy, type ConnectionStart } from "./ack-policy.ts";
import type { KeptFrame } from "./kept-frame.ts";

/** `\0ack ` and fifteen digits: only a frame of at most this many bytes is looked at more closely. */
const MAX_ACK_BYTES = 20;
const NOTHING_TO_RENEW = "You came without a token, so there is none to renew.";
/** Interval of acks while a frame of the peer is incomplete. */
const TELL_OF_PARTS_MS = 1_000;
/** Questions for the time that are answered: so many at once, and so many a second. */
export const TIME_QUESTIONS = { size: 20, perSecond: 20 };

export class CountedAcks implements AckPolicy {
  readonly #window: SendWindow<KeptFrame>;
  readonly #received: ReceiveCounter;
  readonly #clock: Pick<Clock, "now" | "time" | "after">;
  #port: Port | undefined;
  #toldOfPartAt = -TELL_OF_PARTS_MS;
  /** Made for the first question: a plain game asks none. */
  #timeQuestions: TokenBucket | undefined;

  constructor(
    window: SendWindow<KeptFrame>,
    received: ReceiveCounter,
    clock: Pick<Clock, "now" | "time" | "after">,
    port: Port,
  ) {
    this.#window = window;
    this.#received = received;
    this.#clock = clock;
    this.#port = port;
  }

  get port(): Port | undefined {
    return this.#port;
  }

  begin({ epoch, had, lost, introduction, notice }: ConnectionStart, frames: readonly Message[]): void {
    const counts = { received: this.#received.count, greeting: frames.length, next: had + lost + 1, lost };
    const token = this.#port?.token;
    const term = token === undefined ? {} : { expires_ms: Math.floor(token.msLeft) };
    const hello = { epoch, ...counts, ...introduction, now: this.#clock.time(), ...term };
    this.#received.told();
    this.#port?.send(encodeControl({ word: "hello", hello }), true);
    if (notice !== undefined) this.tellGame(notice);
    for (const { data, isText } of frames) this.#transmit(undefined, data, isText, false);
  }

  send({ head, data, isText }: KeptFrame, isCorked: boolean): void {
    if (this.#received.isDueAlong) this.#acknowledge(true);
    this.#transmit(head, data, isText, isCorked);
    this.#window.markSent();
  }

  sendKept({ head, data, isText }: KeptFrame): void {
    this.#transmit(head, data, isText, false);
  }

  caughtUp(): void {}

  /** A peer that does not read is not told: nothing would bound how much of it waits. */
  refuse(reason: string): void {
    if (this.#port?.isBusy === false) this.#port.send(encodeRefusal(reason), true);
  }

  tellGame(notice: GameNotice): boolean {
    this.#port?.send(encodeControl({ word: "game", game: notice }), true);
    return this.#port !== undefined;
  }

  /** Does nothing: a counting peer says what has arrived when it comes back. */
  end(): void {
    this.#port = undefined;
  }

  takeAck(data: Uint8Array, isText: boolean): boolean {
    if (!isText || !beginsWithNul(data) || data.length > MAX_ACK_BYTES) return false;
    const control = decodeControl(data);
    if (control?.word === "time") return this.#tellTime(control);
    const { acknowledged, sent } = this.#window;
    if (control?.word !== "ack" || control.count > sent || control.count <= acknowledged) return false;
    this.#window.acknowledge(control.count);
    return true;
  }

  read(data: Uint8Array, isText: boolean): ReceivedFrame {
    if (isText && isControl(data)) return this.#readControl(decodeControl(data)) ? "control" : "nonsense";
    this.#received.add(data.length);
    if (this.#received.isDue) this.#acknowledge(false);
    return isText ? unescapeText(data) : data;
  }

  noticePart(now: number): void {
    const time = Math.round(now); // small whole numbers take no memory of their own
    if (time - this.#toldOfPartAt < TELL_OF_PARTS_MS) return;
    this.#toldOfPartAt = time;
    this.#acknowledge(false);
  }

  confirm(): void {}

  checkpoint(through = Infinity): void {
    const window = this.#window;
    if (through === Infinity) return window.pin(Infinity);
    window.pin(Math.min(through, window.sent));
    window.acknowledge(window.pinned);
  }

  /** Answers a question for the time. `false` for one too many, which is not answered and counts as a frame. */
  #tellTime(question: Control & { readonly word: "time" }): boolean {
    if (question.now !== undefined) return false;
    const now = this.#clock.now();
    this.#timeQuestions ??= new TokenBucket(TIME_QUESTIONS, now);
    if (!this.#timeQuestions.take(1, now)) return false;
    // On a line that is behind, the answer would say when it was written, and not when it is read.
    if (this.#port?.isBusy === false) this.#port.send(encodeControl({ word: "time", now: this.#clock.time() }), true);
    return true;
  }

  #transmit(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, isCorked: boolean): void {
    const port = this.#port;
    if (port === undefined) return;
    if (isText && head === undefined && beginsWithNul(data)) port.sendParts(ESCAPE, data, true);
    else if (isCorked) port.sendCorked(data, isText);
    else transmit(port, head, data, isText);
  }

  /** `isCorked`: the ack leaves in one write with the frame that follows at once. */
  #acknowledge(isCorked: boolean): void {
    const port = this.#port;
    if (port === undefined || port.isBusy) return; // the next frame asks again, so a peer that does not read costs nothing
    this.#received.told();
    const ack = encodeControl({ word: "ack", count: this.#received.count });
    if (isCorked) port.sendCorked(ack, true);
    else port.send(ack, true);
  }

  /** Judges a token that the peer shows, and answers what became of it. A bug there goes where those of timers go. */
  #renewToken(text: string): true {
    const port = this.#port;
    const token = port?.token;
    if (token === undefined) this.#answerToken(port, { error: NOTHING_TO_RENEW });
    else void this.#judgeToken(token, text, port);
    return true;
  }

  async #judgeToken(token: PortToken, text: string, port: Port | undefined): Promise<void> {
    try {
      const renewed = await token.renew(text);
      const { msLeft } = token;
      this.#answerToken(
        port,
        renewed.ok ? { exp: renewed.value.exp, expires_ms: Math.floor(msLeft) } : { error: renewed.failure },
      );
    } catch (error) {
      this.#clock.after(0, () => {
        throw error;
      });
    }
  }

  /** `port`: the one over which the token came. */
  #answerToken(port: Port | undefined, answer: TokenAnswer): void {
    if (port !== undefined && port === this.#port) port.send(encodeControl({ word: "token", token: answer }), true);
  }

  /** Returns `false` for an unknown or impossible control frame. */
  #readControl(control: Control | undefined): boolean {
    switch (control?.word) {
      case "ack":
        if (control.count > this.#window.sent) return false;
        this.#window.acknowledge(control.count);
        return true;
      case "skip":
        return this.#received.skip(control.count);
      case "ping":
        this.#acknowledge(false);
        return true;
      case "time": // one of too many
        return control.now === undefined;
      case "token":
        return typeof control.token === "string" && this.#renewToken(control.token);
      case "hello":
      case "queue":
      case "role":
      case "game":
      case undefined:
        return false;
      default:
        return control satisfies never;
    }
  }
}
