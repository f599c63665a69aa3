/**
 * A conversation that outlives its connections (P5.4, P5.5): it keeps what may have to be sent again and goes on where a new connection says. A
 * `SendWindow` holds the frames; an `AckPolicy`, chosen for each connection, learns what has arrived.
 */
import type { PlayerId } from "../protocol/commands.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import { ReceiveCounter } from "../protocol/reliable/receive-counter.ts";
import { SendWindow } from "../protocol/reliable/send-window.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import { EXPIRE_EVERY_MS, type PassingTerms } from "../room/passing-terms.ts";
import type { Clock, InitialFrames, ReceivedFrame, ResumeRequest } from "../room/ports.ts";
import type { AckPolicy, Introduction } from "./ack-policy.ts";
import { CountedAcks } from "./counted-acks.ts";
import { SharedFrames, toKept, type KeptFrame } from "./kept-frame.ts";
import { PingAcks, QUESTIONS, type QuestionPace } from "./ping-acks.ts";
import type { Port } from "./ports.ts";
import type { Session } from "./session.ts";
import { SessionEpoch } from "./session-epoch.ts";
import { StaleAttemptFilter } from "./stale-attempt-filter.ts";
import { VolatileFrames } from "./volatile-frames.ts";

export interface ResumableSessionOptions {
  /** What is kept for this peer counts here. */
  readonly memory: FrameMemory;
  /** What becomes of frames over the limit while the peer is away: the oldest are dropped, or their senders are held back. */
  readonly overflow: "drop_oldest" | "hold_back";
  /** The life of the room, which counts belong to. */
  readonly epoch: string;
  readonly clock: Pick<Clock, "now" | "time" | "after">;
  /** Which player the peer is. @default none: it is a host */
  readonly player?: PlayerId;
  /** The name of the game of the player's room. */
  readonly game?: () => string;
  /** What this peer has in common with others of its room. */
  readonly sharedFrames?: SharedFrames;
}

export class ResumableSession implements Session {
  readonly #life: SessionEpoch;
  readonly #attempts = new StaleAttemptFilter();
  readonly #memory: FrameMemory;
  readonly #window: SendWindow<KeptFrame>;
  readonly #received = new ReceiveCounter();
  /** Made for the first one that waits: what most peers never need is not to be looked up for each frame. */
  #volatile: VolatileFrames | undefined;
  readonly #overflow: ResumableSessionOptions["overflow"];
  readonly #clock: ResumableSessionOptions["clock"];
  readonly #pace: QuestionPace;
  readonly #sharedFrames: SharedFrames;
  readonly #player: PlayerId | undefined;
  readonly #game: (() => string) | undefined;
  /** Of the current connection, or of the last one. */
  #acks: AckPolicy;
  /** The peer counts frames, over the current connection or the last one. */
  #isReliable = false;
  /** Its page goes to another game's where it is told to. */
  #isFollowing = false;
  /** The peer's page is to go to another one: this connection carries no data any more. */
  #isParked = false;
  /** The number of the last frame that the peer does not miss, whatever it has got. */
  #settled = 0;
  /** Bytes that waited for the peer when it connected, until it has caught up once. */
  #backlog = 0;
  /** When frames that have waited too long were last looked for. */
  #expiredAt = -Infinity;

  constructor({
    memory,
    overflow,
    epoch,
    clock,
    player,
    game,
    sharedFrames = new SharedFrames(),
  }: ResumableSessionOptions) {
    this.#sharedFrames = sharedFrames;
    this.#player = player;
    this.#game = game;
    this.#clock = clock;
    this.#pace = { bucket: new TokenBucket(QUESTIONS, clock.now()), clock };
    this.#life = new SessionEpoch(epoch);
    this.#overflow = overflow;
    this.#memory = memory;
    this.#window = new SendWindow<KeptFrame>(memory);
    this.#acks = new PingAcks(this.#window, this.#pace);
  }

  get port(): Port | undefined {
    return this.#acks.port;
  }

  get isKeeping(): boolean {
    return true;
  }

  get isOverfull(): boolean {
    return this.#dataPort === undefined && this.#memory.isOverLimit;
  }

  get takesMore(): boolean {
    return this.#dataPort?.isBusy === false && !this.#window.hasUnsent;
  }

  get keptBytes(): number {
    return this.#memory.bytes;
  }

