/** The simulation of many nodes: it can be repeated, it keeps the promises of the cluster, and its assumptions are those of the code. */
import { describe, expect, test } from "@jest/globals";
import { encodeRoomRecord } from "../../../src/hub/room-record-codec.ts";
import { countBusTraffic, placeAtRandom } from "../../../simulation/bus-traffic.ts";
import { countCodeCost, usableCodes } from "../../../simulation/code-costs.ts";
import { Rate, rounded, Samples, tableOf } from "../../../simulation/figures.ts";
import type { Recovery } from "../../../simulation/loss.ts";
import { DEFAULTS, withNodes, type WorldParameters } from "../../../simulation/parameters.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";
import { World } from "../../../simulation/world.ts";

const SMALL: WorldParameters = { ...DEFAULTS, nodes: 12, rooms: 240, phones: 2_000 };

/** A directory that is so many times as slow. */
const SLOWER = 200;

async function filled(parameters: WorldParameters = SMALL): Promise<World> {
  const world = new World(parameters);
  await world.fill();
  return world;
}

async function afterLosing(count: number, parameters?: WorldParameters): Promise<Recovery & { world: World }> {
  const world = await filled(parameters);
  world.live();
  return { ...(await world.loseNodes(count)), world };
}

/** What a run comes to, as numbers alone. */
function figuresOf({ world, load, ...figures }: Recovery & { world: World }): unknown {
  return { ...figures, calls: [...load.calls], answers: load.answerMs.spread, now: world.clock.now() };
}

