/** WMBP's own server departs from the wire where docs/PROTOCOL.md says so, and the conformance checks expect that of it. */
import { expect, test } from "@jest/globals";
import { failingRules, statusOf, type ConformanceStatus } from "../../src/cli/conformance-report.ts";
import { conformanceSuite, createConformanceTarget, runConformance } from "../../src/testing/index.ts";
import { startWmbpServer } from "../support/wmbp-server.ts";

const OF_WMBP = { isWmbp: true };
/** A room that outlives its host takes the check of it all of its time. */
const TIMEOUT_MS = 20_000;

test("WMBP's server fails where it is known to, and nowhere else; without --wmbp these rules fail", async () => {
  const url = await startWmbpServer();
  const checks = conformanceSuite.filter(({ part }) => part === "wmbp");
  const results = await runConformance(createConformanceTarget({ url, timeoutMs: TIMEOUT_MS }), { checks });
  const rulesWith = (status: ConformanceStatus): readonly string[] =>
    results.filter((result) => statusOf(result, OF_WMBP) === status).map(({ check }) => check.rule);
  const faults = results.flatMap(({ check, fault }) =>
    fault === undefined ? [] : [`${check.name}: ${JSON.stringify(fault)}`],
  );
  expect({ failed: rulesWith("failed"), faults }).toMatchObject({ failed: [] });
  const known = ["P1.1", "P1.2", "P1.4", "P1.5", "P1.6", "P1.7", "P1.8", "P2.1", "P2.4", "P2.7", "P2.7"];
  expect(rulesWith("expected_failure")).toEqual([...known, "P2.8", "P2.9", "P2.13", "P2.13", "P2.14", "P3.2", "P4.2"]);
  // The library that this imitation is made with closes with these codes.
  expect(rulesWith("unexpected_pass")).toEqual(["P4.1"]);
  expect(failingRules(results, { isWmbp: false })).toEqual([...new Set(rulesWith("expected_failure"))]);
}, 180_000);
