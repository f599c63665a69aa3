/** The room of Big Two in `examples/big-two` (SEEDS S1–S8), on a clock and connections that the test holds in its hand. */
import { describe, expect, test } from "@jest/globals";
import { optionsFor, type Game, type publicView } from "../../../examples/big-two/game.js";
import { bigTwo } from "../../../examples/big-two/room.js";
import { readOptions } from "../../../examples/big-two/options.js";
import { legalPlays, type Variant } from "../../../examples/big-two/rules.js";
import { choosePlay } from "../../../examples/big-two/strategy.js";
import type { MemberRequest } from "../../../src/admission/member-rooms.ts";
import type { GameRoom } from "../../../src/games/game-room.ts";
import { FakeOpenRooms, type FakeMember } from "../../support/room/fake-open-rooms.ts";

type View = Omit<ReturnType<typeof publicView>, "phase"> & {
  readonly type: "table" | "seats";
  readonly phase: "lobby" | ReturnType<typeof publicView>["phase"];
  readonly move: number;
  readonly seats: readonly { id: string; name: string; isBot: boolean; isAway: boolean; hasStandIn: boolean }[];
  readonly variant: Partial<Variant>;
  readonly slept: number | null;
  readonly msLeft: number;
};
interface Hand {
  readonly type: "hand";
  readonly seat: number;
  readonly hand: number;
  readonly cards: readonly string[];
}
type Told = View | Hand | { readonly type: "refused"; readonly reason: string };

/** A phone in a test's hand: what it was told last, and all its frames. */
class Phone {
  readonly member: FakeMember;
  readonly frames: string[] = [];
  hand: Hand | undefined;
  table: View | undefined;

  constructor(member: FakeMember) {
    this.member = member;
  }

  /** What it was told since the last call. */
  read(): readonly Told[] {
    const frames = this.member.port.take().filter((frame) => typeof frame === "string");
    this.frames.push(...frames);
    return frames.flatMap((frame): readonly Told[] => {
      const { from, data }: { readonly from?: string; readonly data: Told } = JSON.parse(frame);
      if (from !== "") return [];
      if (data.type === "hand") this.hand = data;
      if (data.type === "table" || data.type === "seats") this.table = { ...this.table, ...data };
      return [data];
    });
  }

  say(message: object): void {
    this.member.say(message);
  }
}

/** A room, and the phones that have joined it. */
class TestTable {
  readonly fake = new FakeOpenRooms([bigTwo]);
  readonly phones: Phone[] = [];

  constructor(meta?: object) {
    this.fake.rooms.create("big-two", { name: "table", ...(meta !== undefined && { meta }) });
  }

  async sit(id: string, more: Partial<MemberRequest> = {}): Promise<Phone> {
    const phone = new Phone(await this.fake.join("table", id, { name: id, ...more }));
    this.phones.push(phone);
    this.pass(0);
    return phone;
  }

  /** Four phones at a table where the game has begun. */
  static async ofFour(meta: object = { seed: "fixed" }): Promise<TestTable & { readonly four: readonly Phone[] }> {
    const table = new TestTable(meta);
    const four = [];
    for (const id of ["ada", "ben", "cleo", "dan"]) four.push(await table.sit(id));
    table.first.say({ type: "start" });
    table.pass(0);
    return Object.assign(table, { four });
  }

  get first(): Phone {
    const [phone] = this.phones;
    if (phone === undefined) throw new Error("Nobody has joined.");
    return phone;
  }

  get view(): View {
    if (this.first.table === undefined) throw new Error("The table was not told yet.");
    return this.first.table;
  }

  /** The phone whose turn it is. */
  get active(): Phone {
    const phone = this.phones.find(({ hand }) => hand !== undefined && hand.seat === this.view.turn);
    if (phone === undefined) throw new Error("It is no phone's turn.");
    return phone;
  }

  /** Lets time go by, and all phones read. */
  pass(ms: number): void {
    this.fake.clock.pass(ms);
    for (const phone of this.phones) phone.read();
  }

