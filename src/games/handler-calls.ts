/**
 * Calls the functions of a program that belong to a room. One that throws, rejects, or takes longer than five seconds is reported with its name, and what
 * it was called for goes on without its answer: it harms its own room at most.
 */
import { isLater, type Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { Clock } from "../room/ports.ts";

/** A function of a program has failed. */
export interface HandlerFault {
  /** The name or code of its room. */
  readonly room: string;
  readonly kind: string;
  /** Such as `onMessage`. */
  readonly handler: string;
  readonly error: unknown;
}

/** How long a function may take to answer. */
export const HANDLER_TIMEOUT_MS = 5_000;

export interface HandlerCallsOptions {
  readonly kind: string;
  readonly room: () => string;
  readonly clock: Pick<Clock, "after">;
  readonly onFault: (fault: HandlerFault) => void;
}

export class HandlerCalls {
  readonly #options: HandlerCallsOptions;

  constructor(options: HandlerCallsOptions) {
    this.#options = options;
  }

  /** Calls a function, and answers at once where it does. The failure is what it threw; it has been reported. */
  call<T>(handler: string, run: () => Eventually<T>): Eventually<Result<T, unknown>> {
    try {
      const answer = run();
      return isLater(answer) ? this.#wait(handler, answer) : success(answer);
    } catch (error) {
      return this.#fail(handler, error);
    }
  }

  #wait<T>(handler: string, answer: PromiseLike<T>): Promise<Result<T, unknown>> {
    return new Promise((resolve) => {
      let isOver = false;
      const end = (result: () => Result<T, unknown>): void => {
        if (isOver) return;
        isOver = true;
        cancel();
        resolve(result());
      };
      const cancel = this.#options.clock.after(HANDLER_TIMEOUT_MS, () => {
        end(() => this.#fail(handler, new Error(`${handler} took longer than ${HANDLER_TIMEOUT_MS / 1_000} seconds.`)));
      });
      Promise.resolve(answer).then(
        (value) => end(() => success(value)),
        (error: unknown) => end(() => this.#fail(handler, error)),
      );
    });
  }

  /** Reports what went wrong in a function of the program, or with what it has asked for. */
  report(handler: string, error: unknown): void {
    const { kind, room, onFault } = this.#options;
    onFault({ room: room(), kind, handler, error });
  }

  #fail(handler: string, error: unknown): Result<never, unknown> {
    this.report(handler, error);
    return failure(error);
  }
}
