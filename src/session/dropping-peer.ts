/**
 * The conversation with a player that may miss frames (row 36 of docs/COMPARISON.md): what waits for it is bounded, for as long as it reads too slowly or
 * is away, and frames beyond that are dropped instead of its connection. It is told how many, where in the order of the others they are missing.
 */
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import { costOf, type FrameMemory } from "../room/frame-memory.ts";
import type { InitialFrames, Message, PlayerPeer, ReceivedFrame, ResumeRequest } from "../room/ports.ts";
import type { Port } from "./ports.ts";
import type { Session } from "./session.ts";

/** Which frames are dropped: the ones that come while as much waits as may, or those that have waited longest. */
export type DropPolicy = "drop-newest" | "drop-oldest";

export interface DroppingOptions {
  readonly session: Session;
  readonly policy: DropPolicy;
  /** Bytes that may wait; each frame counts for 64 more than it has. */
  readonly limitBytes: number;
  readonly memory: FrameMemory;
  /** What tells the player that so many frames are lost; `undefined` where its wire has no word for it. */
  readonly lostNotice: (count: number) => Message | undefined;
}

interface WaitingMessage extends Message {
  /** Frames that were dropped between this one and the one before. */
  lostBefore: number;
}

/** Taken messages at the front of the list, past which it is cut where they are more than half of it: so each is moved once on average. */
const MAX_TAKEN = 32;

export class DroppingPeer implements PlayerPeer {
  readonly #options: DroppingOptions;
  readonly #session: Session;
  #messages: (WaitingMessage | undefined)[] = [];
  /** Where in `#messages` the first one is; those before it were taken. */
  #head = 0;
  #bytes = 0;
  /** Frames that were dropped behind the last one that waits. */
  #lostAtEnd = 0;

  constructor(options: DroppingOptions) {
    this.#options = options;
    this.#session = options.session;
  }

  /** What is sent may wait here. */
  get isKeeping(): boolean {
    return true;
  }

  get keptBytes(): number {
    return this.#session.keptBytes + this.#bytes;
  }

  get waitingBytes(): number {
    return this.#session.port === undefined ? 0 : this.#session.waitingBytes + this.#bytes;
  }

  /** Never: its frames are dropped instead. */
  isSlow(): boolean {
    return false;
  }

  isStaleAttempt(request: ResumeRequest): boolean {
    return this.#session.isStaleAttempt(request);
  }

  canResume(request: ResumeRequest): boolean {
    return this.#session.canResume(request);
  }

  attach(port: Port, request: ResumeRequest, initialFrames: InitialFrames, notice?: GameNotice): number {
    const missed = this.#session.attach(
      port,
      request,
      (isFresh, isComing) => initialFrames(isFresh, (data) => isComing(data) || this.#holds(data)),
      notice,
    );
    this.#drain();
    return missed;
  }

  turnTo(notice: GameNotice): boolean {
    this.#clear();
    return this.#session.turnTo(notice);
  }

  detach(isSilent: boolean): void {
    this.#session.detach(isSilent);
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#drain();
    if (this.#first === undefined && this.#session.takesMore) this.#session.send(data, isText);
    else this.#keep(data, isText);
  }

  /** A frame that need not arrive waits as the others do. */
  sendPassing(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  refuse(reason: string): void {
    this.#session.refuse(reason);
  }

  flush(): void {
    this.#session.flush();
    this.#drain();
  }

  fit(): void {
    this.#session.fit();
  }

  /** What waits here is lost as other frames are, so the conversation goes on. */
  shed(): boolean {
    while (this.#first !== undefined) this.#dropOldest();
    return this.#session.shed();
  }

  takeAck(data: Uint8Array, isText: boolean): boolean {
    return this.#session.takeAck(data, isText);
  }

  read(data: Uint8Array, isText: boolean): ReceivedFrame {
    return this.#session.read(data, isText);
  }

  noticePart(): void {
    this.#session.noticePart();
  }

  takeSkipped(): number {
    return this.#session.takeSkipped();
  }

  confirm(through: number): void {
    this.#session.confirm(through);
  }

  get #first(): WaitingMessage | undefined {
    return this.#messages[this.#head];
  }

  #holds(data: Uint8Array): boolean {
    return this.#messages.some((message) => message?.data === data);
  }

  #keep(data: Uint8Array, isText: boolean): void {
    const { policy, limitBytes, memory } = this.#options;
    const cost = costOf(undefined, data);
    if (policy === "drop-newest" && this.#bytes + cost > limitBytes) {
      this.#lostAtEnd += 1;
      return;
    }
    const message = { data, isText, lostBefore: this.#lostAtEnd };
    this.#lostAtEnd = 0;
    this.#messages.push(message);
    this.#bytes += cost;
    memory.takeBeside(message);
    // The newest frame waits whatever its size.
    while (this.#bytes > limitBytes && this.#messages.length - this.#head > 1) this.#dropOldest();
  }

  /** Sends what waits, as long as the connection takes more, and tells of what is missing in between. */
  #drain(): void {
    while (this.#session.takesMore) {
      const first = this.#first;
      const lost = first?.lostBefore ?? this.#lostAtEnd;
      if (lost > 0) {
        if (first === undefined) this.#lostAtEnd = 0;
        else first.lostBefore = 0;
        const notice = this.#options.lostNotice(lost);
        if (notice !== undefined) this.#session.send(notice.data, notice.isText);
        continue;
      }
      if (first === undefined) return;
      this.#take(first);
      this.#session.send(first.data, first.isText);
    }
  }

  #dropOldest(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.#take(first);
    const lost = first.lostBefore + 1;
    const next = this.#first;
    if (next === undefined) this.#lostAtEnd += lost;
    else next.lostBefore += lost;
  }

  #take(first: WaitingMessage): void {
    this.#messages[this.#head] = undefined;
    this.#head += 1;
    this.#bytes -= costOf(undefined, first.data);
    this.#options.memory.giveBackBeside(first);
    if (this.#head > MAX_TAKEN && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }

  #clear(): void {
    for (let first = this.#first; first !== undefined; first = this.#first) this.#take(first);
    this.#lostAtEnd = 0;
  }
}
