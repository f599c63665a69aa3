/** One phone: a page on the SDK that can be reloaded and opened twice, over a network that can be disturbed. */
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
  /** What the room wants of newcomers, if it does. */
  readonly pin: string | undefined;
  readonly network: Network;
  /** Numbered frames, from here and to here; otherwise another's game, of which nothing is known. */
  readonly isNumbered: boolean;
  /** Something came or changed. */
  readonly onChange: () => void;
}

/** The kit has no time for a line that is dead. */
export const PONG_TIMEOUT_MS = 1_000;
/** A tab whose seat is taken over has to hear of it within this time. */
const REPLACED_WITHIN_MS = 10_000;
const REPLACED_CODE = 4509;

/** One load of the phone's page. */
interface Page {
  readonly number: number;
  readonly room: PlayerRoom;
  /** Numbered frames it has sent. */
  sent: number;
  /** Frames that came while the tab before it was still open: they count after those of that tab. */
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
  /** Its line was cut, and it has not come back yet; it may not even know. */
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

  /** The page of the moment, and the number of the last frame it sent. */
  get sent(): { readonly page: number; readonly number: number } {
    return { page: this.#page.number, number: this.#page.sent };
  }

  /** Frames that came, whatever they were. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames that the SDK was told are lost. */
  get lostFrames(): number {
    return this.#lostFrames;
  }

  /** Whether the phone had a seat at some time. */
  get wasIn(): boolean {
    return this.#wasIn;
  }

  /** Why its last page was closed for good, if it was. */
  get end(): CloseReason | undefined {
    return this.#end;
  }

  /** Closes that the SDK came back from. */
  get closes(): readonly CloseReason[] {
    return this.#closes;
  }

  /** What went wrong beside the frames. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Sends its next numbered frame. */
  sendNumbered(): void {
    const page = this.#page;
    const frame = encodeNumbered({ lane: this.lane, page: page.number, number: page.sent + 1 });
    if (page.room.send(frame)) page.sent += 1;
  }

  /** Says something to another's game. */
  say(text: string): void {
    this.#page.room.send(text);
  }

  /** Its line is being taken away, by `cut`. */
  loseLine(cut: () => void): void {
    this.#isCutOff = true;
    cut();
  }

  /** Resolves once the phone is in the room, its line being well as far as we know; or is out for good; or after a while. */
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

  /** The page goes, with all it knew and had not sent, and comes anew; the session stays. */
  reload(): void {
    if (this.#end !== undefined) return;
    const { room, number } = this.#page;
    this.loseLine(() => this.network.proxy.cutNow("end"));
    this.deliveryLog.forget();
    this.#page = this.#load(number + 1);
    room.detach();
  }

  /**
   * The same page a second time. The server has to close the first one for good, and that one alone. A phone that never had
   * a seat has none that could be taken over: it stays as it is.
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
        `Phone ${this.lane}: its first tab ${what}, not with ${REPLACED_CODE}, when a second one was opened.`,
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
      warn: () => undefined, // lines are cut here on purpose
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
      this.#faults.push(`Phone ${this.lane}: ${lost} frames for it and ${unsent} of it were lost.`);
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

/** The code that the room is closed with for good, or `undefined` where that takes too long. */
async function closeCodeOf(room: PlayerRoom, withinMs: number): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), withinMs);
    room.once("close", ({ code }) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}
