/** The SDK's rooms and phones against the real server: reloads, copied tabs, dead phones, restarts. */
import { describe, expect, test } from "@jest/globals";
import { eventually } from "../support/inbox.ts";
import { openPage, openPhone, openTestHost, type PagePhone, type PageHost } from "../support/sdk-page.ts";
import { startServer } from "../support/server.ts";
import type { OptionsInput } from "../../src/config.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import { createRoom, joinRoom } from "../../src/sdk/index.ts";
import type { JoinRoomOptions } from "../../src/sdk/join-room.ts";

interface Party extends PageHost {
  readonly join: (options?: JoinRoomOptions) => Promise<PagePhone>;
}

async function startParty(room: CreateRoomOptions = {}, options: OptionsInput = {}): Promise<Party> {
  const server = await startServer(options);
  const tv = await openTestHost(await openPage(server), room);
  return {
    ...tv,
    join: async (phoneOptions) => {
      const phone = openPhone(await openPage(server), tv.room.code, phoneOptions);
      expect(await phone.heard.next()).toEqual(["open", { isReconnect: false, isResumed: false }]);
      expect(await tv.heard.next()).toEqual(["join", expect.any(Number)]);
      return phone;
    },
  };
}

describe("a TV that is loaded again", () => {
  test("has its room, its players and what it saved; what happened since follows, once and in order", async () => {
    const { page, room, heard, join } = await startParty();
    const ada = await join({ name: "Ada" });
    await join();
    ada.me.send({ move: 1 });
    await heard.next();
    room.save({ scores: { 1: 10 } });
    ada.me.send({ move: 2 });
    await heard.next();
    const reloading = page.reload();
    ada.me.send({ move: 3 });
    const again = await openTestHost(await reloading);
    expect(again.room).toMatchObject({ code: room.code, isRestored: true, restored: { scores: { 1: 10 } } });
    expect(again.room).toMatchObject({ players: [{ id: 1 }, { id: 2 }], isConnected: true, isOpen: true });
    expect(again.room.nameOf(1)).toBe("Ada");
    expect(await again.heard.take(2)).toEqual([
      ["json", 1, { move: 2 }],
      ["json", 1, { move: 3 }],
    ]);
    again.room.send(1, { your: "turn" });
    expect(await ada.heard.next()).toEqual(["json", { your: "turn" }]);
  });

  test("hears of those who came and went since it saved", async () => {
    const { page, room, heard, join } = await startParty();
    const first = await join();
    room.save("lobby");
    await join();
    first.me.close();
    expect(await heard.next()).toEqual(["leave", 1]);
    const again = await openTestHost(await page.reload());
    expect(again.room.players.map(Number)).toEqual([1]);
    expect(await again.heard.take(2)).toEqual([
      ["join", 2],
      ["leave", 1],
    ]);
    expect(again.room.players.map(Number)).toEqual([2]);
  });

  test("has what it saved while its line was down, once that was up again", async () => {
    const { page, room, heard, join } = await startParty();
    const ada = await join();
    room.save("before");
    const down = new Promise((resolve) => void room.once("reconnecting", resolve));
    page.proxy.cutNow();
    await down;
    room.save("first");
    room.save("newest");
    ada.me.send({ said: "meanwhile" });
    expect(await heard.take(2)).toEqual([["reconnected"], ["json", 1, { said: "meanwhile" }]]);
    await room.rescue(1); // the server has read what was said before it
    const again = await openTestHost(await page.reload());
    expect(again.room.restored).toBe("newest");
    expect(await again.heard.next()).toEqual(["json", 1, { said: "meanwhile" }]);
  });

  test("has what it saved before its line was down, where it is loaded again before that is up", async () => {
    const { page, room, heard, join } = await startParty();
    const ada = await join();
    room.save("before");
    await room.rescue(1);
    ada.me.send({ move: 1 });
    await heard.next();
    const down = new Promise((resolve) => void room.once("reconnecting", resolve));
    page.proxy.cutNow();
    await down;
    room.save("after");
    const again = await openTestHost(await page.reload());
    expect(again.room.restored).toBe("before");
    expect(await again.heard.next()).toEqual(["json", 1, { move: 1 }]);
  });

  test("is told how much of what phones said since it saved is gone, where that was more than the server keeps", async () => {
    const { page, room, heard, join } = await startParty({}, { hostBuffer: 4_096, playerRate: 0 });
    const ada = await join();
    room.save("before");
    for (let move = 1; move <= 100; move++) ada.me.send({ move });
    await heard.take(100);
    const again = await openTestHost(await page.reload());
    expect(again.room.restored).toBe("before");
    const [event, gap] = await again.heard.next();
    expect([event, gap]).toEqual(["gap", { player: undefined, lost: expect.any(Number), unsent: 0 }]);
    const lost = Number(Reflect.get(Object(gap), "lost"));
    expect(lost).toBeGreaterThan(20);
    const kept = await again.heard.take(100 - lost);
    expect(kept).toEqual(kept.map((_, index) => ["json", 1, { move: lost + 1 + index }]));
  });

  test("knows no player who had left before, and those who leave later", async () => {
    const { page, room, heard, join } = await startParty();
    const ada = await join({ name: "Ada" });
    const ben = await join({ name: "Ben" });
    ada.me.close();
    expect(await heard.next()).toEqual(["leave", 1]);
    expect(room.player(1)).toMatchObject({ name: "Ada", isGone: true });
    room.save({ winner: 1 });
    await room.rescue(2);
    const again = await openTestHost(await page.reload());
    expect([again.room.player(1), again.room.nameOf(1)]).toEqual([undefined, undefined]);
    ben.me.close();
    expect(await again.heard.next()).toEqual(["leave", 2]);
    expect(again.room.player(2)).toMatchObject({ name: "Ben", isGone: true });
  });

  test("that saved nothing hears a join for everybody, as a game expects that begins anew", async () => {
    const { page, join } = await startParty();
    await join({ name: "Ada" });
    await join();
    const again = await openTestHost(await page.reload());
    expect(again.room).toMatchObject({ isRestored: true, restored: undefined, players: [] });
    expect(await again.heard.take(2)).toEqual([
      ["join", 1],
      ["join", 2],
    ]);
    expect(again.room.nameOf(1)).toBe("Ada");
  });

  test("knows who is away", async () => {
    const { page, room, heard, join } = await startParty({}, { awayMs: 0 });
    const phone = await join();
    room.save(1);
    phone.page.die();
    expect(await heard.next()).toEqual(["away", 1]);
    expect([...room.away].map(Number)).toEqual([1]);
    const again = await openTestHost(await page.reload());
    expect(await again.heard.next()).toEqual(["away", 1]);
    expect([...again.room.away].map(Number)).toEqual([1]);
    openPhone(await phone.page.reload(), room.code);
    expect(await again.heard.next()).toEqual(["back", 1, 0]);
    expect([...again.room.away]).toEqual([]);
  });

  test("is told nothing before it listens, however long it takes to get ready", async () => {
    const { page, heard, join } = await startParty();
    const phone = await join();
    const again = await createRoom({ game: "sketch", ...(await page.reload()).options });
    phone.me.send("early");
    await again.rescue(1); // an answer comes at once, and after what was sent before it
    const texts: unknown[] = [];
    again.on("join", ({ id }) => texts.push(id));
    await Promise.resolve();
    again.on("text", ({ id }, text) => texts.push(id, text));
    await eventually("both were told", () => texts.length === 3);
    expect(texts).toEqual([1, 1, "early"]);
    again.close();
    expect(heard.drain()).toEqual([]);
  });

  test("opens a new room where the old one was closed", async () => {
    const { page, room, heard } = await startParty();
    room.close();
    expect(await heard.next()).toMatchObject(["close", { name: "room_closed" }]);
    const again = await openTestHost(await page.reload());
    expect(again.room).toMatchObject({ isRestored: false, restored: undefined });
    expect(again.room.code).not.toBe(room.code);
  });

  test("two rooms of one page are two rooms, also when it is loaded again", async () => {
    const server = await startServer();
    const page = await openPage(server);
    const [one, two] = [await openTestHost(page), await openTestHost(page)];
    expect(one.room.code).not.toBe(two.room.code);
    const later = await page.reload();
    const codes = [(await openTestHost(later)).room.code, (await openTestHost(later)).room.code];
    expect(codes).toEqual([one.room.code, two.room.code]);
  });
});

