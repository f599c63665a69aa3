import { describe, expect, test } from "@jest/globals";
import type { JoinRequest } from "../../../src/room/player-manager.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { FakeRoom, LIMITS, type SeatedPhone } from "../../support/room/fake-room.ts";

const TV = { isReliable: false, sessionHash: "tv" } as const;
const PLAIN = { sessionHash: "anna" } as const;
/** A phone that counts, and goes to another game's page where it is told to. */
const ANNA = { sessionHash: "anna", isReliable: true, game: "sketch" } as const;
/** One that counts and knows nothing of that. */
const OLD = { sessionHash: "anna", isReliable: true } as const;
const QUIZ = { cmd: "game", name: "quiz" } as const;
const NOTICE = '\0game {"name":"quiz","url":"http://tv/BCDF"}';

/** A room with one phone, whose hello is looked at already. */
function withPhone(request: Partial<JoinRequest>): { room: FakeRoom; phone: SeatedPhone; epoch: string } {
  const room = FakeRoom.open({}, TV);
  const phone = room.join(request);
  const epoch = phone.port.read().hello?.epoch ?? "";
  room.heard();
  return { room, phone, epoch };
}

/** What the host heard of players. */
function messages(room: FakeRoom): unknown[] {
  return room.news().filter(({ cmd }) => cmd === "from_str");
}

describe("a change of the room's game", () => {
  test("P5.9.7 is told to the host as the state with the new name; what else there is stays", () => {
    const { room } = withPhone(PLAIN);
    room.tell({ cmd: "start" });
    expect(room.tell({ ...QUIZ, join_url: "http://quiz/", max_players: 3 })).toEqual([
      { cmd: "state", name: "quiz", players: [1], max_players: 3, accept_conns: false },
    ]);
    expect([room.room.code, room.room.name, room.room.joinUrl]).toEqual(["BCDF", "quiz", "http://quiz/"]);
    expect(room.observer.seen.at(-1)).toEqual(["gameChanged", "BCDF", "quiz"]);
    expect(room.tell({ cmd: "game", name: "chess" })).toMatchObject([{ name: "chess", max_players: 3 }]);
    expect(room.room.joinUrl).toBeUndefined();
  });

  test("P5.9.7 to the present game changes the seats and the address alone", () => {
    const { room, phone } = withPhone(ANNA);
    room.tell({ cmd: "save", data: "kept" });
    room.show("kept", { retain: "screen" });
    phone.port.take();
    expect(room.tell({ cmd: "game", name: "sketch", max_players: 1_000 })).toMatchObject([
      { name: "sketch", max_players: 250, accept_conns: true },
    ]);
    room.tell({ cmd: "game", name: "sketch", join_url: "http://new/" });
    room.tell({ cmd: "game", name: "sketch" });
    expect(room.room.joinUrl).toBe("http://new/");
    expect(phone.port.take()).toEqual([]);
    expect(room.join({ ...ANNA, attempt: undefined }).port.read().data).toEqual(["kept"]);
    room.hostBack(TV);
    expect(room.heard()).toContainEqual({ cmd: "restore", data: "kept" });
  });

  test("P5.9.7 needs a room, and a name", () => {
    const room = new FakeRoom();
    expect(room.tell(QUIZ)).toMatchObject(
      [{ cmd: "state" }, { cmd: "error", code: "not_prepared", in: "game" }].slice(1),
    );
    room.prepare();
    for (const fields of [{}, { name: "" }, { name: 5 }, { name: null }]) {
      expect(room.tellFrame({ cmd: "game", ...fields })).toMatchObject([{ code: "invalid_field", in: "game" }]);
    }
    expect(room.tellFrame({ cmd: "game", name: "x".repeat(1_025) })).toMatchObject([{ code: "too_large" }]);
    expect(room.tellFrame({ ...QUIZ, join_url: "javascript:1" })).toMatchObject([{ code: "invalid_field" }]);
    expect(room.room.name).toBe("sketch");
  });

  test("P5.9.7 may be refused, now or later, and then changes nothing; what the host says meanwhile waits", async () => {
    const { room, phone } = withPhone(ANNA);
    room.tell({ cmd: "save", data: "kept" });
    room.directory.mayPlay = () => ({ refusal: "Not that one." });
    const refused = { cmd: "error", reason: "Not that one.", code: "unauthorized", in: "game" };
    expect(room.tell(QUIZ)).toEqual([refused]);
    type Answer = { readonly refusal: string } | undefined;
    const asked: ((answer: Answer) => void)[] = [];
    room.directory.mayPlay = () => new Promise<Answer>((resolve) => void asked.push(resolve));
    for (const refusal of [{ refusal: "Not that one." }, undefined]) {
      expect(room.tellFrame(QUIZ)).toEqual([]);
      expect(room.tellFrame({ cmd: "start" })).toEqual([]);
      expect([room.room.name, phone.port.take()]).toEqual(["sketch", []]);
      asked.pop()?.(refusal);
      await new Promise((resolve) => void setImmediate(resolve));
      expect(room.heard()).toMatchObject(
        refusal
          ? [refused, { cmd: "state", name: "sketch" }]
          : [{ name: "quiz", accept_conns: false }, { cmd: "state" }],
      );
    }
    expect(phone.port.take()).toEqual([NOTICE]);
  });

  test("P5.9.7 drops what was saved, for a host that comes back to the first game too", () => {
    const { room } = withPhone(PLAIN);
    room.tell({ cmd: "save", data: "whole" });
    room.tellFrame({ cmd: "save", key: "a", data: "1" });
    room.tell(QUIZ);
    room.tell({ cmd: "game", name: "sketch" });
    room.hostBack(TV);
    expect(room.news().map(({ cmd }) => cmd)).toEqual(["prepare_reply"]);
  });

  test("P5.9.7 drops what players said to the game before and the host did not get", () => {
    const { room, phone } = withPhone(PLAIN);
    room.hostPort.isBusy = true;
    room.hostGone("timeout");
    room.say(phone, "to the old game");
    room.hostBack(TV, room.hostPort);
    room.hostConnection.host.command(QUIZ);
    room.hostPort.isBusy = false;
    room.hostConnection.drained();
    room.say(phone, "to the new one");
    expect(messages(room)).toEqual([{ cmd: "from_str", from: 1, data: "to the new one" }]);
  });
});

