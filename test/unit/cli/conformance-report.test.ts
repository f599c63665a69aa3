import { describe, expect, test } from "@jest/globals";
import {
  failingRules,
  jsonReport,
  statusOf,
  tapHead,
  tapPoint,
  tapSummary,
} from "../../../src/cli/conformance-report.ts";
import type { ConformanceFault, ConformanceResult } from "../../../src/testing/index.ts";

interface Made {
  readonly departure?: string;
  readonly skipped?: string;
  readonly fault?: Partial<ConformanceFault>;
}

function result(name: string, { departure, skipped, fault }: Made = {}): ConformanceResult {
  const check = {
    part: "wmbp" as const,
    rule: name.split(" ")[0] ?? "",
    name,
    departure,
    run: async () => ({ skipped: undefined }),
  };
  const whole = { message: "It is not.", expected: 1, actual: 2, isDeparture: false };
  return {
    check,
    isOk: fault === undefined,
    skipped,
    fault: fault === undefined ? undefined : { ...whole, ...fault },
    durationMs: 12,
  };
}

const STRICT = { isWmbp: false };
const OF_WMBP = { isWmbp: true };
const PLAN = {
  url: "ws://x",
  parts: ["wmbp" as const],
  isJson: true,
  timeoutMs: 1,
  secret: undefined,
  token: undefined,
};

describe("the report of conformance", () => {
  test("is TAP 14: a version, a plan, and a line for each check", () => {
    expect(tapHead(2)).toBe("TAP version 14\n1..2\n");
    expect(tapPoint(result("P1.1 it is"), 1, STRICT)).toBe("ok 1 - P1.1 it is\n");
  });

  test("says under a check that fails what was expected and what came, each on one line", () => {
    const fault = { message: 'A "word"\nand more', expected: { code: 4503 }, actual: Uint8Array.of(1, 255) };
    expect(tapPoint(result("P2.4 it is", { fault }), 7, STRICT)).toBe(
      [
        "not ok 7 - P2.4 it is",
        "  ---",
        '  rule: "P2.4"',
        String.raw`  message: "A \"word\"\nand more"`,
        '  expected: {"code":4503}',
        '  actual: "bytes 01ff"',
        "  duration_ms: 12",
        "  ...",
        "",
      ].join("\n"),
    );
  });

  test("says what is missing as null, and cuts what is long", () => {
    const point = tapPoint(result("P1.1 it", { fault: { expected: undefined, actual: "x".repeat(9_000) } }), 1, STRICT);
    expect(point).toContain("expected: null\n");
    expect(point.length).toBeLessThan(2_500);
  });

  test("escapes what would begin a directive", () => {
    expect(tapPoint(result("P1.1 a # and a \\ and a\nline"), 1, STRICT)).toBe(
      "ok 1 - P1.1 a \\# and a \\\\ and a line\n",
    );
  });

  test("marks what could not be checked with SKIP", () => {
    expect(tapPoint(result("P5.8.1 it", { skipped: "no limit" }), 3, STRICT)).toBe(
      "ok 3 - P5.8.1 it # SKIP no limit\n",
    );
  });

  test("marks what WMBP's server does otherwise with TODO, where that is asked for", () => {
    const departure = "closes without a code";
    const failing = result("P2.4 it", { departure, fault: { isDeparture: true } });
    expect(tapPoint(failing, 1, OF_WMBP)).toMatch(/^not ok 1 - P2\.4 it # TODO WMBP closes without a code\n {2}---\n/);
    expect(tapPoint(failing, 1, STRICT)).toMatch(/^not ok 1 - P2\.4 it\n/);
    expect(tapPoint(result("P2.4 it", { departure }), 1, OF_WMBP)).toBe(
      "ok 1 - P2.4 it # TODO WMBP closes without a code\n",
    );
    const other = result("P2.4 it", { departure, fault: { isDeparture: false } });
    expect(tapPoint(other, 1, OF_WMBP)).toMatch(/^not ok 1 - P2\.4 it\n/);
  });

  test("counts at the end, names each rule that fails once, and those that were to fail and did not", () => {
    const results = [
      result("P1.1 a"),
      result("P2.4 a", { fault: {} }),
      result("P2.4 b", { fault: {} }),
      result("P5.8.1 a", { skipped: "no" }),
      result("P2.7 a", { departure: "x", fault: { isDeparture: true } }),
      result("P1.5 a", { departure: "x" }),
    ];
    expect(tapSummary(results, STRICT)).toBe("# 2 passed, 3 failed, 1 skipped\n# Rules that fail: P2.4, P2.7\n");
    expect(tapSummary(results, OF_WMBP)).toBe(
      "# 2 passed, 2 failed, 1 skipped, 1 failed as expected of WMBP\n# Rules that fail: P2.4\n# Expected to fail, and passed: P1.5\n",
    );
    expect(failingRules(results, STRICT)).toEqual(["P2.4", "P2.7"]);
    expect(results.map((one) => statusOf(one, OF_WMBP))).toEqual([
      "passed",
      "failed",
      "failed",
      "skipped",
      "expected_failure",
      "unexpected_pass",
    ]);
    expect(JSON.parse(jsonReport(results, { ...PLAN, isWmbp: true }))).toMatchObject({
      server: "ws://x",
      wmbp: true,
      passed: 2,
      failed: 2,
      skipped: 1,
      expectedFailures: 1,
      unexpectedPasses: 1,
      failingRules: ["P2.4"],
      checks: [
        { rule: "P1.1", status: "passed" },
        { rule: "P2.4", status: "failed", message: "It is not.", expected: 1, actual: 2 },
        { status: "failed" },
        { status: "skipped", reason: "no" },
        { status: "expected_failure" },
        { status: "unexpected_pass" },
      ],
    });
  });
});
