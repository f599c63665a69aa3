/** Calls a program's hooks: each has five seconds, and one that fails is logged with its name and the room, and harms nothing else. */
import { isLater, type Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { Clock } from "../room/ports.ts";
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

/** How long a hook may take. */
const HOOK_TIMEOUT_MS = 5_000;

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
  ): Eventually<Result<Meaning, "failed">> {
    const failed = (error: unknown): Result<Meaning, "failed"> => {
      this.#options.onFailure(error, { hook, room: room?.code ?? room?.name });
      return failure("failed");
    };
    try {
      const answer = call();
      return isLater(answer) ? this.#waitFor(hook, answer, read, failed) : success(read(answer));
    } catch (error) {
      return failed(error);
    }
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

  #waitFor<Answer, Meaning>(
    hook: HookName,
    answer: PromiseLike<Answer>,
    read: (answer: Answer) => Meaning,
    failed: (error: unknown) => Result<Meaning, "failed">,
  ): Promise<Result<Meaning, "failed">> {
    return new Promise((resolve) => {
      let isOver = false;
      const settle = (result: () => Result<Meaning, "failed">): void => {
        if (isOver) return; // it answers after its time: what it was asked about is decided
        isOver = true;
        stopTimer();
        resolve(result());
      };
      const stopTimer = this.#options.clock.after(HOOK_TIMEOUT_MS, () =>
        settle(() => failed(new Error(`${hook} did not settle within ${HOOK_TIMEOUT_MS / 1_000} seconds.`))),
      );
      Promise.resolve(answer)
        .then(read)
        .then(
          (meaning) => settle(() => success(meaning)),
          (error: unknown) => settle(() => failed(error)),
        );
    });
  }
}

/** A hook's answer to whether something may be: `undefined` for yes, else the sentence why not, `""` where it gave none. Throws for anything else. */
export function readRefusal(hook: HookName, answer: unknown): string | undefined {
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
