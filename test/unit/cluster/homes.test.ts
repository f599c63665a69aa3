/** What is at home at a node: leases, claims, records, take-overs and new lives, over the directory of one process. */
import { describe, expect, test } from "@jest/globals";
import { CodePool } from "../../../src/cluster/code-pool.ts";
import type { Tenant } from "../../../src/cluster/holding.ts";
import { Homes } from "../../../src/cluster/homes.ts";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { NodeLease } from "../../../src/cluster/node-lease.ts";
import type { Directory } from "../../../src/cluster/ports.ts";
import { companionEntry, companionOf } from "../../../src/cluster/room-keys.ts";
import { behind, cluster, pass, settled, startNode, TERMS } from "../../support/cluster/lease-nodes.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";

function tenant(text: string) {
  const losses: string[] = [];
  const it: Tenant & { text: string; losses: string[] } = {
    text,
    losses,
    record: () => new TextEncoder().encode(it.text),
    lost: () => void losses.push(it.text),
  };
  return it;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("what is at home at a node", () => {
  test("is found by the others, and by itself", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    await one.homes.claim(["code:BCDF"]);
    one.homes.settle("code:BCDF", tenant("a"));
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "elsewhere", home: one.lease.node });
    expect(await one.homes.find("code:BCDF")).toMatchObject({ at: "here" });
    expect(await other.homes.claim(["code:BCDF", "code:GHJK"])).toEqual(["code:GHJK"]);
  });

  test("can be claimed again where the answer to a claim was lost, though the directory had done it", async () => {
    const all = cluster();
    const one = await startNode(all);
    const { directory } = all;
    let isLost = true;
    const forgetful: Directory = {
      ...behind(all, { isCut: false }),
      async claim(node, entries) {
        const claimed = await directory.claim(node, entries);
        if (isLost) throw new Error("The answer was lost.");
        return claimed;
      },
    };
    const { clock } = all;
    const homes = new Homes({
      directory: forgetful,
      terms: TERMS,
      clock,
      node: () => one.lease.node,
      companionOf,
      onFailure() {},
    });
    await expect(homes.claim(["code:BCDF"], () => tenant("a"))).rejects.toThrow("lost");
    isLost = false;
    await settled();
    expect(await homes.claim(["code:BCDF"], () => tenant("b"))).toEqual(["code:BCDF"]);
    await pass(all.clock, 20_000);
    expect(await directory.find("code:BCDF")).toMatchObject({ home: one.lease.node, fence: 1 });
  });

  test("is taken over with its last record where its node is lost, by one node alone", async () => {
    const all = cluster();
    const [lost, one, other] = [await startNode(all), await startNode(all), await startNode(all)];
    const room = tenant("first");
    await lost.homes.claim(["code:BCDF"]);
    lost.homes.settle("code:BCDF", room);
    lost.homes.alias("code:BCDF", "session:tv");
    await pass(all.clock, 300);
    room.text = "second";
    lost.homes.changed("code:BCDF");
    await pass(all.clock, 300);
    lost.line.isCut = true;
    expect(await one.homes.find("code:BCDF")).toMatchObject({ at: "elsewhere", home: lost.lease.node });
    await pass(all.clock, TERMS.leaseMs + 100);
    expect(await one.homes.resolve("session:tv")).toBe("code:BCDF");
    const both = await Promise.all([one.homes.find("code:BCDF"), other.homes.find("code:BCDF")]);
    const orphaned = both.filter(({ at }) => at === "orphaned");
    expect(orphaned).toHaveLength(1);
    expect(orphaned.map((found) => (found.at === "orphaned" ? textOf(found.record) : ""))).toEqual(["second"]);
    expect(both.filter(({ at }) => at === "elsewhere")).toHaveLength(1);
  });

  test("ends where the node was cut off and another has taken it over; what nobody took goes on", async () => {
    const all = cluster();
    const [cutOff, other] = [await startNode(all), await startNode(all)];
    const [taken, left] = [tenant("taken"), tenant("left")];
    await cutOff.homes.claim(["code:BCDF", "code:GHJK"]);
    cutOff.homes.settle("code:BCDF", taken);
    cutOff.homes.settle("code:GHJK", left);
    await pass(all.clock, 300);
    const formerly = cutOff.lease.node;
    cutOff.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 100);
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "orphaned" });
    cutOff.homes.changed("code:BCDF"); // it plays on
    await pass(all.clock, 1_500);
    expect(taken.losses).toEqual([]);
    cutOff.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs);
    expect(taken.losses).toEqual(["taken"]);
    expect(left.losses).toEqual([]);
    expect(cutOff.lease.node).not.toBe(formerly);
    expect(await other.homes.find("code:GHJK")).toMatchObject({ at: "elsewhere", home: cutOff.lease.node });
  });

  test.each([
    ["is claimed again where the answer to the claim comes in a later life", false],
    ["ends where that answer comes in a later life, and another has taken it over", true],
  ])("%s", async (_, isTaken) => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const room = tenant("a");
    const late: { answer?: () => void } = {};
    one.line.answers = new Promise<void>((resolve) => (late.answer = resolve));
    const claiming = one.homes.claim(["code:BCDF"], () => room);
    await settled();
    const formerly = one.lease.node;
    one.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 100);
    if (isTaken) expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "orphaned" });
    one.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs);
    expect(one.lease.node).not.toBe(formerly);
    late.answer?.();
    await claiming;
    await pass(all.clock, 300);
    const home = isTaken ? other.lease.node : one.lease.node;
    expect(await all.directory.find("code:BCDF")).toMatchObject({ home, isAlive: true });
    expect(one.homes.has("code:BCDF")).toBe(!isTaken);
    expect(room.losses).toEqual(isTaken ? ["a"] : []);
  });

  test("is found as one's own where the answer to its taking over was lost", async () => {
    const all = cluster();
    const [lost, one] = [await startNode(all), await startNode(all)];
    await lost.homes.claim(["code:BCDF"], () => tenant("a"));
    await lost.lease.end();
    one.line.isAnswerLost = true;
    await expect(one.homes.find("code:BCDF")).rejects.toThrow("The answer was lost.");
    expect(await all.directory.find("code:BCDF")).toMatchObject({ home: one.lease.node, fence: 2 });
    const found = await one.homes.find("code:BCDF");
    expect(found.at === "orphaned" && textOf(found.record)).toBe("a");
    const room = tenant("b");
    one.homes.settle("code:BCDF", room);
    await pass(all.clock, 300);
    expect(await all.directory.find("code:BCDF")).toMatchObject({ record: new TextEncoder().encode("b") });
    expect(room.losses).toEqual([]);
  });

  test("is obtained as one's own where the answer to its taking over was lost", async () => {
    const all = cluster();
    const [lost, one] = [await startNode(all), await startNode(all)];
    await lost.homes.claim(["name:lobby"], () => tenant("a"));
    await lost.lease.end();
    one.line.isAnswerLost = true;
    await expect(one.homes.obtain("name:lobby")).rejects.toThrow("The answer was lost.");
    expect(await all.directory.find("name:lobby")).toMatchObject({ home: one.lease.node, fence: 2 });
    const room = tenant("b");
    expect(await one.homes.obtain("name:lobby", room)).toBe(true);
    one.homes.changed("name:lobby");
    await pass(all.clock, 300);
    expect(await all.directory.find("name:lobby")).toMatchObject({ record: new TextEncoder().encode("b"), fence: 2 });
  });

  test("is obtained where the answer to its claim was lost and it could not be let go, and stays", async () => {
    const all = cluster();
    const one = await startNode(all);
    one.line.areClaimsLost = true;
    const late: { answer?: () => void } = {};
    one.line.answers = new Promise<void>((resolve) => (late.answer = resolve));
    const claiming = one.homes.obtain("name:lobby");
    await settled();
    one.line.isCut = true; // so it cannot be let go
    late.answer?.();
    await expect(claiming).rejects.toThrow("The answer was lost.");
    await settled();
    one.line.isCut = false;
    one.line.areClaimsLost = false;
    expect(await all.directory.find("name:lobby")).toMatchObject({ home: one.lease.node });
    expect(await one.homes.obtain("name:lobby", tenant("a"))).toBe(true);
    await pass(all.clock, 20_000);
    expect(await all.directory.find("name:lobby")).toMatchObject({ home: one.lease.node });
  });

  test("is let go after a claim whose answer was lost, though another claim was under way when that was to be done", async () => {
    const all = cluster();
    const one = await startNode(all);
    const losing = { claimed: one.homes.claim(["name:lobby"]) };
    one.line.areClaimsLost = true;
    await expect(losing.claimed).rejects.toThrow("The answer was lost.");
    const late: { answer?: () => void } = {};
    one.line.answers = new Promise<void>((resolve) => (late.answer = resolve));
    one.line.isCut = true;
    await settled();
    one.line.isCut = false;
    const second = one.homes.claim(["name:lobby"]);
    second.catch(() => {});
    await pass(all.clock, 6_000);
    late.answer?.();
    await expect(second).rejects.toThrow("The answer was lost.");
    await pass(all.clock, 12_000);
    expect(await all.directory.find("name:lobby")).toBeUndefined();
  });

  test("is written again where it is another record, and from time to time where it is the same", async () => {
    const all = cluster();
    const one = await startNode(all);
    const room = tenant("a");
    await one.homes.claim(["code:BCDF"]);
    one.homes.settle("code:BCDF", room);
    await pass(all.clock, 300);
    for (let change = 0; change < 20; change++) {
      one.homes.changed("code:BCDF");
      await pass(all.clock, 300);
    }
    expect(one.line.saves).toBe(1);
    room.text = "b";
    one.homes.changed("code:BCDF");
    await pass(all.clock, 300);
    expect(one.line.saves).toBe(2);
    await pass(all.clock, TERMS.keepMs);
    expect(one.line.saves).toBeGreaterThan(3);
    expect(await all.directory.find("code:BCDF")).toMatchObject({ record: new TextEncoder().encode("b") });
  });

  test("is not taken over by a node that cannot go on with it, and is left to one that can", async () => {
    const all = cluster();
    const [lost, full, other] = [await startNode(all), await startNode(all), await startNode(all)];
    await lost.homes.claim(["code:BCDF"], () => tenant("a"));
    const home = lost.lease.node;
    await lost.lease.end();
    expect(await full.homes.find("code:BCDF", () => false)).toMatchObject({ at: "lost", home });
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "orphaned" });
    expect(await full.homes.find("code:BCDF", () => false)).toMatchObject({ at: "elsewhere", home: other.lease.node });
  });

  test("is forgotten where it was taken over and no room has come of it", async () => {
    const all = cluster();
    const [lost, other] = [await startNode(all), await startNode(all)];
    await lost.homes.claim(["code:BCDF"], () => tenant("a"));
    await lost.lease.end();
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "orphaned" });
    await pass(all.clock, TERMS.keepMs * 1.5);
    expect(other.homes.has("code:BCDF")).toBe(false);
    expect(await all.directory.find("code:BCDF")).toBeUndefined();
  });

  test("is put back by its home where the directory has lost everything, and is not called missing meanwhile", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    await one.homes.claim(["code:BCDF"]);
    one.homes.settle("code:BCDF", tenant("a"));
    one.homes.alias("code:BCDF", "session:tv");
    await pass(all.clock, TERMS.leaseMs * 2);
    expect(await other.homes.find("code:GHJK")).toEqual({ at: "nowhere" });
    all.directory = new MemoryDirectory(TERMS, all.clock);
    other.homes.doubt();
    expect(await other.homes.find("code:BCDF")).toEqual({ at: "unknown" });
    await pass(all.clock, TERMS.leaseMs);
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "elsewhere", home: one.lease.node });
    expect(await other.homes.resolve("session:tv")).toBe("code:BCDF");
    expect(await other.homes.find("code:GHJK")).toEqual({ at: "nowhere" });
  });

  test("is free again once it is released, and is no room while only its code is kept", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    await one.homes.claim(["code:BCDF", "name:lobby"]);
    one.homes.settle("code:BCDF", tenant("a"));
    one.homes.alias("code:BCDF", "session:tv");
    await pass(all.clock, 300);
    one.homes.vacate("code:BCDF");
    one.homes.release("name:lobby");
    await pass(all.clock, 300);
    expect(await other.homes.resolve("session:tv")).toBeUndefined();
    expect(await other.homes.claim(["code:BCDF", "name:lobby"])).toEqual(["name:lobby"]);
    one.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 3_000);
    expect(await other.homes.find("code:BCDF")).toEqual({ at: "nowhere" });
  });

  test("goes with what it belongs to: the code of a named room is not taken over before its name", async () => {
    const all = cluster();
    const [lost, other] = [await startNode(all), await startNode(all)];
    await lost.homes.claim(["name:lobby", "code:BCDF"]);
    lost.homes.settle("name:lobby", tenant("a"));
    lost.homes.settle("code:BCDF", { record: () => companionEntry("name:lobby"), lost: () => {} });
    await pass(all.clock, 300);
    lost.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 100);
    expect(await other.homes.find("code:BCDF")).toEqual({ at: "with", key: "name:lobby" });
    expect(await other.homes.find("name:lobby")).toMatchObject({ at: "orphaned" });
    expect(await other.homes.obtain("code:BCDF")).toBe(true);
  });

  test("stays for others where its node ends: they take it over at once", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const room = tenant("first");
    await one.homes.claim(["code:BCDF"]);
    one.homes.settle("code:BCDF", room);
    room.text = "last";
    await one.homes.close();
    one.homes.release("code:BCDF");
    await one.lease.end();
    const found = await other.homes.find("code:BCDF");
    expect(found.at === "orphaned" && textOf(found.record)).toBe("last");
  });
});

