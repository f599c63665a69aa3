/** The benchmark itself: that it runs, that every frame arrives, and that nothing of it stays. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const BENCH = fileURLToPath(new URL("../../bench/bench.js", import.meta.url));
/** As short as it can be: what is looked at is whether it works, not what it says. */
const BRIEFLY = ["--repetitions", "1", "--seconds", "0.5", "--warm-up", "0", "--patience", "0"];

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "couchwire-bench-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the benchmark and gives what each of its runs found. */
async function bench(...words: string[]): Promise<Record<string, unknown>[]> {
  await promisify(execFile)(process.execPath, [BENCH, ...BRIEFLY, "--results", folder, ...words]);
  const [file = ""] = readdirSync(folder);
  const { runs } = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
  return runs;
}

test("rows with an echo and with broadcasts arrive whole at each of the peers that need no other packages", async () => {
  const peers = ["couchwire", "naive", "raw-tcp"];
  const rows = ["echo", "arena"];
  const runs = await bench("--rows", rows.join(), "--peers", peers.join());
  const whole = { lost: 0, wrong: 0, problems: [], usPerFrame: expect.any(Number) };
  expect(runs).toEqual(
    rows.flatMap((row) => peers.map((peer) => expect.objectContaining({ row, peer, repetition: 1, ...whole }))),
  );
});

test("an exact line and a plain one beside it lose nothing", async () => {
  const runs = await bench("--rows", "sessions", "--peers", "couchwire,naive");
  expect(runs).toEqual([
    expect.objectContaining({ peer: "couchwire", lost: 0, wrong: 0 }),
    expect.objectContaining({ peer: "couchwire (echo)", lost: 0, wrong: 0 }),
  ]);
});
