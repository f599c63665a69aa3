import { describe, expect, test } from "@jest/globals";
import { HostClient, joinPlayer, openRoom, roundTrip, type OpenRoom } from "../../support/host-client.ts";
import { writeUntilHeldBack } from "../../support/held-back.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { connectionCount, startServer, type TestServer } from "../../support/server.ts";
import { deafProxy } from "../../support/deaf-proxy.ts";
import { newSession } from "../../support/reliable-client.ts";

async function joinWith(server: TestServer, room: OpenRoom, session: string, more = ""): Promise<PlayerClient> {
  const player = await PlayerClient.connect(server, `${room.code}?session=${session}${more}`);
  await room.host.until("player_joined");
  await room.host.until("state");
  return player;
}

function comeBack(server: TestServer, { code }: OpenRoom, session: string): Promise<PlayerClient> {
  return PlayerClient.connect(server, `${code}?session=${session}`);
}

describe("a phone with a session, on a plain WebSocket", () => {
  test("P5.4.1 gets its seat at once in a locked and full room while its old line is half-open, with what waited", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 2 });
    const session = newSession();
    const proxy = await deafProxy(server);
    const old = await joinWith(proxy, room, session);
    await joinPlayer(server, room);
    room.host.send({ cmd: "start" });
    await room.host.until("state");
    room.host.send({ cmd: "to_str", to: [1], data: "one" });
    expect(await old.next()).toBe("one");
    // Until the pong is back that tells of it, "one" might come again (P5.4.8): the second round trip is behind that pong.
    await settle(old);
    await settle(old);
    proxy.goDeaf();
    old.socket.terminate(); // nobody hears it
    room.host.send({ cmd: "to_str", to: [1], data: "two" });
    room.host.send({ cmd: "to", to: [], data: Uint8Array.of(3) });
    await roundTrip(room.host);

    const fresh = await comeBack(server, room, session);
    expect([await fresh.next(), await fresh.next()]).toEqual(["two", Uint8Array.of(3)]);
    fresh.send("me again");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "me again" });
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4523 });
  });

  test("P5.4.2 in two tabs: the newer has the seat, the older is closed with 4509 for good", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const session = newSession();
    const older = await joinWith(server, room, session);
    const newer = await comeBack(server, room, session);
    expect(await older.closed).toEqual({ code: 4509, reason: "You are connected somewhere else." });
    newer.send("hi");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "hi" });
    room.host.send({ cmd: "to_str", to: [], data: "hello" });
    expect(await newer.next()).toBe("hello");
  });

  test.each([1001, 1005, 1006, 3000])(
    "P5.4.4 that ends with %i is away, and comes back as the same player",
    async (code) => {
      const server = await startServer({ awayMs: 0 });
      const room = await openRoom(server);
      const session = newSession();
      const player = await joinWith(server, room, session);
      if (code === 1006) player.socket.terminate();
      else await player.close(code === 1005 ? undefined : code);
      expect(await room.host.next()).toEqual({ cmd: "player_away", player: 1 });
      room.host.send({ cmd: "to_str", to: [1], data: "while you were away" });
      const back = await comeBack(server, room, session);
      expect(await room.host.next()).toEqual({ cmd: "player_back", player: 1, missed: 0 });
      expect(await back.next()).toBe("while you were away");
    },
  );

  test("P5.4.4 that closes with 1000 has left for good", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const player = await joinWith(server, room, newSession());
    await player.close(1000);
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
  });

  test("P5.4.3 that reloads within the debounce is not talked about", async () => {
    const server = await startServer({ awayMs: 60_000 });
    const room = await openRoom(server);
    const session = newSession();
    const player = await joinWith(server, room, session);
    await player.close(1001);
    const back = await comeBack(server, room, session);
    back.send("here");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "here" });
  });

  test("P5.4.3 hears nothing of what its buffer did not hold; the host does", async () => {
    const server = await startServer({ seatBuffer: 200 });
    const room = await openRoom(server);
    const session = newSession();
    const player = await joinWith(server, room, session);
    await player.close(1001);
    await eventually("the server knows", async () => (await connectionCount(server)) === 1);
    for (const text of ["1", "2", "3", "4", "5"]) room.host.send({ cmd: "to_str", to: [], data: text });
    await roundTrip(room.host);
    const back = await comeBack(server, room, session);
    expect(await room.host.next()).toEqual({ cmd: "player_back", player: 1, missed: 2 });
    expect([await back.next(), await back.next(), await back.next()]).toEqual(["3", "4", "5"]);
  });

  test("P5.4.5 loses its seat after the grace before the start, and never after it", async () => {
    const server = await startServer({ seatGraceMs: 30, awayMs: 0 });
    const room = await openRoom(server);
    const [early, late] = [newSession(), newSession()];
    await (await joinWith(server, room, early)).close(1001);
    expect(await room.host.until("player_left")).toEqual({ cmd: "player_left", player: 1 });
    const player = await joinWith(server, room, late);
    room.host.send({ cmd: "start" });
    await roundTrip(room.host);
    await player.close(1001);
    await room.host.until("player_away");
    // A second away seat, in an open room, whose grace ends later than the first one's would have.
    const other = await openRoom(server);
    await (await joinWith(server, other, newSession())).close(1001);
    await other.host.until("player_left");
    await comeBack(server, room, late);
    expect(await room.host.until("player_back")).toMatchObject({ player: 2 });
  });

  test("P5.4.6 can be kicked while it is away, and comes back to nothing", async () => {
    const server = await startServer({ awayMs: 0 });
    const room = await openRoom(server);
    const session = newSession();
    await (await joinWith(server, room, session)).close(1001);
    await room.host.until("player_away");
    room.host.send({ cmd: "kick", player: 1 });
    expect(await room.host.take(2)).toMatchObject([
      { cmd: "player_left", player: 1 },
      { cmd: "state", players: [] },
    ]);
    room.host.send({ cmd: "start" });
    await room.host.until("state");
    expect(await (await comeBack(server, room, session)).closed).toMatchObject({ code: 4523 });
  });

  test("P4.1 4008 that goes silent is away, and what it did not confirm waits for it", async () => {
    const server = await startServer({ awayMs: 0, pingMs: 500, idleMs: 1_000 });
    const room = await openRoom(server);
    const session = newSession();
    const proxy = await deafProxy(server);
    await joinWith(proxy, room, session);
    proxy.goDeaf();
    room.host.send({ cmd: "to_str", to: [1], data: "into the dark" });
    expect(await room.host.until("player_away")).toEqual({ cmd: "player_away", player: 1 });
    expect(await (await comeBack(server, room, session)).next()).toBe("into the dark");
  });
});