describe("a phone that is loaded again", () => {
  test("has its seat in a room that is locked and full, and the frames that were retained for it", async () => {
    const { room, heard, join } = await startParty({ maxPlayers: 1 });
    const phone = await join();
    room.lock();
    room.broadcast({ screen: "old" }, { retain: "screen" });
    room.broadcast({ screen: "draw" }, { retain: "screen" });
    for (let hint = 1; hint <= 16; hint++) room.send(1, { hint }); // so many that the phone says it has got them
    await phone.heard.take(18);
    phone.me.send({ ready: true });
    await heard.next();
    const again = openPhone(await phone.page.reload(), room.code);
    expect(await again.heard.next()).toEqual(["open", { isReconnect: false, isResumed: false }]);
    expect(await again.heard.next()).toEqual(["json", { screen: "draw" }]);
    again.me.send("here");
    again.me.send({ here: 1 });
    expect(await heard.until(([event]) => event === "json")).toEqual(["json", 1, { here: 1 }]);
    expect(room.players.map(Number)).toEqual([1]);
  });

  test("is away in between, and what is sent to it waits", async () => {
    const { room, heard, join } = await startParty({}, { awayMs: 0 });
    const phone = await join();
    const reloading = phone.page.reload();
    expect(await heard.next()).toEqual(["away", 1]);
    expect([room.players.map(Number), [...room.away].map(Number)]).toEqual([[1], [1]]);
    for (const step of [1, 2, 3]) room.send(1, { step });
    const again = openPhone(await reloading, room.code);
    expect(await again.heard.take(4)).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["json", { step: 1 }],
      ["json", { step: 2 }],
      ["json", { step: 3 }],
    ]);
    expect(await heard.next()).toEqual(["back", 1, 0]);
  });

  test("is a new player where it had left on purpose", async () => {
    const { room, heard, join } = await startParty();
    const phone = await join();
    phone.me.close();
    expect(await heard.next()).toEqual(["leave", 1]);
    openPhone(await phone.page.reload(), room.code);
    expect(await heard.next()).toEqual(["join", 2]);
  });
});

