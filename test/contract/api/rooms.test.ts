/** Rooms over HTTP (P9.3–P9.5): host-run and open ones. */
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import type { TokenClaims } from "../../../src/auth/token-claims.ts";
import { API_KEY, askApi, refusalOf, sentenceOf, textIn } from "../../support/api-client.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";

const OPTIONS = { apiKey: API_KEY, jwtSecret: JWT_SECRET, openRooms: "relay", seatGraceMs: 60_000 } as const;
const JUST_NOW = 60_000;

const PAGE = z.object({ rooms: z.array(z.looseObject({ name: z.string() })), next: z.string().nullable() });
const DETAILS = z.looseObject({ players: z.array(z.looseObject({ away: z.boolean(), since: z.string() })) });

describe("P9.3 the list of rooms", () => {
  test("P9.3 row 17: a host-run room and an open one, with what is known of them", async () => {
    const server = await startServer({ ...OPTIONS, standingRooms: "lobby:relay" });
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 8, name: "sketch", pin: "1234", meta: { table: 3 } });
    const code = String((await host.until("prepare_reply"))["key"]);
    await joined(server, "ann", "lobby");

    const { status, headers, body } = await askApi(server, "GET /api/rooms");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).toMatchObject({
      rooms: [
        { id: "name:lobby", code: null, name: "lobby", kind: "relay", players: 1, away: 0, joinUrl: null, meta: null },
        {
          id: code,
          code,
          name: "sketch",
          kind: "host",
          players: 0,
          maxPlayers: 8,
          isOpen: true,
          isLocked: false,
          hostAway: false,
          pin: true,
          joinUrl: `http://127.0.0.1:${server.port}/${code}`,
          meta: { table: 3 },
        },
      ],
      next: null,
    });
  });

  test("P9.3 pages go on where the one before ended, also where rooms of it have gone", async () => {
    const server = await startServer(OPTIONS);
    for (const name of ["a", "b", "c", "d", "e"]) {
      expect((await askApi(server, "POST /api/rooms", { body: { kind: "relay", name } })).status).toBe(201);
    }
    const first = await askApi(server, "GET /api/rooms?limit=2");
    expect(namesOf(first.body)).toEqual(["a", "b"]);
    await askApi(server, "DELETE /api/rooms/name:b");
    await askApi(server, "DELETE /api/rooms/name:c");
    const second = await askApi(server, `GET /api/rooms?limit=2&cursor=${nextOf(first.body)}`);
    expect(namesOf(second.body)).toEqual(["d", "e"]);
    expect(nextOf(second.body)).toBe(null);
    expect(refusalOf(await askApi(server, "GET /api/rooms?cursor=x"))).toBe("400 invalid_request");
    for (const limit of ["0", "1001", "x", "1.5", "", "0x10", "1e2", "%205", "+5", "5&limit=6"]) {
      expect(refusalOf(await askApi(server, `GET /api/rooms?limit=${limit}`))).toBe("400 invalid_request");
    }
    expect(sentenceOf(await askApi(server, "GET /api/rooms?limt=2"))).toContain('did you mean "limit"?');
  });

  test("P9.3 row 17: numbers are right right after each join and leave", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 3);
    const count = () => detailsOf(server, room.code);
    expect((await count()).players).toHaveLength(3);
    await players[1]?.player.close();
    await room.host.until("player_left");
    expect((await count()).players).toHaveLength(2);
  });
});

describe("P9.3 one room", () => {
  test("P9.3 a host-run room's players: name, queue, rtt, away, since", async () => {
    const server = await startServer(OPTIONS);
    const { host, code } = await openRoom(server);
    const session = newSession();
    const phone = new ReliableClient(server, `${code}?session=${session}&name=Ann`);
    await phone.hello();
    await host.until("player_joined");
    await PlayerClient.connect(server, code);
    await host.until("player_joined");
    await phone.cut();
    const answer = await eventuallyAway(server, code);
    expect(answer).toMatchObject({
      code,
      kind: "host",
      away: 1,
      players: [
        { id: 1, name: "Ann", user: null, role: "player", away: true, queue: 0, rtt: null },
        { id: 2, name: null, user: null, role: "player", away: false, queue: 0 },
      ],
    });
    const [{ since } = { since: "" }] = answer.players;
    expect(Math.abs(Date.now() - Date.parse(since))).toBeLessThan(JUST_NOW);
  });

  test("P9.3 by its code in either case, by name: and its name, and by the name itself; members with their users", async () => {
    const server = await startServer(OPTIONS);
    const name = "le salon/été";
    const created = await askApi(server, "POST /api/rooms", { body: { kind: "relay", name } });
    const code = textIn(created, "code");
    await joined(server, "ann", name, { name: "Ann" });
    await joined(server, "zoe", name, { role: "spectator" });
    for (const id of [code, code.toLowerCase(), encodeURIComponent(`name:${name}`), encodeURIComponent(name)]) {
      const { status, body } = await askApi(server, `GET /api/rooms/${id}`);
      expect([id, status]).toEqual([id, 200]);
      expect(body).toMatchObject({
        name,
        code,
        kind: "relay",
        spectators: 1,
        audience: 0,
        waiting: 0,
        players: [
          { id: "ann", name: "Ann", user: "ann", role: "member", away: false },
          { id: "zoe", name: "zoe", user: "zoe", role: "spectator", away: false },
        ],
      });
    }
    expect(refusalOf(await askApi(server, "GET /api/rooms/BCDF"))).toBe("404 room_not_found");
    expect(refusalOf(await askApi(server, "GET /api/rooms/name:sketch"))).toBe("404 room_not_found");
  });

  test("P9.3 an open room's name is never four letters of a code's alphabet", async () => {
    const server = await startServer(OPTIONS);
    for (const name of ["BCDF", "bcdf", "XzWt"]) {
      const answer = await askApi(server, "POST /api/rooms", { body: { kind: "relay", name } });
      expect(refusalOf(answer)).toBe("422 unprocessable");
      expect(sentenceOf(answer)).toContain(name);
    }
    // With a vowel it is no code.
    expect((await askApi(server, "POST /api/rooms", { body: { kind: "relay", name: "cafe" } })).status).toBe(201);
    expect((await askApi(server, "GET /api/rooms/name:cafe")).body).toMatchObject({ name: "cafe" });
  });
});

