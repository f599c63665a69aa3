/**
 * What a host wants kept for a player by name, for a page that comes back with nothing: the newest frame of a name (P5.3.5), or all that were said
 * under it (P5.9.13). It counts with all else that is kept for the player.
 */
import type { ToCommand, ToStrCommand } from "../protocol/commands.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { Message } from "./ports.ts";

/** How a frame is kept. */
export interface Retention {
  readonly name: string;
  /** Behind what is kept under the name, and not in its place. */
  readonly isAppended: boolean;
  /** It is not sent now. */
  readonly isSilent: boolean;
}

/** `undefined` for a frame that is not kept. */
export function retentionOf({ retain, append, silent }: ToCommand | ToStrCommand): Retention | undefined {
  if (retain === undefined) return undefined;
  return { name: retain, isAppended: append === true, isSilent: silent === true };
}

/** Names for one player. Past them, the oldest goes. */
const MAX_RETAINED_NAMES = 16;
/** Frames under one name. */
const MAX_RETAINED_FRAMES = 4_096;

interface RetainedFrame extends Message {
  /** Ascending over all names, in the order in which the frames were said. */
  readonly order: number;
}

interface RetainedLog {
  frames: RetainedFrame[];
  bytes: number;
  isAppendedTo: boolean;
  /** Frames of it are gone: what follows is of no use, until a frame takes the place of all. */
  isBroken: boolean;
}

export class RetainedFrames {
  readonly #memory: FrameMemory;
  /** By name; the name that was said last is the last. */
  readonly #logs = new Map<string, RetainedLog>();
  #bytes = 0;
  #said = 0;
  #lost = 0;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  /** Keeps a frame. Past the limits of one name all of it goes; past those of all names, the oldest. */
  keep({ name, isAppended }: Retention, { data, isText }: Message): void {
    this.#said += 1;
    const log = this.#logFor(name, isAppended);
    if (log.isBroken) {
      this.#lost += 1;
      return;
    }
    const frame = { data, isText, order: this.#said };
    log.frames.push(frame);
    log.bytes += data.length;
    this.#bytes += data.length;
    this.#memory.take(frame);
    const { limitBytes } = this.#memory;
    if (log.isAppendedTo && (log.frames.length > MAX_RETAINED_FRAMES || log.bytes > limitBytes)) this.#break(log);
    for (const [oldest, { isAppendedTo }] of this.#logs) {
      const hasTooMany = this.#logs.size > MAX_RETAINED_NAMES;
      if (!hasTooMany && this.#bytes <= limitBytes) break;
      if (isAppendedTo) this.#break(this.#logs.get(oldest));
      if (hasTooMany || !isAppendedTo) this.#forget(oldest);
    }
  }

  /** The frames as they were said, without those that come anyway. */
  except(isComing: (data: Uint8Array) => boolean): readonly Message[] {
    const frames = [...this.#logs.values()].flatMap((log) => log.frames);
    frames.sort((one, other) => one.order - other.order);
    return frames.filter(({ data }) => !isComing(data));
  }

  /** Frees the memory; a page that starts from nothing misses the frames. */
  shed(): void {
    for (const [name, log] of this.#logs) {
      if (log.isAppendedTo) this.#break(log);
      else {
        this.#lost += log.frames.length;
        this.#forget(name);
      }
    }
  }

  /** Forgets everything: no page needs it any more, and none misses it. */
  clear(): void {
    for (const name of this.#logs.keys()) this.#forget(name);
    this.#lost = 0;
  }

  /** How many frames were lost since this was last asked. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Where the next frame of this name is kept; the name is the newest from now on. */
  #logFor(name: string, isAppended: boolean): RetainedLog {
    const known = isAppended ? this.#logs.get(name) : undefined;
    if (known === undefined) this.#forget(name);
    const log = known ?? { frames: [], bytes: 0, isAppendedTo: isAppended, isBroken: false };
    log.isAppendedTo ||= isAppended;
    this.#logs.delete(name);
    this.#logs.set(name, log);
    return log;
  }

  #break(log: RetainedLog | undefined): void {
    if (log === undefined) return;
    this.#lost += log.frames.length;
    this.#empty(log);
    log.isBroken = true;
  }

  #forget(name: string): void {
    const log = this.#logs.get(name);
    if (log === undefined) return;
    this.#empty(log);
    this.#logs.delete(name);
  }

  #empty(log: RetainedLog): void {
    for (const frame of log.frames) this.#memory.giveBack(frame);
    this.#bytes -= log.bytes;
    log.frames = [];
    log.bytes = 0;
  }
}
