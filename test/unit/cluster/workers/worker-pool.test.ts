/** Workers whose process cannot be made, and how rooms are shared among those that there are. */
import { spawn, type ChildProcess } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { WorkerPool, type WorkerPoolOptions } from "../../../../src/cluster/workers/worker-pool.ts";
import { onTestEnd } from "../../../support/clean-up.ts";
import { eventually } from "../../../support/inbox.ts";

const STDIO = ["ignore", "ignore", "ignore", "ipc"] as const;

function startPool(fork: WorkerPoolOptions["fork"], more: Partial<WorkerPoolOptions> = {}) {
  const ends: string[] = [];
  const pool = new WorkerPool({
    count: 1,
    fork,
    planOf: () => ({}),
    now: () => performance.now(),
    ...more,
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

/** Two workers that take sockets, and what they say of themselves when a test says so. */
function startTwo() {
  const time = { now: 0 };
  const children: ChildProcess[] = [];
  const fork = (): ChildProcess => {
    const child = spawn(process.execPath, ["-e", "process.on('disconnect', () => process.exit())"], {
      stdio: [...STDIO],
    });
    children.push(child);
    return child;
  };
  const { pool } = startPool(fork, { count: 2, now: () => time.now });
  onTestEnd(async () => {
    pool.stopStarting();
    for (const child of children) child.kill("SIGKILL");
    await pool.ended();
  });
  for (const worker of pool.all) worker.isServing = true;
  const sent = new Map(pool.all.map((worker) => [worker.index, 0]));
  const open = (count: number): void => {
    for (let page = 0; page < count; page++) {
      const worker = pool.leastLoaded();
      worker?.countOpener();
      if (worker !== undefined) sent.set(worker.index, (sent.get(worker.index) ?? 0) + 1);
    }
  };
  const tell = (index: number, rooms: number, openedRooms: number): void =>
    pool.all
      .find((worker) => worker.index === index)
      ?.takeLoad({ rooms, openedRooms, runningRooms: 0, connections: 0 });
  return { time, open, tell, sent: () => [...sent.values()] };
}

describe("pages that open rooms", () => {
  test("are shared evenly, though one worker says seconds later than the other what it has", () => {
    const { time, open, tell, sent } = startTwo();
    for (let round = 1; round <= 5; round++) {
      open(10);
      time.now += 1_500;
      tell(0, 5 * round, 5 * round);
      if (round === 4) tell(1, 10, 10);
    }
    expect(sent()).toEqual([25, 25]);
  });

  test("count for ten seconds where no room comes of them, and rooms that are over count no more", () => {
    const { time, open, tell, sent } = startTwo();
    open(10);
    tell(0, 5, 5);
    time.now += 10_001;
    open(5);
    expect(sent()).toEqual([5, 10]);
    tell(1, 5, 5);
    tell(0, 0, 5);
    open(5);
    expect(sent()).toEqual([10, 10]);
  });
});