describe("a copied tab", () => {
  test("takes the phone's seat, and the first is told for good and does not fight", async () => {
    const { room, heard, join } = await startParty();
    const phone = await join();
    const copy = openPhone(await phone.page.duplicate(), room.code);
    expect(await copy.heard.next()).toEqual(["open", { isReconnect: false, isResumed: false }]);
    expect(await phone.heard.until(([event]) => event === "close")).toMatchObject([
      "close",
      { code: 4509, name: "replaced", isFinal: true },
    ]);
    copy.me.send({ still: "here" });
    expect(await heard.next()).toEqual(["json", 1, { still: "here" }]);
    expect(phone.me.send("me too")).toBe(false);
    const back = openPhone(await phone.page.reload(), room.code); // loaded again, it takes the seat back
    expect(await back.heard.next()).toMatchObject(["open", {}]);
    expect(await copy.heard.until(([event]) => event === "close")).toMatchObject(["close", { name: "replaced" }]);
    expect(room.players.map(Number)).toEqual([1]);
  });

  test("takes the TV's room, and the first is told for good", async () => {
    const { page, room, heard } = await startParty();
    const copy = await openTestHost(await page.duplicate());
    expect(copy.room).toMatchObject({ code: room.code, isRestored: true });
    expect(await heard.next()).toMatchObject(["close", { code: 4509, name: "replaced" }]);
    expect(copy.room.isConnected).toBe(true);
  });
});

describe("a rescue link", () => {
  test("gives a phone's seat to another, with what was retained; the first is told for good", async () => {
    const { page, room, join } = await startParty();
    const phone = await join({ name: "Ada" });
    room.broadcast({ hand: [1, 2] }, { retain: "hand" });
    room.lock();
    const link = new URL(await room.rescue(1));
    expect(link.pathname).toBe(`/${room.code}`);
    const rescue = link.searchParams.get("rescue") ?? "";
    const other = openPhone(await openPage(page.server), room.code, { rescue });
    expect(await other.heard.take(2)).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["json", { hand: [1, 2] }],
    ]);
    expect(await phone.heard.until(([event]) => event === "close")).toMatchObject(["close", { name: "replaced" }]);
    expect(room.players.map(Number)).toEqual([1]);
    expect(room.nameOf(1)).toBe("Ada");
    const third = openPhone(await openPage(page.server), room.code, { rescue });
    expect(await third.heard.next()).toMatchObject(["close", { name: "room_locked" }]);
  });

  test("for a player who is not there is refused, and each question gets its own answer", async () => {
    const { room, join } = await startParty();
    await join();
    const [none, link] = await Promise.allSettled([room.rescue(7), room.rescue(1)]);
    expect(none).toMatchObject({ status: "rejected", reason: { name: "CouchwireError", code: "invalid_field" } });
    expect(link).toMatchObject({ status: "fulfilled", value: expect.stringContaining("rescue=") });
  });

  test("is not waited for once the room is over", async () => {
    const { room } = await startParty();
    const link = room.rescue(1);
    room.close();
    await expect(link).rejects.toMatchObject({ closeName: "room_closed" });
    await expect(room.rescue(1)).rejects.toMatchObject({ closeName: "room_closed" });
  });
});