  get waitingBytes(): number {
    const { port } = this;
    return port === undefined ? 0 : port.queued + (this.#isParked ? 0 : this.#window.unsentBytes);
  }

  isSlow(limit: number, bytes: number): boolean {
    const { waitingBytes } = this;
    if (waitingBytes <= limit) this.#backlog = 0;
    if (waitingBytes === 0 || waitingBytes + bytes <= limit + this.#backlog) return false;
    this.#expireNowAndThen();
    const left = this.waitingBytes;
    return left > 0 && left + bytes > limit + this.#backlog;
  }

  isStaleAttempt({ attempt }: ResumeRequest): boolean {
    return this.#attempts.isStale(attempt, this.#clock.now());
  }

  canResume(resumeRequest: ResumeRequest): boolean {
    return (this.#life.countedBy(resumeRequest) ?? 0) <= this.#window.last;
  }

  attach(port: Port, resumeRequest: ResumeRequest, initialFrames: InitialFrames, notice?: GameNotice): number {
    const window = this.#window;
    const counted = this.#life.countedBy(resumeRequest);
    const isFresh = counted === undefined;
    this.#isReliable = resumeRequest.isReliable;
    this.#isFollowing = resumeRequest.game !== undefined;
    this.#isParked = notice !== undefined && this.#isReliable && this.#isFollowing;
    // A page that starts from nothing gets what no page has acknowledged, or what came after the checkpoint.
    const had = Math.max(counted ?? Math.min(window.acknowledged, window.pinned), this.#settled);
    if (isFresh) {
      this.#received.goOnFrom(resumeRequest.saidBefore ?? 0);
      this.#life.begin();
    } else window.acknowledge(had);
    this.#expire();

    this.#acks = resumeRequest.isReliable
      ? new CountedAcks(window, this.#received, this.#clock, port)
      : new PingAcks(window, this.#pace, port);
    this.#attempts.turnTo(resumeRequest.attempt, this.#clock.now());
    // A page that is sent nothing misses nothing; the next one is told.
    const lost = this.#isParked ? 0 : window.lostAfter(had);
    this.#acks.begin(
      { epoch: this.#life.epoch, had, lost, introduction: this.#introduction, notice },
      this.#isParked ? [] : initialFrames(isFresh, this.#waitingAfter(had)),
    );
    window.rewind(had);
    this.flush();
    this.#acks.caughtUp();
    this.#backlog = this.waitingBytes;
    return lost;
  }

  detach(isSilent: boolean): void {
    this.#acks.end(isSilent);
    this.#volatile?.fit(); // one of them may be larger than all that is kept for an away peer
    this.fit();
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#hasVolatile) this.#flushHeld();
    this.#deliver(this.#sharedFrames.of(data, isText));
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    if (this.#hasVolatile) this.#flushHeld();
    this.#deliver(toKept(undefined, data, isText), true);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    if (this.#hasVolatile) this.#flushHeld();
    this.#deliver(toKept(head, toOwned(data), false));
  }

  sendPassing(data: Uint8Array, isText: boolean, { name, expiresAt }: PassingTerms): void {
    const port = this.#dataPort;
    if (port !== undefined && !port.isBusy && !this.#window.hasUnsent) return this.send(data, isText);
    const frame = toKept(undefined, data, isText, expiresAt);
    if (name === undefined) {
      if (this.#hasVolatile) this.#flushHeld();
      return this.#deliver(frame);
    }
    (this.#volatile ??= new VolatileFrames(this.#memory)).put(name, frame);
    // Volatile frames give way to what must arrive. A live peer gets the newest ones, of whatever size.
    if (port === undefined) this.#volatile?.fit();
  }

  refuse(reason: string): void {
    this.#acks.refuse(reason);
  }

  turnTo(notice: GameNotice): boolean {
    this.settle();
    const isTold = this.#acks.tellGame(notice);
    this.#isParked = isTold && this.#isFollowing;
    return isTold;
  }

  settle(): void {
    const window = this.#window;
    this.#volatile?.clear();
    // A counting peer whose connection goes on has to get the frames whose numbers it knows of.
    const goesOn = this.port !== undefined && this.#isReliable && !this.#isFollowing;
    window.settle(goesOn ? window.sent : window.known);
    this.#settled = window.acknowledged;
  }

  flush(): void {
    const port = this.#dataPort;
    if (port === undefined) return;
    this.#expire();
    while (this.#window.hasUnsent) {
      const frame = port.isBusy ? undefined : this.#window.takeUnsent();
      if (frame === undefined) return;
      this.#acks.sendKept(frame);
    }
    if (this.#hasVolatile) this.#flushHeld(true);
  }

  fit(): void {
    if (!this.#memory.isOverLimit) return;
    this.#expireNowAndThen();
    this.#window.drop(this.#lastDispensable, true);
  }

  shed(): boolean {
    const isAway = this.#dataPort === undefined;
    const isUnharmed = isAway || (!this.#window.hasUnsent && !this.#hasVolatile);
    if (isAway) this.#volatile?.clear();
    this.#window.drop(this.#lastDispensable);
    return isUnharmed;
  }

  takeAck(data: Uint8Array, isText: boolean): boolean {
    return this.#acks.takeAck(data, isText);
  }

  read(data: Uint8Array, isText: boolean): ReceivedFrame {
    const read = this.#acks.read(data, isText);
    return this.#isParked && typeof read !== "string" ? "control" : read;
  }

  noticePart(): void {
    this.#acks.noticePart(this.#clock.now());
  }

  takeSkipped(): number {
    const skipped = this.#received.takeSkipped();
    return this.#isParked ? 0 : skipped; // of what would not be passed on
  }

  confirm(through: number): void {
    this.#acks.confirm(through);
  }

  checkpoint(through: number | undefined): void {
    this.#acks.checkpoint(through);
  }

  /** The connection, where it carries data. */
  get #dataPort(): Port | undefined {
    return this.#isParked ? undefined : this.port;
  }

  /** What a counting peer is told when it connects. */
  get #introduction(): Introduction {
    const [player, game] = [this.#player, this.#game];
    return player === undefined || game === undefined ? {} : { player, game: game() };
  }

  get #hasVolatile(): boolean {
    return this.#volatile !== undefined && !this.#volatile.isEmpty;
  }

  /** Says of a frame's bytes whether it is among those after this number. The set of those is made for the first question. */
  #waitingAfter(after: number): (data: Uint8Array) => boolean {
    const window = this.#window;
    let waiting: Set<Uint8Array> | undefined;
    return (data) => {
      if (waiting === undefined) {
        waiting = new Set();
        for (let number = Math.max(after + 1, window.first); number <= window.last; number++) {
          const frame = window.frame(number);
          if (frame !== undefined) waiting.add(frame.data);
        }
      }
      return waiting.has(data) || (this.#volatile?.holds(data) ?? false);
    };
  }

  /** As `expire`, at most every `EXPIRE_EVERY_MS`, since a full buffer asks for it with each frame. */
  #expireNowAndThen(): void {
    if (this.#clock.now() - this.#expiredAt >= EXPIRE_EVERY_MS) this.#expire();
  }

  /** Drops what has waited too long and was never written. */
  #expire(): void {
    this.#expiredAt = this.#clock.now();
    this.#volatile?.expire(this.#expiredAt);
    this.#window.expire(this.#expiredAt);
  }

  /** Sends the waiting volatile frames: all of them, or with `canWait` those that the connection takes at once. */
  #flushHeld(canWait = false): void {
    this.#volatile?.expire(this.#clock.now());
    for (;;) {
      if (canWait && this.port?.isBusy !== false) return;
      const held = this.#volatile?.take();
      if (held === undefined) return;
      this.#deliver(held);
    }
  }

  /**
   * The last frame that may be dropped before it has arrived. A frame that this connection was sent may be dropped, for a peer that resumes is told
   * how many are gone. A frame that it was not sent is needed for its number. For an away peer the option `overflow` decides.
   */
  get #lastDispensable(): number {
    if (this.#dataPort !== undefined) return this.#window.sent;
    return this.#overflow === "drop_oldest" ? this.#window.last : this.#window.acknowledged;
  }

  /** Keeps the frame and sends it, unless it has to wait. A frame that may expire waits here while the connection is behind: its queue gives nothing back. */
  #deliver(frame: KeptFrame, isCorked = false): void {
    const port = this.#dataPort;
    const isHeld = port === undefined || this.#window.hasUnsent || (frame.expiresAt !== Infinity && port.isBusy);
    this.#window.push(frame);
    if (!isHeld) this.#acks.send(frame, isCorked);
    this.fit();
  }
}