describe("P9.4 opening and ending rooms", () => {
  test("P9.4 row 16: a room by its name, which is taken then, and free at once when it is deleted: all are closed with 1001", async () => {
    const server = await startServer(OPTIONS);
    const body = { kind: "relay", name: "lobby", maxPlayers: 2, meta: { table: 3 } };
    const created = await askApi(server, "POST /api/rooms", { body });
    expect(created.status).toBe(201);
    const code = textIn(created, "code");
    expect(code).toMatch(/^[A-Z]{4}$/);
    expect(created.body).toEqual({ code, name: "lobby", joinUrl: `http://127.0.0.1:${server.port}/${code}` });
    expect(refusalOf(await askApi(server, "POST /api/rooms", { body }))).toBe("409 room_exists");
    expect((await askApi(server, "GET /api/rooms/name:lobby")).body).toMatchObject({
      maxPlayers: 2,
      meta: { table: 3 },
    });

    const ann = await joined(server, "ann", "lobby");
    const bob = await joined(server, "bob", "lobby");
    expect(await askApi(server, "DELETE /api/rooms/name:lobby")).toMatchObject({ status: 204, body: undefined });
    expect([(await ann.closed).code, (await bob.closed).code]).toEqual([1001, 1001]);
    expect(refusalOf(await askApi(server, "DELETE /api/rooms/name:lobby"))).toBe("404 room_not_found");
    expect((await askApi(server, "POST /api/rooms", { body })).status).toBe(201);
  });

  test("P9.4 a room without a name has a code, and one may do without a code", async () => {
    const server = await startServer(OPTIONS);
    const coded = await askApi(server, "POST /api/rooms", { body: { kind: "relay" } });
    expect(coded.body).toMatchObject({ name: null, code: expect.stringMatching(/^[A-Z]{4}$/) });
    const named = await askApi(server, "POST /api/rooms", { body: { kind: "relay", name: "hall", code: false } });
    expect(named.body).toEqual({ name: "hall", code: null, joinUrl: null });
  });

  test("P9.4 a host-run room can be ended as well: its TV and its phones are told", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    expect((await askApi(server, `DELETE /api/rooms/${room.code}`)).status).toBe(204);
    expect([(await room.host.closed).code, (await player.closed).code]).toEqual([1001, 1001]);
  });

  test.each([
    [{}, "400 invalid_request", '"kind" is missing.'],
    [{ kind: 3 }, "400 invalid_request", '"kind" has to be text.'],
    [{ kind: "relay", maxPlayers: 0 }, "400 invalid_request", '"maxPlayers" has to be 1 or more.'],
    [
      { kind: "relay", maxPlayer: 2 },
      "400 invalid_request",
      'There is no field "maxPlayer"; did you mean "maxPlayers"?',
    ],
    [{ kind: "rely" }, "422 unprocessable", 'There is no kind of room "rely". There are relay.'],
    [{ kind: "relay", meta: "m".repeat(4_096) }, "422 unprocessable", "meta may take 4096 bytes of JSON."],
    [[], "400 invalid_request", "The body has to be an object."],
    [null, "400 invalid_request", "The body has to be an object."],
  ])("P9.4 what is wrong is said: %j", async (body, refused, sentence) => {
    const server = await startServer(OPTIONS);
    const answer = await askApi(server, "POST /api/rooms", { body });
    expect([refusalOf(answer), sentenceOf(answer)]).toEqual([refused, sentence]);
  });

  test("P9.4 where the server has no room left: 503, and when to come back", async () => {
    const server = await startServer({ ...OPTIONS, maxRooms: 1 });
    await askApi(server, "POST /api/rooms", { body: { kind: "relay" } });
    const answer = await askApi(server, "POST /api/rooms", { body: { kind: "relay" } });
    expect(refusalOf(answer)).toBe("503 overloaded");
    expect(answer.headers["retry-after"]).toBe("10");
  });
});