describe("what a session may be", () => {
  test.each(["short", "a".repeat(129), "with%20space-in-it", ""])("P5.2.1 not %j: 4500", async (session) => {
    const server = await startServer();
    const room = await openRoom(server);
    for (const path of [room.code, "CREATE"]) {
      const { code, reason } = await (await PlayerClient.connect(server, `${path}?session=${session}`)).closed;
      expect([path, code]).toEqual([path, 4500]);
      expect(reason).toContain("session");
    }
  });

  test("P5.4.14 two rooms know nothing of each other's sessions", async () => {
    const server = await startServer();
    const session = newSession();
    const one = await openRoom(server);
    const other = await openRoom(server);
    const first = await joinWith(server, one, session);
    await joinWith(server, other, session);
    first.send("still here");
    expect(await one.host.next()).toMatchObject({ data: "still here" });
  });
});

describe("a TV with a session, on a plain WebSocket", () => {
  test("P5.4.12 reloads: same room, same code, players stay, and what they sent waits behind state, prepare_reply and restore", async () => {
    const server = await startServer();
    const session = newSession();
    const room = await openRoom(server, { query: `?session=${session}` });
    const { player: one } = await joinPlayer(server, room);
    const { player: two } = await joinPlayer(server, room);
    room.host.send({ cmd: "save", data: Uint8Array.of(1, 2, 3) });
    await roundTrip(room.host);
    room.host.socket.close(1001);
    await room.host.closed;
    await eventually("the server knows", async () => (await connectionCount(server)) === 2);
    one.send("a");
    two.send(Uint8Array.of(9));
    one.send("b");
    await settle(one, two);
    const back = await HostClient.connect(server, `?session=${session}`);
    const events = await back.take(6);
    expect(events.slice(0, 3)).toEqual([
      { cmd: "state", name: "sketch", players: [1, 2], max_players: 8, accept_conns: true },
      { cmd: "prepare_reply", key: room.code },
      { cmd: "restore", data: Uint8Array.of(1, 2, 3) },
    ]);
    expect(events.filter(({ from }) => from === 1)).toEqual([
      { cmd: "from_str", from: 1, data: "a" },
      { cmd: "from_str", from: 1, data: "b" },
    ]);
    expect(events.filter(({ from }) => from === 2)).toEqual([{ cmd: "from", from: 2, data: [9] }]);
    back.send({ cmd: "to_str", to: [], data: "I am back" });
    expect([await one.next(), await two.next()]).toEqual(["I am back", "I am back"]);
  });

  test("P5.4.2 that connects again while its old line is half-open has its room at once, with what the old line did not confirm", async () => {
    const server = await startServer();
    const session = newSession();
    const proxy = await deafProxy(server);
    const room = await openRoom(proxy, { query: `?session=${session}` });
    const { player } = await joinPlayer(server, room);
    proxy.goDeaf();
    player.send("into the dark");
    await settle(player);
    const back = await HostClient.connect(server, `?session=${session}`);
    expect(await back.next()).toMatchObject({ cmd: "state", players: [1] });
    expect(await back.next()).toEqual({ cmd: "prepare_reply", key: room.code });
    expect(await back.until("from_str")).toEqual({ cmd: "from_str", from: 1, data: "into the dark" });
  });

  test("P5.4.10 that does not come back ends the game after the grace: 1001, and the code is nobody's", async () => {
    const server = await startServer({ hostGraceMs: 50 });
    const room = await openRoom(server, { query: `?session=${newSession()}` });
    const { player } = await joinPlayer(server, room);
    room.host.socket.terminate();
    expect(await player.closed).toEqual({ code: 1001, reason: "The game is done." });
    expect((await fetch(`${server.url}/${room.code}`)).status).toBe(404);
  });

  test("P5.4.10 that closes with 1000 ends the game at once", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: `?session=${newSession()}` });
    const { player } = await joinPlayer(server, room);
    room.host.socket.close(1000);
    expect(await player.closed).toMatchObject({ code: 1001 });
  });

  test("P5.4.10 that had not prepared leaves nothing behind, and begins anew", async () => {
    const server = await startServer();
    const session = newSession();
    const host = await HostClient.connect(server, `?session=${session}`);
    host.socket.terminate();
    await host.closed;
    const again = await HostClient.connect(server, `?session=${session}`);
    expect(await again.next()).toMatchObject({ cmd: "state", name: "" });
    again.send({ cmd: "prepare", max_players: 2, name: "x" });
    expect(await again.until("prepare_reply")).toMatchObject({ cmd: "prepare_reply" });
  });

  test("P4.1 4008 is not for one whose page is throttled in the background: its browser answers the pings", async () => {
    const server = await startServer({ pingMs: 800, idleMs: 1_000 });
    const room = await openRoom(server, { query: `?session=${newSession()}` });
    for (let pings = 0; pings < 3; pings++) await new Promise((resolve) => room.host.socket.once("ping", resolve));
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P5.4.12 comes back in its own format or not at all", async () => {
    const server = await startServer();
    const session = newSession();
    const room = await openRoom(server, { query: `?session=${session}&format=json` });
    const wrong = await HostClient.connect(server, `?session=${session}`);
    expect(await wrong.closed).toMatchObject({ code: 4500 });
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P5.4.11 beyond its buffer the players' own networks hold them back, and nothing is lost", async () => {
    const server = await startServer({ hostBuffer: 65_536, playerRate: 0, playerBytes: 0 });
    const session = newSession();
    const room = await openRoom(server, { query: `?session=${session}&bytes=string` });
    const { player } = await joinPlayer(server, room);
    room.host.socket.close(1001);
    await room.host.closed;
    await eventually("the server knows", async () => (await connectionCount(server)) === 1);
    const witness = await openRoom(server);
    const frames = await writeUntilHeldBack(player.socket, {
      write: (index) => {
        player.send(String(index));
        player.socket.send(CHUNK);
      },
      bytes: CHUNK.length,
      turn: () => roundTrip(witness.host),
    });
    const back = await HostClient.connect(server, `?session=${session}&bytes=string`);
    for (let index = 0; index < frames; index++) {
      expect(await back.until("from_str")).toMatchObject({ data: String(index) });
      expect((await back.next()).cmd).toBe("from");
    }
  });
});

const CHUNK = Buffer.alloc(65_536, 7);

/** Until the server has read what these players sent: each one's ping is answered after its frames were read. */
async function settle(...players: readonly PlayerClient[]): Promise<void> {
  for (const { socket } of players) {
    await eventually("the frames have left", () => socket.bufferedAmount === 0);
    await new Promise((resolve) => socket.once("pong", resolve).ping());
  }
}
