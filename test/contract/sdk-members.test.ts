/** `joinMember` of the SDK against open rooms on a real server. */
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import type { RoomKind } from "../../src/games/define-room.ts";
import { defineRoom } from "../../src/index.ts";
import type { OptionsInput } from "../../src/config.ts";
import type { JoinMemberOptions } from "../../src/sdk/join-member.ts";
import type { MemberRoom, MemberRoomEvents } from "../../src/sdk/member-room.ts";
import { joinMember } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually, Inbox } from "../support/inbox.ts";
import { JWT_SECRET, MemberClient, tokenFor } from "../support/member-client.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The SDK's sockets, so that a test can cut them. */
function cuttableSockets() {
  const sockets: WebSocket[] = [];
  class Cuttable extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  return { WebSocket: Cuttable, sockets, cut: () => sockets.at(-1)?.terminate() };
}

/** A room's events as they come, each as what the listeners are called with. */
function events(room: MemberRoom, name: keyof MemberRoomEvents): Inbox<unknown[]> {
  const inbox = new Inbox<unknown[]>(`the event ${name}`);
  room.on(name, (...values: unknown[]) => inbox.push(values));
  return inbox;
}

function join(server: TestServer, room: string, options: JoinMemberOptions = {}): MemberRoom {
  const me = joinMember(room, { server: server.url, warn() {}, ...options });
  onTestEnd(() => me.close());
  return me;
}

async function joined(server: TestServer, room: string, options: JoinMemberOptions = {}): Promise<MemberRoom> {
  const me = join(server, room, options);
  await events(me, "open").next();
  return me;
}

const start = (options: OptionsInput = {}, kinds: readonly RoomKind[] = []): Promise<TestServer> =>
  startServer(
    { jwtSecret: JWT_SECRET, openRooms: "relay", playerRate: 0, playerBytes: 0, ...options },
    { rooms: kinds },
  );

const idsOf = (room: MemberRoom): string[] => room.members.map(({ id }) => id);

