import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { MAX_CHECKPOINT_BYTES } from "../../src/sdk/state/checkpoint-keys.ts";
import type { JsonChanges } from "../../src/sdk/state/state-changes.ts";
import { StateReader } from "../../src/sdk/state/state-reader.ts";
import { StateTeller, type StateTellerPort } from "../../src/sdk/state/state-teller.ts";
import { catchReports } from "../support/reported-errors.ts";

interface Sent {
  readonly to: readonly number[];
  readonly text: string;
  readonly keep: object | undefined;
}

function createTeller(port: Partial<StateTellerPort> = {}, players: number[] = [1, 2]) {
  const sent: Sent[] = [];
  const saved: Record<string, string | null>[] = [];
  const teller = new StateTeller({
    isUp: () => true,
    players: () => players,
    send: (to, text, keep) => sent.push({ to, text, keep }) > 0,
    save: (changes: JsonChanges) => void saved.push(Object.fromEntries(changes)),
    refusal: () => undefined,
    ownRefusal: (key) => (key === "cw:name" ? undefined : "This is the SDK's."),
    listened: () => undefined,
    now: () => performance.now(),
    ...port,
  });
  return { teller, sent, saved, players };
}

function createReader(player?: number) {
  const sent: string[] = [];
  const refusals: string[] = [];
  const line = { isUp: true };
  const reader = new StateReader({
    isUp: () => line.isUp,
    send: (text) => sent.push(text) > 0,
    player: () => player,
    refused: (reason) => void refusals.push(reason),
    now: () => performance.now(),
    random: () => 0,
  });
  return { reader, sent, refusals, line };
}

const endTurn = async (): Promise<void> => {
  for (let step = 0; step < 4; step++) await Promise.resolve();
};

/** What a game says to what phones write. */
function judge(_player: number, changes: object): string | undefined {
  if ("crash" in changes) throw new Error("a bug of the game");
  return "cheat" in changes ? "No cheating." : undefined;
}

const frame = (text: string): object => JSON.parse(text);

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] }));
afterEach(() => void jest.useRealTimers());

