/** Watchers and waiting phones of the SDK, on the real server (P5.6, P5.7). */
import { describe, expect, test } from "@jest/globals";
import { createRoom, joinRoom, type CreateRoomOptions, type JoinRoomOptions } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startServer, type TestServer } from "../support/server.ts";

async function host(server: TestServer, options: CreateRoomOptions) {
  const room = await createRoom({ server: server.url, game: "duck", ...options });
  onTestEnd(() => room.close());
  return room;
}

function phone(server: TestServer, code: string, options: JoinRoomOptions = {}) {
  const me = joinRoom({ server: server.url, code, ...options });
  onTestEnd(() => me.close());
  return me;
}

/** Resolves with the value when it holds; looks again each time that this is called. */
function until<Value>(holds: (value: Value) => boolean) {
  const { promise, resolve } = deferred<Value>();
  return { promise, look: (value: Value): void => void (holds(value) && resolve(value)) };
}

function deferred<Value>() {
  let resolve = (_value: Value): void => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const opened = (me: ReturnType<typeof joinRoom>): Promise<unknown> =>
  new Promise((resolve) => void me.once("open", resolve));

describe("P5.6 the audience", () => {
  test("watchers are counted, told, and vote in a poll; players hear nothing of it", async () => {
    const server = await startServer();
    const room = await host(server, { audience: 10 });
    const both = until<number>((audience) => audience === 2);
    room.on("state", ({ audience }) => both.look(audience));
    const watchers = [0, 1].map(() => phone(server, room.code, { role: "audience" }));
    const player = phone(server, room.code);
    await Promise.all([...watchers, player].map(opened));
    await both.promise;
    expect(room.players.length).toBe(1);
    expect(watchers.map(({ role }) => role)).toEqual(["audience", "audience"]);

    const heard = watchers.map((me) => new Promise<unknown>((resolve) => void me.on("round", resolve)));
    const stray: unknown[] = [];
    player.on("round", (data) => void stray.push(data));
    room.emitToAudience("round", { n: 1 });
    expect(await Promise.all(heard)).toEqual([{ n: 1 }, { n: 1 }]);

    const tally = until<{ readonly counts: Readonly<Record<string, number>> }>(({ counts }) => counts["b"] === 2);
    room.on("tally", (told) => tally.look(told));
    room.poll("which");
    const [first, second] = watchers;
    expect([first?.vote("a"), second?.vote("b"), first?.vote("b")]).toEqual([true, true, true]);
    expect(await tally.promise).toEqual({ counts: { b: 2 }, other: 0, watchers: 2, poll: "which" });
    expect(stray).toEqual([]);
  });

  test("a room without an audience refuses watchers, and one that is full makes them of phones", async () => {
    const server = await startServer();
    const closed = await host(server, {});
    const refused = phone(server, closed.code, { role: "audience" });
    expect(await new Promise((resolve) => void refused.once("close", resolve))).toMatchObject({ name: "room_full" });

    const room = await host(server, { maxPlayers: 1, audience: 5, overflow: "audience" });
    const seated = phone(server, room.code);
    await opened(seated);
    const late = phone(server, room.code, { name: "Ada", meta: { avatar: 1 } });
    await opened(late);
    expect([seated.role, late.role]).toEqual(["player", "audience"]);
    const voted = new Promise((resolve) => void room.once("tally", resolve));
    late.vote("a");
    expect(await voted).toMatchObject({ counts: { a: 1 }, watchers: 1 });
  });
});

describe("P5.7 the line", () => {
  test("a phone waits, hears its place, and gets the seat of the one that leaves, with what it said", async () => {
    const server = await startServer();
    const room = await host(server, { maxPlayers: 1, overflow: "queue" });
    const seated = phone(server, room.code);
    await opened(seated);
    const second = phone(server, room.code);
    expect(await new Promise((resolve) => void second.once("queue", resolve))).toBe(1);
    const third = phone(server, room.code);
    expect(await new Promise((resolve) => void third.once("queue", resolve))).toBe(2);
    const moved = new Promise((resolve) => void third.once("queue", resolve));
    const said = new Promise((resolve) => void room.on("text", (_player, text) => resolve(text)));
    second.send("here I am");
    seated.close();
    await opened(second);
    expect(await moved).toBe(1);
    expect(await said).toBe("here I am");
    expect([second.position, third.position]).toEqual([undefined, 1]);
  });
});
