/** The room of `examples/chess`, with members and a clock in the test's hand. */
import { describe, expect, test } from "@jest/globals";
import { Chess } from "chess.js";
import { z } from "zod";
import { defineChess } from "../../../examples/chess/room.js";
import { FakeOpenRooms, type FakeMember } from "../../support/room/fake-open-rooms.ts";

const AWAY_MS = 3_000;

const HEARD = z.array(z.looseObject({ type: z.string() }));
type Heard = z.infer<typeof HEARD>[number];

interface Table {
  readonly fake: FakeOpenRooms;
  readonly join: (id: string, more?: Parameters<FakeOpenRooms["joinNow"]>[2]) => FakeMember;
}

/** A room of kind `chess` named `board`. */
function openTable(meta?: unknown): Table {
  const clock = { now: (): number => 0 };
  const kind = defineChess({ now: () => clock.now(), today: () => new Date("2026-11-29T12:00:00Z") });
  const fake = new FakeOpenRooms([kind]);
  clock.now = () => fake.clock.now();
  fake.rooms.create("chess", { name: "board", ...(meta !== undefined && { meta }) });
  return { fake, join: (id, more) => fake.joinNow("board", id, { name: id, ...more }) };
}

const newsOf = (member: FakeMember): Heard[] => HEARD.parse(member.messages());
const lastOf = (member: FakeMember, type = "game"): Heard | undefined =>
  newsOf(member).findLast((each) => each.type === type);
/** What a player is told who asks how the game stands. */
function lookOf(member: FakeMember): Heard | undefined {
  member.say({ type: "look" });
  return lastOf(member);
}
const moveOf = (move: string): object => ({ type: "move", from: move.slice(0, 2), to: move.slice(2, 4) });

const FOOLS_MATE = ["f2f3", "e7e5", "g2g4", "d8h4"];

function playFoolsMate(white: FakeMember, black: FakeMember): void {
  FOOLS_MATE.forEach((move, index) => (index % 2 === 0 ? white : black).say(moveOf(move)));
}

describe("row 110: seats", () => {
  test("two play, a third watches and sees everything, and may say nothing in the game", () => {
    const { join } = openTable();
    const [ada, ben] = [join("ada"), join("ben")];
    const cleo = join("cleo");
    for (const member of [ada, ben, cleo]) member.heard();
    ada.say(moveOf("e2e4"));
    for (const member of [ada, ben, cleo])
      expect(lastOf(member)).toMatchObject({
        white: { name: "ada" },
        black: { name: "ben" },
        board: { moves: ["e4"] },
      });
    for (const message of [moveOf("e7e5"), { type: "resign" }, { type: "chat", text: "e5!" }]) cleo.say(message);
    expect(newsOf(cleo).map(({ code }) => code)).toEqual(["spectator", "spectator", "spectator"]);
    expect([ada.heard(), ben.heard()]).toEqual([[], []]);
  });

  test("who watches comes and goes without a word to the game", () => {
    const { join } = openTable();
    const [ada] = [join("ada"), join("ben")];
    ada.heard();
    const cleo = join("cleo");
    cleo.leave();
    expect(newsOf(ada)).toEqual([]);
  });

  test("a rematch swaps sides", () => {
    const { join } = openTable();
    const [ada, ben] = [join("ada"), join("ben")];
    playFoolsMate(ada, ben);
    ada.say({ type: "rematch" });
    ben.say({ type: "rematch" });
    expect(lastOf(ada)).toMatchObject({
      phase: "playing",
      round: 2,
      white: { name: "ben", points: 1 },
      black: { name: "ada" },
    });
    ada.say(moveOf("e2e4"));
    expect(lastOf(ada, "refused")).toMatchObject({ code: "not_your_turn" });
  });

  test("the page that opens the room chooses the clocks and that sides are drawn", () => {
    const { join } = openTable();
    join("tv", { role: "spectator", data: { timeControl: { baseMs: 60_000, incrementMs: 1_000 }, sides: "draw" } });
    const ada = join("ada");
    join("late", { role: "spectator", data: { timeControl: null } });
    join("ben");
    expect(lookOf(ada)).toMatchObject({ timeControl: { baseMs: 60_000, incrementMs: 1_000 } });
    const other = openTable({ timeControl: null });
    const cleo = other.join("cleo", { data: { side: "black" } });
    other.join("dan");
    expect(lookOf(cleo)).toMatchObject({ timeControl: null, black: { name: "cleo" }, board: { clocks: null } });
  });
});

describe("row 111: what is refused", () => {
  test("is told to its sender alone, and changes nothing", () => {
    const { join } = openTable();
    const [ada, ben, tv] = [join("ada"), join("ben"), join("tv", { role: "spectator" })];
    for (const member of [ada, ben, tv]) member.heard();
    ada.say(moveOf("e2e5"));
    ben.say(moveOf("e7e5"));
    ben.say({ type: "accept-draw" });
    expect(newsOf(ada)).toEqual([{ type: "refused", code: "illegal_move", reason: "e2e5 is not legal here." }]);
    expect(newsOf(ben).map(({ type, code }) => [type, code])).toEqual([
      ["refused", "not_your_turn"],
      ["refused", "no_draw_offer"],
    ]);
    expect(tv.heard()).toEqual([]);
  });

  test("where it fits no message of the kind, the server says so", async () => {
    const { join } = openTable();
    const ada = join("ada");
    ada.heard();
    for (const message of ["e4", { type: "move", from: "e2" }, { type: "cheat" }, { type: "chat", text: "" }])
      ada.say(message);
    const answers = ada.heard();
    expect(answers).toHaveLength(4);
    for (const answer of answers)
      expect(answer).toEqual({ error: { code: "invalid_message", message: expect.any(String) } });
  });
});

