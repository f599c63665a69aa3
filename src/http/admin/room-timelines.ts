/**
 * What happened in each room lately, for the admin page: the newest 200 happenings of a room, also for a while after it has closed. They have what
 * observers are told: no payload, no name of a person, no secret.
 */
import type { MemoryAccount, MemoryBudget } from "../../room/memory-budget.ts";
import type { RoomActivity } from "../../room/room-observer.ts";

type Told = {
  readonly [Name in keyof RoomActivity]: { readonly event: Name } & Omit<
    RoomActivity[Name],
    "room" | "traffic" | "reason"
  >;
};

/** One happening, without its time. */
export type RoomHappening = Told[keyof RoomActivity];

/** The same happening several times in a row is one entry. */
export type TimelineEntry = RoomHappening & {
  /** When it happened, the last time, in milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
};

export interface RoomTimeline {
  /** Grows with each change, so that a reader sees whether there is anything new. */
  readonly version: number;
  readonly isClosed: boolean;
  /** Entries that were dropped for newer ones. */
  readonly dropped: number;
  /** The oldest first. */
  readonly entries: readonly TimelineEntry[];
}

export interface RoomTimelinesOptions {
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Where it counts what it keeps. Called for the first entry. */
  readonly budget: () => Pick<MemoryBudget, "open">;
}

/** Entries that are kept of one room. */
export const MAX_TIMELINE_ENTRIES = 200;
/** Rooms whose timelines are kept. Past it a closed room's goes first, then the one that was quiet longest. */
export const MAX_TIMELINES = 1_000;
/** Closed rooms among them. */
export const MAX_CLOSED_TIMELINES = 200;
/** Memory of one entry, and of a timeline beside its entries: measured, then rounded up. */
const ENTRY_BYTES = 160;
const TIMELINE_BYTES = 400;

interface Timeline {
  readonly entries: (RoomHappening & { at: number; count: number })[];
  version: number;
  dropped: number;
  isClosed: boolean;
}

export class RoomTimelines {
  readonly #options: RoomTimelinesOptions;
  /** By what the log calls the room; the one that was quiet longest first. */
  readonly #timelines = new Map<string, Timeline>();
  /** Closed rooms, the one that closed first at the front. */
  readonly #closed = new Set<string>();
  #account: MemoryAccount | undefined;
  /** Of the next change, in whatever room: the version of a timeline that begins anew is new too. */
  #nextVersion = 1;

  constructor(options: RoomTimelinesOptions) {
    this.#options = options;
  }

  /** The timeline of the room that the log calls so. */
  get(room: string): RoomTimeline | undefined {
    return this.#timelines.get(room);
  }

  /** Rooms whose timelines are kept. */
  get size(): number {
    return this.#timelines.size;
  }

  opened(room: string, happening: RoomHappening): void {
    this.#forget(room); // of an earlier room of this code
    this.add(room, happening);
  }

  closed(room: string, happening: RoomHappening): void {
    this.add(room, happening);
    const timeline = this.#timelines.get(room);
    if (timeline === undefined) return;
    timeline.isClosed = true;
    this.#closed.add(room);
    const [first] = this.#closed;
    if (this.#closed.size > MAX_CLOSED_TIMELINES && first !== undefined) this.#forget(first);
  }

  add(room: string, happening: RoomHappening): void {
    const timeline = this.#timelineOf(room);
    const { entries } = timeline;
    const at = this.#options.wallClock();
    timeline.version = this.#nextVersion++;
    const last = entries.at(-1);
    if (last !== undefined && isSame(last, happening)) {
      last.at = at;
      last.count += 1;
      return;
    }
    entries.push({ ...happening, at, count: 1 });
    this.#count(ENTRY_BYTES);
    if (entries.length <= MAX_TIMELINE_ENTRIES) return;
    entries.shift();
    timeline.dropped += 1;
    this.#count(-ENTRY_BYTES);
  }

  /** Forgets everything. */
  close(): void {
    this.#forgetAll();
    this.#account?.close();
    this.#account = undefined;
  }

  #count(bytes: number): void {
    this.#account ??= this.#options.budget().open({ cut: () => this.#forgetAll() });
    this.#account.add(bytes);
  }

  #timelineOf(room: string): Timeline {
    const known = this.#timelines.get(room);
    this.#timelines.delete(room);
    const timeline = known ?? { entries: [], version: 0, dropped: 0, isClosed: false };
    if (known === undefined) {
      this.#makePlace();
      this.#count(TIMELINE_BYTES);
    }
    this.#timelines.set(room, timeline);
    return timeline;
  }

  #makePlace(): void {
    if (this.#timelines.size < MAX_TIMELINES) return;
    const [closed] = this.#closed;
    const [quiet] = this.#timelines.keys();
    const leaving = closed ?? quiet;
    if (leaving !== undefined) this.#forget(leaving);
  }

  #forget(room: string): void {
    const timeline = this.#timelines.get(room);
    if (timeline === undefined) return;
    this.#timelines.delete(room);
    this.#closed.delete(room);
    this.#count(-TIMELINE_BYTES - timeline.entries.length * ENTRY_BYTES);
  }

  #forgetAll(): void {
    for (const room of this.#timelines.keys()) this.#forget(room);
  }
}

/** Whether two happenings differ in their times alone. */
function isSame(entry: RoomHappening, other: RoomHappening): boolean {
  const timeless = (happening: RoomHappening): string => JSON.stringify({ ...happening, at: 0, count: 0 });
  return timeless(entry) === timeless(other);
}