describe("a state", () => {
  test("gives copies, so that a page changes it by `set` alone", () => {
    const { shared } = createTeller().teller;
    const scores = { ada: 1 };
    shared.set("scores", scores);
    scores.ada = 2;
    expect(shared.get("scores")).toEqual({ ada: 1 });
    Object.assign(shared.get("scores") ?? {}, { ada: 3 });
    expect(shared.get("scores")).toEqual({ ada: 1 });
    expect(shared.all()).toEqual({ scores: { ada: 1 } });
  });

  test("has what JSON can hold, and null deletes", () => {
    const { shared } = createTeller().teller;
    shared.set({ round: 1, list: [1, { two: null }], zero: 0, no: false });
    expect(shared.all()).toEqual({ round: 1, list: [1, { two: null }], zero: 0, no: false });
    shared.set({ round: null, zero: null, list: null });
    expect(shared.all()).toEqual({ no: false });
    expect(() => shared.set("round", undefined)).toThrow("The state holds what JSON can hold");
  });

  test("has no key of a wrong kind, and then nothing is set", () => {
    const { shared } = createTeller().teller;
    for (const key of ["", "x".repeat(101), "\ud800", "cw:name"]) {
      expect(() => shared.set({ ok: 1, [key]: 2 })).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    }
    expect(() => shared.set({ ok: 1, bad: undefined })).toThrow('"bad" is undefined');
    expect(() => shared.set({ ok: 1, bad: 1n })).toThrow("BigInt");
    expect(() => shared.set({ ok: 1, bad: new Uint8Array(2) })).toThrow("bytes, and those travel with `send`");
    expect(() => shared.set({ ok: 1, bad: new ArrayBuffer(2) })).toThrow("bytes, and those travel with `send`");
    for (const bad of [Number.NaN, -Infinity]) expect(() => shared.set({ ok: 1, bad })).toThrow(`"bad" is ${bad}`);
    expect(shared.all()).toEqual({});
    expect(shared.get("cw:name")).toBeUndefined();
  });

  test("keeps keys apart that objects are built with", async () => {
    const { teller, sent } = createTeller();
    teller.shared.set(JSON.parse('{"__proto__":1,"constructor":2,"toString":3}'));
    await endTurn();
    expect(teller.shared.keys()).toEqual(["__proto__", "constructor", "toString"]);
    expect(JSON.stringify(teller.shared.all())).toBe('{"__proto__":1,"constructor":2,"toString":3}');
    const { reader } = createReader();
    reader.heard(frame(sent[0]?.text ?? ""));
    expect(JSON.stringify(reader.shared.all())).toBe('{"__proto__":1,"constructor":2,"toString":3}');
    expect(reader.shared.has("valueOf")).toBe(false);
  });

  test("is updated by what it was, and deleted", () => {
    const { shared } = createTeller().teller;
    const count = (): void => shared.update("count", (value) => (typeof value === "number" ? value : 0) + 1);
    count();
    count();
    expect([shared.get("count"), shared.has("count"), shared.keys()]).toEqual([2, true, ["count"]]);
    shared.update("count", () => null);
    expect([shared.get("count"), shared.has("count"), shared.keys()]).toEqual([undefined, false, []]);
    shared.set("count", 5);
    shared.delete("count");
    expect(shared.all()).toEqual({});
  });

  test("tells its listeners once a turn, with the newest values, and not of what is the same again", async () => {
    const { shared } = createTeller().teller;
    const heard: unknown[] = [];
    shared.set("round", 1);
    shared.on("round", (value, key) => heard.push([key, value]));
    const end = shared.on((changes) => heard.push(changes));
    shared.on("other", (value) => heard.push(["other", value]));
    expect(heard).toEqual([]);
    await endTurn();
    expect(heard.splice(0)).toEqual([["round", 1], { round: 1 }]);
    shared.set("round", 2);
    shared.set("other", 1);
    shared.set("other", null);
    shared.set("round", 3);
    await endTurn();
    expect(heard.splice(0)).toEqual([["round", 3], { round: 3 }]);
    shared.set("round", 3);
    await endTurn();
    expect(heard).toEqual([]);
    end();
    shared.set("round", null);
    await endTurn();
    expect(heard).toEqual([["round", undefined]]);
  });

  test("reports a listener that throws or whose promise is rejected, and calls the others", async () => {
    const { shared } = createTeller().teller;
    const errors = catchReports();
    const heard: unknown[] = [];
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    shared.on("round", () => {
      throw thrown;
    });
    shared.on((): unknown => Promise.reject(rejected));
    shared.on("round", (round) => heard.push(round));
    shared.set("round", 1);
    await endTurn();
    expect([heard, errors]).toEqual([[1], [thrown, rejected]]);
    shared.set("round", 2);
    await endTurn();
    expect([heard, errors]).toEqual([
      [1, 2],
      [thrown, rejected, thrown, rejected],
    ]);
  });

  test("takes keys and listeners only as it should", () => {
    const { shared } = createTeller().teller;
    const wrong = (method: "set" | "on" | "update", ...words: unknown[]): void =>
      expect(() => Reflect.apply(shared[method], shared, words)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    wrong("set", 5);
    wrong("set", null);
    wrong("set", [1]);
    wrong("on", "round");
    wrong("update", "round", 5);
  });
});

/** Players 1 and 2 have both states whole, and nothing waits. */
async function createPlayed(port: Partial<StateTellerPort> = {}) {
  const { teller, sent, players } = createTeller(port);
  teller.shared.set("round", 0);
  const [one, two] = [teller.of(1).game, teller.of(2).game];
  one.set("hand", 0);
  two.set("hand", 0);
  await endTurn();
  sent.length = 0;
  const told = (): unknown[] => {
    return sent.splice(0).map(({ to, text }) => [to, Reflect.get(frame(text), "set")]);
  };
  return { teller, one, two, told, players };
}

describe("what the TV tells", () => {
  test("P5.10.2 a state goes whole at first, then as its changes, of one turn together, numbered", async () => {
    const { teller, sent } = createTeller();
    teller.shared.set("round", 1);
    teller.shared.set({ phase: "draw", gone: 1 });
    await endTurn();
    teller.shared.set({ round: 2, gone: null });
    teller.shared.set("phase", "draw");
    await endTurn();
    teller.of(2).game.set("hand", ["A"]);
    await endTurn();
    teller.of(2).game.set("hand", []);
    await endTurn();
    expect(sent).toEqual([
      {
        to: [1, 2],
        text: '{"cw":"state","set":{"round":1,"phase":"draw","gone":1},"all":true,"v":1}',
        keep: { retain: "cw:state" },
      },
      {
        to: [1, 2],
        text: '{"cw":"state","set":{"round":2,"gone":null},"v":2}',
        keep: { retain: "cw:state", append: true },
      },
      {
        to: [2],
        text: '{"cw":"state","player":2,"set":{"hand":["A"]},"all":true,"v":1}',
        keep: { retain: "cw:player" },
      },
      {
        to: [2],
        text: '{"cw":"state","player":2,"set":{"hand":[]},"v":2}',
        keep: { retain: "cw:player", append: true },
      },
    ]);
  });

  test("P5.10.2 a phone that comes later gets it whole, and it alone; a game without state sends nothing", async () => {
    const { teller, sent, players } = createTeller({}, []);
    players.push(1);
    teller.tellWhole(1);
    await endTurn();
    expect(sent).toEqual([]);
    teller.shared.set("round", 1);
    await endTurn();
    players.push(2);
    teller.tellWhole(2);
    await endTurn();
    teller.shared.set("round", 2);
    await endTurn();
    expect(sent.slice(1).map(({ to, text }) => [to, text])).toEqual([
      [[2], '{"cw":"state","set":{"round":1},"all":true,"v":1}'],
      [[1, 2], '{"cw":"state","set":{"round":2},"v":2}'],
    ]);
  });

  test("P5.10.2 what is told before another message goes before it", async () => {
    const { teller, sent } = createTeller();
    teller.shared.set("round", 1);
    teller.flush();
    expect(sent).toHaveLength(1);
    teller.flush();
    await endTurn();
    expect(sent).toHaveLength(1);
  });

  describe("P5.10.2 of several states", () => {
    test("P5.10.2 what was set first arrives first", async () => {
      const { teller, one, told } = await createPlayed();
      one.set("hand", 1);
      teller.shared.set("round", 1);
      await endTurn();
      expect(told()).toEqual([
        [[1], { hand: 1 }],
        [[1, 2], { round: 1 }],
      ]);
      teller.shared.set("round", 2);
      one.set("hand", 2);
      await endTurn();
      expect(told()).toEqual([
        [[1, 2], { round: 2 }],
        [[1], { hand: 2 }],
      ]);
    });

    test("P5.10.2 a turn is as few frames as its order lets it be", async () => {
      const { teller, one, two, told } = await createPlayed();
      one.set("hand", 1);
      two.set("hand", 1);
      one.set("hand", 2);
      teller.shared.set("round", 1);
      teller.shared.set("phase", "vote");
      await endTurn();
      expect(told()).toEqual([
        [[1], { hand: 2 }],
        [[2], { hand: 1 }],
        [[1, 2], { round: 1, phase: "vote" }],
      ]);
      teller.shared.set("round", 2);
      one.set("hand", 3);
      two.set("hand", 2);
      one.set("hand", 4);
      await endTurn();
      expect(told()).toEqual([
        [[1, 2], { round: 2 }],
        [[1], { hand: 4 }],
        [[2], { hand: 2 }],
      ]);
    });

    test("P5.10.2 a state that is set before and after another is told before and after it", async () => {
      const { teller, one, two, told } = await createPlayed();
      one.set("hand", 1);
      teller.shared.set("round", 1);
      one.set("hand", 2);
      two.set("hand", 1);
      teller.shared.set("round", 2);
      await endTurn();
      expect(told()).toEqual([
        [[1], { hand: 1 }],
        [[1, 2], { round: 1 }],
        [[1], { hand: 2 }],
        [[2], { hand: 1 }],
        [[1, 2], { round: 2 }],
      ]);
    });

    test("P5.10.2 to set what is there already takes no other's place", async () => {
      const { teller, one, two, told } = await createPlayed();
      one.set("hand", 1);
      teller.shared.set("round", 0);
      two.set("hand", 0);
      one.set({ hand: 1, trump: "♥" });
      await endTurn();
      expect(told()).toEqual([[[1], { hand: 1, trump: "♥" }]]);
    });

    test("P5.10.2 a phone that comes gets the room's state first, and then what was set, in order", async () => {
      const { teller, one, told, players } = await createPlayed();
      one.set("hand", 1);
      players.push(3);
      teller.tellWhole(3);
      teller.of(3).game.set("hand", 1);
      teller.shared.set("round", 1);
      await endTurn();
      expect(told()).toEqual([
        [[1], { hand: 1 }],
        [[3], { round: 0 }],
        [[3], { hand: 1 }],
        [[1, 2, 3], { round: 1 }],
      ]);
    });

    test("P5.10.2 while the line is down each state gathers all that is set", async () => {
      const line = { isUp: true };
      const { teller, one, told } = await createPlayed({ isUp: () => line.isUp });
      line.isUp = false;
      for (let step = 1; step <= 9; step++) {
        one.set("hand", step);
        teller.shared.set("round", step);
        await endTurn();
      }
      expect(told()).toEqual([]);
      line.isUp = true;
      teller.endTurn();
      expect(told()).toEqual([
        [[1], { hand: 9 }],
        [[1, 2], { round: 9 }],
      ]);
    });
  });

  test("P5.10.2 changes that are longer than the whole are kept as the whole, of which no phone hears", async () => {
    const { teller, sent } = createTeller();
    for (let turn = 0; turn < 1_000; turn++) {
      teller.shared.set("ball", { x: turn, y: turn, name: "a ball that flies" });
      await endTurn();
    }
    const silent = sent.filter(({ keep }) => keep !== undefined && "silent" in keep);
    expect(silent.length).toBeGreaterThan(2);
    expect(silent.length).toBeLessThan(12);
    expect(silent.at(-1)).toMatchObject({ to: [1, 2], keep: { retain: "cw:state", silent: true } });
    expect(silent.every(({ text }) => text.includes('"all":true'))).toBe(true);
  });

  test("P5.10.2 while the line is down changes wait, and go once, unless something else is sent", async () => {
    const line = { isUp: false };
    const { teller, sent, saved } = createTeller({ isUp: () => line.isUp });
    for (let round = 1; round <= 9; round++) {
      teller.shared.set("round", round);
      await endTurn();
    }
    expect([sent, saved]).toEqual([[], []]);
    line.isUp = true;
    teller.endTurn();
    expect(sent).toHaveLength(1);
    expect(saved).toEqual([{ "s:round": "9", "cw:players": "[1,2]" }]);
  });

  test("P5.10.2 a phone that could not be sent to gets it whole when the line takes it", async () => {
    const line = { isFull: false };
    const sent: string[] = [];
    const { teller } = createTeller({ send: (_to, text) => !line.isFull && sent.push(text) > 0 });
    teller.shared.set("round", 1);
    await endTurn();
    line.isFull = true;
    teller.shared.set("round", 2);
    await endTurn();
    line.isFull = false;
    teller.shared.set("phase", "vote");
    await endTurn();
    expect(sent.at(-1)).toBe('{"cw":"state","set":{"round":2,"phase":"vote"},"all":true,"v":3}');
  });
});

describe("what the TV keeps", () => {
  test("P5.10.2 changed keys are saved once a turn, together, before phones see them", async () => {
    const order: string[] = [];
    const { teller } = createTeller({
      save: (changes) => void order.push(`save ${[...changes.keys()].join(" ")}`),
      send: () => order.push("send") > 0,
    });
    teller.shared.set("round", 1);
    teller.of(1).game.set("score", 5);
    await endTurn();
    teller.shared.set("round", 2);
    await endTurn();
    expect(order).toEqual(["save s:round p:1:score cw:players", "send", "send", "save s:round", "send"]);
  });

  test("P5.10.2 a page that is loaded again has all of it at once, and tells it to all", async () => {
    const first = createTeller();
    first.teller.shared.set({ round: 2, phase: "draw" });
    first.teller.of(2).game.set("score", 7);
    first.teller.heard(1, { set: { ready: true, "cw:name": "Ada" }, n: 41 });
    await endTurn();
    const kept = new Map(first.saved.flatMap((changes) => Object.entries(changes)));
    const { teller, sent } = createTeller();
    expect(teller.restore(kept)).toEqual([1, 2]);
    expect(teller.shared.all()).toEqual({ round: 2, phase: "draw" });
    expect([teller.of(2).game.get("score"), teller.of(1).game.all()]).toEqual([7, { ready: true }]);
    expect(teller.of(1).own.get("cw:name")).toBe("Ada");
    teller.endTurn();
    expect(sent.map(({ to, text }) => [to, text])).toEqual([
      [[1, 2], '{"cw":"state","set":{"round":2,"phase":"draw"},"all":true,"v":0}'],
      [[2], '{"cw":"state","player":2,"set":{"score":7},"all":true,"v":0,"again":true}'],
      [[1], '{"cw":"state","player":1,"set":{"ready":true,"cw:name":"Ada"},"all":true,"v":0,"again":true,"n":41}'],
    ]);
  });

  test("P5.10.2 what another program saved is no state, and hurts nothing", () => {
    const { teller } = createTeller();
    const strange = {
      "s:": "5",
      "s:broken": "{",
      "p:x:a": "1",
      "p:1": "1",
      "p:1:": "2",
      mine: "text",
      "cw:players": '"no"',
    };
    expect(teller.restore(new Map(Object.entries(strange)))).toBeUndefined();
    expect(teller.shared.keys()).toEqual([]);
  });

  test("P5.10.2 256 KiB and 4,096 keys are the most, and past that nothing changes", async () => {
    const { teller, saved } = createTeller();
    const large = "x".repeat(MAX_CHECKPOINT_BYTES - 100);
    teller.shared.set("large", large);
    const tooLarge = expect.objectContaining({ name: "CouchwireError", code: "too_large" });
    expect(() => teller.shared.set({ ok: 1, more: "y".repeat(100) })).toThrow(tooLarge);
    expect(() => teller.of(1).game.set("more", "y".repeat(100))).toThrow(/at most 4096 keys of 262144 bytes/);
    expect([teller.shared.keys(), teller.of(1).game.all()]).toEqual([["large"], {}]);
    teller.shared.set("large", "small");
    teller.shared.set("more", large);
    teller.shared.set({ more: null, ok: 2 });
    expect(() =>
      teller.shared.set(Object.fromEntries(Array.from({ length: 4_096 }, (_, key) => [`k${key}`, 1]))),
    ).toThrow(tooLarge);
    await endTurn();
    expect(saved.at(-1)).toEqual({ "s:large": '"small"', "s:ok": "2", "cw:players": "[1,2]" });
  });

  test("a player that has left is not kept, and its state stays the game's to read", async () => {
    const { teller, saved, players } = createTeller();
    const { game } = teller.of(1);
    game.set("score", 3);
    teller.heard(1, { set: { ready: 1 }, n: 5 });
    await endTurn();
    players.shift();
    teller.left(1);
    game.set("score", 4);
    await endTurn();
    expect(saved.at(-1)).toEqual({ "p:1:score": null, "f:1:ready": null, "n:1": null, "cw:players": "[2]" });
    expect(game.all()).toEqual({ score: 4, ready: 1 });
    expect(teller.of(1).game.all()).toEqual({});
  });

  test("a room that was lost is saved again, without its players", async () => {
    const { teller, saved, players } = createTeller();
    teller.shared.set("round", 3);
    teller.of(1).game.set("score", 3);
    await endTurn();
    players.length = 0;
    teller.lostRoom();
    await endTurn();
    expect(saved.at(-1)).toEqual({ "s:round": "3", "cw:players": "[]" });
  });
});

describe("what phones write", () => {
  test("P5.10.2 is the player's, and its phone is told that it was heard", async () => {
    const { teller, sent } = createTeller();
    const heard: unknown[] = [];
    teller.of(1).game.on((changes) => heard.push(changes));
    teller.heard(1, { set: { team: "red" }, n: 7 });
    expect(heard).toEqual([{ team: "red" }]);
    await endTurn();
    teller.heard(1, { set: { team: "red" }, n: 8 });
    await endTurn();
    expect(sent.map(({ text }) => text)).toEqual([
      '{"cw":"state","player":1,"set":{"team":"red"},"all":true,"v":1,"n":7}',
      '{"cw":"state","player":1,"set":{},"v":2,"n":8}',
    ]);
  });

  test.each([
    ["another player's", { player: 2, set: { score: 9 } }, "writes its own player's state"],
    ["the room's", { set: { round: 9 } }, "is the room's"],
    ["the SDK's", { set: { "cw:color": 9 } }, "This is the SDK's."],
    ["what is too large", { set: { text: "x".repeat(9_000) } }, "may keep 8192 bytes"],
    ["a key without a name", { set: { "": 9 } }, "1 to 100 bytes"],
    ["what the game refuses", { set: { cheat: true, fine: 1 } }, "No cheating."],
    ["what the game cannot check", { set: { crash: 1 } }, "could not check"],
  ])("P5.10.2 %s is refused, set back and told", async (_what, said, reason) => {
    const errors = catchReports();
    const { teller, sent, saved } = createTeller({ refusal: judge });
    teller.shared.set("round", 1);
    teller.of(2).game.set("score", 1);
    await endTurn();
    sent.length = saved.length = 0;
    teller.heard(1, { ...said, n: 3 });
    await endTurn();
    expect(teller.of(1).game.all()).toEqual({});
    expect([teller.shared.all(), teller.of(2).game.all(), saved]).toEqual([{ round: 1 }, { score: 1 }, []]);
    expect(sent).toMatchObject([{ to: [1], keep: undefined }]);
    const setBack = Object.fromEntries(Object.keys(said.set).map((key) => [key, null]));
    expect(frame(sent[0]?.text ?? "")).toEqual({
      cw: "state",
      player: 1,
      set: setBack,
      error: expect.stringContaining(reason),
      n: 3,
    });
    expect(errors).toHaveLength(_what === "what the game cannot check" ? 1 : 0);
  });

  test("P5.10.2 a key that the TV gave this player is its phone's to write, also where the room has one of that name", () => {
    const { teller } = createTeller();
    teller.shared.set("color", "grey");
    teller.of(1).game.set("color", "red");
    teller.heard(1, { set: { color: "blue" } });
    expect([teller.of(1).game.get("color"), teller.shared.get("color")]).toEqual(["blue", "grey"]);
  });

  test("P5.10.2 a flood stays within 8 KiB, over a reload of the TV too, and what is no frame of a state does nothing", async () => {
    const { teller, saved } = createTeller();
    for (let number = 1; number < 2_000; number++) teller.heard(1, { set: { [`key${number}`]: number }, n: number });
    for (const set of [undefined, null, 5, "x", [], [["a", 1]]]) teller.heard(1, { set, n: "x", v: {}, all: true });
    for (const get of [true, 1, {}]) teller.heard(1, { get, n: -5, player: {} });
    const bytes = JSON.stringify(teller.of(1).game.all()).length;
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThan(8_192);
    teller.of(1).game.set("hand", "x".repeat(20_000)); // the TV may
    await endTurn();
    const again = createTeller().teller;
    again.restore(new Map(saved.flatMap((changes) => Object.entries(changes))));
    const had = again.of(1).game.keys().length;
    again.heard(1, { set: { more: "x".repeat(100) }, n: 1 });
    expect(again.of(1).game.keys()).toHaveLength(had);
    again.heard(1, { set: { key1: null, key2: null, key3: null }, n: 2 });
    again.heard(1, { set: { more: "x" }, n: 3 });
    expect(again.of(1).game.get("more")).toBe("x");
  });

  test("P5.10.2 phones together leave the TV room for its own state", () => {
    const players = Array.from({ length: 100 }, (_, index) => index + 1);
    const { teller } = createTeller({}, players);
    for (const player of players) teller.heard(player, { set: { text: "x".repeat(8_000) } });
    expect(players.filter((player) => teller.of(player).game.has("text")).length).toBeLessThan(20);
    expect(() => teller.shared.set("text", "x".repeat(100_000))).not.toThrow();
  });

  test("P5.10.2 a phone that asks gets both states whole, and no more often than is honest", async () => {
    const { teller, sent } = createTeller();
    teller.heard(1, { get: true });
    expect(sent.map(({ to, text }) => [to, text])).toEqual([
      [[1], '{"cw":"state","set":{},"all":true,"v":0}'],
      [[1], '{"cw":"state","player":1,"set":{},"all":true,"v":0}'],
    ]);
    for (let time = 0; time < 1_000; time++) teller.heard(1, { get: true });
    expect(sent).toHaveLength(16);
    jest.advanceTimersByTime(1_000);
    teller.heard(1, { get: true, n: 9 });
    expect(sent).toHaveLength(18);
    expect(sent.at(-1)?.text).toContain('"n":9');
  });
});

describe("what a phone hears", () => {
  const whole = { set: { round: 1, phase: "draw" }, all: true, v: 4 };

  test.each([2, "1", null])("P5.10.2 the state of another player, %j, says nothing here", (player) => {
    const { reader, refusals } = createReader(1);
    reader.heard({ player, set: { other: 1 }, all: true, v: 1, error: "Not yours." });
    expect([reader.mine.all(), refusals]).toEqual([{}, []]);
  });

  test.each([new Map([["a", 1]]), new Set(["a"]), new Date(), [["a", 1]], 7])("`set` refuses %p", (values) => {
    const { mine } = createReader().reader;
    const set = (...words: readonly unknown[]): unknown => Reflect.apply(Reflect.get(mine, "set"), mine, words);
    expect(() => set(values)).toThrow("takes a key and a value");
  });

  test("P5.10.2 the whole takes the place of all, changes go on top, and each listener is told what it sees", () => {
    const { reader } = createReader();
    const heard: unknown[] = [];
    reader.mine.on((changes) => heard.push(["mine", changes]));
    reader.shared.on((changes) => heard.push(["shared", changes]));
    reader.heard(whole);
    reader.heard({ player: 1, set: { phase: "secret" }, all: true, v: 1 });
    reader.heard({ set: { phase: "vote", round: null }, v: 5 });
    reader.heard({ player: 1, set: { phase: null }, v: 2 });
    reader.heard({ set: { phase: "vote" }, all: true, v: 5 });
    expect(heard).toEqual([
      ["shared", { round: 1, phase: "draw" }],
      ["mine", { round: 1, phase: "draw" }],
      ["mine", { phase: "secret" }],
      ["shared", { round: null, phase: "vote" }],
      ["mine", { round: null }],
      ["mine", { phase: "vote" }],
    ]);
    expect([reader.mine.all(), reader.shared.all()]).toEqual([{ phase: "vote" }, { phase: "vote" }]);
  });

  test("P5.10.2 what it has already is skipped; after a gap it keeps what it has and asks once", () => {
    const { reader, sent } = createReader();
    reader.heard({ set: { round: 0 }, v: 3 });
    expect(reader.shared.all()).toEqual({});
    reader.heard(whole);
    reader.heard({ set: { round: 0 }, v: 4 });
    reader.heard({ set: { round: 7 }, v: 7 });
    reader.heard({ set: { round: 8 }, v: 8 });
    expect(reader.shared.all()).toEqual({ round: 1, phase: "draw" });
    expect(sent).toEqual(['{"cw":"state","get":true,"n":0}']);
    reader.heard({ set: { round: 8 }, all: true, v: 8 });
    reader.heard({ set: { round: 9 }, v: 9 });
    expect(reader.shared.all()).toEqual({ round: 9 });
    reader.heard({ set: { round: 10 } });
    expect(reader.shared.get("round")).toBe(10);
  });

  test("P5.10.2 what is no frame of a state does nothing", () => {
    const { reader } = createReader();
    reader.heard(whole);
    for (const set of [undefined, null, 5, "x", [1]]) reader.heard({ set, all: true, v: {}, n: "x", error: 5 });
    expect(reader.shared.all()).toEqual({ round: 1, phase: "draw" });
  });

  test("P5.10.2 it may not write the room's state", () => {
    const { reader, sent } = createReader();
    expect(() => reader.shared.set("round", 2)).toThrow("a phone reads it");
    expect(() => reader.shared.delete("round")).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(sent).toEqual([]);
  });
});

describe("what a phone writes", () => {
  test("P5.10.2 shows at once, and goes at the end of the turn, the first at once and then thirty a second", async () => {
    const { reader, sent } = createReader();
    reader.mine.set("x", 1);
    reader.mine.set({ x: 2, y: 2 });
    expect([reader.mine.get("x"), sent]).toEqual([2, []]);
    await endTurn();
    expect(sent).toEqual(['{"cw":"state","set":{"x":2,"y":2},"n":1}']);
    for (let x = 3; x <= 100; x++) {
      reader.mine.set("x", x);
      await endTurn();
    }
    expect(sent).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(34);
    expect(sent.slice(1)).toEqual(['{"cw":"state","set":{"x":100},"n":2}']);
    reader.mine.set("x", 101);
    reader.flush();
    expect(sent.slice(2)).toEqual(['{"cw":"state","set":{"x":101},"n":3}']);
  });

  test("P5.10.2 stays above what the TV said before it heard it, and gives way to what the TV says after", async () => {
    const { reader, sent } = createReader();
    reader.heard({ player: 1, set: { color: "grey" }, all: true, v: 1 });
    reader.mine.set("color", "blue");
    await endTurn();
    reader.heard({ player: 1, set: { color: "red", hat: 1 }, v: 2 });
    expect(reader.mine.all()).toEqual({ color: "blue", hat: 1 });
    reader.heard({ player: 1, set: { color: "blue" }, v: 3, n: 1 });
    reader.heard({ player: 1, set: { color: "green" }, v: 4 });
    expect(reader.mine.get("color")).toBe("green");
    expect(sent).toHaveLength(1);
  });

  test("P5.10.2 is set back where the TV refuses it, and the phone is told why", async () => {
    const { reader, refusals } = createReader();
    const heard: unknown[] = [];
    reader.heard({ player: 1, set: { color: "grey" }, all: true, v: 1 });
    reader.mine.set({ color: "gold", crown: true });
    reader.mine.on((changes) => heard.push(changes));
    await endTurn();
    reader.heard({ player: 1, set: { color: "grey", crown: null }, error: "Not yours.", n: 1 });
    expect([reader.mine.all(), refusals]).toEqual([{ color: "grey" }, ["Not yours."]]);
    expect(heard.at(-1)).toEqual({ color: "grey", crown: null });
  });

  test("P5.10.2 a refusal is told once, though the TV is loaded again and hears what was written once more", async () => {
    const { reader, sent, refusals } = createReader();
    reader.mine.set("team", "blue");
    await endTurn();
    const refusal = { player: 1, set: { team: null }, error: "The teams are full." };
    reader.heard({ ...refusal, n: 1 });
    reader.heard({ player: 1, set: {}, all: true, v: 0, again: true });
    reader.heard({ ...refusal, n: 1 });
    expect(refusals).toHaveLength(1);

    // The next page of the TV has this phone write again before it has heard what it wrote.
    reader.mine.set("team", "blue");
    await jest.advanceTimersByTimeAsync(34);
    reader.heard({ player: 1, set: {}, all: true, v: 0, again: true });
    await jest.advanceTimersByTimeAsync(34);
    expect(sent.map((text) => Reflect.get(frame(text), "n"))).toEqual([1, 2, 3]);
    reader.heard({ ...refusal, n: 2 });
    reader.heard({ ...refusal, n: 3 });
    expect([refusals.length, reader.mine.all()]).toEqual([2, {}]);
    reader.heard({ ...refusal, n: 4_000 });
    expect(refusals).toHaveLength(2);
  });

  test("P5.10.2 waits for the connection, and goes again where the TV has lost it", async () => {
    const { reader, sent, line } = createReader();
    line.isUp = false;
    reader.mine.set("x", 1);
    await endTurn();
    reader.mine.set("x", 2);
    await endTurn();
    expect(sent).toEqual([]);
    line.isUp = true;
    reader.opened();
    reader.heard({ player: 1, set: {}, all: true, v: 3, again: true });
    await jest.advanceTimersByTimeAsync(34);
    expect(sent).toEqual(['{"cw":"state","set":{"x":2},"n":1}', '{"cw":"state","set":{"x":2},"n":2}']);
    reader.heard({ player: 1, set: { x: 2 }, v: 4, n: 2 });
    reader.heard({ player: 1, set: {}, all: true, v: 5, again: true });
    await jest.advanceTimersByTimeAsync(34);
    expect(sent).toHaveLength(2);
    expect(reader.mine.all()).toEqual({});
  });

  test("P5.10.2 of its own player is 8 KiB at most, and nothing else than its own", () => {
    const { reader } = createReader();
    expect(() => reader.mine.set("text", "x".repeat(9_000))).toThrow(expect.objectContaining({ code: "too_large" }));
    expect(() => reader.mine.set("cw:name", "Ada")).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    reader.own.set("cw:name", "Ada");
    expect([reader.mine.all(), reader.own.get("cw:name")]).toEqual([{}, "Ada"]);
  });
});

const numbered = (text: string, number: number): string => text.replace(/"n":\d+/, `"n":${number}`);

describe("P5.10.2 the vectors of docs/PROTOCOL.md", () => {
  const document = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const vectors = [...document.matchAll(/^\s*\| `(\{"cw":"state".*\})` \|/gm)].map(([, text = ""]) => text);

  test("P5.10.2 the vectors are what the TV and a phone say", async () => {
    const players = [1, 2, 3];
    const { teller, sent } = createTeller(
      { refusal: (_player, changes) => (Reflect.get(changes, "team") === "blue" ? "The teams are full." : undefined) },
      players,
    );
    const { reader, sent: said, refusals } = createReader();
    teller.shared.set({ round: 1, phase: "draw" });
    await endTurn();
    teller.shared.set({ round: 2, phase: null });
    await endTurn();
    teller.of(3).game.set("hand", ["A", "K"]);
    await endTurn();
    reader.mine.set("team", "red");
    await endTurn();
    const write = numbered(said[0] ?? "", 41);
    teller.heard(3, frame(write));
    await endTurn();
    teller.heard(3, { set: { team: "blue" }, n: 42 });
    const texts = sent.map(({ text }) => text);
    expect([...texts.slice(0, 3), write, ...texts.slice(3)]).toEqual(vectors);
    for (const text of texts) reader.heard(frame(numbered(text, 1)));
    expect(reader.mine.all()).toEqual({ round: 2, hand: ["A", "K"], team: "red" });
    expect(refusals).toEqual(["The teams are full."]);
  });
});