  /** The phone whose turn it is plays as a bot would. */
  playOn(): void {
    const { active, view } = this;
    const cards = choosePlay(active.hand?.cards ?? [], viewOf(active));
    active.say(cards === undefined ? { type: "pass" } : { type: "play", cards });
    this.pass(0);
    if (this.view.move === view.move) throw new Error("The move was refused.");
  }
}

function viewOf({ table }: Phone): Parameters<typeof choosePlay>[1] {
  if (table === undefined || table.phase === "lobby") throw new Error("The game has not begun.");
  return { ...table, phase: table.phase };
}

/** What four phones are dealt at a table with these options. */
const handsAt = async (meta: object): Promise<unknown> => (await TestTable.ofFour(meta)).four.map(({ hand }) => hand);

/** All cards that a text names. */
const cardsIn = (text: string): readonly string[] => text.match(/(?<=")(?:10|[2-9JQKA])[DCHS](?=")/g) ?? [];

describe("row 103: a table", () => {
  test("row 103 S2: seats are in joining order, and all are told who sits where, how many cards each has, and whose turn it is", async () => {
    const { four, view } = await TestTable.ofFour();
    expect(view.seats.map(({ name }) => name)).toEqual(["ada", "ben", "cleo", "dan"]);
    expect(view).toMatchObject({ phase: "playing", hand: 1, counts: [13, 13, 13, 13], current: null, isFirst: true });
    expect(four.map(({ hand }) => hand?.seat)).toEqual([0, 1, 2, 3]);
    expect(new Set(four.flatMap(({ hand }) => hand?.cards)).size).toBe(52);
    expect(four[view.turn ?? 0]?.hand?.cards).toContain("3D");
  });

  test("row 103: a seed deals the same cards at another table, and without one they differ", async () => {
    expect(await handsAt({ seed: 5 })).toEqual(await handsAt({ seed: 5 }));
    expect(await handsAt({})).not.toEqual(await handsAt({}));
  });

  test("row 103: whole games are played to 50 points, the next hand follows by itself, and another game can begin", async () => {
    const table = await TestTable.ofFour();
    let hands = 0;
    while (table.view.phase !== "game-over") {
      if (table.view.phase === "hand-over") {
        hands += 1;
        table.pass(15_000);
        expect(table.view).toMatchObject({ phase: "playing", hand: hands + 1 });
      }
      table.playOn();
    }
    expect(Math.max(...table.view.scores)).toBeGreaterThanOrEqual(50);
    table.pass(600_000);
    expect(table.view.phase).toBe("game-over");
    table.phones[1]?.say({ type: "start" });
    table.pass(0);
    expect(table.view).toMatchObject({ phase: "playing", hand: 1, scores: [0, 0, 0, 0] });
  });

  test("row 103: two or three can play, one cannot", async () => {
    const table = new TestTable();
    const ada = await table.sit("ada");
    ada.say({ type: "start" });
    expect(ada.read()).toEqual([{ type: "refused", reason: expect.stringContaining("Two to four") }]);
    await table.sit("ben");
    ada.say({ type: "start" });
    table.pass(0);
    expect(table.view.counts).toEqual([17, 17]);
    expect(table.active.hand?.cards[0]).toBe(optionsFor(table.active.hand?.cards ?? [], table.view).first);
    table.playOn();
    expect(table.view.current).not.toBeNull();
  });

  test("row 103: after a game the players go back to the lobby", async () => {
    const table = await TestTable.ofFour({ hands: 1 });
    table.first.say({ type: "lobby" });
    expect(table.first.read()).toEqual([{ type: "refused", reason: "The game is not over." }]);
    while (table.view.phase === "playing") table.playOn();
    expect(table.view.phase).toBe("game-over");
    table.first.say({ type: "lobby" });
    table.pass(0);
    expect(table.view.phase).toBe("lobby");
  });
});

