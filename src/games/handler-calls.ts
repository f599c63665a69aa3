/**
 * Calls the functions of a program that belong to a room. One that throws, rejects, or takes longer than five seconds is reported with its name, and what
 * it was called for goes on without its answer: it harms its own room at most.
 */
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import type { Result } from "../protocol/result.ts";
import type { Clock } from "../room/ports.ts";
import { guardedCall } from "./guarded-call.ts";

/** A function of a program has failed. */
export interface HandlerFault {
  /** The name or code of its room. */
  readonly room: string;
  readonly kind: string;
  /** Such as `onMessage`. */
  readonly handler: string;
  readonly error: unknown;
}

export interface HandlerCallsOptions {
  readonly kind: string;
  readonly room: () => string;
  readonly clock: Pick<Clock, "after">;
  readonly onFault: (fault: HandlerFault) => void;
  /** A function has answered, or failed. @default nothing */
  readonly onDone?: (() => void) | undefined;
}

export class HandlerCalls {
  readonly #options: HandlerCallsOptions;

  constructor(options: HandlerCallsOptions) {
    this.#options = options;
  }

  /** Calls a function, and answers at once where it does. The failure is what it threw; it has been reported. */
  call<T>(handler: string, run: () => Eventually<T>): Eventually<Result<T, unknown>> {
    const { clock, onDone } = this.#options;
    const result = guardedCall(handler, run, clock, (error) => this.report(handler, error));
    if (onDone === undefined) return result;
    return whenAnswered(result, (answer) => {
      onDone();
      return answer;
    });
  }

  /** Reports what went wrong in a function of the program, or with what it has asked for. */
  report(handler: string, error: unknown): void {
    const { kind, room, onFault } = this.#options;
    onFault({ room: room(), kind, handler, error });
  }
}
