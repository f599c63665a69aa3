/** `couchwire conformance` as a process: what it prints, and how it ends. */
import { createServer } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { BROKEN_SERVERS } from "../support/broken-servers.ts";
import { startCli } from "../support/cli-process.ts";
import { listen } from "../support/listen.ts";
import { startServer } from "../support/server.ts";
import { startTamperingProxy } from "../support/tampering-proxy.ts";

const REPORT = z.object({
  failed: z.number(),
  failingRules: z.array(z.string()),
  checks: z.array(z.looseObject({ rule: z.string(), name: z.string(), status: z.string() })),
});
/** A slow machine is no fault of the server's. */
const PATIENT = ["--timeout", "45"];

describe("couchwire conformance", () => {
  test("prints TAP: a version, a plan, a point for each check in order, and how many; and ends with 0", async () => {
    const server = await startServer({ networkRooms: 0 });
    const { exitCode, stdout, stderr } = await startCli(["conformance", server.ws, "--part", "reliable", ...PATIENT])
      .ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [version, plan, ...lines] = stdout.trimEnd().split("\n");
    expect(version).toBe("TAP version 14");
    const points = lines.slice(0, -1);
    expect(plan).toBe(`1..${points.length}`);
    for (const [index, point] of points.entries()) {
      expect(point).toMatch(new RegExp(`^ok ${index + 1} - P5\\.[59](\\.\\d+)? \\S`));
    }
    expect(lines.at(-1)).toBe(`# ${points.length} passed, 0 failed, 0 skipped`);
  });

  test("ends with 1 where a rule fails, and names it, in TAP and in JSON", async () => {
    const broken = BROKEN_SERVERS.find(({ what }) => what.startsWith("delivers"));
    const tampering = broken?.tampering() ?? {};
    const url = await startTamperingProxy(await startServer({ networkRooms: 0 }), tampering);
    const words = ["conformance", url, "--part", "reliable", ...PATIENT];
    const tap = await startCli(words).ended;
    expect(tap.exitCode).toBe(1);
    expect(tap.stdout).toMatch(
      /^not ok 1 - P5\.5 .*\n {2}---\n {2}rule: "P5\.5"\n {2}message: ".*"\n {2}expected: .*\n {2}actual: .*\n {2}duration_ms: \d+\n {2}\.\.\.\n/m,
    );
    expect(tap.stdout).toMatch(/^# Rules that fail: P5\.5, P5\.5\.8$/m);
    const json = await startCli([...words, "--json"]).ended;
    expect(json.exitCode).toBe(1);
    const report = REPORT.parse(JSON.parse(json.stdout));
    expect(report).toMatchObject({ failed: 2, failingRules: ["P5.5", "P5.5.8"] });
    expect(report.checks.filter(({ status }) => status === "failed").map(({ rule }) => rule)).toEqual([
      "P5.5",
      "P5.5.8",
    ]);
  });

  test("ends with 2 where nothing answers, and where the command is wrong, and says so on standard error alone", async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    const nothing = await startCli(["conformance", `ws://127.0.0.1:${port}`]).ended;
    expect(nothing).toMatchObject({ exitCode: 2, stdout: "" });
    expect(nothing.stderr).toMatch(/^couchwire: Nothing answers at 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    const wrong = await startCli(["conformance", "localhost"]).ended;
    expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^couchwire: "localhost" is no address of a server/);
  });
});
