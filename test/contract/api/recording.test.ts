/** Recordings over the API (P9.12): who may make one, what is in it, and that it ends with its room. */
import { describe, expect, test } from "@jest/globals";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import type { RecordedItem } from "../../../src/recording/recording-file.ts";
import { API_KEY, askApi, refusalOf, sentenceOf } from "../../support/api-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { startNode, TEST_LEASE_MS } from "../../support/nodes.ts";
import { recordingIn, recordRoomOf } from "../../support/recording/record-room.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer } from "../../support/server.ts";

const OPTIONS = { apiKey: API_KEY, jwtSecret: JWT_SECRET, standingRooms: "lobby:relay" } as const;

function itemsIn(bytes: Uint8Array): readonly RecordedItem[] {
  const { items, damagedBytes } = recordingIn(bytes);
  expect(damagedBytes).toBe(0);
  return items;
}

/** Without their times, which no two runs share, and without what says that nothing happened. */
function happened(items: readonly RecordedItem[]): readonly object[] {
  return items.filter(({ is }) => is !== "tick").map(({ t: _time, ...item }) => item);
}

describe("P9.12 GET /api/rooms/ID/recording", () => {
  test("P9.12 has what many players and the host say, to the last frame, and ends with the room", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const [early] = await joinPlayers(server, room, 1);
    const recorder = await recordRoomOf(server, room.code);
    const others = await joinPlayers(server, room, 4);
    const players = [early, ...others].flatMap((joined) => joined ?? []);
    for (const { player, id } of players) {
      player.send(`text of ${id}`);
      await room.host.until("from_str");
      player.send(new Uint8Array(id * 1_000).fill(id));
      await room.host.until("from");
    }
    room.host.send({ cmd: "to", to: [2], data: Uint8Array.of(1, 2, 3) });
    room.host.send({ cmd: "to_str", to: [], data: "all of you" });
    room.host.send({ cmd: "start" });
    room.host.send({ cmd: "kick", player: 5, reason: "Enough." });
    await roundTrip(room.host);
    await room.host.close();
    const items = itemsIn(await recorder.bytes);
    expect(happened(items)).toEqual([
      ...[2, 3, 4, 5].map((player) => ({ is: "joined", player, name: undefined })),
      ...players.flatMap(({ id }) => [
        { is: "from", player: id, data: `text of ${id}` },
        { is: "from", player: id, data: new Uint8Array(id * 1_000).fill(id) },
      ]),
      { is: "to", to: [2], except: [], data: Uint8Array.of(1, 2, 3), terms: {}, isKept: false },
      { is: "to", to: undefined, except: [], data: "all of you", terms: {}, isKept: false },
      { is: "locked" },
      { is: "kicked", player: 5, reason: "Enough." },
      { is: "left", player: 5 },
      { is: "kicked", player: 0, reason: undefined },
      { is: "end", why: "room_closed" },
    ]);
  });

  test("P9.12 has a player away and back, and no session or PIN", async () => {
    const server = await startServer({ ...OPTIONS, awayMs: 10 });
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 8, name: "sketch", pin: "471147" });
    const code = String((await host.until("prepare_reply"))["key"]);
    const recorder = await recordRoomOf(server, code);
    const session = newSession();
    const path = `${code}?session=${session}&name=Ann&pin=471147`;
    const phone = new ReliableClient(server, path);
    await phone.hello();
    await host.until("player_joined");
    await phone.cut();
    await host.until("player_away");
    const back = new ReliableClient(server, path);
    await back.hello();
    await host.until("player_back");
    back.socket.close(1000);
    await host.until("player_left");
    await host.close();
    const bytes = await recorder.bytes;
    expect(happened(itemsIn(bytes))).toEqual([
      { is: "joined", player: 1, name: "Ann" },
      { is: "away", player: 1 },
      { is: "back", player: 1 },
      { is: "left", player: 1 },
      { is: "end", why: "room_closed" },
    ]);
    expect(bytes.includes(session)).toBe(false);
    expect(bytes.includes("471147")).toBe(false);
  });

  test("P9.12 has what programs say and do in the host's place", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    await joinPlayer(server, room);
    const recorder = await recordRoomOf(server, room.code);
    await askApi(server, "POST /api/publish", { body: { room: room.code, text: "Tea is ready" } });
    await askApi(server, `DELETE /api/rooms/${room.code}`);
    expect(happened(itemsIn(await recorder.bytes))).toEqual([
      { is: "to", to: undefined, except: [], data: "Tea is ready", terms: {}, isKept: false },
      { is: "end", why: "room_closed" },
    ]);
  });

  test("P9.12 is for those who have a key: 401 without, 404 for no room, 422 for an open one, 405 for another method", async () => {
    const server = await startServer(OPTIONS);
    const { code } = await openRoom(server);
    const path = `GET /api/rooms/${code}/recording`;
    expect(refusalOf(await askApi(server, path, { key: "" }))).toBe("401 unauthorized");
    expect(refusalOf(await askApi(server, path, { key: "a-key-that-is-none-of-it" }))).toBe("401 unauthorized");
    expect(refusalOf(await askApi(server, "GET /api/rooms/BBBB/recording"))).toBe("404 room_not_found");
    const open = await askApi(server, "GET /api/rooms/name:lobby/recording");
    expect(refusalOf(open)).toBe("422 unprocessable");
    expect(sentenceOf(open)).toContain("host page");
    expect(refusalOf(await askApi(server, `POST /api/rooms/${code}/recording`))).toBe("405 method_not_allowed");
    expect((await askApi(server, `HEAD /api/rooms/${code}/recording`)).status).toBe(200);
  });

  test("P9.12 four of a room at one time, and another when one of them has ended", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const path = `/api/rooms/${room.code}/recording`;
    const stops = [0, 1, 2, 3].map(() => new AbortController());
    onTestEnd(() => stops.forEach((stop) => stop.abort()));
    for (const { signal } of stops) {
      const { status } = await fetch(server.url + path, { headers: { "x-api-key": API_KEY }, signal });
      expect(status).toBe(200);
    }
    expect(refusalOf(await askApi(server, `GET ${path}`))).toBe("409 too_many_recordings");
    await room.host.close();
  });
});

test("P9.12 a room of another node is recorded there and read here, to its end", async () => {
  const shared = { bus: memoryBus(), directory: memoryDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 60_000 }) };
  const options = { apiKey: API_KEY };
  const [home, other] = await Promise.all([startNode(options, shared), startNode(options, shared)]);
  const room = await openRoom(home);
  const recorder = await recordRoomOf(other, room.code);
  const [joined] = await joinPlayers(other, room, 1);
  joined?.player.send(new Uint8Array(600_000).fill(3));
  await room.host.until("from");
  room.host.send({ cmd: "to_str", to: [1], data: "last words" });
  await roundTrip(room.host);
  await room.host.close();
  expect(happened(itemsIn(await recorder.bytes))).toEqual([
    { is: "joined", player: 1, name: undefined },
    { is: "from", player: 1, data: new Uint8Array(600_000).fill(3) },
    { is: "to", to: [1], except: [], data: "last words", terms: {}, isKept: false },
    { is: "kicked", player: 0, reason: undefined },
    { is: "end", why: "room_closed" },
  ]);
  expect(refusalOf(await askApi(other, `GET /api/rooms/${room.code}/recording`))).toBe("404 room_not_found");
});