describe("what a home may be about to come back to", () => {
  test("is left to it for a lease by a node that was cut off too, is unknown meanwhile, and is taken over after that", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const room = tenant("a");
    await one.homes.claim(["code:BCDF", "code:GHJK"]); // a room may have opened under the second one meanwhile
    one.homes.settle("code:BCDF", room);
    await pass(all.clock, 300);
    one.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 100);
    other.homes.awaitHomes();
    for (const key of ["code:BCDF", "code:GHJK"]) expect(await other.homes.find(key)).toEqual({ at: "unknown" });
    await expect(other.homes.obtain("code:BCDF")).rejects.toThrow("has the time of a lease to come back");
    expect(await all.directory.find("code:BCDF")).toMatchObject({ isAlive: false, fence: 1 });
    await pass(all.clock, TERMS.leaseMs + 100);
    expect(await other.homes.find("code:GHJK")).toEqual({ at: "nowhere" });
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "orphaned" });
  });

  test("is not claimed in a directory that has begun anew, before its home has put it back", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const room = tenant("a");
    await one.homes.claim(["code:BCDF"], () => room);
    await pass(all.clock, 2 * TERMS.leaseMs);
    one.line.isCut = true;
    all.directory = new MemoryDirectory(TERMS, all.clock);
    await pass(all.clock, TERMS.leaseMs / 3);
    other.homes.doubt();
    other.homes.awaitHomes();
    const claiming = other.homes.claim(["code:BCDF", "code:GHJK"]);
    await expect(claiming).rejects.toThrow("The directory has begun anew");
    await expect(other.homes.obtain("code:BCDF")).rejects.toThrow("The directory has begun anew");
    one.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs);
    expect(await other.homes.claim(["code:BCDF", "code:GHJK"])).toEqual(["code:GHJK"]);
    expect(room.losses).toEqual([]);
  });

  test("is its own again where it comes back in that time", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const room = tenant("a");
    await one.homes.claim(["code:BCDF"]);
    one.homes.settle("code:BCDF", room);
    one.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 100);
    other.homes.awaitHomes();
    one.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs / 2);
    expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "elsewhere", home: one.lease.node });
    expect(room.losses).toEqual([]);
  });
});

