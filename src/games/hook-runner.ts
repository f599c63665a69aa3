/** Calls a program's hooks: each has five seconds, and one that fails is logged with its name and the room, and harms nothing else. */
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import type { Result } from "../protocol/result.ts";
import type { Clock } from "../room/ports.ts";
import { guardedCall } from "./guarded-call.ts";
import type { Hooks, RoomInfo } from "./hooks.ts";

export type HookName = keyof Hooks;

/** Where a hook failed. */
export interface HookFailure {
  readonly hook: HookName;
  /** The code or the name of the room that it was about. */
  readonly room: string | undefined;
}

export interface HookRunnerOptions {
  readonly hooks: Hooks;
  readonly clock: Pick<Clock, "after">;
  /** Told of each failure: what was thrown, that nothing was answered in time, or that the answer is none of those allowed. Never throws. */
  readonly onFailure: (error: unknown, failure: HookFailure) => void;
}

export class HookRunner {
  readonly hooks: Hooks;
  readonly #options: HookRunnerOptions;

  constructor(options: HookRunnerOptions) {
    this.hooks = options.hooks;
    this.#options = options;
  }

  /** The answer of a hook, in the same call where it answers at once. `read` makes something of the answer, or throws where it is none. */
  ask<Answer, Meaning>(
    hook: HookName,
    room: RoomInfo | undefined,
    call: () => Eventually<Answer>,
    read: (answer: Answer) => Meaning,
  ): Eventually<Result<Meaning, unknown>> {
    const { clock, onFailure } = this.#options;
    const ask = (): Eventually<Meaning> => whenAnswered(call(), read);
    return guardedCall(hook, ask, clock, (error) => onFailure(error, { hook, room: room?.code ?? room?.name }));
  }

  /** Calls a hook whose answer changes nothing. */
  tell(hook: HookName, room: RoomInfo | undefined, call: () => unknown): void {
    void this.ask(hook, room, call, () => {});
  }

  /** Tells the program that the server is about to end, and waits for its hook. */
  async shutDown(): Promise<void> {
    const { onShutdown } = this.hooks;
    if (onShutdown !== undefined)
      await this.ask(
        "onShutdown",
        undefined,
        () => onShutdown(),
        () => {},
      );
  }
}

/** A hook's answer to whether something may be: `undefined` for yes, else the sentence why not, `""` where it gave none. Throws for anything else. */
export function readHookRefusal(hook: HookName, answer: unknown): string | undefined {
  if (answer === undefined || answer === null || answer === true) return undefined;
  if (answer === false) return "";
  if (typeof answer === "string") return answer;
  throw new TypeError(
    `${hook} has to return nothing, or a sentence that refuses; it returned ${describeValue(answer)}.`,
  );
}

/** What a value is, for an error's sentence: never its content, which may be a secret. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null)
    return `an object with the fields ${Object.keys(value).join(", ") || "(none)"}`;
  return typeof value;
}
