/** The rooms of all nodes, as API and admin page see them from any. */
import { expect, test } from "@jest/globals";
import type { RoomHandle } from "../../../src/http/api/rooms-view.ts";
import { RoomUnreachableError } from "../../../src/http/all-rooms/room-unreachable.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { RoomsOnNodes, type NodeWithRooms } from "../../support/room/rooms-on-nodes.ts";

function setUp() {
  const world = new RoomsOnNodes();
  return { world, one: world.add(), two: world.add(), three: world.add() };
}

async function roomAt({ all }: NodeWithRooms, id: string): Promise<RoomHandle> {
  const room = await all.get(id);
  if (room === undefined) throw new Error(`there is no room ${id}`);
  return room;
}

/** The names on all pages of this size; `between` is called before each page but the first. */
async function listed({ all }: NodeWithRooms, limit: number, between: () => void = () => undefined) {
  const names: (string | null)[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 100; pages++) {
    const page = await all.list({ after, limit });
    if (page === undefined) throw new Error("the cursor was refused");
    names.push(...page.rooms.map(({ name }) => name));
    if (page.next === undefined) return names;
    after = page.next;
    between();
  }
  throw new Error("the list has no end");
}

async function create({ all }: NodeWithRooms, name: string) {
  const created = await all.create({ kind: "relay", name });
  return created.ok ? "created" : created.failure;
}

function openTwelve({ world, one, two, three }: ReturnType<typeof setUp>): readonly string[] {
  return Array.from({ length: 12 }, (_, count) => {
    const name = `room ${count}`;
    ([one, two, three][count % 3] ?? one).open.rooms.create("relay", { name });
    world.pass(1);
    return name;
  });
}

test("P9.3 all rooms of all nodes are listed, the oldest first, whichever node is asked and however long the pages are", async () => {
  const nodes = setUp();
  const names = openTwelve(nodes);
  for (const node of [nodes.one, nodes.two, nodes.three])
    for (const limit of [1, 5, 12, 100]) expect(await listed(node, limit)).toEqual(names);
});

test("P9.3 rooms that open at the same moment at several nodes are each listed once", async () => {
  const { one, two, three } = setUp();
  for (const { open } of [one, two, three])
    for (let count = 0; count < 5; count++) open.rooms.create("relay", { name: `${open.rooms.list().length}` });
  const names = await listed(two, 2);
  expect([names.length, names.filter((name) => name === "4").length]).toEqual([15, 3]);
});

test("P9.3 rooms that open or end meanwhile make no other be listed twice or left out", async () => {
  const nodes = setUp();
  const names = openTwelve(nodes);
  const { world, one, two, three } = nodes;
  let turn = 0;
  const all = await listed(one, 2, () => {
    turn += 1;
    if (turn === 1) one.open.rooms.delete("room 0");
    if (turn === 2) three.open.rooms.delete("room 11");
    world.pass(1);
    two.open.rooms.create("relay", { name: `late ${turn}` });
  });
  expect(all.filter((name) => name?.startsWith("room"))).toEqual(names.slice(0, 11));
  expect(new Set(all).size).toBe(all.length);
});

test("P9.3 a cursor goes on at another node, and one of nothing is refused", async () => {
  const nodes = setUp();
  const names = openTwelve(nodes);
  const first = await nodes.one.all.list({ after: undefined, limit: 5 });
  const second = await nodes.three.all.list({ after: first?.next, limit: 100 });
  expect([...(first?.rooms ?? []), ...(second?.rooms ?? [])].map(({ name }) => name)).toEqual(names);
  for (const after of ["", "7", "1.2", "1.2.", "a.b.c", "1.2.ü"])
    expect(await nodes.one.all.list({ after, limit: 5 })).toBeUndefined();
});

test("P9.3 a list says how many nodes did not answer", async () => {
  const nodes = setUp();
  openTwelve(nodes);
  nodes.two.calls.isReached = false;
  const page = await nodes.one.all.list({ after: undefined, limit: 100 });
  expect([page?.rooms.length, page?.missing]).toEqual([8, 1]);
  expect(await nodes.one.all.search({ text: "room", limit: 100, within: 100 })).toMatchObject({ isAll: false });
});

test("row 74: a search finds the oldest rooms of all nodes that fit", async () => {
  const nodes = setUp();
  openTwelve(nodes);
  const find = async (text: string, limit: number) => {
    const { rooms, isAll } = await nodes.two.all.search({ text, limit, within: 1_000 });
    return [rooms.map(({ name }) => name), isAll];
  };
  expect(await find("room 1", 10)).toEqual([["room 1", "room 10", "room 11"], true]);
  expect(await find("room 1", 2)).toEqual([["room 1", "room 10"], false]);
});

