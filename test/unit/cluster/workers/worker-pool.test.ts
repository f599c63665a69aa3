/** Workers whose process cannot be made. */
import { spawn } from "node:child_process";
import { expect, test } from "@jest/globals";
import { WorkerPool, type WorkerPoolOptions } from "../../../../src/cluster/workers/worker-pool.ts";
import { onTestEnd } from "../../../support/clean-up.ts";
import { eventually } from "../../../support/inbox.ts";

const STDIO = ["ignore", "ignore", "ignore", "ipc"] as const;

function startPool(fork: WorkerPoolOptions["fork"]) {
  const ends: string[] = [];
  const pool = new WorkerPool({
    count: 1,
    fork,
    planOf: () => ({}),
    now: () => performance.now(),
    onMessage: () => {},
    onEnd: (_, { exitCode, error }) => void ends.push(error === undefined ? `exit ${exitCode}` : "no process"),
    onNotForked: (_, error) => void ends.push(String(error)),
  });
  onTestEnd(() => pool.stopStarting());
  pool.start();
  return { pool, ends };
}

test("a worker that the system does not start counts as ended, once, and another is tried", async () => {
  let forks = 0;
  const { pool, ends } = startPool(() => {
    forks += 1;
    return forks === 1
      ? spawn("/nowhere/no-such-program", [], { stdio: [...STDIO] })
      : spawn(process.execPath, ["-e", "process.exit(3)"], { stdio: [...STDIO] });
  });
  await eventually("the second has ended", () => ends.length >= 2);
  expect(ends.slice(0, 2)).toEqual(["no process", "exit 3"]);
  await pool.ended();
  expect(pool.all).toEqual([]);
});

test("a worker for which there is no memory ends nothing else, and is tried again", async () => {
  let forks = 0;
  const { pool, ends } = startPool(() => {
    forks += 1;
    if (forks === 1) throw new Error("spawn ENOMEM");
    return spawn(process.execPath, ["-e", "process.exit(3)"], { stdio: [...STDIO] });
  });
  await eventually("the second has ended", () => ends.length >= 2);
  expect(ends.slice(0, 2)).toEqual(["Error: spawn ENOMEM", "exit 3"]);
  await pool.ended();
});
