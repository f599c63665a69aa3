/** What the HTTP API and the admin page know of the rooms of a node. */
import { expect, test } from "@jest/globals";
import { NodeRooms } from "../../../src/http/api/node-rooms.ts";
import { Recordings } from "../../../src/recording/recordings.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

function nodeRooms() {
  const open = new FakeOpenRooms();
  const wall = { ms: Date.UTC(2026, 10, 29, 20) };
  const clock = { now: () => open.clock.now() + 0.4, time: () => wall.ms };
  const rooms = new NodeRooms({
    hub: open.fake.hub,
    openRooms: open.rooms,
    clock,
    recordings: new Recordings({ clock: open.clock, budget: unlimitedMemory() }),
    publicUrl: () => "http://tv",
  });
  return { open, wall, rooms };
}

test("P9.3 a room's date is the same in all answers, though the wall clock is in whole milliseconds", () => {
  const { open, wall, rooms } = nodeRooms();
  open.rooms.create("relay", { name: "lobby" });
  const since = () => rooms.get("name:lobby")?.summary().since;
  const first = since();
  expect(first).toBe("2026-11-29T20:00:00.000Z");
  for (const [passed, shown] of [
    [0.3, 0],
    [0.3, 1],
    [0.3, 1],
    [999.1, 1_000],
  ] as const) {
    open.clock.pass(passed);
    wall.ms = Date.UTC(2026, 10, 29, 20) + shown;
    expect(since()).toBe(first);
  }
});

test("P9.3 a room's date follows a wall clock that is set, as on a machine that knew no time when it began", () => {
  const { open, wall, rooms } = nodeRooms();
  open.rooms.create("relay", { name: "lobby" });
  wall.ms += 86_400_000;
  expect(rooms.get("name:lobby")?.summary().since).toBe("2026-11-30T20:00:00.000Z");
});

test("row 74: a search finds the oldest rooms whose code, name or kind has the text, and says whether there are more", () => {
  const { open, rooms } = nodeRooms();
  for (const name of ["Garden", "hall", "garden party"]) open.rooms.create("relay", { name });
  const { code } = open.fake.open();
  const find = (text: string, limit = 10, within = 10) => {
    const found = rooms.search({ text, limit, within });
    return [found.rooms.map(({ name }) => name), found.isAll];
  };
  expect(find("garden")).toEqual([["Garden", "garden party"], true]);
  expect(find("garden", 1)).toEqual([["Garden"], false]);
  expect(find("garden", 2)).toEqual([["Garden", "garden party"], true]);
  expect(find("garden", 10, 2)).toEqual([["Garden"], false]);
  expect(find("")).toEqual([["Garden", "hall", "garden party", "game"], true]);
  expect(find("relay")).toEqual([["Garden", "hall", "garden party"], true]);
  expect(find(code.toLowerCase())).toEqual([["game"], true]);
  expect(find("nowhere")).toEqual([[], true]);
});
