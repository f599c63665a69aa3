/** What is wrong with a query or a body, as one sentence that names the field and what is allowed. It quotes no value: a value may be a secret. */
import { z } from "zod";
import { nearestName } from "../../nearest-name.ts";

type Issue = z.core.$ZodIssue;

/** What zod's names of types are called here. */
const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** The sentence for the first thing that is wrong with what this schema was to take. */
export function problemOfInput({ issues }: z.ZodError, schema: z.ZodType): string {
  const first = firstOf(issues);
  return first === undefined ? "The request is malformed." : sentenceOf(first, fieldsOf(schema));
}

/** A misspelt field is said before the one that is missing for it. */
function firstOf(issues: readonly Issue[]): Issue | undefined {
  return issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
}

/** The fields of an object, in any of its forms. */
function fieldsOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  return schema instanceof z.ZodUnion ? [...new Set(schema.options.flatMap(fieldsOf))] : [];
}

function sentenceOf(issue: Issue, known: readonly string[]): string {
  const name = nameOf(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownField(issue.keys[0] ?? "", known);
    case "invalid_union":
      return sentenceOfUnion(issue, known);
    case "invalid_type":
      if (issue.input === undefined && issue.path.length > 0) return `${name} is missing.`;
      return `${name} has to be ${WORDS[issue.expected] ?? issue.expected}.`;
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `${name} has to be ${issue.minimum} or more.`
        : `${name} is too short: it has to have at least ${issue.minimum}.`;
    case "too_big":
      return issue.origin === "number" || issue.origin === "int"
        ? `${name} has to be ${issue.maximum} or less.`
        : `${name} is too long: it may have at most ${issue.maximum}.`;
    case "invalid_value":
      return `${name} has to be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}.`;
    case "custom":
      return `${name} ${issue.message}.`;
    default:
      return `${name} is wrong: ${issue.message}.`;
  }
}

function unknownField(field: string, known: readonly string[]): string {
  const shown = JSON.stringify(field.slice(0, 64));
  if (known.includes(field)) return `${shown} does not go together with the other fields.`;
  const near = nearestName(field.slice(0, 64), known);
  const hint = near === undefined ? "." : `; did you mean ${JSON.stringify(near)}?`;
  return `There is no field ${shown}${hint}`;
}

/** Of several forms that a value may have, the one that it comes nearest to says what is wrong. */
function sentenceOfUnion(
  { errors, path }: Extract<Issue, { code: "invalid_union" }>,
  known: readonly string[],
): string {
  const nearest = firstOf(errors.toSorted((a, b) => weightOf(a) - weightOf(b))[0] ?? []);
  if (nearest === undefined) return `${nameOf(path)} is malformed.`;
  return sentenceOf({ ...nearest, path: [...path, ...nearest.path] }, known);
}

/** A field that does not belong there says more against a form than one that is missing. */
function weightOf(issues: readonly Issue[]): number {
  let weight = 0;
  for (const issue of issues) weight += issue.code === "unrecognized_keys" ? 2 * issue.keys.length : 1;
  return weight;
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "The body" : JSON.stringify(path.map(String).join("."));
}
