/**
 * The client's end of `couchwire.v1` (P5.5): numbers what is sent, keeps it until it has arrived, counts what is got, and
 * goes on over the next connection where the last one ended. It knows neither sockets nor time.
 */
import { readControl, writeControl, type Control, type Hello } from "../protocol/reliable/control-frames.ts";
import { Outbox, type Frame, type OutboxOptions } from "./outbox.ts";

/** How a connection begins. */
export interface ResumeResult {
  /** The first one of this page. */
  readonly isFirst: boolean;
  /** It goes on where the last one ended, both ways. */
  readonly isResumed: boolean;
  /** What a page needs that starts from nothing; these frames have no number. */
  readonly frames: readonly Frame[];
  /** Frames for us that the server could not keep. */
  readonly lost: number;
  /** Frames of ours that never arrive: dropped for want of room, or meant for a room that is no more. */
  readonly unsent: number;
}

/** What a frame of the server was. */
export type Incoming =
  | { readonly is: "data"; readonly data: Frame }
  /** From here on frames may be sent. */
  | { readonly is: "greeting"; readonly greeting: ResumeResult }
  /** Nothing for the game; but the line lives. */
  | { readonly is: "control" };

/** Frames, and bytes, after which the server is told how many were got, so that it can let go of them. */
const ACK_EVERY_FRAMES = 16;
const ACK_EVERY_BYTES = 65_536;

const NUL = "\0";
const CONTROL: Incoming = { is: "control" };

export class ReliableSession {
  readonly #outbox: Outbox;
  readonly #transmit: (frame: Frame) => void;
  /** The life that the counts belong to; `undefined` until a first greeting was complete. */
  #epoch: string | undefined;
  #received = 0;
  /** Frames of ours that the server is known to have got. */
  #confirmed = 0;
  /** The last one that was told to be lost. */
  #told = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  /** Of the connection of the moment. */
  #hello: Hello | undefined;
  #greeted: Frame[] = [];
  #isUp = false;

  /** `transmit` puts one frame on the connection of the moment; it is called only between a greeting and `down`. */
  constructor(options: OutboxOptions, transmit: (frame: Frame) => void) {
    this.#outbox = new Outbox(options);
    this.#transmit = transmit;
  }

  /** The greeting is complete, and the connection has not ended. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** The number of the last frame that was got. */
  get received(): number {
    return this.#received;
  }

  /** Frames were sent, or wait to be, that are not known to have arrived. */
  get hasUnconfirmed(): boolean {
    return this.#outbox.size > 0;
  }

  /** Frames were got that the server does not know of yet. */
  get owesAck(): boolean {
    return this.#unackedFrames > 0;
  }

  /** What the next connection says in its query to go on from here: nothing where there is nothing to go on from. */
  get resumption(): { readonly received: string; readonly epoch: string } | Record<string, never> {
    return this.#epoch === undefined ? {} : { received: String(this.#received), epoch: this.#epoch };
  }

  /**
   * Sends a frame, or keeps it for the next connection, and no longer than `expiresAt` where it was not written before. Nothing
   * changes its bytes from now on.
   * @throws {CouchwireError} `queue_full`, `too_large`
   */
  send(frame: Frame, isOwn = false, expiresAt = Infinity): void {
    const escaped = typeof frame === "string" && frame.startsWith(NUL) ? NUL + frame : frame;
    this.#outbox.push(escaped, isOwn, expiresAt);
    if (!this.#isUp) return;
    this.#outbox.write();
    this.#transmit(escaped);
  }

  /** Asks the server to say something, if it still can. */
  ask(): void {
    this.#sendControl({ word: "ping" });
  }

  /** Tells the server what was got, if that is news. */
  acknowledge(): void {
    if (!this.owesAck) return;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    this.#sendControl({ word: "ack", count: this.#received });
  }

  /** The connection is gone. What it did not get through is kept. */
  down(): void {
    this.#isUp = false;
    this.#hello = undefined;
    this.#greeted = [];
  }

  /** A frame of the server. `now` is of the clock that `expiresAt` is of. */
  read(frame: Frame, now = 0): Incoming {
    if (!this.#isUp) this.#outbox.dropExpired(now);
    if (typeof frame === "string" && frame.startsWith(NUL) && frame[1] !== NUL)
      return this.#control(readControl(frame));
    const data = typeof frame === "string" && frame.startsWith(NUL) ? frame.slice(1) : frame;
    if (!this.#isUp) {
      if (this.#hello !== undefined) this.#greeted.push(data);
      return this.#greet();
    }
    this.#received += 1;
    this.#unackedFrames += 1;
    this.#unackedBytes += data.length;
    if (this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES) this.acknowledge();
    return { is: "data", data };
  }

  #control(control: Control | undefined): Incoming {
    if (control?.word === "ack") this.#confirm(control.count);
    if (control?.word !== "hello") return CONTROL; // a newer server may know more words
    this.#hello = control.hello;
    return this.#greet();
  }

  /**
   * Nothing counts before the greeting is complete: a page that was cut off in the midst of it begins again from nothing,
   * or it would never get the rest.
   */
  #greet(): Incoming {
    const hello = this.#hello;
    const frames = this.#greeted;
    if (hello === undefined || frames.length < hello.greeting) return CONTROL;
    const isFirst = this.#epoch === undefined;
    const isResumed = !isFirst && this.#continues(hello);
    this.#isUp = true;
    this.#epoch = hello.epoch;
    this.#received = hello.next - 1;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    const unsent = isFirst || isResumed ? this.#resend(hello.received) : this.#startAnew();
    return { is: "greeting", greeting: { isFirst, isResumed, frames, lost: hello.lost, unsent } };
  }

  /** The same life, and counts that can be ours: a seat that was given up and taken again counts from nothing. */
  #continues({ epoch, received, next }: Hello): boolean {
    return (
      epoch === this.#epoch && next > this.#received && received >= this.#confirmed && received <= this.#outbox.last
    );
  }

  #confirm(count: number): void {
    this.#confirmed = Math.max(this.#confirmed, count);
    this.#outbox.trim(count);
  }

  /** Sends again what did not arrive, and returns how many frames were dropped before they could, where that is news. */
  #resend(received: number): number {
    this.#confirm(received);
    const dropped = this.#outbox.first - 1;
    if (dropped > received) this.#sendControl({ word: "skip", count: dropped - received });
    this.#outbox.write();
    this.#outbox.forEach(this.#transmit);
    const unsent = dropped - Math.max(received, this.#told);
    this.#told = Math.max(dropped, this.#told);
    return Math.max(0, unsent);
  }

  /** What was meant for another life is not for this one. Returns how many frames that were. */
  #startAnew(): number {
    const { size } = this.#outbox;
    this.#outbox.clear();
    this.#confirmed = 0;
    this.#told = 0;
    return size;
  }

  #sendControl(control: Control): void {
    if (this.#isUp) this.#transmit(writeControl(control));
  }
}
