/** The benchmark itself: that it runs, that every frame arrives, and that nothing of it stays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const BENCH = fileURLToPath(new URL("../bench.js", import.meta.url));
const CLI = new URL("../../dist/cli.js", import.meta.url).href;
/** As short as it can be: what is looked at is whether it works, not what it says. */
const BRIEFLY = ["--repetitions", "1", "--seconds", "0.5", "--warm-up", "0", "--patience", "0"];

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "couchwire-bench-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly scenario: string;
  readonly peer: string;
  readonly failure?: string | undefined;
  readonly crowd?: { readonly joinsPerSecond: number; readonly bareHeap?: object | undefined } | undefined;
}

/** Runs the benchmark, which ends with that code, and gives what each of its runs found. */
async function bench(words: readonly string[], exitCode = 0): Promise<Run[]> {
  const child = spawn(process.execPath, [BENCH, ...BRIEFLY, "--results", folder, ...words], { stdio: "ignore" });
  expect(await once(child, "exit")).toEqual([exitCode, null]);
  return readRuns(path.join(folder, readdirSync(folder).find((name) => name.endsWith(".json")) ?? ""));
}

function readRuns(file: string): Run[] {
  const { runs } = JSON.parse(readFileSync(file, "utf8"));
  return runs;
}

/** For `--variant`: this Couchwire, which crashes in the middle of its first sample. */
function crashingCouchwire(): string {
  const lines = [
    `import(${JSON.stringify(CLI)});`,
    `process.on("message", (question) => question === "begin delay" && setTimeout(() => process.exit(3), 100));`,
  ];
  writeFileSync(path.join(folder, "cli.js"), lines.join("\n"));
  return folder;
}

test("scenarios with an echo and with broadcasts arrive whole at each of the peers that need no other packages", async () => {
  const peers = ["couchwire", "naive", "raw-tcp"];
  const scenarios = ["echo", "arena"];
  const runs = await bench(["--scenarios", scenarios.join(), "--peers", peers.join()]);
  const whole = { lost: 0, wrong: 0, problems: [], samples: [expect.anything()], usPerFrame: expect.any(Number) };
  expect(runs).toEqual(
    scenarios.flatMap((scenario) =>
      peers.map((peer) => expect.objectContaining({ scenario, peer, repetition: 1, ...whole })),
    ),
  );
});

test("servers on Bun, and those on a Node that is not this one, lose nothing", async () => {
  const peers = ["couchwire", "naive", "couchwire-bun", "naive-bun"];
  const runs = await bench(["--scenarios", "arena", "--peers", peers.join(), "--runtime", "node24"]);
  const whole = { lost: 0, wrong: 0, samples: [expect.anything()] };
  expect(runs).toEqual(peers.map((peer) => expect.objectContaining({ peer, ...whole })));
});

const TWO_SAMPLES = { lost: 0, wrong: 0, samples: [expect.anything(), expect.anything()] };

test("a reliable connection and a plain one beside it lose nothing", async () => {
  const runs = await bench(["--scenarios", "sessions", "--peers", "couchwire,naive", "--seconds", "1.6"]);
  expect(runs).toEqual([
    expect.objectContaining({ peer: "couchwire", ...TWO_SAMPLES }),
    expect.objectContaining({ peer: "couchwire (echo)", ...TWO_SAMPLES }),
  ]);
});

test("scenarios about joins count those who came in the second of two parties", async () => {
  const peers = ["couchwire", "naive"];
  const runs = await bench(["--quick", "--scenarios", "joins", "--peers", peers.join()]);
  const samples = [expect.objectContaining({ done: 1440 })];
  expect(runs).toEqual(
    peers.map((peer) => expect.objectContaining({ scenario: "joins", peer, samples, connections: 2880 })),
  );
});

test("members of open rooms hear all that the others say, also behind a second in which the server stood still", async () => {
  const peers = ["couchwire", "couchwire-bun", "ws-json"];
  const runs = await bench(["--scenarios", "relay", "--peers", peers.join()]);
  const whole = { lost: 0, wrong: 0, lostInStall: 0 };
  expect(runs).toEqual(peers.map((peer) => expect.objectContaining({ peer, ...whole })));
});

/** 500 watchers of each of up to three servers, on a busy machine. */
const CROWD_MS = 120_000;

test(
  "a crowd's votes all reach the host, each broadcast reaches each watcher, and their memory is weighed",
  async () => {
    const peers = ["couchwire", "naive", "nats"];
    const runs = await bench(["--quick", "--scenarios", "crowd-500", "--peers", peers.join()]);
    const ways = { "player and back": expect.anything(), "host to everybody": expect.anything() };
    const saw = {
      votesPerSecond: expect.any(Number),
      hostCpuShare: expect.any(Number),
      perWatcher: expect.any(Number),
    };
    const whole = { lost: 0, wrong: 0, problems: [], latency: ways, crowd: expect.objectContaining(saw) };
    expect(runs).toEqual(peers.map((peer) => expect.objectContaining({ peer, ...whole })));
    const heap = { heapPerConnection: expect.any(Number), externalPerConnection: expect.any(Number) };
    expect(runs.map(({ crowd }) => crowd?.bareHeap)).toEqual([undefined, heap, undefined]);
  },
  CROWD_MS,
);

