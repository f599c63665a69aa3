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
} from "../protocol/reliable/control-frames.ts";
import type { ReceiveCounter } from "../protocol/reliable/receive-counter.ts";
import type { SendWindow } from "../protocol/reliable/send-window.ts";
import type { Port } from "./ports.ts";
import { transmit, type AckPolicy, type ConnectionStart } from "./ack-policy.ts";
import type { Message, ReceivedFrame } from "../room/ports.ts";
import type { KeptFrame } from "./kept-frame.ts";

/** `\0ack ` and fifteen digits: only a frame of at most this many bytes is looked at more closely. */
const MAX_ACK_BYTES = 20;
/** Interval of acks while a frame of the peer is incomplete. */
const TELL_OF_PARTS_MS = 1_000;

export class CountedAcks implements AckPolicy {
  readonly #window: SendWindow<KeptFrame>;
  readonly #received: ReceiveCounter;
  #port: Port | undefined;
  #toldOfPartAt = -TELL_OF_PARTS_MS;

  constructor(window: SendWindow<KeptFrame>, received: ReceiveCounter, port: Port) {
    this.#window = window;
    this.#received = received;
    this.#port = port;
  }

  get port(): Port | undefined {
    return this.#port;
  }

  begin({ epoch, had, lost }: ConnectionStart, frames: readonly Message[]): void {
    const hello = { epoch, received: this.#received.count, greeting: frames.length, next: had + lost + 1, lost };
    this.#received.told();
    this.#port?.send(encodeControl({ word: "hello", hello }), true);
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

  /** Does nothing: a counting peer says what has arrived when it comes back. */
  end(): void {
    this.#port = undefined;
  }

  takeAck(data: Uint8Array, isText: boolean): boolean {
    if (!isText || !beginsWithNul(data) || data.length > MAX_ACK_BYTES) return false;
    const control = decodeControl(data);
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
      case "hello":
      case undefined:
        return false;
      default:
        return control satisfies never;
    }
  }
}
