/** Publishing into rooms over HTTP (P9.2), and doing so once (P9.1). */
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { API_KEY, askApi, refusalOf, SECOND_KEY, sentenceOf } from "../../support/api-client.ts";
import { ChannelClient } from "../../support/channel-client.ts";
import { joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { handmadeToken, JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const OPTIONS = { apiKey: `${API_KEY},${SECOND_KEY}`, jwtSecret: JWT_SECRET, standingRooms: "lobby:relay" } as const;
const PUBLISH = "POST /api/publish";

function publish(server: TestServer, body: object, headers: Readonly<Record<string, string>> = {}) {
  return askApi(server, PUBLISH, { body, headers });
}

async function heard(player: PlayerClient | undefined): Promise<unknown[]> {
  return [await player?.next(), await player?.next()];
}

describe("P9.1 to channels", () => {
  test("P9.1 row 79: three subscribers: delivered 3; several channels at once; no subscribers: 0", async () => {
    const server = await startServer(OPTIONS);
    const lines = [];
    for (const sub of ["ann", "bob", "zoe"]) {
      const line = await ChannelClient.connect(server, { sub });
      await line.subscribe("news");
      lines.push(line);
    }
    const data = { headline: "Tea is ready" };
    expect(await publish(server, { channel: "news", data })).toMatchObject({
      status: 200,
      body: { ok: true, delivered: 3 },
    });
    for (const line of lines) expect(await line.publication()).toMatchObject({ channel: "news", data });
    await lines[0]?.subscribe("sport");
    const both = await publish(server, { channels: ["news", "sport"], data: null });
    expect(both.body).toEqual({ ok: true, delivered: 4 });
    expect((await publish(server, { channel: "weather", data })).body).toEqual({ ok: true, delivered: 0 });
  });

  test("P8.4 data is passed on byte for byte: numbers that JavaScript cannot hold, and the last one of two", async () => {
    const server = await startServer(OPTIONS);
    const line = await ChannelClient.connect(server);
    await line.subscribe("news");
    const jsons = ["12345678901234567890", "1.0", "1e999", '{ "a" : [ 1.10, "\\u00e4ä" ] }', "null"];
    for (const json of jsons) {
      const text = ` {"data": 0, "channel" : "news", "d\\u0061ta": ${json} } `;
      expect((await askApi(server, PUBLISH, { text })).body).toEqual({ ok: true, delivered: 1 });
      expect(await line.frames.next()).toContain(`"data":${json},`);
    }
  });

  test("P9.1 row 80: with an Idempotency-Key it is published once, and delivered says the same", async () => {
    const server = await startServer(OPTIONS);
    const line = await ChannelClient.connect(server);
    await line.subscribe("news");
    const headers = { "Idempotency-Key": "n1" };
    for (let count = 0; count < 3; count++) {
      expect((await publish(server, { channel: "news", data: 1 }, headers)).body).toEqual({ ok: true, delivered: 1 });
    }
    await publish(server, { channel: "news", data: 2 });
    expect([await line.publication(), await line.publication()]).toMatchObject([{ data: 1 }, { data: 2 }]);
  });

  test("P9.1 row 79: none or a wrong key 401, what is no publication 400, too much 413", async () => {
    const server = await startServer(OPTIONS);
    const body = { channel: "news", data: "x" };
    for (const key of ["", "a-wrong-key-for-tests"]) {
      expect(refusalOf(await askApi(server, PUBLISH, { key, body }))).toBe("401 unauthorized");
    }
    expect(refusalOf(await publish(server, { channel: "\ud800", data: 1 }))).toBe("400 invalid_request");
    expect(refusalOf(await publish(server, { ...body, data: "x".repeat(2 ** 18) }))).toBe("413 too_large");
    expect((await publish(server, { ...body, data: "x".repeat(250_000) })).status).toBe(200);
  });

  test("P9.1 an admin's token for a room publishes to the channels of its room alone", async () => {
    const server = await startServer(OPTIONS);
    const token = handmadeToken({ sub: "root", role: "admin", room: "BCDF", exp: 4_000_000_000 });
    const by = (body: object) =>
      askApi(server, PUBLISH, { key: "", headers: { Authorization: `Bearer ${token}` }, body });
    expect((await by({ channel: "room:BCDF:scores", data: 1 })).status).toBe(200);
    const others = [{ channel: "news" }, { channel: "room:BCDG:scores" }, { channels: ["room:BCDF:scores", "news"] }];
    for (const other of others) expect(refusalOf(await by({ ...other, data: 1 }))).toBe("403 forbidden");
  });
});

describe("P9.2 into a host-run room", () => {
  test("P9.2 text, JSON and bytes reach all players as if the host had said them; the host hears nothing", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 2);
    expect(await publish(server, { room: room.code, text: "Good evening" })).toMatchObject({
      status: 200,
      body: { ok: true, delivered: 2, kept: 0 },
    });
    await publish(server, { room: room.code.toLowerCase(), data: { say: ["hi", 1, null] } });
    await publish(server, { room: room.code, bytes: "AQID" });
    for (const { player } of players) {
      expect([await player.next(), await player.next(), await player.next()]).toEqual([
        "Good evening",
        '{"say":["hi",1,null]}',
        new Uint8Array([1, 2, 3]),
      ]);
    }
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P9.2 JSON is passed on byte for byte", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const [ann] = await joinPlayers(server, room, 1);
    const json = '{"n": 12345678901234567890, "m":1.0}';
    const text = `{"room":"${room.code}","data":${json}}`;
    expect((await askApi(server, PUBLISH, { text })).body).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await ann?.player.next()).toBe(json);
  });

  test("P9.2 to and except choose; ids that are not there are skipped; `to: []` is 400", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const [ann, bob, zoe] = await joinPlayers(server, room, 3);
    const { code } = room;
    const reach = async (body: object) => (await publish(server, { room: code, ...body })).body;
    expect(await reach({ text: "one", to: [1] })).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await reach({ text: "two", to: [2, 2, 99] })).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await reach({ text: "three", except: [1, 2] })).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await reach({ text: "four", to: [1, 2], except: [2] })).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await reach({ text: "none", to: [99] })).toEqual({ ok: true, delivered: 0, kept: 0 });
    expect(await reach({ text: "end" })).toEqual({ ok: true, delivered: 3, kept: 0 });
    expect(await heard(bob?.player)).toEqual(["two", "end"]);
    expect(await heard(zoe?.player)).toEqual(["three", "end"]);
    expect([...(await heard(ann?.player)), await ann?.player.next()]).toEqual(["one", "four", "end"]);
    const empty = await publish(server, { room: code, text: "x", to: [] });
    expect([refusalOf(empty), sentenceOf(empty)]).toEqual([
      "400 invalid_request",
      '"to" is too short: it has to have at least 1.',
    ]);
  });

  test("P9.2 for a player that is away it is kept, and there when the player is back", async () => {
    const server = await startServer(OPTIONS);
    const { host, code } = await openRoom(server);
    const session = newSession();
    const phone = new ReliableClient(server, `${code}?session=${session}`);
    await phone.hello();
    await PlayerClient.connect(server, code);
    await host.until("player_joined");
    await host.until("player_joined");
    await phone.cut();
    await eventually("the server has noticed", async () => {
      const { body } = await askApi(server, `GET /api/rooms/${code}`);
      return z.looseObject({ away: z.number() }).parse(body).away === 1;
    });
    expect((await publish(server, { room: code, text: "later" })).body).toEqual({ ok: true, delivered: 1, kept: 1 });
    const back = await PlayerClient.connect(server, `${code}?session=${session}`);
    expect(await back.next()).toBe("later");
  });
});

