/** `couchwire chaos`, the command, against the command that serves. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { createRoom, type HostRoom } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type Ending } from "../support/cli-process.ts";
import { startLyingRelay } from "./lying-relay.ts";

/** Runs the command to its end. */
function chaos(...words: readonly string[]): Promise<Ending> {
  const cli = startCli(["chaos", ...words]);
  onTestEnd(() => cli.kill("SIGKILL"));
  return cli.ended;
}

/** The real server, in a process of its own, with a ban that is soon over. */
async function serve(): Promise<string> {
  const cli = startCli(["--port", "0", "--host", "127.0.0.1", "--log-level", "info", "--ban-ms", "1000"]);
  onTestEnd(() => cli.kill("SIGKILL"));
  const { url } = await cli.listening;
  return url;
}

/** Somebody's game: it says something to everybody, ten times a second. */
async function host(server: string): Promise<HostRoom> {
  const room = await createRoom({ server, game: "demo-game", maxPlayers: 8 });
  onTestEnd(() => room.close());
  let round = 0;
  const timer = setInterval(() => room.broadcast({ round: ++round }), 100);
  onTestEnd(() => clearInterval(timer));
  return room;
}

/** Stops a run of an hour after a second, and says that it has ended. */
const stopping = (server: string): string => `
  import { runChaos } from ${JSON.stringify(new URL("../../dist/chaos/run-chaos.js", import.meta.url).href)};
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 1_000);
  const plan = { server: ${JSON.stringify(server)}, phones: 3, minutes: 60, seed: 7 };
  const { isStopped } = await runChaos(plan, () => undefined, stop.signal);
  console.log(isStopped);
`;

test("a run that is stopped leaves no timer or socket that keeps its process alive", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", stopping(await serve())]);
  onTestEnd(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  const [exitCode] = await once(child, "close");
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: "true\n" });
});

describe("couchwire chaos URL", () => {
  test("opens a room of its own, misbehaves, and finds every frame once and in order", async () => {
    const { exitCode, stdout, stderr } = await chaos(await serve(), "--phones", "6", "--minutes", "0.1", "--seed", "7");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Chaos: 6 phones, 0\.1 minutes, in a room of its own at \S+\. The seed is 7\.\n/);
    expect(stdout).toMatch(/\n {2}0:\d\d of 0:06 {2}\d+ actions, \d+ frames up, \d+ down\n/);
    for (const action of [
      "joined",
      "locked",
      "without a FIN",
      "second tab",
      "switched networks",
      "reloaded",
      "bad connection",
      "4029",
    ]) {
      expect(stdout).toMatch(new RegExp(`\n +\\d+ {2}.*${action}`));
    }
    expect(stdout).toMatch(/\n {2}Flood: the server closed the guest, banned it and admitted it after the ban\.\n/);
    expect(stdout).toMatch(/\nPassed: no frame was lost, doubled or out of order\.\n$/);
  });

  test("finds out a server that loses frames", async () => {
    let frames = 0;
    const { url } = await startLyingRelay(await serve(), (frame) => (++frames % 25 === 0 ? undefined : frame));
    const { exitCode, stdout } = await chaos(url, "--phones", "2", "--minutes", "0.05", "--seed", "7");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\nFailed:\n(?:.*\n)* {2}TV to phone \d: .*(?:missing|never arrived|came after)/);
  });

  test("finds out a server that acknowledges frames that it did not get", async () => {
    const { url } = await startLyingRelay(await serve(), (frame) =>
      typeof frame === "string" && frame.startsWith("\0hello ")
        ? frame.replace(/"received":(\d+)/, (_, count) => `"received":${Number(count) + (Number(count) > 0 ? 1 : 0)}`)
        : frame,
    );
    const { exitCode, stdout } = await chaos(url, "--phones", "4", "--minutes", "0.1", "--seed", "7");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\nFailed:\n/);
  });

  test.each([["http://127.0.0.1:9"], ["http://127.0.0.1:9/BCDF"]])(
    "says at once where nothing answers: %s",
    async (target) => {
      expect(await chaos(target, "--phones", "1")).toMatchObject({
        exitCode: 1,
        stdout: "",
        stderr: "couchwire: Nothing answers at http://127.0.0.1:9.\n",
      });
    },
  );

  test("stopped by Ctrl-C says what it has seen so far, and judges nothing that was under way", async () => {
    const server = await serve();
    const cli = startCli(["chaos", server, "--phones", "4", "--minutes", "10", "--seed", "7"]);
    onTestEnd(() => cli.kill("SIGKILL"));
    await cli.said(/\n {2}0:\d\d of 10:00 /);
    cli.kill("SIGINT");
    const { exitCode, stdout, stderr } = await cli.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: "" });
    expect(stdout).toMatch(/\nActions:\n +4 {2}phones joined/);
    expect(stdout).toMatch(/ [1-9]\d* frames from the phones arrived at the TV, /);
    expect(stdout).toMatch(/\nStopped early\. So far no frame was doubled or out of order; .*\n$/);
  });
});

describe("couchwire chaos CODE", () => {
  test("joins a game, sends nothing, and counts what arrives", async () => {
    const server = await serve();
    const room = await host(server);
    const heard: string[] = [];
    room.on("text", (_, text) => heard.push(text));
    const { exitCode, stdout } = await chaos(room.code, "--server", server, "--phones", "3", "--minutes", "0.1");
    expect({ exitCode, heard }).toEqual({ exitCode: 0, heard: [] });
    expect(stdout).toMatch(/3 of 3 phones got a seat\. [1-9]\d* frames arrived at them, 0 were lost\./);
  });

  test("sends the text that it is given", async () => {
    const room = await host(await serve());
    const heard: string[] = [];
    room.on("text", (_, text) => heard.push(text));
    const target = room.joinUrl;
    const { exitCode } = await chaos(target, "--phones", "2", "--minutes", "0.05", "--send", '{"buzz":1}');
    expect(exitCode).toBe(0);
    expect([...new Set(heard)]).toEqual(['{"buzz":1}']);
  });

  test("shows the PIN of a game that wants one, its flooding guest too", async () => {
    const server = await serve();
    const room = await createRoom({ server, game: "demo-game", pin: "12 &34" });
    onTestEnd(() => room.close());
    const words = [room.code, "--server", server, "--phones", "2", "--minutes", "0.05", "--send", "hi"];
    const { exitCode, stdout } = await chaos(...words, "--pin", "12 &34");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("2 of 2 phones got a seat"),
    });
    const refused = await chaos(...words, "--pin", "wrong");
    expect(refused).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("2 times 4501") });
  });

  test("ends with 1 where no phone got in", async () => {
    const { exitCode, stdout } = await chaos("BCDF", "--server", await serve(), "--phones", "2", "--minutes", "0.05");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\nFailed:\n {2}No phone got into the room, so nothing was checked\.\n$/);
  });
});

describe("a command line of couchwire chaos", () => {
  test("--help says what it does", async () => {
    const { exitCode, stdout, stderr } = await chaos("--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: couchwire chaos CODE\|URL /);
  });

  test("that is wrong ends with 2 and one line on standard error", async () => {
    const { exitCode, stdout, stderr } = await chaos("BCDF", "--phnoes", "8");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toBe(
      "couchwire: There is no option --phnoes; did you mean --phones? couchwire chaos --help says more.\n",
    );
  });
});
