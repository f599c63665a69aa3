/** Peers that are here by a token: who they are, until when, and what a newer token or a revocation does. */
import { describe, expect, test } from "@jest/globals";
import type { JoinHook } from "../../src/games/hooks.ts";
import type { OptionsInput } from "../../src/config.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { HostClient, openRoom, roundTrip, type OpenRoom } from "../support/host-client.ts";
import { handmadeToken, JWT_SECRET, MemberClient } from "../support/member-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";
import { startTcpServer } from "../support/tcp-server.ts";

interface Claims {
  readonly room?: string;
  readonly role?: string;
  readonly name?: string;
  readonly session_id?: string;
}

/** A token that counts for so many seconds. */
function tokenOf(sub: string, claims: Claims = {}, seconds = 600): string {
  const iat = Math.floor(Date.now() / 1_000);
  return handmadeToken({ sub, session_id: "s1", iat, exp: Date.now() / 1_000 + seconds, ...claims });
}

const asHost = (seconds = 600, sub = "tv"): string => `token=${tokenOf(sub, { role: "host" }, seconds)}`;

/** A host's token for one room alone. */
const forRoom = (room: string): string => `token=${tokenOf("tv", { role: "host", room })}`;

const start = (options: OptionsInput = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, openRooms: "relay", ...options });

/** A phone that counts frames, with its hello read. */
async function reliablePhone(server: TestServer, code: string, token: string, session = newSession()) {
  const phone = new ReliableClient(server, `${code}?session=${session}&token=${token}`);
  return { phone, hello: await phone.hello() };
}

const EXPIRED = { code: 4401, reason: "Your token has expired." };

describe("a token that expires on an open line", () => {
  test("P5.9.15 row 4: closes a plain phone, one that counts frames, and a host with 4401, and not before", async () => {
    const server = await start();
    const room = await openRoom(server);
    const began = Date.now();
    const plain = await PlayerClient.connect(server, `${room.code}?token=${tokenOf("ann", {}, 1)}`);
    const { phone, hello } = await reliablePhone(server, room.code, tokenOf("ben", {}, 1));
    const host = await HostClient.connect(server, `?${asHost(1)}`);
    expect(hello).toMatchObject({ expires_ms: expect.any(Number) });
    expect(await Promise.all([plain.closed, phone.closed, host.closed])).toEqual([EXPIRED, EXPIRED, EXPIRED]);
    expect(Date.now() - began).toBeGreaterThanOrEqual(900);
  });

  test("P5.9.15 closes a member over /ws and one over TCP", async () => {
    const server = await startTcpServer({ jwtSecret: JWT_SECRET });
    const member = await MemberClient.connect(server, `ws?token=${tokenOf("ann", { room: "lobby" }, 1)}`);
    const client = await server.connect();
    client.say({ say: "join_room", room: `a?token=${tokenOf("ben", {}, 1)}` });
    await client.inbox.next();
    expect(await member.closed).toEqual(EXPIRED);
    expect(await client.error()).toBe("Your token has expired.");
    await client.ended;
  });

  test("P5.9.15 leaves the seat and the room, to which a newer token leads back", async () => {
    const server = await start();
    const session = newSession();
    const host = await HostClient.connect(server, `?session=${session}&${asHost(1)}`);
    host.send({ cmd: "prepare", max_players: 2, name: "sketch" });
    const { key } = await host.until("prepare_reply");
    const seat = newSession();
    const first = await reliablePhone(server, String(key), tokenOf("ann", {}, 1), seat);
    await Promise.all([host.closed, first.phone.closed]);
    const again = await HostClient.connect(server, `?session=${session}&${asHost()}`);
    expect(await again.until("prepare_reply")).toEqual({ cmd: "prepare_reply", key });
    const second = await reliablePhone(server, String(key), tokenOf("ann"), seat);
    expect(second.hello.player).toBe(first.hello.player);
  });
});

