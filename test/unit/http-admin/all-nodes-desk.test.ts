/** What the admin page shows of the rooms of all nodes. */
import { expect, test } from "@jest/globals";
import { NodeDesk } from "../../../src/http/admin/admin-desk.ts";
import { AllNodesDesk } from "../../../src/http/admin/all-nodes-desk.ts";
import { createAdminView } from "../../../src/http/admin/admin-view.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { RoomsOnNodes } from "../../support/room/rooms-on-nodes.ts";

const NOON = Date.UTC(2026, 10, 29, 12);

function setUp() {
  const world = new RoomsOnNodes();
  const budget = unlimitedMemory();
  const addNode = (players: number) => {
    const { calls, open, own, homes } = world.add();
    const wallClock = (): number => NOON + open.clock.now();
    const counts = () => ({ rooms: open.rooms.list().length, players, connections: players + 1, memory: 10 });
    const view = createAdminView({ now: () => open.clock.now(), wallClock, budget: () => budget, counts });
    const node = new NodeDesk({
      rooms: own,
      playerNames: () => new Map([[1, "Ann"]]),
      totals: () => ({ ...counts(), away: 1, memory: { used: 10, limit: 100, cuts: 0 } }),
      ...view,
      version: "1.2.3",
      wallClock,
    });
    return { calls, open, view, desk: new AllNodesDesk(node, { homes, calls }) };
  };
  return { world, one: addNode(2), two: addNode(3) };
}

const EVERYTHING = { since: Number.NaN, search: "" };

test("row 74: the page of all rooms lists those of all nodes, the oldest first, with the sums of all", async () => {
  const { world, one, two } = setUp();
  two.open.rooms.create("relay", { name: "garden" });
  world.pass(10);
  one.open.rooms.create("relay", { name: "hall" });
  const { rooms, totals, isAll } = await one.desk.overview(EVERYTHING);
  expect(rooms.map(({ name, rate }) => [name, rate.frames])).toEqual([
    ["garden", 0],
    ["hall", 0],
  ]);
  expect([totals, isAll]).toEqual([
    { rooms: 2, players: 5, away: 2, connections: 7, memory: { used: 20, limit: 200, cuts: 0 } },
    true,
  ]);
  const found = await one.desk.overview({ ...EVERYTHING, search: "gard" });
  expect(found.rooms.map(({ name }) => name)).toEqual(["garden"]);
});

test("row 74: samples of all nodes that were taken at about the same time are added up, and each is shown once", async () => {
  const { world, one, two } = setUp();
  for (let count = 0; count < 3; count++) {
    world.pass(1_100);
    two.view.history.sample();
    world.pass(900);
    one.view.history.sample();
  }
  const { samples } = await one.desk.overview(EVERYTHING);
  expect(samples.map(({ players, memory }) => [players, memory])).toEqual([
    [5, 20],
    [5, 20],
    [5, 20],
  ]);
  const [, second] = samples;
  expect((await one.desk.overview({ ...EVERYTHING, since: second?.at ?? 0 })).samples).toHaveLength(1);
});

test("row 74: a room of another node is shown with its players and its timeline, and remembered when it is over", async () => {
  const { one, two } = setUp();
  const { observer } = two.view;
  observer.roomOpened?.({
    room: "garden",
    name: "garden",
    traffic: { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 },
  });
  two.open.rooms.create("relay", { name: "garden" });
  expect(await one.desk.room("name:garden", "")).toMatchObject({
    room: { name: "garden", rate: { frames: 0, bytes: 0 } },
    names: { 1: "Ann" },
    timeline: { entries: [{ event: "roomOpened" }] },
  });
  expect(await one.desk.room("name:garden", "1")).not.toHaveProperty("timeline");
  two.open.rooms.delete("garden");
  expect(await one.desk.room("name:garden", "")).toMatchObject({ room: null, timeline: { entries: [{}] } });
  expect(await one.desk.room("name:nowhere", "")).toBeUndefined();
});

test("row 74: the page shows this node's rooms while no other answers", async () => {
  const { world, one, two } = setUp();
  one.open.rooms.create("relay", { name: "hall" });
  two.calls.isReached = false;
  world.isDirectoryThere = false;
  expect((await one.desk.overview(EVERYTHING)).rooms).toHaveLength(1);
  expect(await one.desk.room("name:hall", "")).toMatchObject({ room: { name: "hall" } });
  expect(await one.desk.room("name:nowhere", "")).toBeUndefined();
});