test("P9.3 a room of another node is found by its code and by its name, with its players", async () => {
  const { one, two } = setUp();
  const { room, code } = two.open.fake.open();
  room.join(new FakePort(), { isReliable: false, name: "Ann" });
  two.open.rooms.create("relay", { name: "lobby" });
  expect(await (await roomAt(one, code)).summary()).toMatchObject({ code, kind: "host", players: 1 });
  expect(await (await roomAt(one, code.toLowerCase())).details()).toMatchObject({
    joinUrl: `http://tv/${code}`,
    players: [{ name: "Ann", role: "player", away: false }],
  });
  for (const id of ["lobby", "name:lobby"])
    expect(await (await roomAt(one, id)).summary()).toMatchObject({ name: "lobby", kind: "relay" });
  expect(await one.all.get("name:nowhere")).toBeUndefined();
  expect(await one.all.get("BCDF")).toBeUndefined();
});

test("P9.2 what is said at another node goes to the players at the room's home, and is counted there", async () => {
  const { one, two } = setUp();
  const { room, code } = two.open.fake.open();
  const [ann, bob] = [new FakePort(), new FakePort()];
  room.join(ann, { isReliable: false, sessionHash: "ann" });
  const joined = room.join(bob, { isReliable: false, sessionHash: "bob" });
  if (!joined.ok) throw new Error(joined.failure);
  for (const port of [ann, bob]) port.take();
  const remote = await roomAt(one, code);
  const json = new TextEncoder().encode('{"n":12345678901234567890}');
  expect(await remote.say({ content: { is: "data", data: { n: 1 }, json } })).toEqual({ delivered: 2, kept: 0 });
  joined.value.gone("cut");
  expect(await remote.say({ content: { is: "text", text: "Hello é" } })).toEqual({ delivered: 1, kept: 1 });
  expect(await remote.say({ content: { is: "bytes", bytes: Uint8Array.of(0, 255) }, to: [2] })).toEqual({
    delivered: 0,
    kept: 1,
  });
  expect(ann.take()).toEqual(['{"n":12345678901234567890}', "Hello é"]);
});

test("P9.5 a room of another node is locked, opened and ended, and its players are kicked", async () => {
  const { one, two } = setUp();
  const { room, code } = two.open.fake.open();
  const ann = new FakePort();
  room.join(ann, { isReliable: false });
  const remote = await roomAt(one, code);
  await remote.lock();
  expect(room.isLocked).toBe(true);
  await remote.open();
  expect(room.isLocked).toBe(false);
  expect([await remote.kick(7, {}), await remote.kick(1, { reason: "Good night." })]).toEqual([false, true]);
  expect(room.playerCount).toBe(0);
  await remote.close();
  expect(two.open.fake.hub.find(code)).toBeUndefined();
});

test("P9.5 a room that has ended meanwhile is gone, and one whose node does not answer is unanswered", async () => {
  const { one, two } = setUp();
  const { code } = two.open.fake.open();
  const remote = await roomAt(one, code);
  two.calls.isReached = false;
  await expect(remote.summary()).rejects.toEqual(new RoomUnreachableError("unanswered"));
  two.calls.isReached = true;
  await (await roomAt(two, code)).close();
  await expect(remote.lock()).rejects.toEqual(new RoomUnreachableError("gone"));
});

test("P9.3 where a room is cannot be known while the directory is away, but for those that are here", async () => {
  const { world, one, two } = setUp();
  two.open.rooms.create("relay", { name: "lobby" });
  world.isDirectoryThere = false;
  await expect(one.all.get("name:lobby")).rejects.toEqual(new RoomUnreachableError("away"));
  expect(await (await roomAt(two, "name:lobby")).summary()).toMatchObject({ name: "lobby" });
});

test("P9.4 a name that exists at another node is taken", async () => {
  const { world, one, two } = setUp();
  expect(await create(one, "lobby")).toBe("created");
  expect(await create(two, "lobby")).toEqual({ why: "exists", message: 'There is a room "lobby" already.' });
  expect(await create(one, "lobby")).toMatchObject({ why: "exists" });
  expect(await create(two, "BCDF")).toMatchObject({ why: "invalid" });
  expect(await Promise.all([create(one, "garden"), create(two, "garden")])).toEqual([
    "created",
    expect.objectContaining({ why: "exists" }),
  ]);
  world.isDirectoryThere = false;
  expect(await create(two, "hall")).toMatchObject({ why: "no_room_left" });
});

test.each([
  ["room", { ask: "explode", id: "lobby" }],
  ["room", { ask: "kick", id: "lobby" }],
  ["room", { ask: "say", id: "lobby", content: { is: "bytes", base64: "?" } }],
  ["room", { ask: "say", id: "lobby", content: { is: "data", json: "{" } }],
  ["rooms.after", { after: null, limit: 1e9 }],
  ["rooms.summaries", { numbers: "all" }],
  ["rooms.search", null],
  ["room.describe", { code: 7 }],
])("a question that is none is answered by no node: %s %j", async (name, question) => {
  const { one, two } = setUp();
  two.open.rooms.create("relay", { name: "lobby" });
  expect(await one.calls.call(two.calls.id, name, question)).toEqual({ ok: false, failure: "failed" });
});
