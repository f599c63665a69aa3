/**
 * What one side has shown the other, as far as a replay waits for it: the keys of the SDK's states with their values, and how often each kind of frame
 * has come. A replay says what was said in the recording once the other side has shown what it had shown by then, however long that takes it.
 */
import type { RecordedData } from "../recording/recording-file.ts";
import { answeredAsk } from "./replies.ts";
import { parseSdkFrame, type SdkFrame } from "../sdk/sdk-frames.ts";

/** So many frames of one kind within a second are a stream, which goes by the clock: how many of them come by a moment differs each time. */
const STREAM_FRAMES = 10;
const STREAM_MS = 1_000;
/** Each of these is caused by what the other side has said. */
const REPLY = "cw reply";
/** A number from here on is a time of day, which differs each time. */
const FIRST_TIME = 100_000_000_000;
/** Values of one key that are remembered since they were last looked at. */
const MAX_VALUES = 1_000;
/** A key that was waited for in vain so often shows something else in each run. */
const MAX_VAIN = 2;
/** What a room's code prints as: another room has another one. */
const CODE = "(code)";
/** What is missing where a request is. */
const REQUEST = "request";

/** What one frame shows. */
interface Showing {
  /** The kind of frame that it counts as; `undefined` for a part of a state. */
  readonly kind: string | undefined;
  /** The number of the request that it is. */
  readonly ask: number | undefined;
  /** What it sets. */
  readonly set: ReadonlyMap<string, string>;
  /** Keys that begin so and are not set are gone. */
  readonly wholeOf: string | undefined;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function showingOf(frame: RecordedData, code: string): Showing {
  if (typeof frame !== "string") return counted("binary");
  const sdk = parseSdkFrame(frame);
  if (sdk === undefined) return counted("text");
  switch (sdk.cw) {
    case "event": {
      const ask = typeof sdk["id"] === "number" ? sdk["id"] : undefined;
      return { ...counted(`event ${String(sdk["name"])}`), ask };
    }
    case "state":
      return stateIn(sdk, code);
    default:
      return counted(`cw ${sdk.cw}`);
  }
}

function counted(kind: string): Showing {
  return { kind, ask: undefined, set: NOTHING, wholeOf: undefined };
}

function stateIn({ set, player, all }: SdkFrame, code: string): Showing {
  if (typeof set !== "object" || set === null) return counted("cw state");
  const scope = player === undefined ? "room." : "player.";
  const print = (value: unknown): string => (code === "" ? printOf(value) : printOf(value).replaceAll(code, CODE));
  const values = Object.entries(set).map(([key, value]) => [scope + key, print(value)] as const);
  return { kind: undefined, ask: undefined, set: new Map(values), wholeOf: all === true ? scope : undefined };
}

/** Equal for values that differ in times of day and in the order of their keys alone. */
function printOf(value: unknown): string {
  if (typeof value === "number") return Math.abs(value) >= FIRST_TIME ? "time" : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  if (Array.isArray(value)) return `[${value.map(printOf).join()}]`;
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${printOf(member)}`).join()}}`;
}

const GONE = printOf(null);

/** What has to be shown. */
export interface Needed {
  readonly counts: ReadonlyMap<string, number>;
  /** Keys with their values, as far as they are new since the last look. */
  readonly state: ReadonlyMap<string, string>;
  /** Requests that have to be asked by then: one of them is answered. */
  readonly asks: number;
}

/** What was shown in the recording, up to where the replay is. */
export class RecordedShowing {
  readonly #code: string;
  readonly #counts = new Map<string, number>();
  /** When the last frames of each kind came. */
  readonly #times = new Map<string, number[]>();
  readonly #state = new Map<string, string>();
  readonly #changed = new Set<string>();
  /** Numbers of its requests, in their order. */
  readonly asks: number[] = [];
  /** When something was shown last, in milliseconds of the recording. */
  lastAt = 0;

  /** `code`: the recorded room's. */
  constructor(code: string) {
    this.#code = code;
  }

