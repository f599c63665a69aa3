/** The conformance checks of all parts pass on this server. Each runtime and engine has to pass this file. */
import { describe, expect, test } from "@jest/globals";
import { conformanceSuite, createConformanceTarget, runConformance } from "../../src/testing/index.ts";
import type { ConformanceResult, ConformanceTargetOptions } from "../../src/testing/index.ts";
import { faults, PATIENT, QUICK, resultsOfDefaults, WITH_TIMEOUTS_MS } from "../support/conformance.ts";
import { JWT_SECRET, tokenFor } from "../support/member-client.ts";
import { startServer } from "../support/server.ts";

describe("the conformance checks pass", () => {
  test(
    "on this server",
    async () => {
      const server = await startServer(QUICK);
      const results = await resultsOfDefaults({ url: server.ws });
      expect(faults(results)).toEqual([]);
      expect(results.filter(({ skipped }) => skipped !== undefined).map(({ check }) => check.name)).toEqual([]);
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
  "the conformance check of short tokens is skipped where tokens count longer than it waits, and says why",
  async () => {
    const checks = conformanceSuite.filter(({ rule }) => rule === "P5.9.15");
    const server = await startServer({ ...QUICK, jwtSecret: JWT_SECRET, jwtLeeway: 60 });
    const results = await runConformance(createConformanceTarget({ ...PATIENT, url: server.ws, secret: JWT_SECRET }), {
      checks,
    });
    expect(faults(results)).toEqual([]);
    expect(results.map(({ skipped }) => skipped)).toContainEqual(expect.stringContaining("leeway"));
  },
  WITH_TIMEOUTS_MS,
);

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