describe("a phone that follows its room to another game", () => {
  test("P5.9.7 is told where to go, is sent nothing more, and is not heard", () => {
    const { room, phone } = withPhone(ANNA);
    room.tell(QUIZ);
    expect(phone.port.take()).toEqual([NOTICE]);
    room.show("for the quiz");
    room.show("newest", { volatile: true });
    room.say(phone, "from the old page");
    room.say(phone, "\0skip 3");
    room.say(phone, "\0ping");
    expect(phone.port.take()).toEqual(["\0ack 4"]);
    expect(room.heard()).toEqual([]);
    phone.connection.drained();
    expect(phone.port.take()).toEqual([]);
  });

  test("P5.9.7 gets on its new page what was said meanwhile, each frame once, and nothing of the game before", () => {
    const { room, phone } = withPhone(ANNA);
    room.show("screen of sketch", { retain: "screen" });
    room.show("unacknowledged");
    room.tell(QUIZ);
    room.show("question", { retain: "screen" });
    room.show("hint");
    room.cut(phone);
    const next = room.join({ ...ANNA, game: "quiz" });
    expect(next.port.read()).toMatchObject({
      hello: { game: "quiz", lost: 0, greeting: 0 },
      data: ["question", "hint"],
    });
    expect(room.news()).toEqual([]);
    room.show("more");
    room.say(next, "answer");
    expect(next.port.read().data).toEqual(["more"]);
    expect(messages(room)).toEqual([{ cmd: "from_str", from: 1, data: "answer" }]);
  });

  test("P5.9.7 is not closed for what waits for its next page; past the buffer the oldest goes and is missed", () => {
    const { room, phone } = withPhone(ANNA);
    room.tell(QUIZ);
    for (let frame = 0; frame < 150; frame++) room.show("x".repeat(1_000 - 64));
    expect(phone.port.closing).toBeUndefined();
    room.cut(phone);
    const next = room.join({ ...ANNA, game: "quiz" });
    expect(next.port.read()).toMatchObject({ hello: { lost: 50 } });
    expect(room.news()).toEqual([{ cmd: "player_back", player: 1, missed: 50 }]);
  });

  test("P5.9.7 that was away is told when it comes back, on whichever connection of the same page", () => {
    const { room, phone, epoch } = withPhone(ANNA);
    room.show("old");
    room.cut(phone);
    room.tell(QUIZ);
    room.show("new");
    for (let time = 0; time < 2; time++) {
      const back = room.join({ ...ANNA, received: 0, epoch });
      expect(back.port.take()).toEqual([expect.stringContaining('"greeting":0,"next":2,"lost":0'), NOTICE]);
    }
    expect(room.join({ ...ANNA, game: "quiz" }).port.read()).toMatchObject({ hello: { next: 2 }, data: ["new"] });
    expect(room.news()).toEqual([]);
  });

  test("P5.9.7 that was away and comes with the new game's page hears no word of it", () => {
    const { room, phone } = withPhone(ANNA);
    room.cut(phone);
    room.tell(QUIZ);
    room.show("new");
    expect(
      room
        .join({ ...ANNA, game: "quiz" })
        .port.take()
        .slice(1),
    ).toEqual(["new"]);
  });

  test("P5.9.7 that comes with another game's page gets a seat and is sent on, as often as it does", () => {
    const room = FakeRoom.open();
    for (const name of ["chess", "sketch"]) room.tell({ cmd: "game", name });
    for (let time = 0; time < 3; time++) {
      const phone = room.join({ ...ANNA, game: "chess" });
      expect(phone.player).toBe(1);
      expect(phone.port.take().slice(1)).toEqual(['\0game {"name":"sketch","url":"http://tv/BCDF"}']);
      room.show(`${time}`);
      expect(phone.port.take()).toEqual([]);
    }
    expect(room.join(ANNA).port.read().data).toEqual(["0", "1", "2"]);
  });

  test("P5.9.7 whose page does not know its game is sent on once, and not for ever", () => {
    const nameless = { ...ANNA, game: "" };
    const { room, phone, epoch } = withPhone(nameless);
    room.tell(QUIZ);
    room.show("new");
    expect(phone.port.take()).toEqual([NOTICE]);
    room.cut(phone);
    expect(
      room
        .join({ ...nameless, received: 0, epoch })
        .port.take()
        .slice(1),
    ).toEqual([NOTICE]);
    const next = room.join(nameless);
    expect(next.port.read().data).toEqual(["new"]);
    room.cut(next);
    expect(room.join(nameless).port.read().data).toEqual(["new"]);
  });

  test("P5.9.7 is no slow one for having heard of many games, and is closed where it reads none of it", () => {
    const { room, phone } = withPhone(ANNA);
    room.tell(QUIZ);
    expect(phone.port.closing).toBeUndefined();
    phone.port.queued = LIMITS.sendQueue + 1;
    room.tell({ cmd: "game", name: "chess" });
    expect(phone.port.closing?.name).toBe("slow_consumer");
  });

  test("P5.9.7 hears of join addresses with the code in them", () => {
    const { room, phone } = withPhone(ANNA);
    room.tell({ ...QUIZ, join_url: "http://quiz/play" });
    expect(phone.port.take()).toEqual(['\0game {"name":"quiz","url":"http://quiz/play?room=BCDF"}']);
  });
});

