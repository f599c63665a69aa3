/** What phones say of their players, the colours the TV gives them, and versions of a game, on the real server. */
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually, Inbox } from "../support/inbox.ts";
import { openPage, openPhone, openTestHost, type PageHost } from "../support/sdk-page.ts";
import { startServer } from "../support/server.ts";
import { PLAYER_COLORS } from "../../src/sdk/player-colors.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import type { JoinRoomOptions } from "../../src/sdk/join-room.ts";

async function startTv(options: CreateRoomOptions = {}) {
  const server = await startServer({ playerRate: 0 });
  const tv = await openTestHost(await openPage(server), { maxPlayers: 20, ...options });
  const join = async (phoneOptions: JoinRoomOptions = {}) => {
    const phone = openPhone(await openPage(server), tv.room.code, phoneOptions);
    await phone.heard.next();
    expect(await tv.heard.next()).toEqual(["join", phone.me.id]);
    return phone;
  };
  return { server, tv, join };
}

/** The profiles of which the TV hears, each as name and meta. */
function profilesOf({ room }: PageHost): Inbox<unknown> {
  const inbox = new Inbox<unknown>("the event profile");
  room.on("profile", ({ id, name, meta }) => inbox.push([id, name, meta]));
  return inbox;
}

describe("a profile", () => {
  test("P5.10.3 comes with the phone, changes with setProfile, and stays when either page is loaded again", async () => {
    const { tv, join } = await startTv();
    const profiles = profilesOf(tv);
    const ada = await join({ name: "Ada", meta: { avatar: 3, hat: "red" } });
    expect(await profiles.next()).toEqual([1, "Ada", { avatar: 3, hat: "red" }]);
    ada.me.setProfile({ avatar: 4 });
    expect(await profiles.next()).toEqual([1, "Ada", { avatar: 4, hat: "red" }]);
    ada.me.setProfile({ name: " Grace " });
    expect(await profiles.next()).toEqual([1, "Grace", { avatar: 4, hat: "red" }]);
    expect([ada.me.name, ada.me.meta]).toEqual(["Grace", { avatar: 4, hat: "red" }]);

    const again = await openTestHost(await tv.page.reload());
    await again.heard.next();
    expect(again.room.players).toMatchObject([{ name: "Grace", meta: { avatar: 4, hat: "red" } }]);
    const later = profilesOf(again);
    const reloaded = openPhone(await ada.page.reload(), tv.room.code);
    await reloaded.heard.next();
    expect([reloaded.me.name, reloaded.me.meta]).toEqual(["Grace", { avatar: 4, hat: "red" }]);
    reloaded.me.setProfile({ hat: "blue" });
    expect(await later.next()).toEqual([1, "Grace", { avatar: 4, hat: "blue" }]);
  });

  test("P5.10.3 that the TV changes is the phone's too, and stays when either page is loaded again", async () => {
    const { tv, join } = await startTv();
    const profiles = profilesOf(tv);
    const ada = await join({ name: "Ada", meta: { avatar: 3, hat: "red" } });
    expect(await profiles.next()).toEqual([1, "Ada", { avatar: 3, hat: "red" }]);
    const [player] = tv.room.players;
    player?.setProfile({ name: "Ada 2", avatar: 5 });
    expect(await profiles.next()).toEqual([1, "Ada 2", { avatar: 5, hat: "red" }]);
    await player?.ask("none").catch(() => undefined); // what was said before has arrived
    expect([ada.me.name, ada.me.meta]).toEqual(["Ada 2", { avatar: 5, hat: "red" }]);
    expect(() => player?.setProfile({ name: "x".repeat(65) })).toThrow("64 characters");

    const again = await openTestHost(await tv.page.reload());
    await again.heard.next();
    expect(again.room.players).toMatchObject([{ name: "Ada 2", meta: { avatar: 5, hat: "red" } }]);
    const reloaded = openPhone(await ada.page.reload(), tv.room.code);
    await reloaded.heard.next();
    expect([reloaded.me.name, reloaded.me.meta]).toEqual(["Ada 2", { avatar: 5, hat: "red" }]);
  });

  test("is empty where a phone says nothing, and then the TV is told nothing of the SDK's", async () => {
    const { tv, join } = await startTv();
    const texts = new Inbox<string>("the TV");
    tv.room.on("text", (_player, text) => texts.push(text));
    const phone = await join({ name: "Ada" });
    phone.me.send("first");
    expect(await texts.next()).toBe("first");
    expect(tv.room.player(1)).toMatchObject({ name: "Ada", meta: {} });
    expect(() => phone.me.setProfile({ name: "x".repeat(65) })).toThrow("64 characters");
    expect(() => phone.me.setProfile({ blob: "x".repeat(2_048) })).toThrow("2048 bytes of JSON; this has 2059.");
    // @ts-expect-error TypeScript would have said so.
    expect(() => phone.me.setProfile("Ada")).toThrow('setProfile takes an object such as { name: "Ada", avatar: 3 }');
  });

  test.each([
    ["a name that is too long", { name: "x".repeat(65), meta: {} }],
    ["a meta that is too large", { meta: { blob: "x".repeat(2_048) } }],
    ["a meta that is a list", { meta: [1] }],
    ["a name that is no text", { name: 7, meta: {} }],
    ["no object", "Ada"],
  ])("of a phone that says %s is nothing", async (_what, data) => {
    const { server, tv } = await startTv();
    const profiles = profilesOf(tv);
    const raw = new WebSocket(`${server.url.replace("http", "ws")}/${tv.room.code}`);
    onTestEnd(() => raw.terminate());
    await new Promise((resolve) => void raw.once("open", resolve));
    raw.send(JSON.stringify({ cw: "event", name: "cw:profile", data }));
    raw.send(JSON.stringify({ cw: "event", name: "cw:profile", data: { name: "Ben", meta: { ok: true } } }));
    expect(await profiles.next()).toEqual([1, "Ben", { ok: true }]);
  });
});