describe("a room that is joined with a token", () => {
  test("P6.11 members hear each other, each with its name, and know who is there", async () => {
    const server = await start();
    const ann = await joined(server, "lobby", { token: await tokenFor("ann", "lobby", { name: "Ann" }) });
    expect([ann.id, ann.members]).toEqual([
      "ann",
      [{ id: "ann", name: "Ann", role: "member", isAway: false, meta: undefined }],
    ]);
    const came = events(ann, "join");
    const ben = await joined(server, "lobby", { token: await tokenFor("ben", "lobby") });
    expect(await came.next()).toMatchObject([{ id: "ben", name: "ben", role: "member", isAway: false, meta: {} }]);
    expect([idsOf(ann), idsOf(ben)]).toEqual([
      ["ann", "ben"],
      ["ann", "ben"],
    ]);
    const heard = events(ben, "message");
    const bytes = events(ben, "binary");
    for (const data of ["text", 7, null, { deep: [1] }]) ann.send(data);
    ann.send("not for ben", { to: ["nobody"] });
    ann.send("for ben", { to: ["ben"] });
    ann.send(Uint8Array.of(1, 2));
    expect(await heard.take(5)).toEqual(
      ["text", 7, null, { deep: [1] }, "for ben"].map((data) => ["ann", data, undefined]),
    );
    expect(await bytes.next()).toEqual([Uint8Array.of(1, 2)]);

    const left = events(ann, "leave");
    ben.close();
    expect(await left.next()).toMatchObject([{ id: "ben" }]);
    expect([idsOf(ann), ben.send("too late")]).toEqual([["ann"], false]);
  });

  test("P6.6 a newcomer is told what was said before, and when", async () => {
    const server = await start();
    const ann = await joined(server, "lobby", { token: await tokenFor("ann", "lobby") });
    const cid = await joined(server, "lobby", { token: await tokenFor("cid", "lobby") });
    const heard = events(cid, "message");
    ann.send("first");
    await heard.next();
    const ben = join(server, "lobby", { token: await tokenFor("ben", "lobby") });
    const told = events(ben, "message");
    expect(await told.next()).toEqual(["ann", "first", { seq: 1, at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) }]);
  });

  test("P6.11 the token is asked for before each attempt, and one that has expired is replaced by the next, with nothing lost", async () => {
    const server = await start();
    const ann = await joined(server, "lobby", { token: await tokenFor("ann", "lobby") });
    let asked = 0;
    // Another user's token does not renew the one of the line.
    const token = (): Promise<string> => {
      asked += 1;
      if (asked === 1) return tokenFor("ben", "lobby", {}, 1);
      return tokenFor(hasLost ? "ben" : "eve", "lobby");
    };
    let hasLost = false;
    const ben = await joined(server, "lobby", { token });
    const heard = events(ben, "message");
    const back = events(ben, "open");
    const lost = events(ben, "reconnecting");
    ben.on("reconnecting", () => (hasLost = true));
    expect(await lost.next()).toMatchObject([{ code: 4401 }]);
    ann.send("meanwhile");
    expect(await back.next()).toEqual([{ isReconnect: true, isResumed: true }]);
    expect(await heard.next()).toEqual(["ann", "meanwhile", undefined]);
  });

  test("P5.9.15 the token of an open line is renewed in time, and the line stays", async () => {
    const server = await start();
    let asked = 0;
    const token = (): Promise<string> => tokenFor("ben", "lobby", {}, ++asked === 1 ? 2 : 600);
    const ben = await joined(server, "lobby", { token });
    let cuts = 0;
    ben.on("reconnecting", () => (cuts += 1));
    const short = await MemberClient.join(server, "cid", "lobby", {}, 2);
    expect(await short.closed).toMatchObject({ code: 4401 });
    expect([asked, cuts, ben.send("still here")]).toEqual([2, 0, true]);
  });

  test("where no token comes, it is tried again, and the page is told why", async () => {
    const server = await start();
    let asked = 0;
    const token = (): string | Promise<string> => {
      asked += 1;
      if (asked === 1) throw new Error("The shop is closed.");
      if (asked === 2) return Promise.reject(new Error("The shop is still closed."));
      if (asked === 3) return "no token";
      return tokenFor("ben", "lobby");
    };
    const ben = join(server, "lobby", { token });
    const trouble = events(ben, "connecting");
    const open = events(ben, "open");
    expect(await trouble.next()).toMatchObject([
      { attempt: 1, reason: expect.stringContaining("The shop is closed.") },
    ]);
    expect(await trouble.next()).toMatchObject([
      { attempt: 2, reason: expect.stringContaining("The shop is still closed.") },
    ]);
    expect(await trouble.next()).toMatchObject([{ attempt: 3, reason: expect.stringContaining("JWT") }]);
    await open.next();
    expect(ben.id).toBe("ben");
  });

  test("P4.1 4501 a token that does not count ends it, with the reason", async () => {
    const server = await start({ jwtSecret: "another secret of thirty-two bytes!" });
    const ben = join(server, "lobby", { token: await tokenFor("ben", "lobby") });
    const closed = events(ben, "closed");
    expect(await closed.next()).toMatchObject([
      { code: 4501, name: "unauthorized", reason: expect.stringContaining("not signed"), isFinal: true },
    ]);
  });

  test("what a spectator says is refused, and it is told so", async () => {
    const server = await start();
    await joined(server, "lobby", { token: await tokenFor("ann", "lobby") });
    const eve = await joined(server, "lobby", { token: await tokenFor("eve", "lobby"), role: "spectator" });
    const errors = events(eve, "error");
    expect(eve.member("eve")?.role).toBe("spectator");
    eve.send("I say");
    expect(await errors.next()).toMatchObject([{ code: "unauthorized" }]);
  });
});

