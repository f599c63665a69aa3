/** The state of a room: replaced by one update after another, so that none is lost. */
import { whenAnswered } from "../protocol/eventually.ts";
import type { HandlerCalls } from "./handler-calls.ts";
import { TaskQueue } from "./task-queue.ts";

/** Updates that wait for another at one time. */
const MAX_WAITING = 10_000;

export class UpdatableState {
  value: unknown;
  version = 0;
  readonly #calls: HandlerCalls;
  readonly #queue = new TaskQueue();
  #isClosed = false;

  constructor(value: unknown, calls: HandlerCalls) {
    this.value = value;
    this.#calls = calls;
  }

  update(change: (state: unknown) => unknown): Promise<unknown> {
    if (typeof change !== "function")
      throw new TypeError(`update takes a function that returns the next state, not ${typeof change}.`);
    if (this.#queue.length >= MAX_WAITING)
      return settled(Promise.reject(new RangeError(`More than ${MAX_WAITING} updates of this room's state wait.`)));
    const updated = new Promise<unknown>((resolve, reject) => {
      this.#queue.add(() => {
        if (this.#isClosed) return resolve(this.value);
        return whenAnswered(
          this.#calls.call("update", () => change(this.value)),
          (result) => {
            if (!result.ok) return reject(asError(result.failure));
            if (!this.#isClosed) {
              if (result.value !== undefined) this.value = result.value;
              this.version += 1;
            }
            resolve(this.value);
          },
        );
      });
    });
    return settled(updated);
  }

  /** Later updates change nothing. */
  close(): void {
    this.#isClosed = true;
  }
}

/** A caller that does not wait for the update need not handle its failure, which has been reported. */
function settled(promise: Promise<unknown>): Promise<unknown> {
  promise.catch(() => {});
  return promise;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
