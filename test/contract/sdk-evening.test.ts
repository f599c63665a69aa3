/** An evening in Node: the SDK's rooms go from game to game on the real server. A page's `storage` is what the next page finds. */
import { describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { openPage, openPhone, openTestHost, type PageHost, type PagePhone } from "../support/sdk-page.ts";
import { startServer, type TestServer } from "../support/server.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import { createRoom } from "../../src/sdk/node.ts";
import type { JoinRoomOptions } from "../../src/sdk/join-room.ts";
import type { Player } from "../../src/sdk/player.ts";

interface Evening extends PageHost {
  readonly server: TestServer;
  readonly join: (options?: JoinRoomOptions) => Promise<PagePhone>;
}

async function startEvening(options: CreateRoomOptions = {}): Promise<Evening> {
  const server = await startServer();
  const tv = await openTestHost(await openPage(server), { game: "tv", ...options });
  return {
    ...tv,
    server,
    join: async (phoneOptions) => {
      const phone = openPhone(await openPage(server), tv.room.code, phoneOptions);
      expect(await phone.heard.next()).toMatchObject(["open", { isReconnect: false }]);
      expect(await tv.heard.next()).toEqual(["join", expect.anything()]);
      return phone;
    },
  };
}

/** The next page in the same tab, with what the last one stored. */
const nextPage = (tv: PageHost, game: string, options: CreateRoomOptions = {}): Promise<PageHost> =>
  openTestHost(tv.page, { game, ...options });

/** The phone's next page: it was told of the game, and joins again with the seat that is stored. */
async function followTo(game: string, phone: PagePhone): Promise<PagePhone> {
  const [event, notice] = await phone.heard.next();
  expect([event, notice]).toEqual(["game", { name: game, url: expect.stringMatching(/^http:\/\/.*\/[A-Z]{4}$/) }]);
  expect(phone.me.isConnected).toBe(false);
  expect(phone.me.send("too late")).toBe(false);
  const next = openPhone(phone.page, phone.me.code);
  expect(await next.heard.next()).toEqual(["open", { isReconnect: false, isResumed: false }]);
  return next;
}

/** As a program without types calls it. */
const startWith = (room: object, ...values: readonly unknown[]): Promise<unknown> =>
  Promise.resolve().then(() => Reflect.apply(Reflect.get(room, "startGame"), room, values));

describe("P5.9.7 startGame", () => {
  test("P5.9.7 takes code, seats and names along, and to the next game the room is a new one with all in it", async () => {
    const tv = await startEvening({ maxPlayers: 9 });
    const ada = await tv.join({ name: "Ada" });
    const bob = await tv.join({ name: "Bob" });
    const states: string[] = [];
    tv.room.on("state", ({ name }) => states.push(name));
    await tv.room.startGame("quiz");
    expect(states.at(-1)).toBe("quiz");
    expect(tv.room.isConnected).toBe(false);

    const quiz = await nextPage(tv, "quiz", { maxPlayers: 4 });
    expect(quiz.room).toMatchObject({ code: tv.room.code, isRestored: false, restored: undefined, isConnected: true });
    expect(await quiz.heard.take(2)).toEqual([
      ["join", 1],
      ["join", 2],
    ]);
    expect([1, 2].map((id) => quiz.room.nameOf(id))).toEqual(["Ada", "Bob"]);
    await eventually("the room has the seats of this game", () => quiz.room.maxPlayers === 4);

    const [nextAda, nextBob] = [await followTo("quiz", ada), await followTo("quiz", bob)];
    nextBob.me.send({ i: "am Bob" });
    expect(await quiz.heard.next()).toEqual(["json", 2, { i: "am Bob" }]);
    quiz.room.send(1, { you: "are Ada" });
    expect(await nextAda.heard.next()).toEqual(["json", { you: "are Ada" }]);
    expect(await (await fetch(`${tv.server.url}/${tv.room.code}`)).text()).toBe("quiz");
  });

  test("P5.9.7 leads back to the launcher, and on to a third game, as often as it likes", async () => {
    const tv = await startEvening();
    let phone = await tv.join({ name: "Ada" });
    let host: PageHost = tv;
    for (const game of ["quiz", "tv", "duck", "tv"]) {
      await (game === "tv" ? host.room.endGame() : host.room.startGame(game));
      host = await nextPage(host, game);
      expect(host.room.code).toBe(tv.room.code);
      expect(await host.heard.next()).toEqual(["join", 1]);
      phone = await followTo(game, phone);
      phone.me.send({ at: game });
      expect(await host.heard.next()).toEqual(["json", 1, { at: game }]);
    }
  });

  test("P5.9.7 drops what the game saved, said and was told; what the next one saves is its own after a reload", async () => {
    const tv = await startEvening();
    const ada = await tv.join();
    tv.room.save({ of: "the launcher" });
    tv.room.broadcast({ of: "the launcher" }, { retain: "screen" });
    expect(await ada.heard.next()).toEqual(["json", { of: "the launcher" }]);
    tv.room.lock();
    await tv.room.startGame("quiz");
    ada.me.send({ said: "to the launcher" });
    const quiz = await nextPage(tv, "quiz");
    expect(await quiz.heard.next()).toEqual(["join", 1]);
    await eventually("the room takes newcomers again", () => quiz.room.isOpen);
    const nextAda = await followTo("quiz", ada);
    quiz.room.save({ of: "the quiz" });
    quiz.room.send(1, { of: "the quiz" });
    expect(await nextAda.heard.next()).toEqual(["json", { of: "the quiz" }]);
    expect(quiz.heard.drain()).toEqual([]);

    const again = await openTestHost(await quiz.page.reload(), { game: "quiz" });
    expect(again.room).toMatchObject({ code: tv.room.code, isRestored: true, restored: { of: "the quiz" } });
    expect(again.room.players.map(({ id }) => id)).toEqual([1]);
  });

  test("P5.9.7 a phone that was away meanwhile is told when it comes back with the old page", async () => {
    const tv = await startEvening();
    const ada = await tv.join();
    ada.page.proxy.cutNow();
    await tv.room.startGame("quiz");
    const quiz = await nextPage(tv, "quiz");
    expect(await quiz.heard.next()).toEqual(["join", 1]);
    let event: unknown;
    do [event] = await ada.heard.next();
    while (event === "away" || event === "back" || event === "open");
    expect(event).toBe("game");
  });

  test("a page that is loaded again before it has handed the room over takes the room back", async () => {
    const tv = await startEvening();
    const ada = await tv.join();
    const asBefore = await tv.page.duplicate();
    await tv.room.startGame("quiz");
    expect(await ada.heard.next()).toMatchObject(["game", { name: "quiz" }]);
    const again = await openTestHost(asBefore, { game: "tv" });
    expect(again.room.code).toBe(tv.room.code);
    await eventually("the room is the launcher's again", async () => {
      const answer = await fetch(`${tv.server.url}/${tv.room.code}`);
      return (await answer.text()) === "tv";
    });
  });

  test("the launcher finds the evening, whichever game it is at", async () => {
    const tv = await startEvening();
    const ada = await tv.join({ name: "Ada" });
    await tv.room.startGame("quiz");
    const quiz = await nextPage(tv, "quiz");
    await followTo("quiz", ada);
    expect(await quiz.heard.next()).toEqual(["join", 1]);
    const launcher = await openTestHost(await quiz.page.reload(), { game: "tv" });
    expect(launcher.room.code).toBe(tv.room.code);
    expect(await launcher.heard.next()).toEqual(["join", 1]);
    expect(launcher.room.nameOf(1)).toBe("Ada");
    await eventually("the room is the launcher's again", async () => {
      const answer = await fetch(`${tv.server.url}/${tv.room.code}`);
      return (await answer.text()) === "tv";
    });
  });

  test("without a storage the room goes on as the other game's", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "tv" });
    onTestEnd(() => room.close());
    const phone = openPhone(await openPage(server), room.code);
    expect(await phone.heard.next()).toMatchObject(["open", {}]);
    await room.startGame("quiz");
    expect(room.isConnected).toBe(true);
    const next = await followTo("quiz", phone);
    room.broadcast({ of: "the quiz" });
    expect(await next.heard.next()).toEqual(["json", { of: "the quiz" }]);
  });

  test("row 19.8 without a storage the next game begins with its players and without the state of the game before", async () => {
    const server = await startServer();
    const options = { server: server.url, game: "tv", version: 3 };
    const room = await createRoom(options);
    onTestEnd(() => room.close());
    const changes: unknown[] = [];
    const phone = openPhone(await openPage(server), room.code, { name: "Ada" });
    const ada = await new Promise<Player>((resolve) => void room.once("join", resolve));
    expect(await phone.heard.next()).toMatchObject(["open", {}]);
    room.state.set({ round: 3, phase: "vote" });
    ada.state.set("score", 10);
    phone.me.state.set("ready", true);
    await eventually("all is told", () => ada.state.has("ready") && phone.me.state.has("score"));
    room.save({ of: "the launcher" });
    phone.me.on("ready?", () => new Promise(() => undefined)); // without a listener the phone answers by itself
    const asked = expect(ada.ask("ready?")).rejects.toMatchObject({ code: "closed" });
    room.state.on((changed) => changes.push(changed));
    await eventually("the listener knows what there is", () => changes.length === 1);
    await room.startGame("quiz");
    await asked;
    expect([room.state.all(), ada.state.all(), room.restored, room.isRestored]).toEqual([{}, {}, undefined, false]);
    await eventually("the listener is told", () => changes.length === 2);
    expect(changes.at(-1)).toEqual({ round: null, phase: null });

    const next = await followTo("quiz", phone);
    room.state.set("word", "duck");
    ada.state.set("hand", ["A"]);
    await eventually("the phone has it", () => next.me.state.has("hand"));
    expect(next.me.state.all()).toEqual({ word: "duck", hand: ["A"] });
    next.me.state.set("guess", "goose");
    await eventually("the TV has it", () => ada.state.get("guess") === "goose");
    expect([ada.name, room.players]).toEqual(["Ada", [ada]]);
    const late = openPhone(await openPage(server), room.code);
    await eventually("a late phone has the state of this game", () => late.me.state.has("word"));
    expect(late.me.state.all()).toEqual({ word: "duck" });
  });

  test("row 19.8 what is set and saved while the server is asked is kept where it refuses", async () => {
    const tv = await startEvening();
    const ada = await tv.join();
    const going = expect(tv.room.startGame("x".repeat(5_000))).rejects.toMatchObject({ code: "too_large" });
    // The server answers in a later turn: so the moment in which it is asked cannot be missed.
    for (let step = 0; step < 1_000 && tv.room.broadcast("dropped"); step++) await Promise.resolve();
    expect(tv.room.broadcast("dropped")).toBe(false);
    tv.room.state.set("round", 2);
    tv.room.save({ round: 2 });
    await going;
    await eventually("the phone has it", () => ada.me.state.get("round") === 2);
    const again = await openTestHost(await tv.page.reload(), { game: "tv" });
    expect([again.room.restored, again.room.state.all()]).toEqual([{ round: 2 }, { round: 2 }]);
  });

  test("row 19.8 the room keeps the PIN and the meta of the game that opened it, and the console of another says so", async () => {
    const warnings: string[] = [];
    const tv = await startEvening();
    await tv.room.startGame("quiz");
    const quiz = await nextPage(tv, "quiz", { pin: "12", meta: { a: 1 }, warn: (sentence) => warnings.push(sentence) });
    const phone = openPhone(await openPage(tv.server), quiz.room.code);
    expect(await phone.heard.next()).toMatchObject(["open", {}]);
    expect(warnings).toEqual([expect.stringContaining("it keeps the PIN and the meta that it has")]);
  });

  test("a name that the server does not take rejects, and the room stays as it was", async () => {
    const tv = await startEvening();
    const ada = await tv.join();
    await expect(tv.room.startGame("x".repeat(5_000))).rejects.toMatchObject({
      name: "CouchwireError",
      code: "too_large",
    });
    tv.room.send(1, { still: "here" });
    expect(await ada.heard.next()).toEqual(["json", { still: "here" }]);
  });

  test("what makes no sense, a second change at once, and a room that is over reject", async () => {
    const tv = await startEvening();
    for (const name of ["", 7, undefined, null]) {
      await expect(startWith(tv.room, name)).rejects.toMatchObject({ code: "invalid_argument" });
    }
    await expect(startWith(tv.room, "quiz", { remotes: [1] })).rejects.toThrow("`remote`");
    const first = tv.room.startGame("quiz");
    await expect(tv.room.startGame("duck")).rejects.toThrow("on its way to");
    await first;
    await expect(tv.room.endGame()).rejects.toMatchObject({ code: "closed" });
  });
});
