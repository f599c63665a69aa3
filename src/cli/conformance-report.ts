/** How the results of `couchwire conformance` are printed: TAP 14 (testanything.org), or JSON. */
import type { ConformanceResult } from "../testing/index.ts";
import type { ConformancePlan } from "./conformance-command.ts";

/** How a check went, in view of what was expected of the server. */
export type ConformanceStatus = "passed" | "failed" | "skipped" | "expected_failure" | "unexpected_pass";

type Expectations = Pick<ConformancePlan, "isWmbp">;

/** A value in a report is cut there. */
const MAX_SHOWN = 2_000;

export function statusOf({ check, skipped, fault }: ConformanceResult, { isWmbp }: Expectations): ConformanceStatus {
  if (skipped !== undefined) return "skipped";
  if (fault !== undefined) return isWmbp && fault.isDeparture ? "expected_failure" : "failed";
  return isWmbp && check.departure !== undefined ? "unexpected_pass" : "passed";
}

/** The rules of which a check has failed, each once, in their order. */
export function failingRules(results: readonly ConformanceResult[], expectations: Expectations): readonly string[] {
  return [
    ...new Set(results.filter((result) => statusOf(result, expectations) === "failed").map(({ check }) => check.rule)),
  ];
}

/** Begins the report: the version, and how many checks there are. */
export function tapHead(count: number): string {
  return `TAP version 14\n1..${count}\n`;
}

/** One test point, and what came where it failed. */
export function tapPoint(result: ConformanceResult, number: number, expectations: Expectations): string {
  const { check, skipped, fault, durationMs } = result;
  const status = statusOf(result, expectations);
  const isTodo = status === "expected_failure" || status === "unexpected_pass";
  const directive =
    skipped !== undefined
      ? ` # SKIP ${tapText(skipped)}`
      : isTodo
        ? ` # TODO WMBP ${tapText(check.departure ?? "")}`
        : "";
  const line = `${fault === undefined ? "ok" : "not ok"} ${number} - ${tapText(check.name)}${directive}\n`;
  if (fault === undefined) return line;
  const fields = {
    rule: check.rule,
    message: fault.message,
    expected: shown(fault.expected),
    actual: shown(fault.actual),
    duration_ms: durationMs,
  };
  const rows = Object.entries(fields).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
  return `${line}  ---\n${rows.join("")}  ...\n`;
}

/** Comments at the end: how many went how, and which rules fail. */
export function tapSummary(results: readonly ConformanceResult[], plan: Expectations): string {
  const count = (status: ConformanceStatus): number =>
    results.filter((result) => statusOf(result, plan) === status).length;
  const failing = failingRules(results, plan);
  const unexpected = results
    .filter((result) => statusOf(result, plan) === "unexpected_pass")
    .map(({ check }) => check.rule);
  const counts = [
    `${count("passed") + count("unexpected_pass")} passed`,
    `${count("failed")} failed`,
    `${count("skipped")} skipped`,
    ...(plan.isWmbp ? [`${count("expected_failure")} failed as expected of WMBP`] : []),
  ];
  return [
    `# ${counts.join(", ")}\n`,
    failing.length > 0 ? `# Rules that fail: ${failing.join(", ")}\n` : "",
    unexpected.length > 0 ? `# Expected to fail, and passed: ${[...new Set(unexpected)].join(", ")}\n` : "",
  ].join("");
}

/** The whole report as one JSON object. */
export function jsonReport(results: readonly ConformanceResult[], plan: ConformancePlan): string {
  const statuses = results.map((result) => statusOf(result, plan));
  const count = (wanted: ConformanceStatus): number => statuses.filter((status) => status === wanted).length;
  const report = {
    server: plan.url,
    parts: plan.parts,
    wmbp: plan.isWmbp,
    passed: count("passed") + count("unexpected_pass"),
    failed: count("failed"),
    skipped: count("skipped"),
    expectedFailures: count("expected_failure"),
    unexpectedPasses: count("unexpected_pass"),
    failingRules: failingRules(results, plan),
    checks: results.map((result, index) => ({
      rule: result.check.rule,
      part: result.check.part,
      name: result.check.name,
      status: statuses[index],
      ...(result.skipped !== undefined && { reason: result.skipped }),
      ...(result.fault !== undefined && {
        message: result.fault.message,
        expected: shown(result.fault.expected),
        actual: shown(result.fault.actual),
      }),
      durationMs: result.durationMs,
    })),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** In TAP a `#` begins a directive, and a line break ends the line. */
function tapText(text: string): string {
  return text.replaceAll(/[\\#]/g, String.raw`\$&`).replaceAll(/\s+/g, " ");
}

/** A value as JSON has it: bytes in hex, `undefined` as null, and not too long. */
function shown(value: unknown): unknown {
  const plain: unknown = JSON.parse(
    JSON.stringify(value ?? null, (_key, member: unknown) =>
      member instanceof Uint8Array
        ? `bytes ${Buffer.from(member).toString("hex")}`
        : typeof member === "bigint"
          ? String(member)
          : (member ?? null),
    ),
  );
  const text = JSON.stringify(plain);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : plain;
}