describe("a pool of codes", () => {
  test("gives each code once over three nodes that draw the same ones", async () => {
    const all = cluster();
    const nodes = await Promise.all([startNode(all), startNode(all), startNode(all)]);
    const pools = nodes.map(({ homes }) => {
      let drawn = 0;
      return new CodePool({
        claim: async (codes) => (await homes.claim(codes.map((code) => `code:${code}`))).map((key) => key.slice(5)),
        release: (code) => homes.release(`code:${code}`),
        cooldownMs: 1_000,
        clock: all.clock,
        draw: () => {
          drawn += 1;
          return `${"BCDFGHJKMN".charAt(drawn % 10)}${"BCDFGHJKMN".charAt(Math.floor(drawn / 10) % 10)}BX`;
        },
        onFailure: (error) => {
          throw error;
        },
      });
    });
    const taken = await Promise.all(pools.flatMap((pool) => Array.from({ length: 20 }, async () => pool.takeLater())));
    const codes = taken.filter((code) => code !== undefined);
    expect(codes.length).toBeGreaterThan(40);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test("asks for as many codes as are likely to be free, and lets few go again", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const codes = Array.from({ length: 1_000 }, (_, index) => `code:${index}`);
    let [asked, released, drawn] = [0, 0, 0];
    const pool = new CodePool({
      claim(wanted) {
        asked += wanted.length;
        return one.homes.claim(wanted);
      },
      release(code) {
        released += 1;
        one.homes.release(code);
      },
      cooldownMs: 1_000,
      clock: all.clock,
      draw: () => codes[(drawn += 7) % codes.length] ?? "",
      onFailure: () => {},
    });
    const open = async (rooms: number): Promise<{ asked: number; released: number }> => {
      [asked, released] = [0, 0];
      for (let room = 0; room < rooms; room++) {
        expect(await pool.takeLater()).toBeDefined();
        await settled();
      }
      return { asked, released };
    };
    const whileFree = await open(50);
    expect(whileFree.released).toBe(0);
    expect(whileFree.asked).toBeLessThanOrEqual(60);
    await other.homes.claim(codes.filter((_, index) => index % 10 > 0));
    const whileFew = await open(30);
    expect(whileFew.asked).toBeGreaterThan(150);
    expect(whileFew.released).toBeLessThan(60);
  });

  test("has a code at hand once it is filled, gives a freed one to others after its cool-down, and waits no longer once it is closed", async () => {
    const all = cluster();
    const [one, other] = [await startNode(all), await startNode(all)];
    const pool = new CodePool({
      claim: (codes) => one.homes.claim(codes),
      release: (code) => one.homes.release(code),
      cooldownMs: 1_000,
      clock: all.clock,
      onFailure: () => {},
    });
    expect(pool.take()).toBeUndefined();
    await pool.fill();
    await settled();
    const code = pool.take() ?? "";
    expect(code).toMatch(/^[A-Z]{4}$/);
    pool.release(code);
    await pass(all.clock, 900);
    expect(await other.homes.claim([code])).toEqual([]);
    await pass(all.clock, 300);
    expect(await other.homes.claim([code])).toEqual([code]);
    one.line.isCut = true;
    pool.keepOnly(() => false);
    const waiting = pool.takeLater();
    pool.close();
    expect(await waiting).toBeUndefined();
  });
});

describe("a lease", () => {
  test("is renewed while its new life claims again what it had, however long that takes", async () => {
    const { clock, directory } = cluster();
    const finish = new AbortController();
    const begun: string[] = [];
    const lease = new NodeLease({
      directory,
      terms: TERMS,
      clock,
      draw: () => `slow-${begun.length + 1}`,
      async onLife(node) {
        begun.push(node);
        await new Promise((resolve) => finish.signal.addEventListener("abort", resolve));
      },
      onFailure: () => {},
    });
    void lease.start();
    await pass(clock, 4 * TERMS.leaseMs);
    expect(begun).toEqual(["slow-1"]);
    expect([lease.node, lease.isStanding]).toEqual(["slow-1", true]);
    finish.abort();
    await pass(clock, 2 * TERMS.leaseMs);
    expect(begun).toEqual(["slow-1"]);
  });
});

describe("a directory that cannot be reached", () => {
  test("is asked for codes by one try after another, not by more for each room that opens", async () => {
    const clock = new FakeClock();
    let tries = 0;
    const pool = new CodePool({
      claim: async () => {
        tries += 1;
        throw new Error("It cannot be reached.");
      },
      release: () => {},
      cooldownMs: 1_000,
      clock,
      onFailure: () => {},
    });
    for (let rooms = 0; rooms < 50; rooms++) {
      expect(pool.take()).toBeUndefined();
      await pass(clock, 100);
    }
    await pass(clock, 60_000);
    expect(tries).toBeLessThan(20);
    expect(clock.pending).toBe(1);
  });

  test("keeps no room waiting for a code for longer than five seconds", async () => {
    const all = cluster();
    const one = await startNode(all);
    one.line.isCut = true;
    const pool = new CodePool({
      claim: (codes) => one.homes.claim(codes),
      release: () => {},
      cooldownMs: 1_000,
      clock: all.clock,
      onFailure: () => {},
    });
    const codes: unknown[] = [];
    for (let rooms = 0; rooms < 3; rooms++) void Promise.resolve(pool.takeLater()).then((code) => codes.push(code));
    await pass(all.clock, 4_900);
    expect(codes).toEqual([]);
    await pass(all.clock, 200);
    expect(codes).toEqual([undefined, undefined, undefined]);
    one.line.isCut = false;
    void Promise.resolve(pool.takeLater()).then((code) => codes.push(code));
    await pass(all.clock, 5_000);
    expect(codes[3]).toMatch(/^[A-Z]{4}$/);
    pool.close();
  });

  test("keeps no timer for each key that could not be released", async () => {
    const all = cluster();
    const one = await startNode(all);
    const keys = Array.from({ length: 500 }, (_, index) => `name:${index}`);
    await one.homes.claim(keys);
    const before = all.clock.pending;
    one.line.isCut = true;
    for (const key of keys) one.homes.release(key);
    await pass(all.clock, 20_000);
    expect(all.clock.pending).toBeLessThanOrEqual(before + 1);
    one.line.isCut = false;
    await pass(all.clock, 6_000);
    expect(await (await startNode(all)).homes.claim(keys)).toHaveLength(500);
  });
});

test("a code that has been claimed again with its room does not cool down any more", async () => {
  const clock = new FakeClock();
  const released: string[] = [];
  const pool = new CodePool({
    claim: async (codes) => codes,
    release: (code) => void released.push(code),
    cooldownMs: 1_000,
    clock,
    onFailure: () => {},
  });
  pool.release("BCDF");
  pool.release("BCDF");
  expect(pool.claim("BCDF")).toBe(true);
  await pass(clock, 2_000);
  expect(released).toEqual([]);
  pool.release("BCDF");
  await pass(clock, 2_000);
  expect(released).toEqual(["BCDF"]);
});

test("one entry that cannot be claimed again keeps no other from it", async () => {
  const all = cluster();
  const one = await startNode(all);
  const broken: Tenant = {
    record: () => {
      throw new RangeError("The record is too large.");
    },
    lost: () => {},
  };
  await one.homes.claim(["code:BCDF", "code:GHJK"]);
  one.homes.settle("code:GHJK", tenant("kept"));
  await pass(all.clock, 300);
  one.line.isCut = true;
  one.homes.settle("code:BCDF", broken);
  await pass(all.clock, TERMS.leaseMs + 1_000);
  one.line.isCut = false;
  await pass(all.clock, TERMS.leaseMs);
  const other = await startNode(all);
  expect(await other.homes.find("code:GHJK")).toMatchObject({ at: "elsewhere", home: one.lease.node });
});

test("an entry that the directory alone has lost is put back by its home", async () => {
  const all = cluster();
  const [one, other] = [await startNode(all), await startNode(all)];
  const room = tenant("a");
  await one.homes.claim(["code:BCDF"]);
  one.homes.settle("code:BCDF", room);
  await pass(all.clock, 300);
  await all.directory.release(one.lease.node ?? "", "code:BCDF", 1);
  room.text = "b";
  one.homes.changed("code:BCDF");
  await pass(all.clock, 500);
  expect(room.losses).toEqual([]);
  expect(await other.homes.find("code:BCDF")).toMatchObject({ at: "elsewhere", home: one.lease.node });
});
