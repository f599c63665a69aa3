/** What members are told when code of the program refuses them, what they say, or makes a mistake. Such code is in the server's own process. */
import { expect } from "@jest/globals";
import { z } from "zod";
import { defineRoom, type RoomKind } from "../../src/games/define-room.ts";
import type { Hooks } from "../../src/games/hooks.ts";
import { JWT_SECRET, MemberClient } from "../support/member-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";

const start = ({ rooms = [], hooks = {} }: { rooms?: readonly RoomKind[]; hooks?: Hooks } = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, openRooms: "*" }, { rooms, hooks });

const MOVE = z.object({ type: z.literal("move"), to: z.string().regex(/^[a-h][1-8]$/, "This is no square.") });

/** A room that passes on squares, laughs at nothing, and breaks at h8. */
const board = defineRoom({
  kind: "board",
  message: MOVE,
  history: { frames: 10 },
  onJoin: (_room, _member, { data }) => (data === "cheat" ? "No cheats." : undefined),
  onMessage(room, member, { to }) {
    if (to === "h8") throw new Error("h8");
    room.broadcastToOthers(member, to, { from: member });
  },
});

/** Two members of a board, who have heard of each other. */
async function twoAtBoard() {
  const server = await start({ rooms: [board] });
  server.inside().rooms.create("board", { name: "table" });
  const ann = await MemberClient.join(server, "ann", "table");
  const ben = await MemberClient.join(server, "ben", "table");
  await ann.event("join");
  await ben.event("joined");
  return { server, ann, ben };
}

testInProcess(
  "P6.5 rows 41, 42: what does not fit is answered with the reason, kept from the others and from the history",
  async () => {
    const { server, ann, ben } = await twoAtBoard();
    ann.say({ type: "move", to: "z9" });
    expect(await ann.next()).toEqual({
      error: { code: "invalid_message", message: expect.stringContaining("This is no square.") },
    });
    ann.say({ type: "move", to: "e4" });
    expect(await ben.next()).toEqual({ from: "ann", data: "e4" });
    const cid = await MemberClient.join(server, "cid", "table");
    expect([await cid.event("joined"), await cid.next()]).toMatchObject([{ history: 1 }, { data: "e4" }]);
  },
);

testInProcess("P6.5 row 54: a handler that throws is told to its sender alone, and the others go on", async () => {
  const { ann, ben } = await twoAtBoard();
  ann.say({ type: "move", to: "h8" });
  expect(await ann.next()).toEqual({ error: { code: "internal_error", message: expect.any(String) } });
  ann.say({ type: "move", to: "h7" });
  expect(await ben.next()).toEqual({ from: "ann", data: "h7" });
});

testInProcess(
  "P6.5 row 11: a newcomer that the room refuses hears its sentence in a frame and in the Close, the others nothing",
  async () => {
    const { server, ann, ben } = await twoAtBoard();
    const refused = await MemberClient.join(server, "cid", "table", {
      query: `&data=${encodeURIComponent('"cheat"')}`,
    });
    expect(await refused.next()).toEqual({ error: { code: "refused", message: "No cheats." } });
    expect(await refused.closed).toEqual({ code: 4501, reason: "No cheats." });
    ann.say({ type: "move", to: "a1" });
    expect(await ben.next()).toEqual({ from: "ann", data: "a1" });
    expect(
      server
        .inside()
        .rooms.get("table")
        ?.members.map(({ id }) => id),
    ).toEqual(["ann", "ben"]);
  },
);

testInProcess("P6.5 row 10: onConnect refuses on each path with 4501 and its sentence", async () => {
  const server = await start({ hooks: { onConnect: async ({ target }) => `Not at ${target}.` } });
  const member = await MemberClient.join(server, "ann", "lobby");
  expect(await member.next()).toEqual({ error: { code: "refused", message: "Not at /ws." } });
  expect(await member.closed).toEqual({ code: 4501, reason: "Not at /ws." });
  for (const path of ["CREATE", "CREATE?kind=relay", "BCDF"]) {
    const client = new PlayerClient(`${server.ws}/${path}`);
    expect(await client.closed).toEqual({ code: 4501, reason: `Not at /${path.split("?")[0]}.` });
  }
});

