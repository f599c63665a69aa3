/** What `GET /CODE` tells a program that reads JSON. */
import { expect, test } from "@jest/globals";
import { HostClient, joinPlayer } from "../support/host-client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const JSON_ALONE = { Accept: "application/json" };

async function prepare(server: TestServer, fields: Readonly<Record<string, unknown>>) {
  const host = await HostClient.connect(server);
  host.send({ cmd: "prepare", max_players: 2, name: "sketch", ...fields });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

async function look({ url }: TestServer, code: string, headers: Readonly<Record<string, string>> = JSON_ALONE) {
  const answer = await fetch(`${url}/${code}`, { headers });
  const body: unknown = await answer.json();
  return { status: answer.status, body, headers: answer.headers };
}

test("P5.9.2 a program that accepts JSON alone is told code, name, players, places, PIN, address and meta", async () => {
  const server = await startServer({ publicUrl: "https://party.example" });
  const meta = { level: "hard", rounds: [1, 2, 3], nothing: null };
  const { code } = await prepare(server, { pin: "1234", meta });
  const { status, body, headers } = await look(server, code.toLowerCase());
  expect(status).toBe(200);
  expect(body).toEqual({
    code,
    name: "sketch",
    players: 0,
    maxPlayers: 2,
    isOpen: true,
    audience: 0,
    pin: true,
    joinUrl: `https://party.example/${code}`,
    meta,
  });
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("P5.9.2 players are counted, and a room that is locked or full is not open", async () => {
  const server = await startServer();
  const room = await prepare(server, {});
  await joinPlayer(server, room);
  expect((await look(server, room.code)).body).toMatchObject({ players: 1, isOpen: true, pin: false, meta: null });
  room.host.send({ cmd: "start" });
  await room.host.until("state");
  expect((await look(server, room.code)).body).toMatchObject({ players: 1, isOpen: false });
  room.host.send({ cmd: "open" });
  await room.host.until("state");
  await joinPlayer(server, room);
  expect((await look(server, room.code)).body).toMatchObject({ players: 2, maxPlayers: 2, isOpen: false });
});

test("P5.9.2 the address is the one that the QR code says: the host's own phone page where it named one", async () => {
  const server = await startServer();
  const { code } = await prepare(server, { join_url: "https://quiz.example/play" });
  expect((await look(server, code)).body).toMatchObject({ joinUrl: `https://quiz.example/play?room=${code}` });
});

test("P5.9.2 no such room, and too many wrong codes, are errors in JSON", async () => {
  const server = await startServer({ guessLimit: 1 });
  const unknown = await look(server, "ZZZZ");
  expect([unknown.status, unknown.body]).toEqual([
    404,
    { error: { code: "room_not_found", message: "Game not found" } },
  ]);
  expect(unknown.headers.get("access-control-allow-origin")).toBe("*");
  const late = await look(server, "ZZZZ");
  expect([late.status, late.body]).toEqual([
    429,
    { error: { code: "rate_limited", message: "Too many wrong codes. Come back in a minute." } },
  ]);
  expect(late.headers.get("retry-after")).toBe("60");
});

test.each(["application/json, text/plain, */*", "*/*", "application/json, text/*", "text/plain"])(
  "P5.9.2 a program that accepts %s gets the name as text, as ever",
  async (accept) => {
    const server = await startServer();
    const { code } = await prepare(server, {});
    const answer = await fetch(`${server.url}/${code}`, { headers: { Accept: accept } });
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["text/plain; charset=utf-8", "sketch"]);
  },
);