describe("P9.4 a server that is closing", () => {
  testInProcess("P9.4 opens no room: 503; what is open can still be spoken to", async () => {
    const server = await startServer({ ...OPTIONS, drainMs: 60_000 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const closing = server.inside().close();
    const refused = await askApi(server, "POST /api/rooms", { body: { kind: "relay" } });
    expect([refusalOf(refused), refused.headers["retry-after"]]).toEqual(["503 restarting", "10"]);
    const body = { room: room.code, text: "Goodbye" };
    expect((await askApi(server, "POST /api/publish", { body })).body).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await player.next()).toBe("Goodbye");
    await askApi(server, `DELETE /api/rooms/${room.code}`);
    await closing;
  });
});

describe("P9.5 who is in a room", () => {
  test("P9.5 row 24: kick: 4503 with the reason; the host hears of it; an unknown player is 404", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const { player, id } = await joinPlayer(server, room);
    const path = `POST /api/rooms/${room.code}/kick`;
    expect((await askApi(server, path, { body: { player: id, reason: "Time for bed." } })).status).toBe(204);
    expect(await player.closed).toEqual({ code: 4503, reason: "Time for bed." });
    expect(await room.host.until("player_left")).toMatchObject({ player: id });
    for (const unknown of [id, 99, "ann"]) {
      expect(refusalOf(await askApi(server, path, { body: { player: unknown } }))).toBe("404 player_not_found");
    }
    expect(refusalOf(await askApi(server, "POST /api/rooms/BCDF/kick", { body: { player: 1 } }))).toBe(
      "404 room_not_found",
    );
  });

  test("P9.5 row 24: kick with ban: neither the session nor the user comes back to this room", async () => {
    const server = await startServer({ ...OPTIONS, standingRooms: "lobby:relay,hall:relay" });
    const ann = await joined(server, "ann", "lobby");
    const body = { player: "ann", reason: "No cheats.", ban: true };
    expect((await askApi(server, "POST /api/rooms/name:lobby/kick", { body })).status).toBe(204);
    expect(await ann.closed).toEqual({ code: 4503, reason: "No cheats." });
    const again = await MemberClient.join(server, "ann", "lobby", { claims: { session_id: "s2" } });
    expect((await again.closed).code).toBe(4503);
    await joined(server, "ann", "hall");

    const room = await openRoom(server);
    const session = newSession();
    const phone = new ReliableClient(server, `${room.code}?session=${session}`);
    await phone.hello();
    await askApi(server, `POST /api/rooms/${room.code}/kick`, { body: { player: 1, ban: true } });
    expect((await phone.closed).code).toBe(4503);
    expect((await (await PlayerClient.connect(server, `${room.code}?session=${session}`)).closed).code).toBe(4503);
  });

  test("P9.5 lock keeps newcomers out, open lets them in, of rooms of both kinds", async () => {
    const server = await startServer({ ...OPTIONS, standingRooms: "lobby:relay" });
    const { host, code } = await openRoom(server);
    expect((await askApi(server, `POST /api/rooms/${code}/lock`)).status).toBe(204);
    expect(await host.until("state")).toMatchObject({ accept_conns: false });
    expect((await (await PlayerClient.connect(server, code)).closed).code).toBe(4523);
    expect((await askApi(server, `GET /api/rooms/${code}`)).body).toMatchObject({ isLocked: true, isOpen: false });
    expect((await askApi(server, `POST /api/rooms/${code}/open`)).status).toBe(204);
    await PlayerClient.connect(server, code);
    await host.until("player_joined");

    expect((await askApi(server, "POST /api/rooms/name:lobby/lock")).status).toBe(204);
    expect((await (await MemberClient.join(server, "ann", "lobby")).closed).code).toBe(4523);
    expect((await askApi(server, "POST /api/rooms/name:lobby/open")).status).toBe(204);
    await joined(server, "ann", "lobby");
    for (const action of ["lock", "open"]) {
      expect(refusalOf(await askApi(server, `POST /api/rooms/name:nowhere/${action}`))).toBe("404 room_not_found");
    }
  });
});

/** A member that has its place. */
async function joined(server: TestServer, sub: string, room: string, claims: Partial<TokenClaims> = {}) {
  const member = await MemberClient.join(server, sub, room, { claims });
  await member.event("joined");
  return member;
}

function namesOf(body: unknown): string[] {
  return PAGE.parse(body).rooms.map(({ name }) => name);
}

function nextOf(body: unknown): string | null {
  return PAGE.parse(body).next;
}

/** The room, once the server has noticed that its first player is away. */
async function eventuallyAway(server: TestServer, code: string) {
  let body = await detailsOf(server, code);
  await eventually("the player is away", async () => {
    body = await detailsOf(server, code);
    return body.players[0]?.away === true;
  });
  return body;
}

async function detailsOf(server: TestServer, code: string) {
  return DETAILS.parse((await askApi(server, `GET /api/rooms/${code}`)).body);
}
