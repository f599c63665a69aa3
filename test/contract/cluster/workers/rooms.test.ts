/** Rooms of two workers behind one port: the real server in all processes. */
import { request as httpRequest, Agent } from "node:http";
import { expect, test } from "@jest/globals";
import { keyOfCode, readEntry } from "../../../../src/cluster/room-keys.ts";
import { decodeRoomRecord } from "../../../../src/hub/room-record-codec.ts";
import { HostClient, openRoom, type OpenRoom } from "../../../support/host-client.ts";
import { eventually } from "../../../support/inbox.ts";
import { deployedConfig, startNginx } from "../../../support/nginx.ts";
import { PlayerClient } from "../../../support/player-client.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { parseMetrics, valueOf } from "../../../support/metrics-text.ts";
import { newSession } from "../../../support/reliable-client.ts";
import { startServer } from "../../../support/server.ts";
import { startWorkers, type WorkersUnderTest } from "../../../support/workers/rooms-of-workers.ts";

type Where = Pick<WorkersUnderTest, "ws">;

interface PlayedRoom extends OpenRoom {
  readonly session: string;
  readonly player: PlayerClient;
  readonly playerSession: string;
  readonly playerId: number;
}

async function joinWith(server: Where, room: OpenRoom, session: string): Promise<{ player: PlayerClient; id: number }> {
  const player = await PlayerClient.connect(server, `${room.code}?session=${session}`);
  const { player: id } = await room.host.until("player_joined");
  return { player, id: Number(id) };
}

/** A room with a host and a phone that may come back. */
async function play(server: Where): Promise<PlayedRoom> {
  const session = newSession();
  const playerSession = newSession();
  const room = await openRoom(server, { query: `?session=${session}` });
  const { player, id } = await joinWith(server, room, playerSession);
  return { ...room, session, player, playerSession, playerId: id };
}

/** A frame each way, which the other side gets. */
async function exchange({ host, player, playerId }: PlayedRoom, text: string): Promise<void> {
  player.send(text);
  expect(await host.until("from_str")).toMatchObject({ from: playerId, data: text });
  host.send({ cmd: "to_str", to: [playerId], data: `${text}!` });
  for (;;) if ((await player.next()) === `${text}!`) return;
}

async function playMany(server: Where, count: number): Promise<PlayedRoom[]> {
  const rooms: PlayedRoom[] = [];
  while (rooms.length < count) rooms.push(...(await Promise.all(Array.from({ length: 10 }, () => play(server)))));
  return rooms;
}

/** Whether the phone's seat is in what is kept of the room. */
async function hasRecord({ server }: WorkersUnderTest, code: string): Promise<boolean> {
  const kept = await server.directory.find(keyOfCode(code));
  const entry = kept && readEntry(kept.record);
  const record = entry?.is === "record" ? decodeRoomRecord(entry.bytes) : undefined;
  return record?.ok === true && record.value.sort === "host" && record.value.seats.length === 1;
}