describe("a phone that does not follow", () => {
  test("P5.9.7 is told where it counts, and goes on over its connection, each frame numbered as it expects", () => {
    const { room, phone, epoch } = withPhone(OLD);
    room.show("one");
    phone.port.isBusy = true;
    room.show("two", { ttl: 1_000 });
    room.show("three");
    room.tell(QUIZ);
    phone.port.isBusy = false;
    phone.connection.drained();
    room.show("four");
    expect(phone.port.take()).toEqual(["one", NOTICE, "four"]);
    room.say(phone, "\0ack 2");
    room.say(phone, "still here");
    expect(messages(room)).toEqual([{ cmd: "from_str", from: 1, data: "still here" }]);
    room.cut(phone);
    room.show("five");
    expect(room.join({ ...OLD, received: 2, epoch }).port.read()).toMatchObject({
      hello: { next: 3, lost: 0 },
      data: ["five"],
    });
  });

  test("P5.9.7 that was away misses nothing of the game before, is told once, and gets what is new", () => {
    const { room, phone, epoch } = withPhone(OLD);
    for (const text of ["1", "2", "3"]) room.show(text);
    room.cut(phone);
    room.show("4");
    room.tell(QUIZ);
    room.show("5");
    const back = room.join({ ...OLD, received: 1, epoch });
    expect(back.port.take()).toEqual([expect.stringContaining('"next":4,"lost":0'), NOTICE, "5"]);
    expect(room.news()).toEqual([]);
    room.cut(back);
    expect(room.join({ ...OLD, received: 4, epoch }).port.take()).toHaveLength(1);
  });

  test("P5.9.7 a plain socket is told nothing, loses what waited, and hears the new game", () => {
    const { room, phone } = withPhone(PLAIN);
    const ben = room.join();
    room.cut(phone);
    room.show("old", { retain: "screen" });
    ben.port.isBusy = true;
    room.show("old and volatile", { volatile: true });
    room.tell(QUIZ);
    ben.port.isBusy = false;
    ben.connection.drained();
    room.show("new");
    expect(ben.port.take()).toEqual(["old", "new"]);
    expect(room.join(PLAIN).port.take()).toEqual(["new"]);
    room.say(ben, "\0game");
    expect(messages(room)).toEqual([{ cmd: "from_str", from: 2, data: "\0game" }]);
  });
});

test("P5.9.7 a player may not tell the server of a game", () => {
  const { room, phone } = withPhone(ANNA);
  phone.connection.message(bytes(NOTICE), true);
  expect(phone.port.closing?.name).toBe("bad_request");
  expect(room.room.name).toBe("sketch");
});