describe("row 104: nobody sees others' cards", () => {
  test("row 104: no frame to seat 2 names a card that is neither its own nor played, over whole games", async () => {
    for (const seed of ["one", "two"]) {
      const table = await TestTable.ofFour({ seed, pauseSeconds: 5 });
      const watcher = await table.sit("tv", { role: "spectator" });
      const [seatTwo] = table.four.slice(2);
      if (seatTwo === undefined) throw new Error("There is no seat 2.");
      const known = { seat: new Set<string>(), watcher: new Set<string>() };
      let [hand, checked] = [0, 0];
      const frames = { seat: 0, watcher: 0 };
      const check = (): void => {
        if (table.view.hand !== hand) {
          hand = table.view.hand;
          known.seat = new Set(seatTwo.hand?.cards);
          known.watcher = new Set();
        }
        for (const card of table.view.current?.cards ?? []) {
          known.seat.add(card);
          known.watcher.add(card);
        }
        for (const [who, phone] of [
          ["seat", seatTwo],
          ["watcher", watcher],
        ] as const) {
          for (const frame of phone.frames.slice(frames[who])) {
            checked += 1;
            expect(cardsIn(frame).filter((card) => !known[who].has(card))).toEqual([]);
          }
          frames[who] = phone.frames.length;
        }
      };
      check();
      while (table.view.phase !== "game-over") {
        if (table.view.phase === "hand-over") table.pass(5_000);
        else table.playOn();
        check();
      }
      expect(checked).toBeGreaterThan(200);
    }
  });

  test("row 104: the check finds a card that is told too early", () => {
    expect(cardsIn('{"data":{"cards":["10D","3H"],"text":"AD"}}')).toEqual(["10D", "3H", "AD"]);
    expect(cardsIn('{"id":"p2","leader":"winner","suits":"DCHS"}')).toEqual([]);
  });
});

describe("row 105: an illegal play", () => {
  test.each([
    [
      "a card of another player",
      (table: TestTable) => ({
        type: "play",
        cards:
          table.phones[0] === table.active
            ? table.phones[1]?.hand?.cards.slice(0, 1)
            : table.phones[0]?.hand?.cards.slice(0, 1),
      }),
      "You do not hold",
    ],
    ["no cards", () => ({ type: "play", cards: [] }), "You lead: play at least one card."],
    ["nonsense", () => ({ type: "play", cards: { length: 1 } }), "A play is a list of cards"],
    [
      "a play without the lowest card",
      (table: TestTable) => ({ type: "play", cards: table.active.hand?.cards.slice(-1) }),
      "The first play of a hand has to contain 3♦.",
    ],
    ["a pass for a lead", () => ({ type: "pass" }), "You lead, so you cannot pass."],
    ["an answer to an older table", () => ({ type: "play", cards: ["3D"], move: 0 }), "That came too late"],
  ] as const)(
    "row 105: %s is answered to its sender alone, with the reason, and changes nothing",
    async (_what, message, reason) => {
      const table = await TestTable.ofFour();
      const { active, view } = table;
      active.say(message(table));
      expect(active.read()).toEqual([{ type: "refused", reason: expect.stringContaining(reason) }]);
      table.fake.clock.pass(1_000);
      for (const phone of table.phones) expect(phone.member.heard()).toEqual([]);
      active.say({ type: "look" });
      active.read();
      expect({ ...active.table, msLeft: 0 }).toEqual({ ...view, msLeft: 0 });
    },
  );

  test("row 105: a play out of turn is answered to its sender alone", async () => {
    const table = await TestTable.ofFour();
    const other = table.phones.find((phone) => phone !== table.active);
    other?.say({ type: "play", cards: other.hand?.cards.slice(0, 1) });
    expect(other?.read()).toEqual([{ type: "refused", reason: "It is not your turn." }]);
    for (const phone of table.phones) expect(phone.member.heard()).toEqual([]);
  });

  test.each([[{ type: "cheat" }], [{ type: "play" }], [null], ["play"], [{}]])(
    "row 105: the message %j is refused by the wire",
    async (message) => {
      const table = await TestTable.ofFour();
      table.active.member.say(message);
      expect(table.active.member.heard()).toEqual([{ error: expect.objectContaining({ code: "invalid_message" }) }]);
      for (const phone of table.phones) expect(phone.member.heard()).toEqual([]);
    },
  );
});