test(
  "players of a room whose watchers come and go lose nothing, beside the same room whose watchers stay",
  async () => {
    const runs = await bench(["--quick", "--scenarios", "churn-silent", "--peers", "couchwire"]);
    const whole = { lost: 0, wrong: 0, problems: [] };
    expect(runs).toEqual([
      expect.objectContaining({ peer: "couchwire", ...whole }),
      expect.objectContaining({ peer: "couchwire (silence)", ...whole }),
    ]);
    const [churning, staying] = runs.map(({ crowd }) => crowd?.joinsPerSecond ?? -1);
    expect(churning).toBeGreaterThan(0);
    expect(staying).toBe(0);
  },
  CROWD_MS,
);

/** Four trials with up to four processes each, on a busy machine. */
const NODES_MS = 120_000;
const ALL_ARRIVED = { lost: 0, wrong: 0, problems: [], usPerFrame: expect.any(Number) };

test(
  "rooms whose phones are at another node than their hosts lose nothing over Redis and NATS, and each part's share is known",
  async () => {
    const scenarios = ["hop-redis", "hop-nats"];
    const runs = await bench(["--scenarios", scenarios.join(), "--peers", "couchwire"]);
    const usPerFrameOf = { bus: expect.any(Number), home: expect.any(Number), edge: expect.any(Number) };
    expect(runs).toEqual(
      scenarios.flatMap((scenario) => [
        expect.objectContaining({ scenario, peer: "couchwire", ...ALL_ARRIVED, usPerFrameOf }),
        expect.objectContaining({ scenario, peer: "couchwire (local)", ...ALL_ARRIVED }),
      ]),
    );
  },
  NODES_MS,
);

test(
  "rooms that two workers share lose nothing, beside one process",
  async () => {
    const runs = await bench(["--scenarios", "workers", "--peers", "couchwire,couchwire-bun"]);
    expect(runs).toEqual(
      ["couchwire", "couchwire (one process)"].map((peer) => expect.objectContaining({ peer, ...ALL_ARRIVED })),
    );
  },
  NODES_MS,
);

test("a closed loop comes to rest between two samples, and begins again", async () => {
  const runs = await bench(["--scenarios", "flood-single", "--peers", "naive", "--seconds", "1.6"]);
  expect(runs).toEqual([expect.objectContaining({ peer: "naive", ...TWO_SAMPLES })]);
});

test("a server that cannot start, and one that crashes, fail alone, and the others of their trial go on", async () => {
  const crashing = `crashing=${crashingCouchwire()}`;
  const variants = ["--variant", crashing, "--variant", "missing=/nowhere"];
  const runs = await bench(["--scenarios", "input", "--peers", "naive", "--seconds", "1.6", ...variants], 1);
  expect(runs).toEqual([
    expect.objectContaining({ peer: "naive", ...TWO_SAMPLES }),
    expect.objectContaining({ peer: "crashing", failure: expect.stringContaining("The server ended (3)") }),
    expect.objectContaining({ peer: "missing", failure: expect.stringContaining("There is no dist/cli.js") }),
  ]);
});

test("an interrupt stops all that was started, and keeps no result of what was not over", async () => {
  const words = [BENCH, "--scenarios", "input", "--peers", "naive,raw-tcp", "--results", folder];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes("warming up")) break;
  }
  const started = childrenOf(child.pid);
  expect(started).toHaveLength(4);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([143, null]);
  expect(started.filter(isRunning)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("what was found before an interrupt is kept, and the same command goes on from there", async () => {
  const words = ["--scenarios", "input", "--peers", "naive", "--results", folder, ...BRIEFLY, "--repetitions", "2"];
  const child = spawn(process.execPath, [BENCH, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("[2/2]")) break;
  }
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([143, null]);
  const file = path.join(folder, readdirSync(folder)[0] ?? "");
  const [first, ...others] = readRuns(file);
  expect(first).toMatchObject({ peer: "naive", repetition: 1 });
  expect(others).toEqual([]);
  const runs = await bench(["--scenarios", "input", "--peers", "naive", "--repetitions", "2", "--resume", file]);
  expect(runs).toEqual([first, expect.objectContaining({ peer: "naive", repetition: 2 })]);
});

test("a run of another kind is not gone on with, and stays as it is", async () => {
  const file = path.join(folder, "earlier.json");
  const text = JSON.stringify({
    machine: {},
    plan: { scenarios: [], peers: [], repetitions: 7 },
    absent: [],
    runs: [],
  });
  writeFileSync(file, text);
  await expect(bench(["--scenarios", "input", "--peers", "naive", "--resume", file], 2)).resolves.toEqual([]);
  expect(readFileSync(file, "utf8")).toBe(text);
});

/** Servers and load generators. */
function childrenOf(pid: number | undefined): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // it has ended
  }
}
