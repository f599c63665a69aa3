import { expect, test } from "@jest/globals";
import { Channels } from "../../../src/channels/channels.ts";
import { createRoomChannels } from "../../../src/channels/room-channels.ts";
import type { HostCommand } from "../../../src/protocol/commands.ts";
import { FakeRoom, type FakeRoomOptions } from "../../support/room/fake-room.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

/** A room, and what a page hears that follows its channel `score`. */
function follow(followers = 1, options: FakeRoomOptions = {}) {
  const channels = new Channels({ clock: new FakeClock(), budget: unlimitedMemory() });
  const heard: unknown[] = [];
  const told = { ended: 0 };
  for (let line = 0; line < followers; line++) {
    channels.subscribe("room:BCDF:score", {
      sub: "ann",
      hear: (frame) => heard.push(JSON.parse(new TextDecoder().decode(frame))) > 0,
      ended: () => void (told.ended += 1),
      lost() {},
    });
  }
  return { room: new FakeRoom({ ...options, channels: createRoomChannels(channels) }), heard, told };
}

function publish(channel: string, data: unknown): HostCommand {
  return { cmd: "publish", channel, data: bytes(JSON.stringify(data)) };
}

test("P8.5 a host publishes to channels of its room", () => {
  const { room, heard } = follow();
  room.prepare();
  expect(room.tell(publish("score", { anna: 3 }))).toEqual([]);
  expect(room.tell(publish("other", 1))).toEqual([]);
  expect(heard).toEqual([
    { method: "publication", params: { channel: "room:BCDF:score", data: { anna: 3 }, offset: 1 } },
  ]);
});

test("P8.5 when a room ends its channels end, and what follows them is told, once", () => {
  const { room, told } = follow(3);
  room.prepare();
  room.tell(publish("score", 1));
  expect(told.ended).toBe(0);
  room.room.close("room_closed");
  room.room.close("room_closed");
  expect(told.ended).toBe(3);
});

test("P8.5 before `prepare` there is no room whose channels those would be", () => {
  const { room, heard } = follow();
  expect(room.tell(publish("score", 1))).toMatchObject([{ cmd: "error", code: "not_prepared", in: "publish" }]);
  expect(heard).toEqual([]);
});

test("P8.5 a room publishes on 64 channels at most", () => {
  const { room, heard } = follow();
  room.prepare();
  room.tell(publish("score", 0));
  for (let number = 1; number < 64; number++) expect(room.tell(publish(`c${number}`, 1))).toEqual([]);
  expect(room.tell(publish("one more", 1))).toEqual([
    {
      cmd: "error",
      code: "invalid_field",
      in: "publish",
      reason: "`channel` has to be one of the 64 on which this room has published: a room has no more.",
    },
  ]);
  room.tell(publish("score", 2));
  expect(heard).toHaveLength(2);
});

test("P8.5 a publication costs a host more where many pages follow it", () => {
  const { room } = follow(64, { hostRate: 1, hostBurst: 10 });
  room.prepare();
  const say = (): void => {
    room.hostConnection.message(bytes(JSON.stringify({ cmd: "publish", channel: "score", data: 1 })), true);
  };
  say();
  expect(room.heard()).not.toContainEqual(expect.objectContaining({ cmd: "error" }));
  say();
  say();
  expect(room.heard()).toContainEqual(expect.objectContaining({ cmd: "error", code: "rate_limited" }));
});