describe("a newer token on an open line", () => {
  test("P5.9.15 of a phone that counts frames goes on with the line, and is answered", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    const { phone } = await reliablePhone(server, code, tokenOf("ann", {}, 1));
    phone.send(`\0token ${tokenOf("ann", { room: code }, 600)}`);
    const answer = String(await phone.next());
    expect(answer).toMatch(/^\0token \{"exp":[\d.]+,"expires_ms":\d+\}$/);
    const short = await reliablePhone(server, code, tokenOf("ben", {}, 1));
    expect(await short.phone.closed).toEqual(EXPIRED);
    phone.send("\0ping");
    expect(await phone.next()).toMatch(/^\0ack/);
  });

  test("P5.9.15 of a host goes on with its line too", async () => {
    const server = await start();
    const host = new ReliableClient(server, `CREATE?format=json&session=${newSession()}&${asHost(1)}`);
    expect(await host.hello()).toMatchObject({ expires_ms: expect.any(Number) });
    await host.next();
    host.send(`\0token ${tokenOf("tv", { role: "host" })}`);
    expect(await host.next()).toMatch(/^\0token \{"exp":/);
  });

  test.each([
    ["another user's", () => tokenOf("ben"), /another member's/],
    ["one for another room", () => tokenOf("ann", { room: "BBBB" }), /another room/],
    ["a host's", () => tokenOf("ann", { role: "host" }), /another role/],
    ["one that has expired", () => tokenOf("ann", {}, -1), /expired/],
    ["none", () => "", /empty/],
    ["64 KiB", () => "x".repeat(65_536), /longer than 8192/],
  ])("P5.9.15 %s does not count, and the line stays", async (_, make, reason) => {
    const server = await start();
    const { code } = await openRoom(server);
    const { phone } = await reliablePhone(server, code, tokenOf("ann"));
    phone.send(`\0token ${make()}`);
    const answer = await phone.frames.until((frame) => String(frame).startsWith("\0token "));
    expect(JSON.parse(String(answer).slice("\0token ".length))).toEqual({
      error: expect.stringMatching(reason),
    });
    phone.send("\0ping");
    expect(await phone.next()).toMatch(/^\0ack/);
  });

  test("P5.9.15 is nothing for a phone that came without one", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    const phone = new ReliableClient(server, `${code}?session=${newSession()}`);
    expect(await phone.hello()).not.toHaveProperty("expires_ms");
    phone.send(`\0token ${tokenOf("ann")}`);
    expect(await phone.next()).toBe('\0token {"error":"You came without a token, so there is none to renew."}');
  });

  test("P7.8 in JoinRoom for the room that a client is in renews, and nobody else hears of it", async () => {
    const server = await startTcpServer({ jwtSecret: JWT_SECRET });
    const other = await server.connect();
    await other.join("lobby");
    const client = await server.connect();
    const id = await client.join(`lobby?token=${tokenOf("ben", {}, 1)}`);
    expect(await other.inbox.next()).toEqual({ say: "player_joined", client: id });
    client.say({ say: "join_room", room: `lobby?token=${tokenOf("ben", { room: "lobby" })}` });
    expect(await client.inbox.next()).toEqual({ say: "joined", client: id, room: "lobby" });
    const short = await server.connect();
    await short.join(`a?token=${tokenOf("cid", {}, 1)}`);
    await short.ended;
    client.broadcast("still here");
    expect(await other.inbox.next()).toMatchObject({ say: "broadcast", sender: id });
  });
});