function roomsOf({ server }: WorkersUnderTest): number[] {
  return server.primary.loads.map(({ rooms }) => rooms);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

const KEY = "a-key-of-at-least-32-characters-00";
/** Each process says some bytes a second to the others, whatever is played: frames are as long as minutes of that. */
const LONG = "x".repeat(2_000);

/** Links between workers now, and the bytes that workers have said to each other. */
async function betweenWorkers({ url }: Pick<WorkersUnderTest, "url">): Promise<{ links: number; bytes: number }> {
  const headers = { Authorization: `Bearer ${KEY}`, Connection: "close" };
  const families = parseMetrics(await (await fetch(`${url}/metrics`, { headers })).text());
  return {
    links: valueOf(families, "couchwire_links"),
    bytes: valueOf(families, "couchwire_bus_bytes_total", { direction: "out" }),
  };
}

/** Plays so many rounds, and expects that no frame of them goes from one worker to another. */
async function expectDirectPlay(
  workers: WorkersUnderTest,
  rooms: readonly PlayedRoom[],
  rounds: number,
): Promise<void> {
  const before = await betweenWorkers(workers);
  for (let round = 0; round < rounds; round++)
    await Promise.all(rooms.map((room) => exchange(room, `${round} ${LONG}`)));
  const after = await betweenWorkers(workers);
  expect([before.links, after.links]).toEqual([0, 0]);
  expect(after.bytes - before.bytes).toBeLessThan((rounds * rooms.length * LONG.length) / 10);
}

test("50 rooms are shared evenly, and no frame of any of them goes from one process to another", async () => {
  const workers = await startWorkers({ apiKey: KEY });
  const rooms = await playMany(workers, 50);
  await eventually("the workers have said how many rooms they have", () => sum(roomsOf(workers)) === 50);
  expect(roomsOf(workers)).toEqual([25, 25]);
  await expectDirectPlay(workers, rooms, 20);
});

test("a worker that is killed takes its rooms alone: the others notice nothing, and its own come back with code and ids", async () => {
  const workers = await startWorkers();
  const { primary } = workers.server;
  const rooms = await playMany(workers, 20);
  const dead = new Set<PlayedRoom>();
  for (const room of rooms) void room.player.closed.then(() => dead.add(room));
  await eventually("records are written", async () =>
    (await Promise.all(rooms.map((room) => hasRecord(workers, room.code)))).every(Boolean),
  );
  await eventually("the workers have said how many rooms they have", () => sum(roomsOf(workers)) === 20);
  const [victim = 0] = primary.pids;
  const [lost] = roomsOf(workers);
  process.kill(victim, "SIGKILL");
  await eventually("the phones of its rooms are cut", () => dead.size === lost);
  const alive = rooms.filter((room) => !dead.has(room));
  await Promise.all(alive.map((room) => exchange(room, "still here")));
  expect([dead.size, alive.length]).toEqual([10, 10]);
  await Promise.all(
    [...dead].map(async (room) => {
      const host = await HostClient.connect(workers, `?session=${room.session}`);
      expect(await host.until("prepare_reply")).toMatchObject({ key: room.code });
      const player = await PlayerClient.connect(workers, `${room.code}?session=${room.playerSession}`);
      await exchange({ ...room, host, player }, "back again");
    }),
  );
  await Promise.all(alive.map((room) => exchange(room, "and still")));
});

test("behind nginx with kept connections, pages and upgrades of both workers share them", async () => {
  const workers = await startWorkers({ trustProxy: "loopback", apiKey: KEY });
  const nginx = await startNginx(deployedConfig("nginx.conf", workers.port));
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const page = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      httpRequest(`${nginx.url}/healthz`, { agent }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      })
        .once("error", reject)
        .end();
    });
  const rooms: PlayedRoom[] = [];
  for (let round = 0; round < 12; round++) {
    expect(await Promise.all([page(), page(), page()])).toEqual([200, 200, 200]);
    const room = await play(nginx);
    rooms.push(room);
    await page();
    await exchange(room, `round ${round}`);
    // A phone of an older room comes back behind a page.
    const older = rooms[Math.floor(round / 2)];
    if (older === undefined) continue;
    older.player.socket.terminate();
    await page();
    const player = await PlayerClient.connect(nginx, `${older.code}?session=${older.playerSession}`);
    rooms[rooms.indexOf(older)] = { ...older, player };
    await exchange({ ...older, player }, `again ${round}`);
  }
  agent.destroy();
  await eventually("the workers have said how many rooms they have", () => sum(roomsOf(workers)) === rooms.length);
  expect(roomsOf(workers)).toEqual([6, 6]);
  // Connections that had carried a page did come back to the primary.
  expect(workers.server.primary.heardCounts.get("return") ?? 0).toBeGreaterThan(0);
  await expectDirectPlay(workers, rooms, 10);
});

test("a wrong code is a final 4504, whichever worker is asked", async () => {
  const workers = await startWorkers();
  for (const code of ["BBBB", "BBBC", "BBBD", "BBBF"]) {
    const phone = await PlayerClient.connect(workers, code);
    expect((await phone.closed).code).toBe(4504);
  }
});

test("rooms with players have their time when the server ends, and then all are told to come back", async () => {
  const workers = await startWorkers({ drainMs: 600_000 });
  const rooms = await playMany(workers, 10);
  const closing = workers.server.close();
  await Promise.all(rooms.map((room) => exchange(room, "during the drain")));
  void workers.server.close({ drainMs: 0 });
  const codes = await Promise.all(rooms.flatMap(({ host, player }) => [host.closed, player.closed]));
  expect(new Set(codes.map(({ code }) => code))).toEqual(new Set([1012]));
  await closing;
  expect(workers.server.primary.pids).toEqual([]);
});

test("workers that share a Redis with another node are nodes of their own there", async () => {
  const redis = await startRedis();
  const ofBus = { bus: redis.url, busPrefix: "workers", leaseMs: 2_000 };
  const workers = await startWorkers(ofBus);
  const other = await startServer(ofBus);
  const rooms = await playMany(workers, 10);
  await eventually("both workers have rooms", () => Math.min(...roomsOf(workers)) > 0);
  await Promise.all(rooms.map((room) => exchange(room, "directly")));
  // Each phone comes back over the other node, and over the workers again.
  for (const where of [other, workers]) {
    for (const room of rooms) {
      const player = await PlayerClient.connect(where, `${room.code}?session=${room.playerSession}`);
      await exchange({ ...room, player }, `over ${where.port}`);
    }
  }
  const { heardCounts } = workers.server.primary;
  expect([heardCounts.get("publish"), heardCounts.get("call")]).toEqual([undefined, undefined]);
});