describe("P5.2.2 what no name may hold is taken out of it", () => {
  const junk = "\u202e\u0000 Ada\n\u0007 Lovelace\u2066 ";

  test("of joinRoom, and of setProfile on either side; where nothing is left the player keeps its name", async () => {
    const { tv, join } = await startTv();
    const profiles = profilesOf(tv);
    const ada = await join({ name: junk, meta: {} });
    await ada.me.latency();
    expect([ada.me.name, tv.room.nameOf(1)]).toEqual(["Ada Lovelace", "Ada Lovelace"]);
    ada.me.setProfile({ name: "\u0000Gra\u202ece" });
    expect(await profiles.next()).toEqual([1, "Grace", {}]);
    ada.me.setProfile({ name: "\u0000\u200d ", hat: "red" });
    expect(await profiles.next()).toEqual([1, "Grace", { hat: "red" }]);
    tv.room.player(1)?.setProfile({ name: "Gr\u0000ace 2" });
    expect(await profiles.next()).toEqual([1, "Grace 2", { hat: "red" }]);
    await ada.me.latency();
    expect(ada.me.name).toBe("Grace 2");
  });

  test("of a phone without the SDK, in its address and in its profile", async () => {
    const { server, tv } = await startTv();
    const profiles = profilesOf(tv);
    const raw = new WebSocket(`${server.url.replace("http", "ws")}/${tv.room.code}?name=${encodeURIComponent(junk)}`);
    onTestEnd(() => raw.terminate());
    expect(await tv.heard.next()).toEqual(["join", 1]);
    expect(tv.room.player(1)?.name).toBe("Ada Lovelace");
    raw.send(JSON.stringify({ cw: "event", name: "cw:profile", data: { name: "\u0000B\u202een", meta: {} } }));
    expect(await profiles.next()).toEqual([1, "Ben", {}]);
    raw.send(JSON.stringify({ cw: "event", name: "cw:profile", data: { name: "\u0000\u3164", meta: { hat: 1 } } }));
    expect(await profiles.next()).toEqual([1, "Ben", { hat: 1 }]);
  });
});