describe("a simulated cluster", () => {
  test("has the same figures with the same seed, and others with another", async () => {
    const [one, again, other] = [
      await afterLosing(3),
      await afterLosing(3),
      await afterLosing(3, { ...SMALL, seed: SMALL.seed + 1 }),
    ].map(figuresOf);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test("does not recover faster where more nodes are lost", async () => {
    const recoveries = [await afterLosing(1), await afterLosing(4), await afterLosing(9)];
    for (const [index, more] of recoveries.entries()) {
      const fewer = recoveries[index - 1];
      if (fewer === undefined) continue;
      expect(more.lostRooms).toBeGreaterThan(fewer.lostRooms);
      expect(more.wholeRooms.max).toBeGreaterThanOrEqual(fewer.wholeRooms.max);
      expect(more.takenMean).toBeGreaterThan(fewer.takenMean);
    }
  });

  test("opens every room of lost nodes again, once, and brings every peer back", async () => {
    const { world, stillAway, turnedAway, lapsedLeases, lostRooms, rooms } = await afterLosing(5);
    expect({ stillAway, turnedAway, lapsedLeases }).toEqual({ stillAway: 0, turnedAway: 0, lapsedLeases: 0 });
    expect(rooms.count).toBe(lostRooms);
    expect(world.splitRooms()).toEqual([]);
  });

  test("needs the lease and a reconnect to recover, not much more", async () => {
    const { rooms, wholeRooms } = await afterLosing(2);
    expect(rooms.max).toBeGreaterThan((SMALL.leaseMs * 2) / 3);
    expect(wholeRooms.p99).toBeLessThan(SMALL.leaseMs + 2_000);
  });

  test("keeps the leases of all that live where the directory has seconds of look-ups to answer", async () => {
    const slow = Object.fromEntries(Object.entries(DEFAULTS.callUs).map(([name, us]) => [name, us * SLOWER]));
    const { stillAway, lapsedLeases, load } = await afterLosing(4, {
      ...SMALL,
      phones: 5_000,
      callUs: { ...DEFAULTS.callUs, ...slow },
    });
    expect(load.answerMs.quantile(1)).toBeGreaterThan(SMALL.leaseMs / 2);
    expect({ stillAway, lapsedLeases }).toEqual({ stillAway: 0, lapsedLeases: 0 });
  });

  test("has no room at two nodes, a lease after a node that was cut off is back", async () => {
    const world = await filled();
    world.live();
    const [cut] = world.nodes;
    if (cut === undefined) throw new Error("There is a node.");
    const had = cut.rooms.size;
    world.cut(cut, 3 * SMALL.leaseMs);
    await world.clock.pass(3 * SMALL.leaseMs - 1);
    expect(world.splitRooms().length).toBeGreaterThan(0); // it plays on, and does not know
    await world.clock.pass(SMALL.leaseMs);
    expect(world.splitRooms()).toEqual([]);
    expect(cut.rooms.size).toBeLessThan(had);
    expect(world.openRooms).toBe(SMALL.rooms);
  });

  test("asks the directory for one renewal a node, three times in a lease", async () => {
    const world = await filled();
    const { calls } = await world.watch(10 * SMALL.leaseMs);
    expect(calls.get("renew")).toBeGreaterThan(29 * SMALL.nodes);
    expect(calls.get("renew")).toBeLessThanOrEqual(30 * SMALL.nodes);
  });
});

describe("the bus of a simulated cluster", () => {
  test("carries the phones that are at another node than their room, which are all but one in so many", async () => {
    const { linkedPhones } = countBusTraffic(SMALL, await filled());
    expect(linkedPhones / SMALL.phones).toBeCloseTo(1 - 1 / SMALL.nodes, 1);
  });

  test("has fewer messages where turns are longer, and none of links where there is one node", () => {
    const placement = placeAtRandom(SMALL);
    const [short, long] = [1, 50].map((turnMs) => countBusTraffic({ ...SMALL, turnMs }, placement));
    expect(long?.messages).toBeLessThan(short?.messages ?? 0);
    expect(long?.frames).toBe(short?.frames);
    const alone = withNodes(SMALL, 1);
    expect(countBusTraffic(alone, placeAtRandom(alone))).toMatchObject({ linkedPhones: 0, messages: 0, pulses: 0 });
  });
});

describe("the codes of a simulated cluster", () => {
  test("cost more, the more of them are in use", async () => {
    const [few, many] = [await countCodeCost(SMALL, 10_000), await countCodeCost(SMALL, 75_000)];
    expect(many.claims).toBeGreaterThan(few.claims);
    expect([few.without, many.without]).toEqual([0, 0]);
  });

  test("are as many as the documents say", () => {
    expect(usableCodes().length).toBe(78_575);
  });
});

test("the record that it takes for granted is one of a room with eight seats", () => {
  const record = encodeRoomRecord({
    sort: "host",
    code: "BCDF",
    name: "quiz",
    joinUrl: "https://play.example.org/quiz/#CODE",
    maxPlayers: 8,
    isLocked: true,
    bans: [],
    hasChangedGame: false,
    lastPlayer: 8,
    openedAt: 1_800_000_000_000,
    address: "203.0.113.7",
    seats: Array.from({ length: 8 }, (_, index) => ({
      player: index + 1,
      sessionHash: String(index).repeat(43),
      visitor: "203.0.113.7",
      name: "Bartholomew",
      isSpectator: false,
      takenAt: 1_800_000_000_000,
    })),
    host: { sessionHash: "h".repeat(43), encoder: "json", states: "full" },
    saved: "s".repeat(512),
    savedKeys: [],
  });
  expect(record.ok && record.value.length).toBeGreaterThan(0.9 * DEFAULTS.recordBytes);
  expect(record.ok && record.value.length).toBeLessThan(1.1 * DEFAULTS.recordBytes);
});

describe("virtual time", () => {
  test("passes from alarm to alarm, in order, with what promises cause in between", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const note = (what: string) => () => void seen.push(`${what} at ${Math.round(clock.now())}`);
    clock.after(30, note("late"));
    clock.after(10, () => void Promise.resolve().then(() => clock.after(10, note("caused"))));
    clock.after(10, note("second"));
    clock.after(15, note("never"))();
    await clock.pass(25);
    expect(seen).toEqual(["second at 10", "caused at 20"]);
    await clock.pass(5);
    expect(seen.at(-1)).toBe("late at 30");
  });

  test("stops where it is told that all is over", async () => {
    const clock = new VirtualClock();
    let isOver = false;
    clock.after(10, () => (isOver = true));
    await clock.pass(1_000, () => isOver);
    expect(Math.round(clock.now())).toBe(10);
  });
});

describe("figures", () => {
  test("are quantiles of all samples, and the rate of the busiest moment", () => {
    const samples = new Samples();
    for (let value = 2_000; value > 0; value--) samples.add(value);
    expect(samples.spread).toEqual({ count: 2_000, p50: 1_000, p99: 1_980, max: 2_000 });
    expect(new Samples().spread).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
    const rate = new Rate();
    for (const at of [1, 2, 99, 100]) rate.add(at);
    expect([rate.count, rate.peak]).toEqual([4, 30]);
  });

  test("are written with three digits", () => {
    expect([0, 0.0123, 4.567, 98.76, 123_456].map(rounded)).toEqual(["0", "0.0123", "4.57", "98.8", "123,000"]);
    expect(tableOf(["a", "b"], [["x", 1]])).toBe("| a | b |\n| --- | ---: |\n| x | 1 |");
  });
});
