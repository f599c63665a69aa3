/** The frames that are shown: the newest, within bounds. */
import type { Direction } from "../messages.ts";
import type { FrameKind, SocketRole } from "./decode-frame.ts";

export interface LoggedFrame {
  /** Ascending; never used twice. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** 0 is the TV. */
  readonly frame: number;
  readonly role: SocketRole;
  readonly direction: Direction;
  readonly kind: FrameKind;
  readonly summary: string;
  readonly data: string | Uint8Array<ArrayBuffer>;
  readonly size: number;
}

export interface WireFilter {
  /** `undefined`: of all. */
  readonly frame: number | undefined;
  readonly direction: Direction | undefined;
  readonly kinds: ReadonlySet<FrameKind>;
  /** In the summary, whatever its case; empty: everything. */
  readonly text: string;
}

export const MAX_LOGGED_FRAMES = 5_000;
export const MAX_LOGGED_BYTES = 8_388_608;

export class WireLog {
  #frames: LoggedFrame[] = [];
  #bytes = 0;
  #count = 0;
  isPaused = false;
  /** Frames that passed while it was paused. */
  skipped = 0;

  get frames(): readonly LoggedFrame[] {
    return this.#frames;
  }

  /** Adds a frame, unless the log is paused. */
  add(frame: Omit<LoggedFrame, "number">): LoggedFrame | undefined {
    if (this.isPaused) {
      this.skipped += 1;
      return undefined;
    }
    const logged = { ...frame, number: ++this.#count };
    this.#frames.push(logged);
    this.#bytes += costOf(logged);
    // Several go at once: to move thousands of entries for each frame would be slow.
    if (this.#frames.length > MAX_LOGGED_FRAMES + SLACK || this.#bytes > MAX_LOGGED_BYTES) this.trim();
    return logged;
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
    this.skipped = 0;
  }

  private trim(): void {
    let gone = Math.max(0, this.#frames.length - MAX_LOGGED_FRAMES);
    for (const frame of this.#frames.slice(0, gone)) this.#bytes -= costOf(frame);
    for (; this.#bytes > MAX_LOGGED_BYTES * 0.9 && gone < this.#frames.length - 1; gone++) {
      const frame = this.#frames[gone];
      if (frame !== undefined) this.#bytes -= costOf(frame);
    }
    this.#frames = this.#frames.slice(gone);
  }
}

const SLACK = 500;
/** What an entry takes beside its payload, roughly. */
const ENTRY_BYTES = 200;

function costOf({ data, summary }: LoggedFrame): number {
  return ENTRY_BYTES + summary.length * 2 + (typeof data === "string" ? data.length * 2 : data.length);
}

export function passes(filter: WireFilter, { frame, direction, kind, summary }: LoggedFrame): boolean {
  if (filter.frame !== undefined && filter.frame !== frame) return false;
  if (filter.direction !== undefined && filter.direction !== direction) return false;
  if (!filter.kinds.has(kind)) return false;
  return filter.text === "" || summary.toLowerCase().includes(filter.text.toLowerCase());
}