describe("row 106: the deadline", () => {
  test("row 106: after 30 seconds the server plays the lowest card of a player that leads, and passes for one that does not", async () => {
    const table = await TestTable.ofFour();
    const [leader, { turn }] = [table.active, table.view];
    expect(table.view.msLeft).toBeGreaterThan(29_000);
    table.pass(29_999);
    expect(table.view.turn).toBe(turn);
    table.pass(1);
    expect(table.view).toMatchObject({
      turn: ((turn ?? 0) + 1) % 4,
      current: { seat: turn, cards: ["3D"] },
      slept: turn,
    });
    expect(leader.hand?.cards).toHaveLength(12);
    table.pass(30_000);
    expect(table.view).toMatchObject({ turn: ((turn ?? 0) + 2) % 4, current: { seat: turn, cards: ["3D"] } });
    expect(table.view.passed.filter((has) => has)).toHaveLength(1);
  });

  test("row 106: a play begins the next turn's time anew", async () => {
    const table = await TestTable.ofFour();
    table.pass(20_000);
    table.playOn();
    const { turn } = table.view;
    table.pass(29_999);
    expect(table.view.turn).toBe(turn);
    table.pass(1);
    expect(table.view.turn).not.toBe(turn);
  });

  test("row 106: a table where all sleep plays its hand to the end", async () => {
    const table = await TestTable.ofFour({ turnSeconds: 5 });
    for (let turn = 0; turn < 400 && table.view.hand === 1; turn++) table.pass(5_000);
    expect(table.view.hand).toBe(2);
  });

  test("row 106: with onTimeout lowest the server plays the lowest single that is legal", async () => {
    const table = await TestTable.ofFour({ onTimeout: "lowest", seed: 3 });
    table.active.say({ type: "play", cards: ["3D"] });
    table.pass(0);
    const [lowest] = legalPlays(table.active.hand?.cards ?? [], ["3D"]);
    table.pass(30_000);
    expect(table.view.current?.cards).toEqual(lowest?.cards);
  });
});

describe("row 108: who comes and goes", () => {
  test("row 108 S5: a player that comes back has the same seat and the same 13 cards at once, and its old line is closed", async () => {
    const table = await TestTable.ofFour();
    const [, ben] = table.four;
    const again = new Phone(await table.fake.join("table", "ben"));
    again.read();
    expect(again.hand).toEqual(ben?.hand);
    expect(again.hand?.cards).toHaveLength(13);
    expect(again.table).toMatchObject({ phase: "playing", counts: [13, 13, 13, 13] });
    expect(ben?.member.port.closing?.name).toBe("replaced");
    expect(table.fake.rooms.get("table")?.members.map(({ id }) => id)).toEqual(["ada", "ben", "cleo", "dan"]);
  });

  test("row 108 S6: a fifth is refused with 4510, and may watch: it sees the table, gets no hand, and may play nothing", async () => {
    const table = await TestTable.ofFour();
    const { outcome } = await table.fake.ask("table", "eve");
    expect(outcome).toMatchObject({ at: "refused", name: "room_full" });
    const eve = await table.sit("eve", { role: "spectator" });
    expect(eve.hand).toBeUndefined();
    expect(eve.table?.counts).toEqual([13, 13, 13, 13]);
    expect(eve.frames.flatMap(cardsIn)).toEqual([]);
    const second = await table.sit("fay", { role: "spectator" });
    second.say({ type: "start" });
    expect(second.read()).toEqual([{ type: "refused", reason: "You are watching." }]);
    eve.say({ type: "play", cards: ["3D"] });
    expect(eve.read()).toEqual([{ type: "refused", reason: "You are not in this game." }]); // the first watcher is the TV
    table.playOn();
    expect(eve.table?.current).not.toBeNull();
    for (const phone of table.four) expect(phone.table?.seats).toHaveLength(4);
  });

  test("row 108: in a game of three a fourth watches, and plays in the next game", async () => {
    const table = new TestTable({ hands: 1 });
    const ada = await table.sit("ada");
    for (const id of ["ben", "cleo"]) await table.sit(id);
    ada.say({ type: "start" });
    table.pass(0);
    const late = await table.sit("dan");
    expect(late.table?.counts.toSorted()).toEqual([17, 17, 18]);
    expect([late.hand, table.fake.rooms.get("table")?.member("dan")?.role]).toEqual([undefined, "spectator"]);
  });

  test("row 108: an away player is shown so, and its turns run out", async () => {
    const table = await TestTable.ofFour({ takeoverSeconds: 86_400 });
    const { turn } = table.view;
    table.active.member.leave("cut");
    table.pass(20_000);
    expect(table.phones.find(({ hand }) => hand?.seat !== turn)?.table?.seats[turn ?? 0]?.isAway).toBe(true);
    table.pass(10_000);
    const seen = table.phones.find(({ hand }) => hand?.seat !== turn)?.table;
    expect(seen).toMatchObject({ slept: turn, current: { seat: turn, cards: ["3D"] } });
  });

  test("row 108: the page that opens the room may start the game without a seat", async () => {
    const table = new TestTable();
    const tv = await table.sit("tv", { role: "spectator" });
    for (const id of ["ada", "ben"]) await table.sit(id);
    tv.say({ type: "start" });
    table.pass(0);
    expect([tv.table?.phase, tv.hand]).toEqual(["playing", undefined]);
  });
});