describe("who a token says that a phone is", () => {
  test("P5.3.10 the host is told the user and the name of the token", async () => {
    const server = await start();
    const { host, code } = await openRoom(server);
    await PlayerClient.connect(server, `${code}?name=Eve&token=${tokenOf("ann", { name: "Ann" })}`);
    expect(await host.until("player_joined")).toEqual({ cmd: "player_joined", player: 1, name: "Ann", user: "ann" });
    await PlayerClient.connect(server, `${code}?name=Ben&token=${tokenOf("ben")}`);
    expect(await host.until("player_joined")).toEqual({ cmd: "player_joined", player: 2, name: "Ben", user: "ben" });
  });

  test("P5.9.14 a session is the user's alone: another one that shows it is a newcomer, and so is one without a token", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    const session = newSession();
    const ann = await reliablePhone(server, code, tokenOf("ann"), session);
    const ben = await reliablePhone(server, code, tokenOf("ben"), session);
    const plain = new ReliableClient(server, `${code}?session=${session}`);
    expect([ann.hello.player, ben.hello.player, (await plain.hello()).player]).toEqual([1, 2, 3]);
    const again = await reliablePhone(server, code, tokenOf("ann", { session_id: "s2" }), session);
    expect(again.hello.player).toBe(1);
    expect(await ann.phone.closed).toMatchObject({ code: 4509 });
  });

  test("P5.9.14 a host's session is its user's alone", async () => {
    const server = await start();
    const session = newSession();
    const { host } = await openRoom(server, { query: `?session=${session}&${asHost()}` });
    const thief = await HostClient.connect(server, `?session=${session}&${asHost(600, "thief")}`);
    expect(await thief.next()).toMatchObject({ cmd: "state", name: "" });
    expect(await roundTrip(host)).toEqual([]);
  });

  test("P5.9.14 a host's token for one room takes that up again, and opens no other", async () => {
    const server = await start();
    const session = newSession();
    const { code } = await openRoom(server, { query: `?session=${session}&${asHost()}` });
    const back = await HostClient.connect(server, `?session=${session}&${forRoom(code.toLowerCase())}`);
    expect(await back.until("prepare_reply")).toMatchObject({ key: code });
    for (const query of [forRoom(code), `session=${session}&${forRoom("BBBB")}`]) {
      expect(await (await HostClient.connect(server, `?${query}`)).closed).toMatchObject({
        code: 4501,
        reason: expect.stringMatching(/one room alone/),
      });
    }
  });

  test("P5.9.14 couchwire.v1 needs no session beside a token", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    const phone = new ReliableClient(server, `${code}?token=${tokenOf("ann")}`);
    expect(await phone.hello()).toMatchObject({ player: 1 });
    await phone.cut();
    const again = new ReliableClient(server, `${code}?token=${tokenOf("ann")}`);
    expect(await again.hello()).toMatchObject({ player: 1 });
  });

  test.each(["audience", "spectator"])(
    "P5.9.14 who may only watch (%s) has no seat in a room without an audience",
    async (role) => {
      const server = await start();
      const { host, code } = await openRoom(server);
      const watcher = await PlayerClient.connect(server, `${code}?token=${tokenOf("ann", { role })}`);
      expect(await watcher.closed).toEqual({ code: 4510, reason: "This room has no audience." });
      expect(await roundTrip(host)).toEqual([]);
    },
  );

  test("P5.9.14 on the code of an open room a token has the same seat as on /ws, without its PIN", async () => {
    const server = await start();
    const opener = await MemberClient.connect(server, "CREATE?kind=relay&name=hall");
    const { code } = await opener.event("created");
    const ann = await MemberClient.connect(server, `ws?events=1&token=${tokenOf("ann", { room: "hall" })}`);
    await ann.event("joined");
    await MemberClient.connect(server, `${String(code)}?token=${tokenOf("ann", { room: "hall" })}`);
    expect(await ann.closed).toMatchObject({ code: 4509 });
    const named = await MemberClient.connect(server, `ws?events=1&token=${tokenOf("ben", { room: String(code) })}`);
    expect(await named.event("joined")).toMatchObject({
      you: "ben",
      members: [{ role: "spectator" }, { id: "ann", role: "member" }, { id: "ben" }],
    });
    const watcher = await MemberClient.connect(
      server,
      `${String(code)}?token=${tokenOf("cid", { role: "spectator" })}`,
    );
    expect(await watcher.event("joined")).toMatchObject({
      members: expect.arrayContaining([{ id: "cid", name: "cid", role: "spectator" }]),
    });
  });

  test("P6.0 in a header a token with a room is for that room, and the query decides otherwise", async () => {
    const server = await start();
    const headers = { Authorization: `Bearer ${tokenOf("ann", { room: "hall" })}` };
    const ann = await MemberClient.connect(server, "ws?events=1", { headers });
    expect(await ann.event("joined")).toMatchObject({ you: "ann" });
    const wrong = await MemberClient.connect(server, "ws?wire=tin-can", { headers });
    expect(await wrong.closed).toEqual({ code: 4500, reason: '"wire" has to be rooms or channels.' });
    const plain = { Authorization: `Bearer ${tokenOf("ann")}` };
    const roomless = await MemberClient.connect(server, "ws?wire=rooms", { headers: plain });
    expect(await roomless.closed).toEqual({ code: 4501, reason: 'Your token has no "room".' });
  });
});

testInProcess("P5.9.14 the program behind the server hears who the token says that a player is", async () => {
  const asked: unknown[] = [];
  const onJoin = ({ member }: JoinHook): undefined => void asked.push(member);
  const server = await startServer({ jwtSecret: JWT_SECRET }, { hooks: { onJoin } });
  const heard: unknown[] = [];
  for (const name of ["join", "leave"] as const) server.inside().on(name, ({ member }) => void heard.push(member));
  const { host, code } = await openRoom(server);
  const phone = await PlayerClient.connect(server, `${code}?token=${tokenOf("ann", { name: "Ann" })}`);
  await host.until("player_joined");
  await phone.close(1000);
  await host.until("player_left");
  const ann = { id: "1", name: "Ann", role: "player", user: "ann" };
  expect([asked, heard]).toEqual([[{ ...ann, id: "" }], [ann, ann]]);
});