  /** `isCounted`: whether its kind counts; not for frames that may be dropped, or were said before. */
  add(frame: RecordedData, t: number, isCounted = true): void {
    const { kind, ask, set, wholeOf } = showingOf(frame, this.#code);
    if (ask !== undefined) this.asks.push(ask);
    if (kind !== undefined && isCounted) this.#count(kind, t);
    if (wholeOf !== undefined) {
      for (const key of this.#state.keys()) if (key.startsWith(wholeOf) && !set.has(key)) this.#set(key, GONE);
    }
    for (const [key, value] of set) this.#set(key, value);
    if (isCounted) this.lastAt = t;
  }

  /** What has to be shown before this is said in answer. */
  neededFor(frame: RecordedData): Needed {
    const state = new Map([...this.#changed].map((key) => [key, this.#state.get(key) ?? GONE]));
    return { counts: this.#counts, state, asks: 1 + answeredAsk(frame, this.asks) };
  }

  /** What is needed was looked for. */
  settle(): void {
    this.#changed.clear();
  }

  #count(kind: string, t: number): void {
    const times = this.#times.get(kind) ?? [];
    this.#times.set(kind, times);
    times.push(t);
    const before = times.length > STREAM_FRAMES ? times.shift() : undefined;
    const isStream = before !== undefined && t - before < STREAM_MS && kind !== REPLY;
    if (!isStream) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  #set(key: string, value: string): void {
    if (this.#state.get(key) === value) return;
    this.#state.set(key, value);
    this.#changed.add(key);
  }
}

/** What is shown now. */
export class LiveShowing {
  readonly #code: string;
  readonly #counts = new Map<string, number>();
  /** By key, the values since the last look; the present one is the last. */
  readonly #values = new Map<string, string[]>();
  /** Keys and kinds that were waited for in vain, and how often. */
  readonly #vain = new Map<string, number>();
  readonly asks: number[] = [];
  #onChange: (() => void) | undefined;

  /** `code`: the code of the room here. */
  constructor(code: string) {
    this.#code = code;
  }

  add(frame: RecordedData): void {
    const { kind, ask, set, wholeOf } = showingOf(frame, this.#code);
    if (ask !== undefined) this.asks.push(ask);
    if (kind !== undefined) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (wholeOf !== undefined) {
      for (const key of this.#values.keys()) if (key.startsWith(wholeOf) && !set.has(key)) this.#set(key, GONE);
    }
    for (const [key, value] of set) this.#set(key, value);
    this.#onChange?.();
  }

  /** What is needed and was not shown, without the keys that were waited for in vain twice. */
  lacks({ counts, state, asks }: Needed): readonly string[] {
    const missing: string[] = this.asks.length < asks ? [REQUEST] : [];
    for (const [kind, count] of counts) if ((this.#counts.get(kind) ?? 0) < count) missing.push(kind);
    for (const [key, value] of state) {
      const isShown = (this.#values.get(key) ?? [GONE]).includes(value);
      if (!isShown && (this.#vain.get(key) ?? 0) < MAX_VAIN) missing.push(key);
    }
    return missing;
  }

  /** Resolves when all has been shown, with nothing; or after `ms`, with what is missing. That is not waited for again, or once more. */
  async until(needed: Needed, ms: number, signal: AbortSignal): Promise<readonly string[]> {
    if (this.lacks(needed).length > 0 && !signal.aborted) await this.#waitFor(needed, ms, signal);
    const missing = new Set(this.lacks(needed));
    for (const [kind, count] of needed.counts) if (missing.has(kind)) this.#counts.set(kind, count);
    for (const key of needed.state.keys()) {
      if (missing.has(key)) this.#vain.set(key, (this.#vain.get(key) ?? 0) + 1);
      const values = this.#values.get(key);
      values?.splice(0, values.length - 1);
    }
    return [...missing];
  }

  async #waitFor(needed: Needed, ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#onChange = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
      this.#onChange = () => {
        if (this.lacks(needed).length === 0) done();
      };
    });
  }

  #set(key: string, value: string): void {
    const values = this.#values.get(key) ?? [GONE];
    if (values.at(-1) === value) return;
    values.push(value);
    if (values.length > MAX_VALUES) values.shift();
    this.#values.set(key, values);
  }
}
