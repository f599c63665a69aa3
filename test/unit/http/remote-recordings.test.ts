/** Recordings that are read at another node than the room's: no gap, and no recording that no node reads. */
import { expect, test } from "@jest/globals";
import type { RoomRecording } from "../../../src/http/api/rooms-view.ts";
import { readRecording } from "../../../src/recording/recording-file.ts";
import { RoomsOnNodes } from "../../support/room/rooms-on-nodes.ts";

async function setUp() {
  const world = new RoomsOnNodes();
  const [one, two] = [world.add(), world.add()];
  const { room, code } = one.open.fake.open();
  const record = async (): Promise<RoomRecording> => {
    const begun = await (await two.all.get(code))?.record();
    if (begun?.ok !== true) throw new Error(`refused: ${begun?.failure}`);
    return begun.value;
  };
  return { world, one, two, room, code, record };
}

async function restOf(recording: RoomRecording): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = await recording.read(50, 10);
    if (part === undefined) return Buffer.concat(parts);
    parts.push(part);
  }
}

test("P9.12 a recording read at another node is whole", async () => {
  const { room, record } = await setUp();
  const recording = await record();
  for (let n = 0; n < 20; n++) room.command({ cmd: "to", to: [1], data: new Uint8Array(20).fill(n) });
  room.command({ cmd: "stop" });
  const read = readRecording(await restOf(recording));
  expect(read?.items.map((item) => (item.is === "to" ? item.data[0] : item.is))).toEqual([
    ...Array.from({ length: 20 }, (_, n) => n),
    "end",
  ]);
  expect(read?.damagedBytes).toBe(0);
});

test("P9.12 ends where the room's node is lost, at an item or within one, and says no end", async () => {
  const { one, room, record } = await setUp();
  const recording = await record();
  const first = await recording.read(40, 10);
  one.calls.isReached = false;
  room.command({ cmd: "stop" });
  expect([first?.length, await recording.read(40, 10), await recording.read(40, 10)]).toEqual([
    40,
    undefined,
    undefined,
  ]);
});

test("P9.12 is ended at its home where its reader stops, or asks no more", async () => {
  const { world, room, record } = await setUp();
  const stopped = await record();
  const forgotten = await record();
  expect(room.tap).not.toBe(undefined);
  stopped.stop();
  await forgotten.read(40, 10);
  world.pass(29_000);
  await forgotten.read(40, 10);
  world.pass(29_000);
  expect(room.tap).not.toBe(undefined);
  world.pass(2_000);
  expect(room.tap).toBe(undefined);
  expect(await forgotten.read(40, 10)).toBe(undefined);
});

test("P9.12 an open room of another node, and one with four recordings, are refused there as here", async () => {
  const { one, two, record, code } = await setUp();
  one.open.rooms.create("relay", { name: "lobby" });
  expect(await (await two.all.get("name:lobby"))?.record()).toEqual({ ok: false, failure: "open_room" });
  for (let n = 0; n < 4; n++) await record();
  expect(await (await two.all.get(code))?.record()).toEqual({ ok: false, failure: "too_many" });
});
