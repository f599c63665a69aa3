/** The lease of a node while what was at home there is claimed again, over a directory that takes its time. */
import { describe, expect, test } from "@jest/globals";
import type { Tenant } from "../../../src/cluster/holding.ts";
import { Homes } from "../../../src/cluster/homes.ts";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { NodeLease } from "../../../src/cluster/node-lease.ts";
import type { DirectoryEntry, NodeId } from "../../../src/cluster/ports.ts";
import { keyOfCode } from "../../../src/cluster/room-keys.ts";
import { RoomHomes } from "../../../src/cluster/room-homes.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";

const TERMS = { leaseMs: 3_000, keepMs: 600_000 };
const RECLAIM_MS = 500;
/** As many as take longer than three leases to claim again: 64 at one time. */
const MANY = 64 * 20;

/** A directory that answers a claim anew after half a second, and cannot be reached while it is cut off. */
class SlowDirectory extends MemoryDirectory {
  readonly #clock: FakeClock;
  isCut = false;

  constructor(clock: FakeClock) {
    super(TERMS, clock);
    this.#clock = clock;
  }

  override async renew(node: NodeId): Promise<boolean> {
    if (this.isCut) throw new Error("The directory cannot be reached.");
    return super.renew(node);
  }

  override async reclaim(...words: Parameters<MemoryDirectory["reclaim"]>): Promise<DirectoryEntry | undefined> {
    await new Promise<void>((resolve) => this.#clock.after(RECLAIM_MS, resolve));
    return super.reclaim(...words);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.pass(100);
    await settled();
  }
}

function slowDirectory() {
  const clock = new FakeClock();
  return { clock, directory: new SlowDirectory(clock) };
}

function leaseIn({ clock, directory }: ReturnType<typeof slowDirectory>, onLife: (life: NodeId) => Promise<void>) {
  const failures: unknown[] = [];
  let lives = 0;
  const lease = new NodeLease({
    directory,
    terms: TERMS,
    clock,
    draw: () => `life-${(lives += 1)}`,
    onLife,
    onFailure: (error) => void failures.push(error),
  });
  return { lease, failures };
}

/** Something that is done when the test says so. */
function work() {
  const ends: { resolve?: () => void; reject?: (error: Error) => void } = {};
  const done = new Promise<void>((resolve, reject) => {
    Object.assign(ends, { resolve, reject });
  });
  return { done, end: () => ends.resolve?.(), fail: (error: Error) => ends.reject?.(error) };
}

describe("a lease", () => {
  test("of many rooms that take longer than itself to claim again is not lost by that, nor is a room", async () => {
    const { clock, directory } = slowDirectory();
    const homes: Homes = new Homes({
      directory,
      terms: TERMS,
      clock,
      node: () => lease.node,
      companionOf: () => undefined,
      onFailure: () => {},
    });
    const { lease, failures } = leaseIn({ clock, directory }, () => homes.reclaim());
    await lease.start();
    const keys = Array.from({ length: MANY }, (_, index) => `code:${index}`);
    const lost: string[] = [];
    const tenantOf = (key: string): Tenant => ({ record: () => new Uint8Array(1), lost: () => void lost.push(key) });
    expect(await homes.claim(keys, tenantOf)).toHaveLength(MANY);
    directory.isCut = true;
    await pass(clock, TERMS.leaseMs + 100);
    directory.isCut = false;
    failures.length = 0;
    await pass(clock, 6 * TERMS.leaseMs);
    expect(lease.node).toBe("life-2");
    const entries = await Promise.all(keys.map((key) => directory.find(key)));
    expect(new Set(entries.map((entry) => entry?.home))).toEqual(new Set(["life-2"]));
    expect([lost, failures]).toEqual([[], []]);
  });

  test("is followed by the work for a later life, at once where the work for the one before is over or has failed", async () => {
    const told: string[] = [];
    const works = [work(), work(), work()];
    const { clock, directory } = slowDirectory();
    const { lease, failures } = leaseIn({ clock, directory }, (life) => {
      told.push(life);
      return works[told.length - 1]?.done ?? Promise.resolve();
    });
    const lapse = async (): Promise<void> => {
      directory.isCut = true;
      await pass(clock, TERMS.leaseMs + 100);
      directory.isCut = false;
      await pass(clock, TERMS.leaseMs / 3);
    };
    const starting = lease.start();
    await lapse();
    expect([lease.node, told]).toEqual(["life-2", ["life-1"]]);
    works[0]?.end();
    await settled();
    expect(told).toEqual(["life-1", "life-2"]);
    await lapse();
    failures.length = 0;
    works[1]?.fail(new Error("The lease was over."));
    await settled();
    expect(told).toEqual(["life-1", "life-2", "life-3"]);
    expect(failures).toEqual([new Error("The lease was over.")]);
    works[2]?.end();
    await starting;
    await pass(clock, 2 * TERMS.leaseMs);
    expect(told).toHaveLength(3);
  });

  test("is followed by the work again after the next renewal, where that has failed", async () => {
    let calls = 0;
    const { clock, directory } = slowDirectory();
    const { lease, failures } = leaseIn({ clock, directory }, async () => {
      calls += 1;
      if (calls === 1) throw new Error("Not now.");
    });
    await lease.start();
    expect([calls, failures]).toEqual([1, [new Error("Not now.")]]);
    await pass(clock, 2 * TERMS.leaseMs);
    expect([calls, lease.node]).toEqual([2, "life-1"]);
  });

  test("is asked for again at once where the bus is back while it is being asked for", async () => {
    const { clock, directory } = slowDirectory();
    const asked: ReturnType<typeof work>[] = [];
    const renewals = { isSlow: false };
    const lease = new NodeLease({
      directory: {
        enrol: (node) => directory.enrol(node),
        resign: (node) => directory.resign(node),
        async renew(node) {
          const one = work();
          asked.push(one);
          if (renewals.isSlow) await one.done;
          return directory.renew(node);
        },
      },
      terms: TERMS,
      clock,
      onLife: async () => {},
      onFailure: () => {},
    });
    await lease.start();
    renewals.isSlow = true;
    await pass(clock, TERMS.leaseMs / 3);
    expect(asked).toHaveLength(1);
    lease.check();
    asked[0]?.fail(new Error("The connection was lost."));
    await settled();
    await pass(clock, 100);
    expect(asked).toHaveLength(2);
    asked[1]?.end();
    await pass(clock, 100);
    expect(asked).toHaveLength(2);
    await lease.end();
  });

  test("is given up at once, also while that work waits for a bus that is away", async () => {
    const { clock, directory } = slowDirectory();
    const { lease } = leaseIn({ clock, directory }, () => work().done);
    void lease.start();
    await settled();
    expect(await directory.nodes()).toEqual(["life-1"]);
    await lease.end();
    expect(await directory.nodes()).toEqual([]);
  });
});

test("the code of a room that was lost, and is here again before it has cooled down, is not let go", async () => {
  const clock = new FakeClock();
  const directory = new MemoryDirectory(TERMS, clock);
  const node = "node";
  await directory.enrol(node);
  const keepLease = async (): Promise<void> => {
    for (let passed = 0; passed < 6_000; passed += 1_000) {
      await directory.renew(node);
      await pass(clock, 1_000);
    }
  };
  const homes = new Homes({
    directory,
    terms: TERMS,
    clock,
    node: () => node,
    companionOf: () => undefined,
    onFailure: () => {},
  });
  const rooms = new RoomHomes({
    homes,
    clock,
    codeCooldownMs: 5_000,
    leaseMs: TERMS.leaseMs,
    wasCutOff: () => false,
    onFailure: () => {},
    onNotReopened: () => {},
  });
  const [lost = "", over = ""] = [await rooms.codes.takeLater(), await rooms.codes.takeLater()];
  for (const code of [lost, over]) rooms.codes.release(code);
  homes.settle(keyOfCode(lost), { record: () => new Uint8Array(1), lost: () => {} });
  await keepLease();
  expect(await directory.find(keyOfCode(lost))).toMatchObject({ home: node });
  expect(await directory.find(keyOfCode(over))).toBeUndefined();
  rooms.codes.close();
});
