/** The conformance checks name the rules of servers that break one thing each. */
import { describe, expect, test } from "@jest/globals";
import {
  conformanceSuite,
  createConformanceTarget,
  runConformance,
  type ConformanceResult,
} from "../../src/testing/index.ts";
import { BROKEN_RULES } from "../support/broken-rules.ts";
import { BROKEN_SERVERS } from "../support/broken-servers.ts";
import { faults, PATIENT, QUICK, resultsOfDefaults, WITH_TIMEOUTS_MS } from "../support/conformance.ts";
import { JWT_SECRET } from "../support/member-client.ts";
import { startServer } from "../support/server.ts";
import { startTamperingProxy } from "../support/tampering-proxy.ts";

/** A check that waits for what never comes has failed then, however slow the machine is. */
const SILENT_MS = 2_000;
/** What a check says where it waited in vain. */
const IN_VAIN = /did not come within/;

describe("the conformance checks of a rule fail at a server that", () => {
  test.each(BROKEN_RULES)(
    "$what: $rule",
    async ({ rule, check = "", says = "", isSilent = false, tampering }) => {
      const server = await startServer({ ...QUICK, jwtSecret: JWT_SECRET, openRooms: "relay" });
      const url = await startTamperingProxy(server, tampering());
      const target = createConformanceTarget({
        ...PATIENT,
        url,
        secret: JWT_SECRET,
        ...(isSilent && { timeoutMs: SILENT_MS }),
      });
      const checks = conformanceSuite.filter((one) => one.rule === rule && one.name.includes(check));
      const results = await runConformance(target, { checks });
      const failed = results.filter(({ fault }) => fault !== undefined);
      expect(failed).toHaveLength(1);
      expect(failed[0]?.fault?.message).toContain(says);
      if (!isSilent) expect(failed[0]?.fault?.message).not.toMatch(IN_VAIN);
    },
    WITH_TIMEOUTS_MS,
  );
});

function failingRulesOf(results: readonly ConformanceResult[]): readonly string[] {
  return [...new Set(results.filter(({ isOk }) => !isOk).map(({ check }) => check.rule))];
}

describe("the conformance checks name the rules of a server that", () => {
  test.each(BROKEN_SERVERS)(
    "$what: $rules",
    async ({ rules, tampering }) => {
      const url = await startTamperingProxy(await startServer(QUICK), tampering());
      const results = await resultsOfDefaults({ url });
      expect({ rules: failingRulesOf(results), faults: faults(results) }).toMatchObject({ rules });
    },
    WITH_TIMEOUTS_MS,
  );
});