describe("a colour", () => {
  test("is another one for each of twelve players, also when earlier ones have left; the phone knows its own", async () => {
    const { tv, join } = await startTv();
    const phones = [];
    for (let count = 0; count < 12; count++) phones.push(await join({ meta: { count } }));
    expect(tv.room.players.map(({ color }) => color)).toEqual(PLAYER_COLORS);
    expect(phones.map(({ me }) => me.color)).toEqual(PLAYER_COLORS);
    phones[4]?.me.close();
    expect(await tv.heard.next()).toEqual(["leave", 5]);
    const told = new Inbox<unknown>("the thirteenth");
    const thirteenth = await join({ meta: { late: true } });
    thirteenth.me.on("text", (text) => told.push(text));
    expect(tv.room.player(13)?.color).toBe(PLAYER_COLORS[4]);
    tv.room.player(13)?.send("after its colour");
    expect(await told.next()).toBe("after its colour");
    await thirteenth.me.latency();
    expect(thirteenth.me.color).toBe(PLAYER_COLORS[4]);
    tv.room.save("lobby");
    await tv.room.rescue(1); // the server has read what was said before it
    const again = await openTestHost(await tv.page.reload());
    expect(again.room.player(13)?.color).toBe(PLAYER_COLORS[4]);
    const reloaded = openPhone(await thirteenth.page.reload(), tv.room.code);
    await reloaded.heard.next();
    await reloaded.me.latency();
    expect(reloaded.me.color).toBe(PLAYER_COLORS[4]);
  });
});

test("?fresh in the address of the TV's page opens a new room", async () => {
  const { tv } = await startTv();
  onTestEnd(() => void Reflect.deleteProperty(globalThis, "location"));
  Object.defineProperty(globalThis, "location", { value: new URL("http://tv/?fresh"), configurable: true });
  const page = await tv.page.reload();
  const fresh = await openTestHost(page);
  expect(fresh.room).toMatchObject({ isRestored: false });
  expect(fresh.room.code).not.toBe(tv.room.code);
  Reflect.deleteProperty(globalThis, "location");
  const again = await openTestHost(await page.reload());
  expect(again.room.code).toBe(fresh.room.code);
});

describe("a version of a game", () => {
  test("has what it saved itself, and not what another one saved; the players are still there", async () => {
    const { tv, join } = await startTv({ version: 1 });
    await join({ name: "Ada" });
    tv.room.save({ round: 3 });
    await tv.room.rescue(1); // the server has read what was said before it
    const same = await openTestHost(await tv.page.reload(), { version: 1 });
    expect(same.room).toMatchObject({ isRestored: true, restored: { round: 3 } });
    const next = await openTestHost(await same.page.reload(), { version: 2 });
    expect(next.room).toMatchObject({ code: tv.room.code, isRestored: true, restored: undefined });
    expect(await next.heard.next()).toEqual(["join", 1]);
    expect(next.room.players.map(({ name }) => name)).toEqual(["Ada"]);
    next.room.save({ stage: 1 });
    await next.room.rescue(1);
    const any = await openTestHost(await next.page.reload());
    expect(any.room.restored).toEqual({ stage: 1 });
  });

  test("has its own state, and phones see nothing of another one's, also when they are loaded again", async () => {
    const { tv, join } = await startTv({ version: "a" });
    const ada = await join();
    tv.room.state.set({ round: 3, phase: "draw" });
    tv.room.player(1)?.state.set("score", 10);
    await eventually("the phone has both", () => ada.me.state.get("score") === 10);
    await tv.room.rescue(1);
    const same = await openTestHost(await tv.page.reload(), { version: "a" });
    expect(same.room.state.all()).toEqual({ round: 3, phase: "draw" });
    const next = await openTestHost(await same.page.reload(), { version: "b" });
    expect(next.room.state.all()).toEqual({});
    expect(await next.heard.next()).toEqual(["join", 1]);
    expect(next.room.player(1)?.state.all()).toEqual({});
    await eventually("the phone has nothing", () => ada.me.state.keys().length === 0);
    next.room.state.set("stage", 1);
    await eventually("the phone has the new one", () => ada.me.state.get("stage") === 1);
    expect(ada.me.state.all()).toEqual({ stage: 1 });
    const reloaded = openPhone(await ada.page.reload(), tv.room.code);
    await eventually("the next page has it", () => reloaded.me.state.get("stage") === 1);
    expect(reloaded.me.state.all()).toEqual({ stage: 1 });
    await next.room.rescue(1);
    const again = await openTestHost(await next.page.reload(), { version: "b" });
    expect(again.room.state.all()).toEqual({ stage: 1 });
  });
});
