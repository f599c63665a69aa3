/** What a request is answered with, from what its listeners returned. */
import { quote } from "./invalid-argument.ts";
import type { ListenerOutcome } from "./listeners.ts";

/** The answer to a request, or why there is none. */
export type Answer = { readonly data: unknown } | Failure;

interface Failure {
  readonly code: "not_answered" | "answer_failed";
  /** For people. */
  readonly error: string;
}

const MAX_ERROR_CHARACTERS = 1_000;

/**
 * The first listener that returns something answers; of a promise its value counts. Where none does, the answer is `null`, or the error
 * of one that threw.
 */
export function answerOf(name: string, outcomes: readonly ListenerOutcome[]): Answer | Promise<Answer> {
  if (outcomes.length === 0) return notAnswered(`Nothing listens to ${quote(name)} there.`);
  const said = outcomes.filter((outcome) => "error" in outcome || outcome.value !== undefined);
  const isSettled = said.every((outcome) => "error" in outcome || !isPromise(outcome.value));
  return isSettled ? firstOf(said) : firstSettled(said);
}

export function notAnswered(error: string): Failure {
  return { code: "not_answered", error };
}

export function failureOf(error: unknown): Failure {
  return { code: "answer_failed", error: messageOf(error).slice(0, MAX_ERROR_CHARACTERS) };
}

/** A listener may throw anything, also what cannot be made text. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "The listener threw what is no error.";
  }
}

function firstOf(outcomes: readonly ListenerOutcome[]): Answer {
  for (const outcome of outcomes) if ("value" in outcome) return { data: outcome.value };
  for (const outcome of outcomes) if ("error" in outcome) return failureOf(outcome.error);
  return { data: null };
}

async function firstSettled(outcomes: readonly ListenerOutcome[]): Promise<Answer> {
  const failed: ListenerOutcome[] = [];
  for (const outcome of outcomes) {
    const settled = await settle(outcome);
    if ("error" in settled) failed.push(settled);
    else if (settled.value !== undefined) return { data: settled.value };
  }
  return firstOf(failed);
}

async function settle(outcome: ListenerOutcome): Promise<ListenerOutcome> {
  if ("error" in outcome) return outcome;
  try {
    return { value: await outcome.value };
  } catch (error) {
    return { error };
  }
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
