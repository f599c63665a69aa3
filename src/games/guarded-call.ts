/** Calls a function of a program: it has five seconds, and one that throws, rejects or takes longer harms nothing but what it was called for. */
import { isLater, type Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { Clock } from "../room/ports.ts";

/** How long a function may take to answer. */
const CALL_TIMEOUT_MS = 5_000;

/** The answer, in the same call where the function answers at once. `onError` is told what went wrong, which is the failure too; it never throws. */
export function guardedCall<T>(
  name: string,
  run: () => Eventually<T>,
  clock: Pick<Clock, "after">,
  onError: (error: unknown) => void,
): Eventually<Result<T, unknown>> {
  const fail = (error: unknown): Result<never, unknown> => {
    onError(error);
    return failure(error);
  };
  try {
    const answer = run();
    return isLater(answer) ? inTime(name, answer, clock, fail) : success(answer);
  } catch (error) {
    return fail(error);
  }
}

function inTime<T>(
  name: string,
  answer: PromiseLike<T>,
  clock: Pick<Clock, "after">,
  fail: (error: unknown) => Result<never, unknown>,
): Promise<Result<T, unknown>> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (result: () => Result<T, unknown>): void => {
      if (isOver) return; // it answers after its time: what it was called for went on without it
      isOver = true;
      cancel();
      resolve(result());
    };
    const cancel = clock.after(CALL_TIMEOUT_MS, () => {
      end(() => fail(new Error(`${name} took longer than ${CALL_TIMEOUT_MS / 1_000} seconds.`)));
    });
    Promise.resolve(answer).then(
      (value) => end(() => success(value)),
      (error: unknown) => end(() => fail(error)),
    );
  });
}
