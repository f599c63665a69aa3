/**
 * How many commands a host may give (P5.9.4). Past its rate the host is told so and its connection is not read until it may go on. Frames
 * that the same read had brought wait here, in order and undecoded.
 */
import type { HostCommand } from "../protocol/commands.ts";
import { Bucket } from "./bucket.ts";
import { keep } from "./lent-bytes.ts";
import type { Cancel, Clock, HostPort } from "./ports.ts";

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
}

interface WaitingFrame {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

/** A host is held back at least so long, so that it is not paused and resumed for each command. */
const MIN_HOLD_MS = 50;
/** The host is told of it so often at most. */
const WARN_EVERY_MS = 1_000;

/** So many recipients of one frame cost what a command costs. */
const RECIPIENTS_PER_COMMAND = 16;
/** So many bytes of one frame cost what a command costs. */
const BYTES_PER_COMMAND = 16_384;

/** What a frame costs its host, in commands: more for a long one, and for one that goes to many. */
export function commandCost(frameBytes: number, command: HostCommand | undefined, players: number): number {
  const recipients =
    command === undefined || !("to" in command) ? 0 : command.to === "everybody" ? players : command.to.length;
  return 1 + Math.floor(recipients / RECIPIENTS_PER_COMMAND) + Math.floor(frameBytes / BYTES_PER_COMMAND);
}

export class HostThrottle {
  readonly #options: HostThrottleOptions;
  readonly #bucket: Bucket | undefined;
  #port: HostPort | undefined;
  #isExact = false;
  /** Ends the time for which the host is held back, while it is. */
  #stopHold: Cancel | undefined;
  #waiting: WaitingFrame[] = [];
  #warnedAt = -Infinity;

  constructor(options: HostThrottleOptions) {
    const { rates, clock } = options;
    this.#options = options;
    this.#bucket =
      rates.hostRate === 0 ? undefined : new Bucket({ perSecond: rates.hostRate, size: rates.hostBurst }, clock.now());
  }

  /** The host speaks over this connection from now on; `isExact`: it numbers its frames. A held host stays held. */
  attach(port: HostPort, isExact: boolean): void {
    this.#port = port;
    this.#isExact = isExact;
    if (this.#stopHold !== undefined) port.pause();
  }

  /** The connection is gone. A host that numbers its frames sends those again that wait here and were not counted as received. */
  detach(): void {
    this.#port = undefined;
    if (this.#isExact) this.#waiting = [];
  }

  /** Follows the frame now, or as soon as the host may go on. */
  receive(frame: Uint8Array, isText: boolean): void {
    if (this.#stopHold === undefined) this.#options.follow(frame, isText);
    else this.#waiting.push({ data: keep(frame), isText });
  }

  /** Counts what was followed. Past the rate it was followed all the same, and what comes after it waits. */
  charge(commands: number): void {
    const { clock, rates, warn } = this.#options;
    const now = clock.now();
    const level = this.#bucket?.spend(commands, now) ?? 0;
    if (level >= 0 || this.#stopHold !== undefined) return;
    this.#port?.pause();
    const holdMs = Math.max(MIN_HOLD_MS, Math.ceil((-level / rates.hostRate) * 1_000));
    this.#stopHold = clock.after(holdMs, () => this.#release());
    if (now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    warn();
  }

  /** The room is over. */
  close(): void {
    this.#stopHold?.();
    this.#waiting = [];
  }

  /** Goes on with what waits; the connection is read again once nothing does. */
  #release(): void {
    this.#stopHold = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    let next = 0;
    for (; next < waiting.length && this.#stopHold === undefined; next++) {
      const frame = waiting[next];
      if (frame !== undefined) this.#options.follow(frame.data, frame.isText);
    }
    this.#waiting = waiting.slice(next);
    if (this.#stopHold === undefined) this.#port?.resume();
  }
}
