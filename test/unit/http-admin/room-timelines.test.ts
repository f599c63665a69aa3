/** What the admin page remembers of rooms: the newest 200 happenings of each, bounded in rooms and in memory. */
import { expect, test } from "@jest/globals";
import {
  MAX_CLOSED_TIMELINES,
  MAX_TIMELINE_ENTRIES,
  MAX_TIMELINES,
  RoomTimelines,
} from "../../../src/http/admin/room-timelines.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";

function timelines(limit = 1e9) {
  const clock = { time: 1_000 };
  const cuts: (() => void)[] = [];
  const budget = new MemoryBudget({ limit, schedule: (action) => cuts.push(action) });
  const all = new RoomTimelines({ wallClock: () => clock.time, budget: () => budget });
  return { all, clock, budget, cut: () => cuts.splice(0).forEach((action) => action()) };
}

const opened = { event: "roomOpened", name: "quiz" } as const;
const closed = { event: "roomClosed", why: "room_closed" } as const;
const joined = (player: number) => ({ event: "playerJoined", player }) as const;

test("row 74: a room's happenings are kept in order, with their times", () => {
  const { all, clock } = timelines();
  all.opened("BCDF", opened);
  clock.time = 2_000;
  all.add("BCDF", joined(1));
  all.closed("BCDF", closed);
  expect(all.get("BCDF")).toMatchObject({
    isClosed: true,
    dropped: 0,
    entries: [
      { event: "roomOpened", name: "quiz", at: 1_000, count: 1 },
      { event: "playerJoined", player: 1, at: 2_000, count: 1 },
      { event: "roomClosed", why: "room_closed", at: 2_000, count: 1 },
    ],
  });
  expect(all.get("GHJK")).toBeUndefined();
});

test("row 74: a crowd that is turned away is one entry, and does not push the others out", () => {
  const { all, clock } = timelines();
  all.opened("BCDF", opened);
  for (let count = 1; count <= 1_000; count++) {
    clock.time = count;
    all.add("BCDF", { event: "joinRefused", why: "room_full" });
  }
  all.add("BCDF", { event: "joinRefused", why: "room_locked" });
  expect(all.get("BCDF")?.entries).toMatchObject([
    { event: "roomOpened" },
    { event: "joinRefused", why: "room_full", count: 1_000, at: 1_000 },
    { event: "joinRefused", why: "room_locked", count: 1 },
  ]);
});

test("row 74: the newest 200 entries are kept, and it is said how many are not", () => {
  const { all } = timelines();
  all.opened("BCDF", opened);
  for (let player = 1; player <= MAX_TIMELINE_ENTRIES + 4; player++) all.add("BCDF", joined(player));
  const timeline = all.get("BCDF");
  expect(MAX_TIMELINE_ENTRIES).toBe(200);
  expect(timeline).toMatchObject({ dropped: 5 });
  expect(timeline?.entries).toHaveLength(200);
  expect(timeline?.entries[0]).toMatchObject(joined(5));
});

test("row 74: each change of a timeline has a new version, a room that is opened under an old code as well", () => {
  const { all } = timelines();
  all.opened("BCDF", opened);
  const first = all.get("BCDF")?.version;
  all.add("BCDF", joined(1));
  all.add("BCDF", joined(1));
  const second = all.get("BCDF")?.version;
  all.closed("BCDF", closed);
  all.opened("BCDF", opened);
  expect(all.get("BCDF")).toMatchObject({ isClosed: false, entries: [{ event: "roomOpened" }] });
  expect(new Set([first, second, all.get("BCDF")?.version]).size).toBe(3);
});

test("row 74: so many rooms are remembered, closed ones for less long", () => {
  const { all } = timelines();
  for (let room = 0; room < MAX_CLOSED_TIMELINES + 1; room++) {
    all.opened(`closed ${room}`, opened);
    all.closed(`closed ${room}`, closed);
  }
  expect([all.size, all.get("closed 0"), all.get("closed 1")?.isClosed]).toEqual([
    MAX_CLOSED_TIMELINES,
    undefined,
    true,
  ]);
  for (let room = 0; room < MAX_TIMELINES; room++) all.opened(`open ${room}`, opened);
  expect([all.size, all.get("closed 200"), all.get("open 0")?.isClosed]).toEqual([MAX_TIMELINES, undefined, false]);
  all.add("open 0", joined(1));
  all.opened("one more", opened);
  expect([all.size, all.get("open 0")?.entries.length, all.get("open 1")]).toEqual([MAX_TIMELINES, 2, undefined]);
});

test("row 74: what is remembered counts in the memory of the process, and goes where that is used up", () => {
  const { all, budget, cut } = timelines(100_000);
  all.opened("BCDF", opened);
  const { used } = budget;
  expect(used).toBeGreaterThan(0);
  for (let player = 0; player < 100; player++) all.add("BCDF", joined(player));
  expect(budget.used).toBeGreaterThan(used);
  for (let room = 0; budget.used <= 100_000; room++) all.opened(String(room), opened);
  cut();
  expect([budget.used, all.size]).toEqual([0, 0]);
  all.add("BCDF", joined(1));
  expect(all.get("BCDF")?.entries).toHaveLength(1);
  all.close();
  all.close();
  expect(budget.used).toBe(0);
});
