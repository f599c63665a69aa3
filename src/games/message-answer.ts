/** What a hook `onMessage` has decided about a message. */
import { bytesIn } from "./bytes-in.ts";
import { describeValue } from "./hook-runner.ts";

export type Verdict =
  | { readonly is: "pass" }
  /** `data` is bytes that are the program's no more, or what `json` is the JSON of. */
  | { readonly is: "replace"; readonly data: unknown; readonly json: string }
  | { readonly is: "drop" }
  | { readonly is: "refuse"; readonly reason: string };

const PASS: Verdict = { is: "pass" };
const DROP: Verdict = { is: "drop" };

/** Throws where the answer is none of those that `MessageAnswer` allows. */
export function readMessageAnswer(answer: unknown): Verdict {
  if (answer === undefined || answer === null) return PASS;
  if (typeof answer === "object") {
    if ("replace" in answer && answer.replace !== undefined) return readReplacement(answer.replace);
    if ("refuse" in answer && typeof answer.refuse === "string") return { is: "refuse", reason: answer.refuse };
    if ("drop" in answer && answer.drop === true) return DROP;
  }
  throw new TypeError(
    `onMessage has to return nothing, { replace }, { drop: true } or { refuse: "why" }; it returned ${describeValue(answer)}.`,
  );
}

function readReplacement(data: unknown): Verdict {
  const bytes = bytesIn(data);
  if (bytes !== undefined) return { is: "replace", data: bytes, json: "" };
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) {
    throw new TypeError(`onMessage may replace by bytes or by what JSON can carry, not by ${describeValue(data)}.`);
  }
  return { is: "replace", data, json };
}
