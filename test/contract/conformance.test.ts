/** The conformance checks, against this server however it is reached, and against servers that break one thing each. */
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../src/config.ts";
import {
  conformanceSuite,
  createConformanceTarget,
  runConformance,
  type ConformanceResult,
  type ConformanceTargetOptions,
} from "../../src/testing/index.ts";
import { BROKEN_SERVERS } from "../support/broken-servers.ts";
import { makeTestCertificate, writeCertificate } from "../support/certificate.ts";
import { JWT_SECRET, tokenFor } from "../support/member-client.ts";
import { startServer } from "../support/server.ts";
import { startTamperingProxy } from "../support/tampering-proxy.ts";

/** Rooms at the rate of the checks, and a debounce that is over soon. */
const QUICK: OptionsInput = { networkRooms: 0, awayMs: 200 };
const PATIENT = { timeoutMs: 45_000 };
/** A check that waits for what never comes takes all of its time. */
const WITH_TIMEOUTS_MS = 180_000;

const DEFAULTS = conformanceSuite.filter(({ part }) => part === "wmbp" || part === "sessions" || part === "reliable");

async function resultsAt(options: ConformanceTargetOptions): Promise<readonly ConformanceResult[]> {
  return runConformance(createConformanceTarget({ ...PATIENT, ...options }), { checks: DEFAULTS });
}

function faults(results: readonly ConformanceResult[]): readonly string[] {
  return results.flatMap(({ check, fault }) =>
    fault === undefined ? [] : [`${check.name}: ${JSON.stringify(fault)}`],
  );
}

function failingRulesOf(results: readonly ConformanceResult[]): readonly string[] {
  return [...new Set(results.filter(({ isOk }) => !isOk).map(({ check }) => check.rule))];
}

describe("the conformance checks pass", () => {
  test(
    "on this server",
    async () => {
      const server = await startServer(QUICK);
      const results = await resultsAt({ url: server.ws });
      expect(faults(results)).toEqual([]);
      expect(results.filter(({ skipped }) => skipped !== undefined).map(({ check }) => check.name)).toEqual([]);
    },
    WITH_TIMEOUTS_MS,
  );

  test.each(["codec", "ws"] as const)(
    "with the engine %s",
    async (wsEngine) => {
      const server = await startServer({ ...QUICK, wsEngine });
      expect(faults(await resultsAt({ url: server.url }))).toEqual([]);
    },
    WITH_TIMEOUTS_MS,
  );

  test(
    "below a path, over TLS",
    async () => {
      const { tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
      const server = await startServer({ ...QUICK, tlsCert, tlsKey, publicUrl: "https://example.org/party/" });
      const ca = server.ca ?? "";
      expect(faults(await resultsAt({ url: `${server.ws}/party/`, ca }))).toEqual([]);
    },
    WITH_TIMEOUTS_MS,
  );
});

describe("the conformance checks of open rooms and channels pass", () => {
  const checks = conformanceSuite.filter(({ part }) => part === "open" || part === "channels");

  async function openHouse(
    tokens: Pick<ConformanceTargetOptions, "secret" | "token">,
  ): Promise<readonly ConformanceResult[]> {
    const server = await startServer({ ...QUICK, jwtSecret: JWT_SECRET, openRooms: "relay" });
    return runConformance(createConformanceTarget({ ...PATIENT, url: server.ws, ...tokens }), { checks });
  }

  test(
    "with a secret",
    async () => {
      const results = await openHouse({ secret: JWT_SECRET });
      expect(faults(results)).toEqual([]);
      expect(results.filter(({ skipped }) => skipped !== undefined).map(({ check }) => check.name)).toEqual([]);
    },
    WITH_TIMEOUTS_MS,
  );

  test(
    "with one token, where what needs several is skipped",
    async () => {
      const token = await tokenFor("ann", "lobby", { channels: ["news:*"], publish: ["news:*"] });
      const results = await openHouse({ token });
      expect(faults(results)).toEqual([]);
      const checked = results.filter(({ skipped }) => skipped === undefined).map(({ check }) => check.rule);
      expect(checked).toEqual(["P6.0", "P6.1", "P6.5", "P6.8", "P6.11", "P8.1", "P8.2", "P8.3", "P8.4"]);
    },
    WITH_TIMEOUTS_MS,
  );
});

test(
  "the conformance checks of audience and waiting line pass",
  async () => {
    const checks = conformanceSuite.filter(({ part }) => part === "crowd");
    const server = await startServer(QUICK);
    const results = await runConformance(createConformanceTarget({ ...PATIENT, url: server.ws }), { checks });
    expect(faults(results)).toEqual([]);
  },
  WITH_TIMEOUTS_MS,
);

describe("the conformance checks name the rules of a server that", () => {
  test.each(BROKEN_SERVERS)(
    "$what: $rules",
    async ({ rules, tampering }) => {
      const url = await startTamperingProxy(await startServer(QUICK), tampering());
      const results = await resultsAt({ url });
      expect({ rules: failingRulesOf(results), faults: faults(results) }).toMatchObject({ rules });
    },
    WITH_TIMEOUTS_MS,
  );
});
