/** What `GET /CODE` knows of a room at another node, and how wrong codes count. */
import { expect, test } from "@jest/globals";
import { hashSecret } from "../../../src/hub/hash-secret.ts";
import { RoomsOnNodes } from "../../support/room/rooms-on-nodes.ts";

const HOME = "10.0.0.1";
const ELSEWHERE = "10.0.0.2";
const NO_LINK = { seatTransferProof: undefined };

function setUp() {
  const world = new RoomsOnNodes();
  const [one, two] = [world.add(), world.add()];
  const { room, code } = two.open.fake.open({ address: HOME, pin: "1234" });
  const find = (address = ELSEWHERE, asked = code) => one.lookups.lookUp(asked, address, NO_LINK);
  return { world, one, two, room, code, find };
}

test("P5.9.2 a room at another node is described as its home has it", async () => {
  const { find, one, two } = setUp();
  expect(await find()).toEqual({
    name: "game",
    joinUrl: undefined,
    meta: undefined,
    needsPin: true,
    kind: undefined,
    audienceCount: 0,
    spectatorCount: 0,
    state: { players: { length: 0 }, max_players: 8, accept_conns: true },
  });
  const lobby = two.open.rooms.create("relay", { name: "lobby", code: true, meta: { table: 3 } });
  expect(await one.lookups.lookUp(lobby.code ?? "", ELSEWHERE, NO_LINK)).toMatchObject({
    name: "lobby",
    kind: "relay",
    meta: '{"table":3}',
  });
});

test("P5.9.2 a room here is looked up in the same call", () => {
  const { two, room, code } = setUp();
  expect(two.lookups.lookUp(code, ELSEWHERE, NO_LINK)).toBe(room);
});

test("P5.9.2 what a home says stands for a second, and a room that is over for no longer", async () => {
  const { world, find, room } = setUp();
  await find();
  room.close("room_closed");
  expect(await find()).toMatchObject({ name: "game" });
  world.pass(1_000);
  expect(await find()).toBe("not_found");
});

test("P5.9.2 a room that opens a moment after it was looked for is found at once", async () => {
  const { world, find } = setUp();
  world.knowsRooms = false;
  expect(await find()).toBe("not_found");
  world.knowsRooms = true;
  expect(await find()).toMatchObject({ name: "game" });
});

test("P5.8.4 wrong codes are counted, and past the limit a room at another node is not found either, but from its host's network", async () => {
  const { find, one } = setUp();
  for (const address of [ELSEWHERE, HOME])
    for (let count = 0; count < 10; count++)
      expect(await one.lookups.lookUp("BCDF", address, NO_LINK)).toBe("not_found");
  expect(await find(ELSEWHERE, "BCDF")).toBe("too_many_guesses");
  expect(await find(ELSEWHERE)).toBe("too_many_guesses");
  expect(await find(HOME)).toMatchObject({ name: "game" });
});

test("P5.8.4 a guesser far past the limit makes this node ask no other", async () => {
  const { world, find, one } = setUp();
  for (let count = 0; count < 100; count++) await one.lookups.lookUp("BCDF", HOME, NO_LINK);
  world.isDirectoryThere = false;
  expect(await find(HOME)).toBe("too_many_guesses");
});

test("P5.8.4 a rescue link of a room at another node is no guess", async () => {
  const { one, two, room, code } = setUp();
  for (let count = 0; count < 100; count++) await one.lookups.lookUp("BCDF", ELSEWHERE, NO_LINK);
  room.command({ cmd: "open" });
  const proof = hashSecret("no link of this room");
  expect(await one.lookups.lookUp(code, ELSEWHERE, { seatTransferProof: proof })).toBe("too_many_guesses");
  expect(two.open.fake.hub.find(code)).toBe(room);
});

test("P5.9.2 whether there is a room cannot be known while the directory or its home is away", async () => {
  const { world, find, two, one } = setUp();
  world.isDirectoryThere = false;
  expect(await find()).toBe("not_now");
  world.isDirectoryThere = true;
  two.calls.isReached = false;
  expect(await find()).toBe("not_now");
  two.calls.isReached = true;
  expect(await find()).toMatchObject({ name: "game" });
  expect(one.open.fake.hub.isPastAllGuesses(ELSEWHERE)).toBe(false);
});