describe("a user that is kept out", () => {
  test("P5.3.2 kick with ban keeps the user out of this room, with whatever session", async () => {
    const server = await start();
    const { host, code } = await openRoom(server);
    const { phone } = await reliablePhone(server, code, tokenOf("ann"));
    host.send({ cmd: "kick", player: 1, ban: true });
    expect(await phone.closed).toMatchObject({ code: 4503 });
    for (const query of [`token=${tokenOf("ann")}`, `session=${newSession()}&token=${tokenOf("ann")}`]) {
      expect(await (await PlayerClient.connect(server, `${code}?${query}`)).closed).toMatchObject({ code: 4503 });
    }
    expect((await reliablePhone(server, code, tokenOf("ben"))).hello.player).toBe(2);
  });

  test("P5.3.2 a ban keeps out the session as the phone showed it, too", async () => {
    const server = await start();
    const { host, code } = await openRoom(server);
    const session = newSession();
    await reliablePhone(server, code, tokenOf("ann"), session);
    host.send({ cmd: "kick", player: 1, ban: true });
    await host.until("player_left");
    for (const query of [`session=${session}`, `session=${session}&token=${tokenOf("ben")}`]) {
      expect(await (await PlayerClient.connect(server, `${code}?${query}`)).closed).toMatchObject({ code: 4503 });
    }
  });

  testInProcess(
    "row 48: a ban by sub closes the user's phone, member, client over TCP and room, and refuses them",
    async () => {
      const server = await startTcpServer({ jwtSecret: JWT_SECRET });
      const { host, code } = await openRoom(server, { query: `?${asHost()}` });
      const own = await HostClient.connect(server, `?${asHost(600, "ann")}`);
      const phone = await PlayerClient.connect(server, `${code}?token=${tokenOf("ann")}`);
      await host.until("player_joined");
      const member = await MemberClient.connect(server, `ws?events=1&token=${tokenOf("ann", { room: "lobby" })}`);
      await member.event("joined");
      const client = await server.connect();
      await client.join(`a?token=${tokenOf("ann")}`);
      server.inside().bans.add({ sub: "ann" }, { reason: "Out." });
      const out = { code: 4503, reason: "Out." };
      expect(await Promise.all([own.closed, phone.closed, member.closed])).toEqual([out, out, out]);
      expect(await client.error()).toBe("Out.");
      const later = await PlayerClient.connect(server, `${code}?token=${tokenOf("ann")}`);
      expect(await later.closed).toEqual(out);
      expect(await (await HostClient.connect(server, `?${asHost(600, "ann")}`)).closed).toEqual(out);
      expect(await host.until("player_left")).toMatchObject({ player: 1 });
    },
  );
});

/** Everything that one user has open. */
async function openAll(server: TestServer & { readonly tcpPort: number }, { code }: OpenRoom, sub: string) {
  const claims = { session_id: `${sub}'s session` };
  const host = await HostClient.connect(server, `?token=${tokenOf(sub, { role: "host", ...claims })}`);
  const phone = await PlayerClient.connect(server, `${code}?token=${tokenOf(sub, claims)}`);
  const member = await MemberClient.connect(server, `ws?events=1&token=${tokenOf(sub, { room: "lobby", ...claims })}`);
  await member.event("joined");
  return { host, phone, member };
}

const REVOKED = { code: 4501, reason: "Your token has been revoked." };

for (const target of [{ sub: "ann" }, { session_id: "ann's session" }]) {
  testInProcess(
    `row 6: revoking ${JSON.stringify(target)} closes within a second all that is open by such tokens`,
    async () => {
      const server = await startTcpServer({ jwtSecret: JWT_SECRET });
      const room = await openRoom(server, { query: `?${asHost()}` });
      const ann = await openAll(server, room, "ann");
      const ben = await openAll(server, room, "ben");
      const old = tokenOf("ann", { session_id: "ann's session" });
      const { tokens } = server.inside();
      const began = Date.now();
      tokens?.revoke(target);
      expect(await Promise.all([ann.host.closed, ann.phone.closed, ann.member.closed])).toEqual([
        REVOKED,
        REVOKED,
        REVOKED,
      ]);
      expect(Date.now() - began).toBeLessThan(1_000);
      expect(await (await PlayerClient.connect(server, `${room.code}?token=${old}`)).closed).toEqual(REVOKED);
      const issued = await tokens?.issue({ sub: "ann", session_id: "ann's session" });
      const again = await PlayerClient.connect(server, `${room.code}?token=${issued?.token}`);
      onTestEnd(() => again.socket.terminate());
      expect((await room.host.events.until(({ cmd, player }) => cmd === "player_joined" && player === 3)).user).toBe(
        "ann",
      );
      for (const { socket } of [ben.host, ben.phone, ben.member]) expect(socket.readyState).toBe(socket.OPEN);
    },
  );
}