describe("options of a table", () => {
  test("the page that opens a room brings them, and they hold for the game", async () => {
    const table = new TestTable();
    const data = { table: { turnSeconds: 7, variant: { straights: "two-high" } } };
    await table.sit("tv", { role: "spectator", data });
    const ada = await table.sit("ada", { data: { table: { turnSeconds: 1 } } }); // too late
    await table.sit("ben");
    ada.say({ type: "start" });
    table.pass(0);
    expect(table.view).toMatchObject({ turnSeconds: 7, variant: { straights: "two-high" } });
  });

  test("wrong ones of a page refuse it with a sentence", async () => {
    const table = new TestTable();
    const { outcome } = await table.fake.ask("table", "tv", { role: "spectator", data: { table: { until: 0 } } });
    expect(outcome).toMatchObject({ reason: "until has to be a whole number from 1 to 1000." });
  });

  test.each([
    [{ turnSeconds: "30" }, "turnSeconds has to be a number from 1 to 3600."],
    [{ thinkMs: [500, 100] }, "thinkMs has to be two numbers"],
    [{ bots: 5 }, "bots has to be a whole number from 0 to 4."],
    [{ onTimeout: "sleep" }, 'onTimeout has to be "pass" or "lowest".'],
    [{ score: "chips" }, 'score has to be "u" or "b" or "plain".'],
    [{ seed: {} }, "seed has to be a number, or a text"],
    [{ variant: { flush: 1 } }, 'variant: flush is "suit" or "rank".'],
    [{ turnseconds: 30 }, "A table has no option turnseconds. It has variant,"],
    [{ constructor: 1 }, "A table has no option constructor."],
    ["fast", "The options of a table are an object."],
  ])("%j are refused: %s", (options, reason) => {
    expect(readOptions(options)).toMatchObject({ options: undefined, reason: expect.stringContaining(reason) });
  });
});

