/**
 * The client's end of `couchwire.v1` (P5.5): numbers what is sent, keeps it until it has arrived, counts what is got, and
 * goes on over the next connection where the last one ended. It knows neither sockets nor time.
 */
import {
  escapeText,
  isControl,
  readControl,
  readRefusal,
  unescapeText,
  writeControl,
  type Control,
  type GameNotice,
  type Hello,
  type TokenAnswer,
} from "../protocol/reliable/control-frames.ts";
import { ReceiveCounter } from "../protocol/reliable/receive-counter.ts";
import { SendWindow } from "../protocol/reliable/send-window.ts";
import { OutboxMemory, type Frame, type OutboxFrame, type OutboxOptions } from "./outbox.ts";

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
  /** It is neither the first one nor goes on: the server has another life of the room, such as after a restart, and what was under way may be lost. */
  readonly isAnew: boolean;
  /** Frames are lost, or may be, though it is not known how many. */
  readonly hasGap: boolean;
  /** What the server says of itself and of the room, beside the counts. */
  readonly hello: Pick<Hello, "player" | "game" | "now" | "expires_ms">;
}

/** What a frame of the server was. */
export type Incoming =
  | { readonly is: "data"; readonly data: Frame }
  /** From here on frames may be sent. */
  | { readonly is: "greeting"; readonly greeting: ResumeResult }
  /** The program behind the server did not pass a message on, and why. */
  | { readonly is: "refused"; readonly reason: string }
  /** What the room's clock shows, as `askTime` asked. */
  | { readonly is: "time"; readonly now: number }
  /** The room is another game's, whose page is elsewhere. */
  | { readonly is: "game"; readonly game: GameNotice }
  /** There is no seat free: the connection waits for one, at this place of the line. */
  | { readonly is: "queued"; readonly position: number }
  /** There is no seat free, and the connection watches. */
  | { readonly is: "watching" }
  /** What the TV says to its watchers. It has no number. */
  | { readonly is: "shown"; readonly data: Frame }
  /** What became of the newer token that was shown. */
  | { readonly is: "token"; readonly answer: TokenAnswer }
  /** Nothing for the game; it shows that the connection lives. */
  | { readonly is: "control" };

const CONTROL: Incoming = { is: "control" };

export class ReliableSession {
  readonly #memory: OutboxMemory;
  readonly #isDropping: boolean;
  readonly #transmit: (frame: Frame) => void;
  readonly #received = new ReceiveCounter();
  #window: SendWindow<OutboxFrame>;
  /** The life that the counts belong to; `undefined` until a first greeting was complete. */
  #epoch: string | undefined;
  /** The number of the last dropped frame that the game was told of. */
  #toldDropped = 0;
  /** Of the connection of the moment. */
  #hello: Hello | undefined;
  #greeted: Frame[] = [];
  #isUp = false;
  #isWatching = false;
  #isQueued = false;

  /** `transmit` puts one frame on the connection of the moment; it is called only between a greeting and `down`. */
  constructor(options: OutboxOptions, transmit: (frame: Frame) => void) {
    this.#memory = new OutboxMemory(options);
    this.#isDropping = options.whenFull === "drop_oldest";
    this.#window = new SendWindow<OutboxFrame>(this.#memory);
    this.#transmit = transmit;
  }

  /** The greeting is complete, and the connection has not ended. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** The connection of the moment watches: nothing on it is numbered, escaped or confirmed. */
  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** The number of the last frame that was got. */
  get received(): number {
    return this.#received.count;
  }

  /** Frames were sent, or wait to be, that are not known to have arrived. */
  get hasUnconfirmed(): boolean {
    return this.#window.size > 0;
  }

  /** Frames were got that the server does not know of yet. */
  get owesAck(): boolean {
    return this.#received.owesAck;
  }

  /** What the next connection says in its query to go on from here: nothing where there is nothing to go on from. */
  get resumption(): { readonly received: string; readonly epoch: string } | Record<string, never> {
    return this.#epoch === undefined ? {} : { received: String(this.received), epoch: this.#epoch };
  }

