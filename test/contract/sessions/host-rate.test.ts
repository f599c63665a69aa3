import { expect, test } from "@jest/globals";
import { joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { startServer } from "../../support/server.ts";

test("P5.9.4 a host that sends a thousand commands in one breath is told so, stays, and each of them arrives in order", async () => {
  const server = await startServer({ hostRate: 1_000, hostBurst: 50 });
  const room = await openRoom(server);
  const { player } = await joinPlayer(server, room);
  for (let number = 0; number < 1_000; number++) room.host.send({ cmd: "to_str", to: [], data: String(number) });
  const arrived = await player.frames.take(1_000);
  expect(arrived).toEqual(Array.from({ length: 1_000 }, (_frame, index) => String(index)));
  const events = await roundTrip(room.host);
  expect(events.length).toBeGreaterThan(0);
  for (const event of events) {
    expect(event).toEqual({
      cmd: "error",
      code: "rate_limited",
      reason: expect.stringContaining("more than a host may"),
    });
  }
});

test("P5.9.4 a host at 60 Hz is never told anything, in a room of many", async () => {
  const server = await startServer();
  const room = await openRoom(server);
  const { player } = await joinPlayer(server, room);
  const everybody = Array<number>(250).fill(1);
  for (let frame = 0; frame < 60; frame++)
    room.host.send({ cmd: "to_str", to: everybody, data: "tick", volatile: true });
  expect(await player.frames.take(60)).toHaveLength(60);
  expect(await roundTrip(room.host)).toEqual([]);
});
