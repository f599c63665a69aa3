/** Checks what a member says against the schema of the room's kind: any Standard Schema, such as one of zod. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { HandlerCalls } from "./handler-calls.ts";

/** Problems that are told of one message. */
const MAX_ISSUES = 3;

/** The message as the schema gives it, or why it does not fit; no reason where the schema itself has failed. */
export function checkMessage(
  schema: StandardSchemaV1<unknown, unknown>,
  data: unknown,
  calls: HandlerCalls,
): Eventually<Result<unknown, string | undefined>> {
  return whenAnswered(
    calls.call<StandardSchemaV1.Result<unknown>>("message", () => schema["~standard"].validate(data)),
    (result): Result<unknown, string | undefined> => {
      if (!result.ok) return failure(undefined);
      const { issues } = result.value;
      return issues === undefined ? success(result.value.value) : failure(sentenceOf(issues));
    },
  );
}

function sentenceOf(issues: readonly StandardSchemaV1.Issue[]): string {
  const told = issues.slice(0, MAX_ISSUES).map(({ message, path = [] }) => {
    const place = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return place === "" ? message : `${place}: ${message}`;
  });
  return told.length === 0 ? "The message does not fit." : told.join("; ");
}