describe("P9.2 into an open room", () => {
  test("P9.2 members hear it from the room itself, by to and except as well", async () => {
    const server = await startServer(OPTIONS);
    const members = [];
    for (const sub of ["ann", "bob", "zoe"]) members.push(await MemberClient.join(server, sub, "lobby"));
    const [ann, bob, zoe] = members;
    await zoe?.event("joined");
    const reach = async (body: object) => (await publish(server, { room: "name:lobby", ...body })).body;
    expect(await reach({ data: { say: "hi" } })).toEqual({ ok: true, delivered: 3, kept: 0 });
    expect(await reach({ text: "psst", to: ["ann", "nobody"] })).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await reach({ bytes: "AQID", except: ["ann"] })).toEqual({ ok: true, delivered: 2, kept: 0 });
    expect(await ann?.message()).toMatchObject({ from: "", data: { say: "hi" } });
    expect(await ann?.message()).toMatchObject({ from: "", data: "psst" });
    expect(await bob?.message()).toMatchObject({ from: "", data: { say: "hi" } });
    expect(await bob?.next()).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe("P9.2 what is wrong is said", () => {
  test.each([
    [{ room: "BCDF", text: "x" }, "404 room_not_found", /no such room/],
    [{ room: "name:nowhere", text: "x" }, "404 room_not_found", /no such room/],
    [{ room: "name:lobby" }, "400 invalid_request", /"(?:data|text|bytes)" is missing/],
    [{ room: "name:lobby", text: "x", bytes: "AQ==" }, "400 invalid_request", /does not go together/],
    [{ room: "name:lobby", text: 3 }, "400 invalid_request", /"text" has to be text/],
    [{ room: "name:lobby", bytes: "?!" }, "400 invalid_request", /"bytes" is wrong/],
    [{ room: "name:lobby", text: "x", to: "ann" }, "400 invalid_request", /"to" has to be a list/],
    [{ room: "name:lobby", text: "x", to: [{}] }, "400 invalid_request", /"to.0"/],
    [{ room: "name:lobby", text: "x", excpet: ["ann"] }, "400 invalid_request", /did you mean "except"/],
    [{ channel: "news" }, "400 invalid_request", /"data" is missing/],
    [{ channel: "", data: 1 }, "400 invalid_request", /"channel"/],
    [{ channel: "c".repeat(257), data: 1 }, "400 invalid_request", /"channel"/],
    [{}, "400 invalid_request", /is missing/],
    [{ text: "x" }, "400 invalid_request", /"room" is missing/],
  ])("P9.2 %j", async (body, refused, sentence) => {
    const server = await startServer(OPTIONS);
    const answer = await publish(server, body);
    expect([refusalOf(answer), sentenceOf(answer)]).toEqual([refused, expect.stringMatching(sentence)]);
  });

  test("P9.2 more than a megabyte is 413", async () => {
    const server = await startServer(OPTIONS);
    expect(refusalOf(await publish(server, { room: "name:lobby", text: "x".repeat(2 ** 20) }))).toBe("413 too_large");
    expect((await publish(server, { room: "name:lobby", text: "x".repeat(1_000_000) })).status).toBe(200);
  });
});

describe("P9.1 Idempotency-Key", () => {
  test("P9.1 the same request again gets the same answer, and is delivered once", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const [ann] = await joinPlayers(server, room, 1);
    const key = { "Idempotency-Key": "once-1" };
    const body = { room: room.code, text: "once" };
    const first = await publish(server, body, key);
    expect(first).toMatchObject({ status: 200, body: { ok: true, delivered: 1, kept: 0 } });
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
    await joinPlayers(server, room, 1);
    const second = await publish(server, body, key);
    expect(second).toMatchObject({ status: 200, body: first.body, headers: { "idempotency-replayed": "true" } });
    await publish(server, { ...body, text: "end" });
    expect([await ann?.player.next(), await ann?.player.next()]).toEqual(["once", "end"]);
  });

  test("P9.1 many at once are delivered once", async () => {
    const server = await startServer(OPTIONS);
    const room = await openRoom(server);
    const [ann] = await joinPlayers(server, room, 1);
    const key = { "Idempotency-Key": "at once" };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => publish(server, { room: room.code, text: "once" }, key)),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { ok: true, delivered: 1 } });
    await publish(server, { room: room.code, text: "end" });
    expect([await ann?.player.next(), await ann?.player.next()]).toEqual(["once", "end"]);
  });

  test("P9.1 another body with the same key is 409; another API key has keys of its own", async () => {
    const server = await startServer(OPTIONS);
    const headers = { "Idempotency-Key": "k" };
    expect((await publish(server, { room: "name:lobby", text: "a" }, headers)).status).toBe(200);
    const other = await publish(server, { room: "name:lobby", text: "b" }, headers);
    expect(refusalOf(other)).toBe("409 idempotency_conflict");
    const byOther = await askApi(server, PUBLISH, {
      key: SECOND_KEY,
      headers,
      body: { room: "name:lobby", text: "b" },
    });
    expect(byOther.status).toBe(200);
  });

  test("P9.1 what was refused is tried again, and a key that is too long is refused", async () => {
    const server = await startServer(OPTIONS);
    const headers = { "Idempotency-Key": "k" };
    const body = { room: "name:garden", text: "a" };
    expect(refusalOf(await publish(server, body, headers))).toBe("404 room_not_found");
    await askApi(server, "POST /api/rooms", { body: { kind: "relay", name: "garden" } });
    expect((await publish(server, body, headers)).status).toBe(200);
    expect(refusalOf(await publish(server, body, { "Idempotency-Key": "k".repeat(256) }))).toBe("400 invalid_request");
  });

  test("P9.1 a room is opened once as well", async () => {
    const server = await startServer(OPTIONS);
    const request = { body: { kind: "relay" }, headers: { "Idempotency-Key": "room" } };
    const [first, second] = [
      await askApi(server, "POST /api/rooms", request),
      await askApi(server, "POST /api/rooms", request),
    ];
    expect(second).toMatchObject({ status: 201, body: first.body });
  });
});