describe("the door", () => {
  test("a PIN is asked of newcomers, and not of phones that come back", async () => {
    const { page, room, join } = await startParty({ pin: "1234", meta: { mode: "quick" } });
    const wrong = openPhone(await openPage(page.server), room.code, { pin: "0000" });
    expect(await wrong.heard.next()).toMatchObject(["close", { code: 4501, name: "unauthorized" }]);
    const phone = await join({ pin: "1234" });
    const again = openPhone(await phone.page.reload(), room.code);
    expect(await again.heard.next()).toMatchObject(["open", {}]);
  });

  test("a kicked player may come back as a new one; a banned player may not, also after a reload", async () => {
    const { room, heard, join } = await startParty();
    const phone = await join();
    room.kick(1, { reason: "Too loud." });
    expect(await heard.next()).toEqual(["leave", 1]);
    expect(await phone.heard.next()).toMatchObject(["close", { name: "kicked", reason: "Too loud." }]);
    const again = openPhone(await phone.page.reload(), room.code);
    expect(await heard.next()).toEqual(["join", 2]);
    room.kick(2, { reason: "I said it.", ban: true });
    await again.heard.until(([event]) => event === "close");
    const banned = openPhone(await again.page.reload(), room.code);
    expect(await banned.heard.next()).toMatchObject(["close", { name: "kicked" }]);
    expect(room.players).toEqual([]);
  });

  test("a frame may leave players out", async () => {
    const { room, join } = await startParty();
    const [one, two] = [await join(), await join()];
    room.broadcast({ to: "others" }, { except: 1 });
    room.send([1, 2], { to: "all" }, { except: [] });
    expect(await one.heard.next()).toEqual(["json", { to: "all" }]);
    expect(await two.heard.take(2)).toEqual([
      ["json", { to: "others" }],
      ["json", { to: "all" }],
    ]);
  });

  test("the players' health is told, until no listener is left", async () => {
    const { room, join } = await startParty();
    await join();
    const report = await new Promise((resolve) => {
      const end = room.health(1, (players) => {
        end();
        resolve([...players]);
      });
    });
    expect(report).toEqual([[1, { rtt: null, queued: expect.any(Number), away: false }]]);
    expect(() => room.health(0.5, () => undefined)).toThrow("whole seconds");
  });

  test("the players' health knows that a phone is away before the event says so", async () => {
    const { room, join } = await startParty({}, { awayMs: 60_000 });
    const phone = await join();
    const isAway = new Promise<void>((resolve) => {
      const end = room.health(1, (players) => {
        if (players.get(1)?.away !== true) return;
        end();
        resolve();
      });
    });
    phone.page.die();
    await isAway;
    expect([...room.away]).toEqual([]);
  });
});

describe("a server that restarts", () => {
  test("has no room any more: the TV gets a new one, and the phones are told for good", async () => {
    const { page, room, heard, join } = await startParty();
    const phone = await join();
    const { port } = page.server;
    await page.server.close();
    room.broadcast("for the old room");
    const second = await startServer({ port });
    expect(second.port).toBe(port);
    expect(await heard.until(([event]) => event === "reopened")).toEqual(["reopened", { code: room.code }]);
    expect(await phone.heard.until(([event]) => event === "close")).toMatchObject([
      "close",
      { name: "room_not_found" },
    ]);
    const newcomer = openPhone(await openPage(second), room.code);
    expect(await newcomer.heard.next()).toMatchObject(["open", {}]);
    expect(await heard.until(([event]) => event === "join")).toEqual(["join", 1]);
  });
});

test("a name that is too long, and bounds that are none, are refused at once", () => {
  const options = { code: "BCDF", server: "http://tv" };
  expect(() => joinRoom({ ...options, name: "x".repeat(65) })).toThrow("64 characters");
  expect(() => joinRoom({ ...options, outboxBytes: 0 })).toThrow("`outboxBytes`");
  expect(() => joinRoom({ ...options, pongTimeoutMs: NaN })).toThrow("`pongTimeoutMs`");
});
