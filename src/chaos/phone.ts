/** One phone: a page on the SDK that can be reloaded or opened twice, over a network with faults. */
import { joinRoom, type CloseReason, type PlayerRoom } from "../sdk/node.ts";
import { DeliveryLog } from "./delivery-log.ts";
import type { Network } from "./network.ts";
import { encodeNumbered } from "./numbered-frames.ts";
import { createPhoneStorage } from "./page-storage.ts";

type Frame = string | Uint8Array<ArrayBuffer>;

export interface PhoneOptions {
  /** From 1. */
  readonly lane: number;
  readonly server: string;
  readonly code: string;
  /** The PIN of the room, if it has one. */
  readonly pin: string | undefined;
  readonly network: Network;
  /** Whether frames are numbered, both ways. In a foreign game they are not. */
  readonly isNumbered: boolean;
  /** Called after each frame and each change of state. */
  readonly onChange: () => void;
}

/** Shorter than the SDK's default, so that a run finds dead connections soon. */
export const PONG_TIMEOUT_MS = 1_000;
/** The server must close a tab whose seat was taken over within this time. */
const REPLACED_WITHIN_MS = 10_000;
const REPLACED_CODE = 4509;

/** One load of the phone's page. */
interface Page {
  readonly number: number;
  readonly room: PlayerRoom;
  /** Counts the numbered frames that this page sent. */
  sent: number;
  /** Frames that arrive while the earlier tab is still open; they are logged after that tab's frames. */
  waiting: Frame[] | undefined;
}

export class Phone {
  readonly lane: number;
  readonly deliveryLog: DeliveryLog;
  readonly #options: PhoneOptions;
  readonly #storage = createPhoneStorage();
  readonly #closes: CloseReason[] = [];
  readonly #faults: string[] = [];
  #page: Page;
  #frames = 0;
  #lostFrames = 0;
  #wasIn = false;
  /** The connection was cut and is not restored yet; the SDK may not have noticed. */
  #isCutOff = false;
  #wake: () => void = () => undefined;
  #end: CloseReason | undefined;

  constructor(options: PhoneOptions) {
    this.#options = options;
    this.lane = options.lane;
    this.deliveryLog = new DeliveryLog(`TV to phone ${options.lane}`);
    this.#page = this.#load(1);
  }

  get network(): Network {
    return this.#options.network;
  }

  /** The current page, and the number of the last frame it sent. */
  get sent(): { readonly page: number; readonly number: number } {
    return { page: this.#page.number, number: this.#page.sent };
  }

  /** Counts all frames that arrived. */
  get frames(): number {
    return this.#frames;
  }

  /** Counts the frames that the SDK reported as lost. */
  get lostFrames(): number {
    return this.#lostFrames;
  }

  /** Whether the phone ever had a seat. */
  get wasIn(): boolean {
    return this.#wasIn;
  }

  /** Why the current page was closed for good, if it was. */
  get end(): CloseReason | undefined {
    return this.#end;
  }

  /** The closes after which the SDK reconnected. */
  get closes(): readonly CloseReason[] {
    return this.#closes;
  }

  /** The faults that are not about frames. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Sends the next numbered frame. */
  sendNumbered(): void {
    const page = this.#page;
    const frame = encodeNumbered({ lane: this.lane, page: page.number, number: page.sent + 1 });
    if (page.room.send(frame)) page.sent += 1;
  }

  /** Sends a text to a foreign game. */
  say(text: string): void {
    this.#page.room.send(text);
  }

  /** Cuts the connection by calling `cut`. */
  loseConnection(cut: () => void): void {
    this.#isCutOff = true;
    cut();
  }

  /** Resolves once the phone is connected or closed for good, or after `withinMs`. */
  async untilBack(withinMs: number): Promise<void> {
    if (this.#end !== undefined || (!this.#isCutOff && this.#page.room.isConnected)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Reloads the page: unsent frames and all state are lost; the session stays. */
  reload(): void {
    if (this.#end !== undefined) return;
    const { room, number } = this.#page;
    this.loseConnection(() => this.network.proxy.cutNow("end"));
    this.deliveryLog.forget();
    this.#page = this.#load(number + 1);
    room.detach();
  }

  /**
   * Opens the page a second time. The server must close the first page for good, and only that one. A phone that never had a
   * seat does nothing, because there is no seat to take over.
   */
  async openSecondTab(): Promise<void> {
    if (this.#end !== undefined || !this.#wasIn) return;
    const first = this.#page;
    const second = this.#load(first.number + 1);
    second.waiting = [];
    this.#page = second;
    const code = await closeCodeOf(first.room, REPLACED_WITHIN_MS);
    if (code !== REPLACED_CODE) {
      const what = code === undefined ? "was left open" : `was closed with ${code}`;
      this.#faults.push(
        `Phone ${this.lane}: after a second tab was opened, the first tab ${what} instead of being closed with ${REPLACED_CODE}.`,
      );
      first.room.close();
    }
    this.deliveryLog.forget();
    const waiting = second.waiting;
    second.waiting = undefined;
    for (const frame of waiting) this.#take(frame);
    this.#options.onChange();
  }

  /** Leaves for good. */
  close(): void {
    this.#page.room.close();
  }

  #load(number: number): Page {
    const { server, code, pin, network, isNumbered } = this.#options;
    const room = joinRoom({
      server,
      code,
      ...(pin !== undefined && { pin }),
      name: `Chaos ${this.lane}`,
      storage: this.#storage.page(),
      pongTimeoutMs: PONG_TIMEOUT_MS,
      warn: () => undefined, // connections are cut here on purpose
      WebSocket: network.WebSocket,
    });
    const page: Page = { number, room, sent: 0, waiting: undefined };
    const got = (frame: Frame): void => {
      this.#frames += 1;
      if (!isNumbered) return;
      if (page.waiting !== undefined) page.waiting.push(frame);
      else this.#take(frame);
      this.#options.onChange();
    };
    room.on("text", got);
    room.on("binary", got);
    room.on("open", () => {
      this.#wasIn = true;
      this.#isCutOff = false;
      this.#wake();
    });
    room.on("gap", ({ lost, unsent }) => {
      this.#lostFrames += lost + unsent;
      this.#faults.push(`Phone ${this.lane}: ${lost} frames to it and ${unsent} frames from it were lost.`);
    });
    room.on("reconnecting", (retry) => this.#closes.push({ code: retry.code, reason: retry.reason }));
    room.on("close", (close) => {
      if (page !== this.#page) return; // a tab that was replaced
      this.#end = close;
      this.#wake();
      this.#options.onChange();
    });
    return page;
  }

  #take(frame: Frame): void {
    this.deliveryLog.take(frame);
  }
}

/** The code with which the room closes for good, or `undefined` after `withinMs`. */
async function closeCodeOf(room: PlayerRoom, withinMs: number): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), withinMs);
    room.once("close", ({ code }) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}
