/** What programs that embed the server hear of a party. */
import { expect } from "@jest/globals";
import { createLogger } from "../../src/log/logger.ts";
import type { Traffic } from "../../src/room/traffic.ts";
import type { ServerActivity, ServerObserver } from "../../src/server-observer.ts";
import { HostClient, openRoom, roundTrip } from "../support/host-client.ts";
import { Inbox } from "../support/inbox.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startServer } from "../support/server.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { testInProcess } from "../support/target.ts";

const NAMES = [
  "roomOpened",
  "roomClosed",
  "playerJoined",
  "playerAway",
  "playerBack",
  "playerLeft",
  "playerGap",
  "joinRefused",
  "frameRefused",
  "hostAway",
  "hostBack",
  "connectionRefused",
] as const satisfies readonly (keyof ServerActivity)[];

/** Calls `hear` with the name of each event and its fields. */
function observerOf(hear: (name: string, event: object) => void): ServerObserver {
  return Object.fromEntries(NAMES.map((name) => [name, (event: object) => hear(name, event)]));
}

testInProcess("an observer hears a whole party, and the room's counters tell what passed through it", async () => {
  const heard = new Inbox<[string, object]>("the observer");
  let traffic: Traffic | undefined;
  const observer = observerOf((name, event) => {
    const { traffic: counted, ...rest } = event as { traffic?: Traffic };
    traffic = counted ?? traffic;
    heard.push([name, rest]);
  });
  const server = await startServer({ awayMs: 0, seatBuffer: 200 }, { observers: [observer] });
  const session = newSession();
  const { host, code: room } = await openRoom(server, { query: `?session=${session}`, max_players: 1 });
  expect(await heard.next()).toEqual(["roomOpened", { room, name: "sketch" }]);

  const phone = new ReliableClient(server, `${room}?session=${newSession()}`);
  const { epoch } = await phone.hello();
  expect(await heard.next()).toEqual(["playerJoined", { room, player: 1 }]);
  const refused = await PlayerClient.connect(server, room);
  expect((await refused.closed).code).toBe(4510);
  expect(await heard.take(2)).toEqual([
    ["joinRefused", { room, why: "room_full" }],
    ["connectionRefused", { why: "room_full", requestId: expect.any(String) }],
  ]);

  phone.send("12345");
  phone.send("\0skip 3");
  expect(await heard.next()).toEqual(["playerGap", { room, player: 1, lost: 3 }]);
  host.send({ cmd: "to_str", to: [], data: "to everybody" });
  expect(await phone.next()).toBe("to everybody");
  expect(traffic).toMatchObject({ framesIn: 2, bytesIn: 17, framesOut: 2, bytesOut: 17 });

  await phone.cut();
  expect(await heard.next()).toEqual(["playerAway", { room, player: 1, why: "cut" }]);
  for (let count = 0; count < 3; count++) host.send({ cmd: "to_str", to: [1], data: "x".repeat(100) });
  await roundTrip(host);
  const back = new ReliableClient(server, phone.socket.url.split("/").at(-1) + `&received=1&epoch=${epoch}`);
  const { lost } = await back.hello();
  expect(lost).toBeGreaterThan(0);
  expect(await heard.next()).toEqual(["playerBack", { room, player: 1, missed: lost }]);

  host.send({ cmd: "dance" });
  expect(await heard.next()).toMatchObject(["frameRefused", { room, code: "unknown_command" }]);
  host.socket.terminate();
  expect(await heard.next()).toEqual(["hostAway", { room }]);
  const hostBack = await HostClient.connect(server, `?session=${session}`);
  expect(await heard.next()).toEqual(["hostBack", { room, missed: 0 }]);

  back.socket.close(1000);
  expect(await heard.next()).toEqual(["playerLeft", { room, player: 1, why: "left" }]);
  hostBack.send({ cmd: "stop" });
  expect(await heard.next()).toEqual(["roomClosed", { room, why: "room_closed" }]);
});

testInProcess("an observer that throws at everything harms nothing, and the log tells of it once", async () => {
  const lines: string[] = [];
  const logger = createLogger("error", { write: (line) => void lines.push(line) });
  const heard: string[] = [];
  const broken = observerOf(() => {
    throw new Error("an observer's bug");
  });
  const whole = observerOf((name) => void heard.push(name));
  const server = await startServer({}, { logger, observers: [broken, whole] });
  const { host, code } = await openRoom(server);
  const phone = await PlayerClient.connect(server, code);
  await host.until("player_joined");
  phone.send("hello");
  expect(await host.until("from_str")).toMatchObject({ data: "hello" });
  await phone.close(1000);
  await host.until("player_left");
  await server.close();
  expect(heard).toEqual(["roomOpened", "playerJoined", "playerLeft", "roomClosed"]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("an observer's bug");
});
