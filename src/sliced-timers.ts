/** The timers of all rooms of a server. */
import { performance } from "node:perf_hooks";
import type { Clock } from "./room/ports.ts";

/** How long the timers of all rooms may run before connections and other timers have their turn. */
const SLICE_MS = 5;

export interface SlicedTimersOptions {
  /** A timer threw: a bug of one room. */
  readonly onBug: (error: unknown) => void;
  /** Milliseconds of a clock that never goes back. @default the process's */
  readonly now?: () => number;
  /** Calls the function once sockets were read. @default setImmediate */
  readonly later?: (action: () => void) => void;
}

/**
 * Timers that keep no process alive and end none. Where very many are due at once, as with a thousand tables of bots, some wait for the next turn of the event
 * loop, in order: Node would run them all first, and read no socket meanwhile.
 */
export function createSlicedTimers({
  onBug,
  now = defaultNow,
  later = defaultLater,
}: SlicedTimersOptions): Clock["after"] {
  const waiting: { run: (() => void) | undefined }[] = [];
  /** When the slice of this turn began; `undefined` before the first timer of a turn. */
  let began: number | undefined;

  const run = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      onBug(error);
    }
  };

  function begin(): void {
    began = now();
    later(nextTurn);
  }

  function nextTurn(): void {
    began = undefined;
    if (waiting.length === 0) return;
    begin();
    let done = 0;
    while (done < waiting.length && isInTime()) {
      const action = waiting[done++]?.run;
      if (action !== undefined) run(action);
    }
    waiting.splice(0, done);
  }

  const isInTime = (): boolean => began !== undefined && now() - began < SLICE_MS;

  return (delayMs, action) => {
    const due: { run: (() => void) | undefined } = { run: action };
    const timer = setTimeout(() => {
      if (began === undefined) begin();
      if (waiting.length > 0 || !isInTime()) waiting.push(due);
      else run(action);
    }, delayMs).unref();
    return () => {
      clearTimeout(timer);
      due.run = undefined;
    };
  };
}

const defaultNow = (): number => performance.now();
const defaultLater = (action: () => void): void => void setImmediate(action);