testInProcess("P6.5 row 11: an onJoin that throws refuses with internal_error and 1011", async () => {
  const broken = defineRoom({
    kind: "broken",
    onJoin: () => {
      throw new Error("oh");
    },
  });
  const server = await start({ rooms: [broken] });
  server.inside().rooms.create("broken", { name: "table" });
  const member = await MemberClient.join(server, "ann", "table");
  expect(await member.next()).toMatchObject({ error: { code: "internal_error" } });
  expect(await member.closed).toMatchObject({ code: 1011 });
});

testInProcess(
  "P6.9 row 24: a member that is kicked is told why, and one that is banned does not come back with another session",
  async () => {
    const { server, ann, ben } = await twoAtBoard();
    const room = server.inside().rooms.get("table");
    const member = room?.member("ben");
    if (member !== undefined) room?.kick(member, "Not nice.", { ban: true });
    expect(await ben.closed).toEqual({ code: 4503, reason: "Not nice." });
    expect(await ann.next()).toMatchObject({ event: "leave", member: { id: "ben" } });
    const again = await MemberClient.join(server, "ben", "table", { claims: { session_id: "another" } });
    expect(await again.closed).toMatchObject({ code: 4503 });
  },
);

testInProcess("P6.9 row 20: a room that allows it makes a spectator of who finds no seat", async () => {
  const small = defineRoom({ kind: "small", maxPlayers: 1, overflow: "spectator" });
  const server = await start({ rooms: [small] });
  server.inside().rooms.create("small", { name: "table" });
  const ann = await MemberClient.join(server, "ann", "table");
  await ann.event("joined");
  const ben = await MemberClient.join(server, "ben", "table");
  expect(await ben.next()).toMatchObject({ event: "joined", members: [{ role: "member" }, { role: "spectator" }] });
});

testInProcess("P6.3 what the room itself says is from no one", async () => {
  const { server, ann } = await twoAtBoard();
  server.inside().rooms.get("table")?.broadcast({ round: 2 });
  expect(await ann.next()).toEqual({ from: "", data: { round: 2 } });
});

testInProcess("P6.1 `data` of the query reaches onJoin as it was", async () => {
  const seen: unknown[] = [];
  const curious = defineRoom({ kind: "curious", onJoin: (_room, _member, { data }) => void seen.push(data) });
  const server = await start({ rooms: [curious] });
  const room = server.inside().rooms.create("curious", { name: "table", code: true });
  const data = { deck: ["♠A", 1.5, null] };
  const query = `data=${encodeURIComponent(JSON.stringify(data))}`;
  await (await MemberClient.join(server, "ann", "table", { query: `&events=1&${query}` })).event("joined");
  await (await MemberClient.connect(server, `${room.code}?${query}`)).event("joined");
  expect(seen).toEqual([data, data]);
});

testInProcess(
  "P6.11 row 12: a PIN is asked of phones with the code, guesses are counted, and members with a token need none",
  async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET, guessLimit: 2 });
    const { code } = server.inside().rooms.create("relay", { name: "table", code: true, pin: "1234" });
    const withPin = (pin: string) => MemberClient.connect(server, `${code}${pin}`);
    const without = await withPin("");
    expect(await without.next()).toMatchObject({ error: { code: "unauthorized" } });
    expect(await without.closed).toMatchObject({ code: 4501 });
    expect(await (await withPin("?pin=1234&name=Ann")).next()).toMatchObject({ event: "joined" });
    expect(await (await MemberClient.join(server, "ben", "table")).next()).toMatchObject({
      event: "joined",
      you: "ben",
    });
    expect(
      await (await fetch(`${server.url}/${code}`, { headers: { Accept: "application/json" } })).json(),
    ).toMatchObject({ pin: true });
    for (let guess = 0; guess < 2; guess++)
      expect(await (await withPin("?pin=0000")).closed).toMatchObject({ code: 4501 });
    expect(await (await withPin("?pin=1234")).closed).toMatchObject({ code: 4029 });
  },
);

testInProcess("row 12: a PIN of a room has 1 to 32 bytes", async () => {
  const { rooms } = (await start()).inside();
  for (const pin of ["", "x".repeat(33)]) {
    expect(() => rooms.create("relay", { pin })).toThrow("pin has to be text of 1 to 32 bytes of UTF-8.");
  }
  expect(rooms.list()).toEqual([]);
});
