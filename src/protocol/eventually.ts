/** An answer that comes now or later. What can be answered now is answered in the same call, without a turn of the event loop between. */
export type Eventually<T> = T | PromiseLike<T>;

export function isLater<T>(answer: Eventually<T>): answer is PromiseLike<T> {
  return typeof answer === "object" && answer !== null && "then" in answer && typeof answer.then === "function";
}

/** Goes on with an answer when it is there: at once, or later. */
export function whenAnswered<T, U>(answer: Eventually<T>, step: (answer: T) => Eventually<U>): Eventually<U> {
  return isLater(answer) ? answer.then(step) : step(answer);
}
