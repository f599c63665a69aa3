import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { z } from "zod";
import type { Options } from "../../src/config.ts";
import { createActivityLog } from "../../src/log/activity-log.ts";
import { createAddressLog } from "../../src/log/address-log.ts";
import { createLogger } from "../../src/log/logger.ts";
import { PipedOutput } from "../../src/log/piped-output.ts";
import { TrafficCounter } from "../../src/room/traffic.ts";
import { onTestEnd } from "../support/clean-up.ts";

const LINE = z.record(z.string(), z.unknown());

/** A logger and the lines it has written so far, without what pino puts on each. */
function recordingLogger(level: Options["logLevel"] = "info") {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(level, {
    write(text) {
      const { time, pid, hostname, ...rest } = LINE.parse(JSON.parse(text));
      expect([typeof time, typeof pid, typeof hostname]).toEqual(["number", "number", "string"]);
      lines.push(rest);
    },
  });
  return { logger, lines };
}

/** A logger whose lines go to a file, and what that file has so far. */
function pipedLogger() {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-log-"));
  const file = join(folder, "log");
  const fd = openSync(file, "w");
  const output = new PipedOutput(fd);
  const logger = pino({}, output);
  onTestEnd(() => {
    logger.flush(); // or what still waits would be written to a file that is closed
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const written = (): unknown[] =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => LINE.parse(JSON.parse(line))["msg"]);
  return { logger, output, written };
}

const noTime = (): number => 0;

const INFO = 30;
const WARN = 40;

describe("the log", () => {
  test.each(["token", "session", "pin", "secret", "jwtSecret", "authorization", "cookie", "data", "payload"])(
    "never shows a %s, at the top or one level down",
    (key) => {
      const { logger, lines } = recordingLogger();
      logger.info({ [key]: "s3cret", request: { [key]: "s3cret" } }, "hello");
      expect(JSON.stringify(lines)).not.toContain("s3cret");
      expect(lines).toEqual([{ level: INFO, [key]: "[redacted]", request: { [key]: "[redacted]" }, msg: "hello" }]);
    },
  );

  test("never shows a secret that an error carries, and shows the rest of it", () => {
    const { logger, lines } = recordingLogger();
    logger.error({ err: Object.assign(new Error("broken"), { payload: "s3cret" }) }, "oh");
    expect(JSON.stringify(lines)).not.toContain("s3cret");
    expect(lines).toMatchObject([{ err: { type: "Error", message: "broken", payload: "[redacted]" } }]);
  });

  test("is silent where it is told to be", () => {
    const { logger, lines } = recordingLogger("silent");
    logger.fatal("hello");
    expect(lines).toEqual([]);
  });
});

describe("the log for a program or a file", () => {
  test("is written together, and at once where something went wrong, of a child too", () => {
    const { logger, written } = pipedLogger();
    logger.info("one");
    logger.warn("two");
    expect(written()).toEqual([]);
    logger.error("three");
    expect(written()).toEqual(["one", "two", "three"]);
    logger.child({ room: "BCDF" }).fatal("four");
    expect(written()).toEqual(["one", "two", "three", "four"]);
  });

  test("is written when it is flushed", () => {
    const { logger, written } = pipedLogger();
    logger.info("one");
    let isDone = false;
    logger.flush(() => {
      isDone = true;
    });
    expect([isDone, written()]).toEqual([true, ["one"]]);
  });

  test("ends nothing where it cannot be written, and says so once", () => {
    const fd = openSync("/dev/full", "w"); // a disk without room, to every Linux
    onTestEnd(() => closeSync(fd));
    const warnings: string[] = [];
    const logger = pino({}, new PipedOutput(fd, (sentence) => void warnings.push(sentence)));
    logger.error("one");
    logger.error("two");
    expect(warnings).toEqual([
      "The log cannot be written, and the games go on without it: ENOSPC: no space left on device, write",
    ]);
  });

  test("keeps nothing of what a line was made of", () => {
    const { logger, output } = pipedLogger();
    logger.info({ token: "s3cret" }, "one");
    expect(JSON.stringify(output)).not.toContain("s3cret");
  });
});

describe("what is logged about a room", () => {
  test("names the room and the player on every line", () => {
    const { logger, lines } = recordingLogger("debug");
    const observer = createActivityLog(logger, noTime);
    observer.roomOpened({ room: "BCDF", name: "demo-game", traffic: new TrafficCounter() });
    observer.playerJoined({ room: "BCDF", player: 1 });
    observer.joinRefused({ room: "BCDF", why: "room_full" });
    observer.hostCongested({ room: "BCDF", isCongested: true });
    observer.hostCongested({ room: "BCDF", isCongested: false });
    observer.frameRefused({ room: "BCDF", code: "invalid_message", reason: "Invalid message." });
    observer.playerLeft({ room: "BCDF", player: 1, why: "kicked" });
    observer.roomClosed({ room: "BCDF", why: "room_closed", traffic: new TrafficCounter() });
    expect(lines.map(({ level: _level, msg, ...rest }) => [msg, rest])).toEqual([
      ["room opened", { room: "BCDF", game: "demo-game" }],
      ["player joined", { room: "BCDF", player: 1 }],
      ["join refused", { room: "BCDF", why: "room_full" }],
      ["host is slow, its players wait", { room: "BCDF" }],
      ["host has caught up", { room: "BCDF" }],
      ["frame of the host refused", { room: "BCDF", code: "invalid_message", count: 1 }],
      ["player left", { room: "BCDF", player: 1, why: "kicked" }],
      ["room closed", { room: "BCDF", why: "room_closed", refusedFrames: { invalid_message: 1 } }],
    ]);
  });

  test("at the default level tells who comes and goes, and no more", () => {
    const { logger, lines } = recordingLogger();
    const observer = createActivityLog(logger, noTime);
    observer.joinRefused({ room: "BCDF", why: "room_full" });
    observer.hostCongested({ room: "BCDF", isCongested: true });
    observer.playerJoined({ room: "BCDF", player: 1 });
    observer.roomClosed({ room: "BCDF", why: "room_closed", traffic: new TrafficCounter() });
    expect(lines.map(({ msg }) => msg)).toEqual(["player joined", "room closed"]);
  });

  test("stays short however much garbage a host sends, and tells the sum in the end", () => {
    const { logger, lines } = recordingLogger();
    const observer = createActivityLog(logger, noTime);
    for (let frame = 0; frame < 5000; frame++)
      observer.frameRefused({ room: "BCDF", code: "invalid_message", reason: "" });
    observer.frameRefused({ room: "BCDF", code: "unknown_command", reason: "" });
    expect(lines.map(({ level, code, count }) => [level, code, count])).toEqual([
      [WARN, "invalid_message", 1],
      [WARN, "invalid_message", 10],
      [WARN, "invalid_message", 100],
      [WARN, "invalid_message", 1000],
      [WARN, "unknown_command", 1],
    ]);
    observer.roomClosed({ room: "BCDF", why: "room_closed", traffic: new TrafficCounter() });
    expect(lines.at(-1)).toMatchObject({ refusedFrames: { invalid_message: 5000, unknown_command: 1 } });
  });

  test("begins anew with the next room of the same code", () => {
    const { logger, lines } = recordingLogger();
    const observer = createActivityLog(logger, noTime);
    observer.frameRefused({ room: "BCDF", code: "invalid_message", reason: "" });
    observer.roomClosed({ room: "BCDF", why: "room_closed", traffic: new TrafficCounter() });
    observer.frameRefused({ room: "BCDF", code: "invalid_message", reason: "" });
    observer.frameRefused({ room: "GHJK", code: "invalid_message", reason: "" });
    expect(lines.filter(({ level }) => level === WARN)).toHaveLength(3);
  });

  test("never quotes a refused frame, not even through the reason", () => {
    const { logger, lines } = recordingLogger("trace");
    createActivityLog(logger, noTime).frameRefused({
      room: undefined,
      code: "unknown_command",
      reason: 'There is no command "my secret".',
    });
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain("my secret");
  });
});

test("of connections that are turned away the first and every tenfold one are warnings, kind by kind", () => {
  const lines: string[] = [];
  const log = createActivityLog(createLogger("warn", { write: (line) => void lines.push(line) }), noTime);
  for (let count = 0; count < 12; count++) log.connectionRefused({ why: "overloaded" });
  log.connectionRefused({ why: "room_not_found" });
  expect(lines.map((line) => /"why":"(\w+)","count":(\d+)/.exec(line)?.slice(1))).toEqual([
    ["overloaded", "1"],
    ["overloaded", "10"],
    ["room_not_found", "1"],
  ]);
});

test("a sentence about an address is said once a minute, and about a thousand of them at most", () => {
  const { logger, lines } = recordingLogger();
  let now = 0;
  const say = createAddressLog(logger, () => now, "something is wrong");
  for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.1"]) say(address);
  now = 59_999;
  say("10.0.0.1");
  now = 60_000;
  say("10.0.0.1");
  expect(lines.map(({ address }) => address)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.1"]);
  for (let index = 0; index < 1_000; index++) say(`10.1.${index >> 8}.${index & 255}`);
  say("10.0.0.1"); // it had to make room
  expect(lines.at(-1)).toMatchObject({ address: "10.0.0.1", msg: "something is wrong" });
});

test("a sentence about an IPv6 address is said for its whole /64, since one host has all of it", () => {
  const { logger, lines } = recordingLogger();
  const say = createAddressLog(logger, () => 0, "something is wrong");
  for (const address of ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::", "2001:db8:0:1::1"]) say(address);
  expect(lines.map(({ address }) => address)).toEqual(["2001:db8::1", "2001:db8:0:1::1"]);
});

test("that the memory is used up is said at once, and then every ten seconds with how many were cut since", () => {
  const { logger, lines } = recordingLogger();
  let now = 0;
  const log = createActivityLog(logger, () => now);
  for (const bytes of [500, 900, 700]) log.memoryCut({ bytes, limit: 1_000 });
  now = 10_000;
  log.memoryCut({ bytes: 100, limit: 1_000 });
  expect(lines.map(({ limit, cuts, largest }) => [limit, cuts, largest])).toEqual([
    [1_000, 1, 500],
    [1_000, 3, 900],
  ]);
});