  /**
   * Sends a frame, or keeps it for the next connection, and no longer than `expiresAt` where it was not written before. Nothing
   * changes its bytes from now on.
   * @throws {CouchwireError} `queue_full`, `too_large`
   */
  send(frame: Frame, isOwn = false, expiresAt = Infinity): void {
    const window = this.#window;
    const escaped = typeof frame === "string" ? escapeText(frame) : frame;
    window.push(this.#memory.admit(escaped, isOwn, expiresAt));
    if (this.#isDropping) window.drop(window.last - 1, true);
    if (!this.#isUp) return;
    window.markSent();
    this.#transmit(escaped);
  }

  /** The connection of the moment watches. What waits to be sent goes on waiting, for a seat. */
  watch(): void {
    this.#isQueued = false;
    this.#isWatching = true;
  }

  /** Puts a vote on a connection that watches. */
  vote(text: string): void {
    if (this.#isWatching) this.#transmit(text);
  }

  /** Asks the server to say something, if it still can. */
  ask(): void {
    if (this.#isQueued) this.#transmit(writeControl({ word: "ping" }));
    else this.sendControl({ word: "ping" });
  }

  /** Asks what the room's clock shows: only a server that says `now` in its hello knows this question. */
  askTime(): void {
    this.sendControl({ word: "time" });
  }

  /** Shows the server a newer token: only one that says `expires_ms` in its hello knows this word. */
  showToken(token: string): void {
    this.sendControl({ word: "token", token });
  }

  /** Tells the server what was got, if that is news. */
  acknowledge(): void {
    if (!this.owesAck) return;
    this.#received.told();
    this.sendControl({ word: "ack", count: this.received });
  }

  /** The connection is gone. What it did not get through is kept. */
  down(): void {
    this.#isUp = false;
    this.#isWatching = false;
    this.#isQueued = false;
    this.#hello = undefined;
    this.#greeted = [];
  }

  /** A frame of the server. `now` is of the clock that `expiresAt` is of. */
  read(frame: Frame, now = 0): Incoming {
    if (this.#isWatching) return { is: "shown", data: frame };
    if (!this.#isUp) this.#window.expire(now);
    if (typeof frame === "string" && isControl(frame)) {
      const reason = readRefusal(frame);
      return reason === undefined ? this.control(readControl(frame)) : { is: "refused", reason };
    }
    const data = typeof frame === "string" ? unescapeText(frame) : frame;
    if (!this.#isUp) {
      if (this.#hello !== undefined) this.#greeted.push(data);
      return this.greet();
    }
    this.#received.add(data.length);
    if (this.#received.isDue) this.acknowledge();
    return { is: "data", data };
  }

  private control(control: Control | undefined): Incoming {
    if (control?.word === "game") return { is: "game", game: control.game };
    if (control?.word === "token" && typeof control.token !== "string") return { is: "token", answer: control.token };
    if (control?.word === "queue") {
      this.#isQueued = true;
      return { is: "queued", position: control.position };
    }
    if (control?.word === "role") {
      this.watch();
      return { is: "watching" };
    }
    if (control?.word === "ack") this.#window.acknowledge(control.count);
    if (control?.word === "time" && control.now !== undefined) return { is: "time", now: control.now };
    if (control?.word !== "hello") return CONTROL; // a newer server may know more words
    this.#hello = control.hello;
    return this.greet();
  }

  /**
   * Nothing counts before the greeting is complete: a page that was cut off in the midst of it begins again from nothing,
   * or it would never get the rest.
   */
  private greet(): Incoming {
    const hello = this.#hello;
    const frames = this.#greeted;
    if (hello === undefined || frames.length < hello.greeting) return CONTROL;
    this.#isQueued = false;
    const isFirst = this.#epoch === undefined;
    const isResumed = !isFirst && this.continues(hello);
    this.#isUp = true;
    this.#epoch = hello.epoch;
    this.#received.goOnFrom(hello.next - 1);
    const unsent = isFirst || isResumed ? this.resend(hello.received) : this.startAnew();
    const { lost } = hello;
    const isAnew = !isFirst && !isResumed;
    const hasGap = isAnew || lost + unsent > 0;
    return { is: "greeting", greeting: { isFirst, isResumed, isAnew, frames, lost, unsent, hasGap, hello } };
  }

  /** The same life, and counts that can be ours: a seat that was given up and taken again counts from nothing. */
  private continues({ epoch, received, next }: Hello): boolean {
    const { acknowledged, last } = this.#window;
    return epoch === this.#epoch && next > this.received && received >= acknowledged && received <= last;
  }

  /** Sends again what did not arrive, and returns how many frames were dropped before they could, where that is news. */
  private resend(received: number): number {
    const window = this.#window;
    window.acknowledge(received);
    const lost = window.lostAfter(received);
    if (lost > 0) this.sendControl({ word: "skip", count: lost });
    const dropped = window.first - 1;
    window.rewind(received);
    for (let kept = window.takeUnsent(); kept !== undefined; kept = window.takeUnsent()) this.#transmit(kept.frame);
    const unsent = dropped - Math.max(received, this.#toldDropped);
    this.#toldDropped = Math.max(dropped, this.#toldDropped);
    return Math.max(0, unsent);
  }

  /** What was meant for another life is not for this one. Returns how many frames that were. */
  private startAnew(): number {
    const { size, last } = this.#window;
    this.#window.drop(last);
    this.#window = new SendWindow<OutboxFrame>(this.#memory);
    this.#toldDropped = 0;
    return size;
  }

  private sendControl(control: Control): void {
    if (this.#isUp) this.#transmit(writeControl(control));
  }
}