describe("a room that is joined by its code", () => {
  const game = defineRoom({
    kind: "game",
    relays: true,
    onJoin(room, member, { data }) {
      if (data === "no") return "Not you.";
      room.send(member, { brought: data ?? null });
      return undefined;
    },
    onMessage(room, member, message) {
      if (message === "face") member.setMeta({ face: "fox" });
      if (message === "kick me") room.kick(member);
    },
  });

  test("P6.11 members have names and bring something, and see each other go away, come back, and change", async () => {
    const server = await start({ awayMs: 0 }, [game]);
    const { code = "" } = server.inside().rooms.create("game");
    const ann = await joined(server, code.toLowerCase(), { name: " Ann " });
    const came = events(ann, "join");
    const { WebSocket: Cuttable, cut } = cuttableSockets();
    const ben = join(server, code, { name: "Ben", data: { hat: "red" }, WebSocket: Cuttable });
    expect(await events(ben, "message").next()).toEqual(["", { brought: { hat: "red" } }, undefined]);
    expect(await came.next()).toMatchObject([{ id: "p2", name: "Ben" }]);
    const [away, back, meta] = [events(ann, "away"), events(ann, "back"), events(ann, "meta")];
    ben.send("face");
    expect(await meta.next()).toMatchObject([{ id: "p2", meta: { face: "fox" }, isAway: false }]);
    cut();
    expect(await away.next()).toMatchObject([{ id: "p2", isAway: true }]);
    expect(ann.member("p2")?.isAway).toBe(true);
    expect(await back.next()).toMatchObject([{ id: "p2", isAway: false, meta: { face: "fox" } }]);
    expect(ben.members.map(({ name }) => name)).toEqual(["Ann", "Ben"]);
  });

  test("P5.5 P6.11 over a line that is cut again and again all arrives once and in order, both ways", async () => {
    const server = await start({ awayMs: 60_000 }, [game]);
    const { code = "" } = server.inside().rooms.create("game");
    const ann = await joined(server, code, { name: "Ann" });
    const { WebSocket: Cuttable, cut } = cuttableSockets();
    const ben = await joined(server, code, { name: "Ben", WebSocket: Cuttable });
    const [atAnn, atBen]: [unknown[], unknown[]] = [[], []];
    ann.on("message", (_from, data) => void atAnn.push(data));
    ben.on("message", (_from, data) => void atBen.push(data));
    const count = 400;
    for (let number = 1; number <= count; number++) {
      ann.send(number);
      ben.send(number);
      if (number % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (number % 100 !== 50) continue;
      cut();
      await eventually("Ben is back", () => !ben.isConnected);
      await eventually("Ben is back", () => ben.isConnected);
    }
    await eventually("all has arrived", () => atAnn.length >= count && atBen.length >= count);
    const expected = Array.from({ length: count }, (_, index) => index + 1);
    expect([atAnn, atBen.filter((data) => typeof data === "number")]).toEqual([expected, expected]);
  });

  test("P6.11 the same session has the same seat on another page: the first is replaced, and the second knows the room", async () => {
    const server = await start({}, [game]);
    const { code = "" } = server.inside().rooms.create("game");
    const session = "a-session-of-mine-1";
    await joined(server, code, { name: "Ann" });
    const first = await joined(server, code, { name: "Ben", session });
    const closed = events(first, "closed");
    const second = await joined(server, code, { name: "Ben", session });
    expect(await closed.next()).toMatchObject([{ name: "replaced" }]);
    expect([second.id, second.members.map(({ name }) => name)]).toEqual(["p2", ["Ann", "Ben"]]);
  });

  test("`detach` keeps the seat, a later page with the same storage has it again; `close` gives it up", async () => {
    const server = await start({ awayMs: 0 }, [game]);
    const { code = "" } = server.inside().rooms.create("game");
    const ann = await joined(server, code, { name: "Ann" });
    const [away, left] = [events(ann, "away"), events(ann, "leave")];
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    const first = await joined(server, code, { name: "Ben", storage });
    first.detach();
    expect(await away.next()).toMatchObject([{ id: "p2" }]);
    const second = await joined(server, code, { name: "Ben", storage });
    expect(second.id).toBe("p2");
    second.close();
    expect(await left.next()).toMatchObject([{ id: "p2" }]);
    expect(kept.size).toBe(0);
  });

  test("P4.1 a refusal and a kick end it, and the reason is told", async () => {
    const server = await start({}, [game]);
    const { code = "" } = server.inside().rooms.create("game");
    const refused = join(server, code, { data: "no" });
    expect(await events(refused, "closed").next()).toMatchObject([{ name: "unauthorized", reason: "Not you." }]);
    const kicked = await joined(server, code);
    const closed = events(kicked, "closed");
    kicked.send("kick me");
    expect(await closed.next()).toMatchObject([{ name: "kicked" }]);
    const lost = join(server, "ZZZZ");
    expect(await events(lost, "closed").next()).toMatchObject([{ name: "room_not_found" }]);
  });
});

describe("joinMember refuses", () => {
  test.each([
    ["a name without a token", "the lobby", {}, "Without a token"],
    ["no room", "", {}, "name or the code"],
    ["a token that is none", "lobby", { token: "abc" }, "JWT"],
    ["a token that is a number", "lobby", { token: 7 }, "function"],
    ["an unknown role", "BCDF", { role: "king" }, "role"],
    ["a short session", "BCDF", { session: "short" }, "16 to 128"],
    ["too much data", "BCDF", { data: "x".repeat(2_000) }, "1024 bytes"],
    ["a misspelt option", "BCDF", { nam: "Ann" }, "Did you mean `name`?"],
  ])("%s", (_what, room, options, sentence) => {
    expect(() => Reflect.apply(joinMember, undefined, [room, { server: "http://127.0.0.1:1", ...options }])).toThrow(
      sentence,
    );
  });

  test("the token of another room, and what cannot be sent", async () => {
    const server = await start();
    const token = await tokenFor("ann", "kitchen");
    expect(() => joinMember("lobby", { server: server.url, token })).toThrow('The token is for the room "kitchen"');
    const ann = await joined(server, "kitchen", { token });
    expect(() => ann.send(undefined)).toThrow("JSON");
    expect(() => ann.send(new Uint8Array(1), { to: [] })).toThrow("no `to`");
    // @ts-expect-error Members are told by a list.
    expect(() => ann.send("a", { to: "ben" })).toThrow("list of members' ids");
    // @ts-expect-error There is no such event.
    expect(() => ann.on("close", () => {})).toThrow("no event");
  });
});
