/** Rooms of nodes whose home is lost, or which lose a key: real hubs over the directory of one process. */
import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { keyOfCode, keyOfName } from "../../../src/cluster/room-keys.ts";
import { RoomHomes } from "../../../src/cluster/room-homes.ts";
import type { HubOptions } from "../../../src/hub/hub.ts";
import { createLocalRooms } from "../../../src/local-rooms.ts";
import { cluster, pass, startNode, TERMS } from "../../support/cluster/lease-nodes.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";

/** A node with rooms. */
async function startRooms(all: ReturnType<typeof cluster>, hub: Partial<HubOptions> = {}) {
  const { clock } = all;
  const node = await startNode(all);
  const notReopened: string[] = [];
  const homes = new RoomHomes({
    homes: node.homes,
    clock,
    codeCooldownMs: 5_000,
    leaseMs: TERMS.leaseMs,
    wasCutOff: () => false,
    onFailure: (error) => void node.failures.push(error),
    onNotReopened: (key, why) => void notReopened.push(`${key}: ${why}`),
  });
  const hubOptions = { clock, codes: homes.codes, records: homes, ...hub };
  const { rooms, fake } = new FakeOpenRooms([], { hubOptions, clock });
  homes.attach(createLocalRooms(fake.hub, rooms, { mayOpenByName: true, logger: pino({ level: "silent" }) }));
  await homes.codes.fill();
  return { ...node, rooms: homes, openRooms: rooms, fake, notReopened };
}

/** The room of a host with this session, written in the directory. */
async function open(
  { fake, rooms }: Awaited<ReturnType<typeof startRooms>>,
  all: ReturnType<typeof cluster>,
  session?: string,
) {
  const opened = fake.open(session === undefined ? {} : { session });
  rooms.changed(opened.room);
  await pass(all.clock, 500);
  return opened;
}

const REFUSED = { at: "refused", name: "overloaded" };

describe("a room whose home was lost", () => {
  test("is left to another node by one that has no place for it", async () => {
    const all = cluster();
    const [lost, full, other] = [await startRooms(all), await startRooms(all, { maxRooms: 0 }), await startRooms(all)];
    const { code } = await open(lost, all, "tv");
    await lost.lease.end();
    expect(await full.rooms.whereIsCode(code)).toMatchObject(REFUSED);
    expect(full.notReopened).toEqual([`code:${code}: no_room_left`]);
    expect(await other.rooms.whereIsCode(code)).toMatchObject({ at: "here" });
    expect(other.fake.hub.find(code)).toBeDefined();
    expect(await full.rooms.whereIsCode(code)).toMatchObject({ at: "elsewhere", home: other.lease.node });
  });

  test("is taken over by a node with one place alone, however many are looked for at once", async () => {
    const all = cluster();
    const [lost, small, other] = [await startRooms(all), await startRooms(all, { maxRooms: 1 }), await startRooms(all)];
    const codes = [];
    for (const session of ["a", "b", "c", "d"]) codes.push((await open(lost, all, session)).code);
    await lost.lease.end();
    await Promise.all(codes.map((code) => small.rooms.whereIsCode(code)));
    expect(small.fake.hub.roomCount).toBe(1);
    await Promise.all(codes.map((code) => other.rooms.whereIsCode(code)));
    expect(other.fake.hub.roomCount).toBe(3);
  });

  test("is opened again later where its place was taken meanwhile", async () => {
    const all = cluster();
    const [lost, small] = [await startRooms(all), await startRooms(all, { maxRooms: 1 })];
    const { code } = await open(lost, all, "tv");
    await lost.lease.end();
    small.line.onTaken = () => void small.fake.open();
    expect(await small.rooms.whereIsCode(code)).toMatchObject(REFUSED);
    expect(await all.directory.find(keyOfCode(code))).toMatchObject({ home: small.lease.node });
    for (const { room } of small.fake.hub.opened) room.close("room_closed");
    expect(await small.rooms.whereIsCode(code)).toMatchObject({ at: "here" });
    expect(small.fake.hub.find(code)).toBeDefined();
  });

  test("and that cannot be opened again counts as lost after the time of a lease, not before", async () => {
    const all = cluster();
    const [home, other] = [await startRooms(all), await startRooms(all)];
    const { code } = await open(home, all);
    await pass(all.clock, 2 * TERMS.leaseMs);
    home.line.isCut = true;
    expect(await other.rooms.whereIsCode(code)).toMatchObject({ at: "elsewhere", home: home.lease.node });
    await pass(all.clock, TERMS.leaseMs + 100);
    expect(await other.rooms.whereIsCode(code)).toMatchObject(REFUSED);
    home.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs);
    expect(await other.rooms.whereIsCode(code)).toMatchObject({ at: "elsewhere", home: home.lease.node });
    home.line.isCut = true;
    await pass(all.clock, TERMS.leaseMs + 100);
    expect(await other.rooms.whereIsCode(code)).toMatchObject(REFUSED);
    await pass(all.clock, TERMS.leaseMs);
    expect(await other.rooms.whereIsCode(code)).toMatchObject({ at: "nowhere" });
  });
});

describe("an open room", () => {
  test("that loses its name to another node keeps nothing", async () => {
    const all = cluster();
    const [home, other] = [await startRooms(all), await startRooms(all)];
    const room = home.openRooms.create("relay", { name: "garden", code: true });
    await pass(all.clock, 500);
    const code = keyOfCode(room.code ?? "");
    expect(await all.directory.find(code)).toMatchObject({ home: home.lease.node });
    await all.directory.release(home.lease.node ?? "", keyOfName("garden"), 1);
    expect(await other.rooms.claimName("garden")).toBe(true);
    room.lock();
    await pass(all.clock, 500);
    expect(room.isClosed).toBe(true);
    expect(await all.directory.find(code)).toBeUndefined();
  });

  test("that finds its name at another node keeps nothing either", async () => {
    const all = cluster();
    const [home, other] = [await startRooms(all), await startRooms(all)];
    expect(await other.rooms.claimName("garden")).toBe(true);
    const room = home.openRooms.create("relay", { name: "garden", code: true });
    await pass(all.clock, 500);
    expect(room.isClosed).toBe(true);
    expect(await all.directory.find(keyOfCode(room.code ?? ""))).toBeUndefined();
  });

  test("gets its name later where the directory is away, and lets go of it where it ends before that", async () => {
    const all = cluster();
    const home = await startRooms(all);
    home.line.isCut = true;
    const rooms = ["garden", "attic"].map((name) => home.openRooms.create("relay", { name }));
    await pass(all.clock, 500);
    rooms[1]?.close();
    home.line.isCut = false;
    await pass(all.clock, 2_000);
    expect(await all.directory.find(keyOfName("garden"))).toMatchObject({ home: home.lease.node });
    expect(await all.directory.find(keyOfName("attic"))).toBeUndefined();
  });

  test("of which nothing is left where its name was claimed, no room has come of it, and it was dropped", async () => {
    const all = cluster();
    const [home, other] = [await startRooms(all), await startRooms(all)];
    expect(await home.rooms.claimName("garden")).toBe(true);
    expect(await other.rooms.claimName("garden")).toBe(false);
    home.rooms.dropName("garden");
    await pass(all.clock, 100);
    expect(await other.rooms.claimName("garden")).toBe(true);
  });
});