describe("row 113: clocks", () => {
  test("without a move for 60 seconds of 1+0 the game is lost at 60 seconds, and all are told", () => {
    const { fake, join } = openTable({ timeControl: { baseMs: 60_000, incrementMs: 0 } });
    const [, ben] = [join("ada"), join("ben")];
    fake.clock.pass(59_999);
    expect(newsOf(ben)).toEqual([]);
    fake.clock.pass(1);
    expect(lastOf(ben)).toMatchObject({
      phase: "over",
      board: { result: "0-1", reason: "time", clocks: { white: 0 } },
    });
  });

  test("the flag is watched anew after each move", () => {
    const { fake, join } = openTable({ timeControl: { baseMs: 60_000, incrementMs: 0 } });
    const [ada, ben] = [join("ada"), join("ben")];
    fake.clock.pass(50_000);
    ada.say(moveOf("e2e4"));
    fake.clock.pass(59_000);
    ben.say(moveOf("e7e5"));
    fake.clock.pass(9_999);
    expect(lookOf(ada)).toMatchObject({ phase: "playing", board: { clocks: { white: 1, black: 1_000 } } });
    fake.clock.pass(1);
    expect(lastOf(ben)).toMatchObject({ phase: "over", board: { result: "0-1" } });
  });
});

describe("row 114: a player whose line is cut", () => {
  test("is shown as away, comes back to seat, position and offers, and the clock has run", async () => {
    const { fake, join } = openTable();
    const [ada, ben] = [join("ada"), join("ben")];
    ben.heard();
    ada.say(moveOf("e2e4"));
    ada.say({ type: "offer-draw" });
    ben.leave("cut");
    fake.clock.pass(10_000);
    expect(lastOf(ada)).toMatchObject({ phase: "playing", black: { isAway: true } });
    const back = join("ben");
    expect(lastOf(ada)).toMatchObject({ black: { isAway: false } });
    expect(lookOf(back)).toMatchObject({
      black: { name: "ben", isAway: false },
      board: { moves: ["e4"], offers: { draw: "white" }, clocks: { white: 605_000, black: 590_000 } },
    });
    back.say({ type: "accept-draw" });
    expect(lastOf(ada)).toMatchObject({ board: { result: "1/2-1/2", reason: "agreement" } });
  });

  test("keeps the seat while the game runs, for longer than seats are kept elsewhere, and the other may claim the win", () => {
    const { fake, join } = openTable({ timeControl: null });
    const [ada, ben] = [join("ada"), join("ben")];
    ben.leave("cut");
    fake.clock.pass(AWAY_MS + 59_000);
    ada.say({ type: "claim-win" });
    expect(lastOf(ada, "refused")).toMatchObject({ code: "too_early" });
    fake.clock.pass(600_000);
    expect(lookOf(ada)).toMatchObject({ phase: "playing", black: { isAway: true, hasLeft: false } });
    ada.say({ type: "claim-win" });
    expect(lastOf(ada)).toMatchObject({ phase: "over", board: { result: "1-0", reason: "abandonment" } });
  });

  test("who leaves on purpose loses, and the seat is free for another", () => {
    const { join } = openTable();
    const [ada, ben] = [join("ada"), join("ben")];
    ben.leave();
    expect(lastOf(ada)).toMatchObject({ phase: "over", black: { hasLeft: true }, board: { result: "1-0" } });
    join("cleo");
    expect(lastOf(ada)).toMatchObject({ phase: "playing", black: { name: "cleo" } });
  });
});

test("row 114: a game without clocks that both have left alone makes room for others", () => {
  const { fake, join } = openTable({ timeControl: null });
  const tv = join("tv", { role: "spectator" });
  const [ada, ben] = [join("ada"), join("ben")];
  ada.leave("cut");
  ben.leave("cut");
  fake.clock.pass(600_000);
  expect(lookOf(tv)).toMatchObject({ phase: "playing", white: { isAway: true }, black: { isAway: true } });
  fake.clock.pass(130_000);
  const [cleo] = [join("cleo"), join("dan")];
  expect(lookOf(cleo)).toMatchObject({ phase: "playing", white: { name: "cleo" }, black: { name: "dan" } });
});

describe("row 115: the record", () => {
  test("is told to all at the end, to a player at any time, and chess.js reads it", () => {
    const { join } = openTable();
    const [ada, ben, tv] = [join("ada"), join("ben"), join("tv", { role: "spectator" })];
    ada.say(moveOf("f2f3"));
    ben.say({ type: "record" });
    expect(String(lastOf(ben, "record")?.pgn)).toMatch(/1\. f3 \{\[%clk 0:10:05\]\} \*$/);
    for (const [index, move] of FOOLS_MATE.slice(1).entries()) [ben, ada][index % 2]?.say(moveOf(move));
    const pgn = String(lastOf(tv)?.pgn);
    const read = new Chess();
    read.loadPgn(pgn);
    expect(read.isCheckmate()).toBe(true);
    expect(read.getHeaders()).toMatchObject({
      White: "ada",
      Black: "ben",
      Result: "0-1",
      Date: "2026.11.29",
      Round: "1",
    });
  });
});

test("chat goes to all, and is there for a page that comes later", () => {
  const { join } = openTable();
  const ada = join("ada");
  ada.say({ type: "chat", text: "  good luck  " });
  const line = { name: "ada", color: null, text: "good luck" };
  expect(lastOf(ada, "chat")).toEqual({ type: "chat", lines: [line] });
  const ben = join("ben");
  ben.say({ type: "look" });
  expect(lastOf(ben, "chat")).toEqual({ type: "chat", lines: [line] });
});
