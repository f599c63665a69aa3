/**
 * Limits how many commands a host gives (P5.9.4). A host over its rate is told so, and its connection is not read until it may go on. The same
 * holds, without a word, while a command is not over. Frames that the same read had brought wait here, in order and undecoded.
 */
import type { HostCommand } from "../protocol/commands.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import type { HostPort } from "./ports.ts";
import { WaitingFrames } from "./waiting-frames.ts";

export interface HostRates {
  /** Commands a second; 0 means no limit. */
  readonly hostRate: number;
  /** Commands at once after a quiet time. */
  readonly hostBurst: number;
}

export interface HostThrottleOptions {
  readonly rates: HostRates;
  readonly clock: Clock;
  /** Follows a frame, and calls `charge` for it. */
  readonly follow: (frame: Uint8Array, isText: boolean) => void;
  /** Tells the host that it is held back. */
  readonly warn: () => void;
  /** Counts bytes of memory that frames take up which wait; a negative number gives them back. */
  readonly count: (bytes: number) => void;
}

/** A host is held back at least so long, so that it is not paused and resumed for each command. */
const MIN_HOLD_MS = 50;
/** The host is told of it so often at most. */
const WARN_EVERY_MS = 1_000;

/** So many recipients of one frame cost as much as a command. */
const RECIPIENTS_PER_COMMAND = 16;
/** So many watchers, for which nothing is kept. */
const WATCHERS_PER_COMMAND = 64;
/** So many bytes of one frame cost as much as a command. */
const BYTES_PER_COMMAND = 16_384;
/** So many bytes that are not `data` cost as much as a command: each may be an item that is decoded by itself. */
const OTHER_BYTES_PER_COMMAND = 1_024;
/** Bytes of a CBOR list of integers for one byte of `data`, at most. Such a list is decoded quickly. */
const LISTED_BYTE = 2;

/**
 * The cost of a frame in commands: a long frame costs more, and a frame for many. `command`: what it held, if anything. `reached`: the players of the room, its
 * watchers, or the lines that follow the channel on which it publishes.
 */
export function commandCost(frameBytes: number, command: HostCommand | undefined, reached: number): number {
  const recipients = command === undefined ? 0 : recipientsOf(command, reached);
  const dataBytes = command === undefined ? 0 : dataBytesOf(command);
  const otherBytes = Math.max(0, frameBytes - LISTED_BYTE * dataBytes);
  return (
    1 +
    Math.floor(recipients / RECIPIENTS_PER_COMMAND) +
    Math.floor(frameBytes / BYTES_PER_COMMAND) +
    Math.floor(otherBytes / OTHER_BYTES_PER_COMMAND)
  );
}

/** Players or lines that are sent something for this command. */
function recipientsOf(command: HostCommand, reached: number): number {
  if (command.cmd === "game" || command.cmd === "publish") return reached;
  if (command.cmd === "to_audience" || command.cmd === "to_audience_str")
    return reached * (RECIPIENTS_PER_COMMAND / WATCHERS_PER_COMMAND);
  if (!("to" in command)) return 0;
  return command.to === "everybody" ? reached : command.to.length;
}

/** What of a command is copied in one piece, or in as many as it has keys. */
function dataBytesOf(command: HostCommand): number {
  if ("data" in command) return command.data.length;
  if (!("keys" in command)) return 0;
  let bytes = 0;
  for (const value of command.keys.values()) bytes += value?.length ?? 0;
  return bytes;
}

export class HostThrottle {
  readonly #options: HostThrottleOptions;
  readonly #bucket: TokenBucket | undefined;
  #port: HostPort | undefined;
  #isReliable = false;
  /** Ends the time for which the host is held back for its rate, while it is. */
  #stopHold: Cancel | undefined;
  /** A command of the host is not over. */
  #isSuspended = false;
  readonly #waiting = new WaitingFrames();
  /** Bytes of them that were counted. */
  #counted = 0;
  #warnedAt = -Infinity;
  #isClosed = false;

  constructor(options: HostThrottleOptions) {
    const { rates, clock } = options;
    this.#options = options;
    this.#bucket =
      rates.hostRate === 0
        ? undefined
        : new TokenBucket({ perSecond: rates.hostRate, size: rates.hostBurst }, clock.now());
  }

  /** The host speaks over this connection from now on; `isReliable`: it numbers its frames. A held host stays held. */
  attach(port: HostPort, isReliable: boolean): void {
    this.#port = port;
    this.#isReliable = isReliable;
    if (this.#isHeld) port.pause();
  }

  /** The connection is gone. A host that numbers its frames sends those again that wait here and were not counted as received. */
  detach(): void {
    this.#port = undefined;
    if (this.#isReliable) this.#forget();
  }

  /** Follows the frame now, or as soon as the host may go on. */
  receive(frame: Uint8Array, isText: boolean): void {
    if (!this.#isHeld) this.#options.follow(frame, isText);
    else {
      this.#waiting.push({ data: frame, isText });
      this.#count();
    }
  }

  /** Counts a frame that was followed. Where the host is over its rate now, the frames after it wait. */
  charge(commands: number): void {
    if (this.#isClosed) return; // by that very command
    const { clock, rates, warn } = this.#options;
    const now = clock.now();
    const level = this.#bucket?.spend(commands, now) ?? 0;
    if (level >= 0 || this.#stopHold !== undefined) return;
    this.#port?.pause();
    const holdMs = Math.max(MIN_HOLD_MS, Math.ceil((-level / rates.hostRate) * 1_000));
    this.#stopHold = clock.after(holdMs, () => {
      this.#stopHold = undefined;
      if (!this.#isSuspended) this.#release();
    });
    if (now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    warn();
  }

  /** Holds the host back until `goOn`: its last command is not over. */
  suspend(): void {
    this.#isSuspended = true;
    this.#port?.pause();
  }

  /** The command is over: what came after it is followed. */
  goOn(): void {
    this.#isSuspended = false;
    if (!this.#isClosed && !this.#isHeld) this.#release();
  }

  /** The room is over. */
  close(): void {
    this.#isClosed = true;
    this.#stopHold?.();
    this.#forget();
  }

  get #isHeld(): boolean {
    return this.#stopHold !== undefined || this.#isSuspended;
  }

  /** Goes on with what waits; the connection is read again once nothing does. */
  #release(): void {
    try {
      this.#followWaiting();
    } catch (error) {
      // A bug here: as for a frame that is followed when it comes, the connection ends and nothing else does.
      this.#forget();
      this.#port?.close("internal_error");
      throw error;
    }
    this.#count();
    if (!this.#isHeld) this.#port?.resume();
  }

  #followWaiting(): void {
    while (!this.#isHeld) {
      const frame = this.#waiting.take();
      if (frame === undefined) return;
      this.#options.follow(frame.data, frame.isText);
    }
  }

  #forget(): void {
    this.#waiting.clear();
    this.#count();
  }

  #count(): void {
    const { capacity } = this.#waiting;
    if (capacity === this.#counted) return;
    this.#options.count(capacity - this.#counted);
    this.#counted = capacity;
  }
}
