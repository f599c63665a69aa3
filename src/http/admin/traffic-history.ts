/** The traffic of the last ten minutes, for the charts of the admin page. It reads the counters of the rooms at each sample, so a frame costs nothing. */
import type { Traffic } from "../../room/traffic.ts";

/** What the server had at one time, and what passed through its rooms a second since the sample before. */
export interface TrafficSample {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rooms: number;
  readonly players: number;
  readonly connections: number;
  /** Bytes that queues and buffers held. */
  readonly memory: number;
}

/** What one room passed on a second, both ways together, between the last two samples. */
export interface RoomRate {
  readonly frames: number;
  readonly bytes: number;
}

export interface TrafficHistoryOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly counts: () => Pick<TrafficSample, "rooms" | "players" | "connections" | "memory">;
}

export const SAMPLE_MS = 2_000;
/** Ten minutes. */
export const MAX_SAMPLES = 300;

interface Watched {
  readonly traffic: Traffic;
  /** As they were at the last sample. */
  last: Traffic;
  rate: RoomRate;
}

const NOTHING: Traffic = { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 };
const QUIET: RoomRate = { frames: 0, bytes: 0 };

export class TrafficHistory {
  readonly #options: TrafficHistoryOptions;
  readonly #rooms = new Map<string, Watched>();
  readonly #samples: TrafficSample[] = [];
  /** What rooms that have closed since the last sample passed on after it. */
  #ofClosed = NOTHING;
  #sampledAt: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TrafficHistoryOptions) {
    this.#options = options;
    this.#sampledAt = options.now();
  }

  /** The oldest first. */
  get samples(): readonly TrafficSample[] {
    return this.#samples;
  }

  /** The rate of the room that the log calls so. */
  rateOf(room: string): RoomRate {
    return this.#rooms.get(room)?.rate ?? QUIET;
  }

  roomOpened(room: string, traffic: Traffic): void {
    this.#rooms.set(room, { traffic, last: { ...copyOf(traffic) }, rate: QUIET });
  }

  roomClosed(room: string): void {
    const watched = this.#rooms.get(room);
    if (watched === undefined) return;
    this.#rooms.delete(room);
    this.#ofClosed = sum(this.#ofClosed, difference(watched.traffic, watched.last));
  }

  /** Takes a sample every two seconds from now on. The timer keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.sample(), SAMPLE_MS).unref();
  }

  /** Takes no more samples. Safe twice. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  sample(): void {
    const { now, wallClock, counts } = this.#options;
    const at = now();
    const seconds = (at - this.#sampledAt) / 1_000;
    if (seconds <= 0) return;
    this.#sampledAt = at;
    let all = this.#ofClosed;
    this.#ofClosed = NOTHING;
    for (const watched of this.#rooms.values()) {
      const since = difference(watched.traffic, watched.last);
      watched.last = copyOf(watched.traffic);
      watched.rate = {
        frames: (since.framesIn + since.framesOut) / seconds,
        bytes: (since.bytesIn + since.bytesOut) / seconds,
      };
      all = sum(all, since);
    }
    this.#samples.push({
      at: wallClock(),
      framesIn: all.framesIn / seconds,
      framesOut: all.framesOut / seconds,
      bytesIn: all.bytesIn / seconds,
      bytesOut: all.bytesOut / seconds,
      ...counts(),
    });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}

function copyOf({ framesIn, bytesIn, framesOut, bytesOut }: Traffic): Traffic {
  return { framesIn, bytesIn, framesOut, bytesOut };
}

function difference(one: Traffic, other: Traffic): Traffic {
  return {
    framesIn: one.framesIn - other.framesIn,
    bytesIn: one.bytesIn - other.bytesIn,
    framesOut: one.framesOut - other.framesOut,
    bytesOut: one.bytesOut - other.bytesOut,
  };
}

function sum(one: Traffic, other: Traffic): Traffic {
  return {
    framesIn: one.framesIn + other.framesIn,
    bytesIn: one.bytesIn + other.bytesIn,
    framesOut: one.framesOut + other.framesOut,
    bytesOut: one.bytesOut + other.bytesOut,
  };
}
