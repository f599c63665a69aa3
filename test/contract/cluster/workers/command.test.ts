/** `couchwire --workers`: the processes, from their start to their end. */
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { createServer, OptionsError } from "../../../../src/index.ts";
import { onTestEnd } from "../../../support/clean-up.ts";
import { logLines, startCli, type CliProcess } from "../../../support/cli-process.ts";
import { eventually } from "../../../support/inbox.ts";

const HERE = ["--port=0", "--host=127.0.0.1"];
const KEY = "a-key-of-at-least-32-characters-00";

function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): CliProcess {
  const cli = startCli([...HERE, ...words], environment);
  onTestEnd(async () => {
    cli.kill("SIGTERM");
    cli.kill("SIGKILL");
    await cli.ended;
  });
  return cli;
}

/** The processes that this one has started. */
function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** How long each restart has waited. */
function waits(stdout: string): unknown[] {
  return logLines(stdout).flatMap(({ restartMs }) => (restartMs === undefined ? [] : [restartMs]));
}

test("workers serve the pages behind one port, the command says how many there are, and SIGTERM ends all with 0", async () => {
  const cli = start(["--workers=2"]);
  const { url, pid } = await cli.listening;
  const workers = childrenOf(pid);
  expect(workers).toHaveLength(2);
  expect((await fetch(url)).status).toBe(200);
  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: "ok", rooms: 0 });
  cli.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await cli.ended;
  expect([exitCode, workers.some(isRunning)]).toEqual([0, false]);
  expect(stderr).toContain("2 workers share the rooms");
  expect(logLines(stdout).find(({ msg }) => msg === "listening")).toMatchObject({ workers: 2, url });
});

test("a terminal's Ctrl+C reaches workers too, and they leave the end to the primary", async () => {
  const cli = start(["--workers=2"]);
  const { pid } = await cli.listening;
  const workers = childrenOf(pid);
  for (const worker of workers)
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(worker, signal);
  cli.kill("SIGINT");
  const { exitCode, stdout } = await cli.ended;
  expect([exitCode, workers.some(isRunning)]).toEqual([0, false]);
  expect(stdout).not.toContain("ended by itself");
});

test("workers end with their primary, however that ends", async () => {
  const cli = start(["--workers=2"]);
  const { pid } = await cli.listening;
  const workers = childrenOf(pid);
  cli.kill("SIGKILL");
  await cli.ended;
  await eventually("the workers end", () => !workers.some(isRunning));
});

test("a worker that dies is there again, the log says so, and one that dies again and again waits for longer each time", async () => {
  const cli = start(["--workers=2"]);
  const { pid, url } = await cli.listening;
  let [victim = 0] = childrenOf(pid);
  const other = childrenOf(pid)[1] ?? 0;
  for (let count = 0; count < 3; count++) {
    process.kill(victim, "SIGKILL");
    let next: number | undefined;
    await eventually("another is there", () => {
      next = childrenOf(pid).find((child) => child !== victim && child !== other);
      return next !== undefined;
    });
    victim = next ?? 0;
    // On a connection of its own: one that is kept may have been to the worker that was killed.
    expect((await fetch(url, { headers: { Connection: "close" } })).status).toBe(200);
  }
  cli.kill("SIGTERM");
  const { exitCode, stdout } = await cli.ended;
  expect(exitCode).toBe(0);
  expect(waits(stdout)).toEqual([0, 100, 200]);
});

test("the metrics are those of all workers together, whichever answers", async () => {
  const cli = start(["--workers=2"], { COUCHWIRE_API_KEY: KEY });
  const { url } = await cli.listening;
  for (let count = 0; count < 3; count++) {
    const text = await (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${KEY}` } })).text();
    expect(text).toMatch(/^couchwire_build_info\{.*\} 1$/m);
    expect(text).toMatch(/^couchwire_memory_limit_bytes (\d+)$/m);
    const limit = Number(/^couchwire_memory_limit_bytes (\d+)$/m.exec(text)?.[1]);
    const health: unknown = await (await fetch(`${url}/healthz`)).json();
    expect(health).toMatchObject({ memory: { limit } });
  }
});

test("a port that is taken, and an option that a worker cannot take, end all with one sentence", async () => {
  const first = start([]);
  const { port } = await first.listening;
  const second = startCli(["--host=127.0.0.1", `--port=${port}`, "--workers=2"]);
  const taken = await second.ended;
  expect([taken.exitCode, taken.stderr]).toEqual([
    1,
    `couchwire: Port ${port} is in use. End what uses it, or choose another with --port or PORT.\n`,
  ]);
  const wrong = await startCli([...HERE, "--workers=2", "--games=/no/such/folder"]).ended;
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr.match(/couchwire: /g)).toHaveLength(1);
  const tcp = await startCli([...HERE, "--workers=2", `--tcp-port=${port}`]).ended;
  expect([tcp.exitCode, tcp.stderr]).toEqual([
    1,
    expect.stringContaining(`The TCP port ${port} on 127.0.0.1 cannot be had`),
  ]);
});

test("what cannot be with workers is a sentence and exit code 2", async () => {
  const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
    [["--workers=2", "--tls-self-signed"], {}, /--tls-self-signed asks for https.*Let a proxy speak https in front/],
    [
      ["--tls-cert=x", "--tls-key=y"],
      { COUCHWIRE_WORKERS: "auto" },
      /COUCHWIRE_WORKERS is auto, and --tls-cert asks for https/,
    ],
    [["dev", "--workers=2"], {}, /couchwire dev is one process/],
    [["--workers=0"], {}, /--workers is 0, but has to be a whole number from 1 to 256, or auto\./],
    [[], { COUCHWIRE_WORKERS: "many" }, /COUCHWIRE_WORKERS is "many", but has to be/],
  ];
  for (const [words, environment, sentence] of cases) {
    const { exitCode, stderr } = await startCli([...words, ...HERE], environment).ended;
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  }
});

test("a server that a program makes is one process, and says so", () => {
  expect(() => createServer({ workers: 2 })).toThrow(OptionsError);
  expect(() => createServer({ workers: "auto" })).toThrow(/workers is an option of the command couchwire alone/);
});
