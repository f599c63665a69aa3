/**
 * Frames of which only the newest counts, by name: a position, a tilt. The first goes at once; a newer one that comes too soon waits,
 * and takes the place of the one that waits already, so the last always arrives. A phone's are paced, for a motion sensor
 * says more than a server takes (P5.8); while the connection is down they wait until it is up.
 */
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { Frame } from "./outbox.ts";

export interface VolatilePace {
  /** Frames a second of one name. */
  readonly perName: number;
  /** Frames a second of all names, and of all that is not volatile, which goes first. */
  readonly inAll: number;
}

export interface VolatileSenderOptions {
  /** Without it frames wait only while the connection is down. */
  readonly pace: VolatilePace | undefined;
  /** Bytes that may wait; past them the oldest goes. */
  readonly limitBytes: number;
  /** Whether the connection can take a frame now. */
  readonly isOpen: () => boolean;
  /** `false` where there was no room for it: then it is gone. */
  readonly send: (frame: Frame, expiresAt: number) => boolean;
}

interface Waiting {
  readonly frame: Frame;
  readonly bytes: number;
  /** Of `performance.now()`. */
  readonly expiresAt: number;
}

/** Of `inAll`, what may go at once after a quiet time. */
const BURST_SHARE = 0.25;
/** Names are remembered for as long as they are paced, a thirtieth of a second: this is how many before it is looked which those are. */
const MANY_NAMES = 128;
const BYTES_BESIDE_FRAME = 64;

export class VolatileSender {
  readonly #options: VolatileSenderOptions;
  readonly #waiting = new Map<string, Waiting>();
  /** By name, before when the next is too soon. */
  readonly #nextAt = new Map<string, number>();
  readonly #bucket: TokenBucket | undefined;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: VolatileSenderOptions) {
    this.#options = options;
    const { pace } = options;
    this.#bucket = pace && new TokenBucket({ perSecond: pace.inAll, size: burstOf(pace) }, performance.now());
  }

  /** Sends the frame, now or when its time has come, unless a newer one of that name comes first. */
  add(name: string, frame: Frame, expiresAt: number): void {
    this.drop(name);
    const bytes = frame.length + name.length + BYTES_BESIDE_FRAME;
    this.#waiting.set(name, { frame, bytes, expiresAt });
    this.#bytes += bytes;
    for (const oldest of this.#waiting.keys()) {
      if (this.#bytes <= this.#options.limitBytes || oldest === name) break;
      this.drop(oldest);
    }
    this.sendDue();
  }

  /**
   * Call when the connection is up, and before a frame is sent that is not volatile: the frames that wait are older and go first. While
   * the connection is up, they go as fast as the pace allows; while it is down, they join the frames that are kept for it.
   */
  flush(): void {
    if (this.#waiting.size === 0) return;
    if (!this.#options.isOpen()) {
      for (const [name, { frame, expiresAt }] of this.#waiting) {
        this.drop(name);
        this.#options.send(frame, expiresAt);
      }
      return;
    }
    for (const name of this.#waiting.keys()) this.#nextAt.delete(name);
    this.sendDue();
  }

  /** A frame was sent that is not volatile. */
  countOther(): void {
    const { pace } = this.#options;
    if (pace !== undefined) this.#bucket?.spend(1, performance.now(), burstOf(pace));
  }

  /** The connection is down or closed: what waits goes on waiting. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  private sendDue(): void {
    this.stop();
    if (!this.#options.isOpen()) return;
    const now = performance.now();
    let waitMs = Infinity;
    for (const [name, { frame, expiresAt }] of this.#waiting) {
      if (expiresAt <= now) {
        this.drop(name);
        continue;
      }
      const wait = this.waitMs(name, now);
      if (wait > 0) {
        waitMs = Math.min(waitMs, wait);
        continue;
      }
      this.drop(name);
      if (this.#options.send(frame, expiresAt)) this.count(name, now);
    }
    if (waitMs < Infinity) this.#timer = setTimeout(() => this.sendDue(), Math.ceil(waitMs));
  }

  /** Milliseconds until a frame of this name may be sent; at most 0 where it may now. */
  private waitMs(name: string, now: number): number {
    const { pace } = this.#options;
    if (pace === undefined || this.#bucket === undefined) return 0;
    const untilToken = ((1 - this.#bucket.refill(now)) / pace.inAll) * 1_000;
    return Math.max((this.#nextAt.get(name) ?? 0) - now, untilToken);
  }

  private count(name: string, now: number): void {
    const { pace } = this.#options;
    if (pace === undefined) return;
    this.countOther();
    if (this.#nextAt.size >= MANY_NAMES) {
      for (const [other, nextAt] of this.#nextAt) if (nextAt <= now) this.#nextAt.delete(other);
    }
    this.#nextAt.set(name, now + 1_000 / pace.perName);
  }

  private drop(name: string): void {
    this.#bytes -= this.#waiting.get(name)?.bytes ?? 0;
    this.#waiting.delete(name);
  }
}

function burstOf({ inAll }: VolatilePace): number {
  return inAll * BURST_SHARE;
}