describe("row 107: bots", () => {
  test("row 107: bots fill a table, from a phone or the TV, and are taken away again", async () => {
    const table = new TestTable();
    const ada = await table.sit("ada");
    for (const count of [2, 3, 4]) {
      ada.say({ type: "bot" });
      table.pass(0);
      expect(table.view.seats.filter(({ isBot }) => isBot)).toHaveLength(count - 1);
    }
    expect(new Set(table.view.seats.map(({ name }) => name)).size).toBe(4);
    ada.say({ type: "bot" });
    expect(ada.read()).toEqual([{ type: "refused", reason: "All four seats are taken." }]);
    ada.say({ type: "unbot", id: table.view.seats[1]?.id });
    table.pass(0);
    expect(table.view.seats).toHaveLength(3);
    ada.say({ type: "unbot", id: "ada" });
    expect(ada.read()).toEqual([{ type: "refused", reason: "There is no such bot." }]);
  });

  test("row 107, row 60: a table with three bots plays to the end, half a second and more between two plays", async () => {
    const table = new TestTable({ bots: 3, seed: "bots" });
    const ada = await table.sit("ada");
    ada.say({ type: "start" });
    table.pass(0);
    let [moves, quickest, sinceMove] = [0, Infinity, 0];
    while (table.view.phase !== "game-over") {
      const { move, seats, turn, phase } = table.view;
      if (phase === "playing" && seats[turn ?? 0]?.isBot === false) {
        table.playOn();
        sinceMove = 0;
        continue;
      }
      table.pass(50);
      sinceMove += 50;
      if (table.view.move === move) continue;
      moves += 1;
      if (phase === "playing") quickest = Math.min(quickest, sinceMove);
      sinceMove = 0;
    }
    expect(Math.max(...table.view.scores)).toBeGreaterThanOrEqual(50);
    expect([moves > 50, quickest >= 500]).toEqual([true, true]);
    expect(table.fake.faults).toEqual([]);
  });

  test("row 107: four bots play a game by themselves", () => {
    const fake = new FakeOpenRooms([bigTwo]);
    const room = fake.rooms.create("big-two", { name: "bots", meta: { bots: 4, hands: 1 } });
    expect(room.members.map(({ isBot }) => isBot)).toEqual([true, true, true, true]);
    for (let second = 0; second < 600 && gameIn(room)?.phase !== "game-over"; second++) fake.clock.pass(1_000);
    expect(gameIn(room)).toMatchObject({ phase: "game-over", results: [{ gain: expect.any(Number) }] });
    expect(fake.faults).toEqual([]);
  });

  test("row 108: a bot takes over for a player that is away for a minute, and gives the seat back with its cards", async () => {
    const table = await TestTable.ofFour({ turnSeconds: 3600 });
    const away = table.active;
    const others = table.phones.filter((phone) => phone !== away);
    table.phones.splice(0, 4, ...others);
    away.member.leave("cut");
    table.pass(20_000);
    const seat = table.view.turn ?? 0;
    expect(table.view.seats[seat]).toMatchObject({ isAway: true, hasStandIn: false });
    table.pass(35_000);
    expect(table.view.current).toBeNull();
    table.pass(30_000);
    expect(table.view.seats[seat]).toMatchObject({ isAway: true, hasStandIn: true, isBot: false });
    expect(table.view.current?.seat).toBe(seat);

    const again = new Phone(
      await table.fake.join("table", others.length === 3 ? (table.view.seats[seat]?.id ?? "") : ""),
    );
    table.pass(0);
    again.say({ type: "look" });
    again.read();
    expect(again.hand?.seat).toBe(seat);
    expect(again.hand?.cards).toHaveLength(again.table?.counts[seat] ?? 0);
    table.pass(0);
    expect(table.view.seats[seat]).toMatchObject({ isAway: false, hasStandIn: false });
    while (table.view.turn !== seat) table.playOn();
    const { move } = table.view;
    table.pass(60_000);
    expect(table.view.move).toBe(move); // the bot plays no more
    again.read();
    const cards = choosePlay(again.hand?.cards ?? [], viewOf(again));
    again.say(cards === undefined ? { type: "pass" } : { type: "play", cards });
    table.pass(0);
    expect(table.view.move).toBe(move + 1);
  });

  test("row 107: a bot takes the seat of a player that leaves for good", async () => {
    const table = await TestTable.ofFour({ turnSeconds: 3600 });
    const leaver = table.active;
    const seat = table.view.turn ?? 0;
    const left = leaver.hand?.cards ?? [];
    table.phones.splice(table.phones.indexOf(leaver), 1);
    leaver.member.leave("left");
    table.pass(0);
    expect(table.view.seats[seat]).toMatchObject({ isBot: true });
    table.pass(5_000);
    expect(table.view.current).toMatchObject({ seat });
    expect(left).toEqual(expect.arrayContaining([...(table.view.current?.cards ?? [])]));
  });
});

/** The game as the server sees it. */
function gameIn(room: GameRoom): Game | undefined {
  const { table }: { readonly table?: { readonly game: Game | undefined } } = Object(room.state);
  return table?.game;
}
