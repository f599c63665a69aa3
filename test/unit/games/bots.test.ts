/** Bots in open rooms: members like any other, and stand-ins for those that are away. */
import { describe, expect, test } from "@jest/globals";
import { defineBot, type Bot, type BotSelf } from "../../../src/games/bot.ts";
import { defineRoom, type RoomDefinition } from "../../../src/games/define-room.ts";
import type { GameRoom, Member } from "../../../src/games/game-room.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { FakeOpenRooms, type FakeOpenRoomsOptions } from "../../support/room/fake-open-rooms.ts";

const THINK = [100, 200] as const;

/** A bot that notes what happens to it. */
function noting(notes: unknown[], more: Partial<Bot> = {}): Bot {
  return defineBot({
    name: "Botty",
    thinkMs: THINK,
    onJoin: (me) => void notes.push(["join", me.id, me.name]),
    onMessage: (_me, data, from) => void notes.push([from, data]),
    onLeave: (me) => void notes.push(["leave", me.id]),
    ...more,
  });
}

function openRoom(definition: Partial<RoomDefinition> = {}, options: FakeOpenRoomsOptions = {}) {
  const kind = defineRoom({ kind: "game", relays: true, ...definition });
  const fake = new FakeOpenRooms([kind], { random: () => 0.5, ...options });
  const room: GameRoom = fake.rooms.create("game", { name: "table" });
  return { fake, room };
}

/** A room whose member Ann a test sends away; `said` is what the room hears from whom. */
function withAway(definition: Partial<RoomDefinition> = {}) {
  const said: [string, unknown][] = [];
  const { fake, room } = openRoom({
    relays: false,
    onMessage: (_room, member, message) => void said.push([member.id, message]),
    ...definition,
  });
  const ann = fake.joinNow("table", "ann");
  ann.heard();
  const member: Member | undefined = room.member("ann");
  if (member === undefined) throw new Error("Ann is here.");
  return { fake, room, ann, member, said };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("a bot", () => {
  test("row 60: is a member like any other: it takes a seat, is told to the others, hears and is heard", () => {
    const { fake, room } = openRoom();
    const ann = fake.joinNow("table", "ann");
    const notes: unknown[] = [];
    const bot = room.addBot(noting(notes, { onMessage: (me, data) => me.send({ echo: data }) }));
    expect(bot).toMatchObject({ id: "bot-1", name: "Botty", role: "member", isBot: true, isAway: false });
    expect(room.members.map(({ id }) => id)).toEqual(["ann", "bot-1"]);
    expect(ann.heard()).toEqual([{ event: "join", member: { id: "bot-1", name: "Botty", role: "member", meta: {} } }]);
    ann.say("hello");
    fake.clock.pass(1_000);
    expect(ann.heard()).toEqual([{ from: "bot-1", data: { echo: "hello" } }]);
    expect(notes).toEqual([["join", "bot-1", "Botty"]]);
  });

  test("row 60: is told at once that no seat is free, also where a newcomer may be refused, and does not come in later", async () => {
    const notes: unknown[] = [];
    const { fake, room } = openRoom({
      maxPlayers: 1,
      async onJoin(_room, member) {
        if (member.isBot) return undefined;
        await settled();
        return "Not you.";
      },
    });
    const ann = fake.ask("table", "ann");
    expect(() => room.addBot(noting(notes))).toThrow("The room is full.");
    expect((await ann).outcome).toMatchObject({ at: "refused", reason: "Not you." });
    await settled();
    expect([room.members, fake.faults]).toEqual([[], []]);
    expect(room.addBot(noting(notes)).isBot).toBe(true);
  });

  test("row 60: thinks for a time that is drawn evenly, and reacts in no caller's stack", () => {
    for (const [drawn, ms] of [
      [0, 100],
      [0.25, 125],
      [0.99, 199],
    ] as const) {
      const { fake, room } = openRoom({}, { random: () => drawn });
      const notes: unknown[] = [];
      room.addBot(noting(notes));
      expect(notes).toEqual([]);
      fake.clock.pass(ms - 0.5);
      expect(notes).toEqual([]);
      fake.clock.pass(1);
      expect(notes).toEqual([["join", "bot-1", "Botty"]]);
      room.broadcast("now");
      fake.clock.pass(ms - 0.5);
      expect(notes).toHaveLength(1);
      fake.clock.pass(1);
      expect(notes.slice(1)).toEqual([["", "now"]]);
    }
  });

  test("reacts to all that it has been told after one thought, in order, the next when the one before is done", async () => {
    const { fake, room } = openRoom();
    const notes: unknown[] = [];
    let goOn: (() => void) | undefined;
    const onMessage = (_me: BotSelf, data: unknown): Promise<void> => {
      notes.push(data);
      return new Promise((resolve) => (goOn = resolve));
    };
    room.addBot(noting(notes, { onMessage }));
    fake.clock.pass(200);
    notes.length = 0;
    for (const number of [1, 2]) room.broadcast(number);
    fake.clock.pass(150);
    room.broadcast(3);
    await settled();
    expect(notes).toEqual([1]);
    goOn?.();
    await settled();
    expect(notes).toEqual([1, 2]);
    fake.clock.pass(1_000);
    goOn?.();
    await settled();
    expect(notes).toEqual([1, 2]); // it thinks before it reacts to the third one
    fake.clock.pass(150);
    expect(notes).toEqual([1, 2, 3]);
  });

  test("keeps a thousand messages: past them the oldest go, and that is reported once", () => {
    const { fake, room } = openRoom();
    const notes: unknown[] = [];
    room.addBot(noting(notes));
    fake.clock.pass(200);
    for (let number = 1; number <= 1_010; number++) room.broadcast(number);
    fake.clock.pass(200);
    expect(notes).toHaveLength(1 + 1_000);
    expect([notes[1], notes.at(-1)]).toEqual([
      ["", 11],
      ["", 1_010],
    ]);
    expect(fake.faults.map(({ handler }) => handler)).toEqual(["onMessage of the bot Botty"]);
  });

  test("keeps four mebibytes of messages, which count in the process's memory until it has reacted", () => {
    const budget = unlimitedMemory();
    const { fake, room } = openRoom({}, { budget });
    const notes: unknown[] = [];
    const me = room.addBot(noting(notes));
    fake.clock.pass(200);
    notes.length = 0;
    for (let number = 1; number <= 10; number++) room.broadcast(`${number}`.padEnd(1_000_000));
    expect(budget.used).toBeGreaterThan(4_000_000);
    expect(budget.used).toBeLessThanOrEqual(4 * 2 ** 20);
    fake.clock.pass(1_000);
    expect([notes.length, budget.used, fake.faults.length]).toEqual([4, 0, 1]);
    room.broadcast("the last");
    room.kick(me);
    expect(budget.used).toBe(0);
  });

  test("that throws is reported, and harms only itself", async () => {
    const { fake, room } = openRoom();
    const ann = fake.joinNow("table", "ann");
    const notes: unknown[] = [];
    const bot = noting(notes, {
      onJoin: () => Promise.reject(new Error("no join")),
      onMessage: (_me, data) => {
        if (data === "bad") throw new Error("no message");
        notes.push(data);
      },
    });
    room.addBot(bot);
    fake.clock.pass(200);
    await settled();
    ann.say("bad");
    ann.say("good");
    fake.clock.pass(200);
    await settled();
    expect(notes).toEqual(["good"]);
    expect(fake.faults).toMatchObject([
      { room: "table", kind: "game", handler: "onJoin of the bot Botty", error: new Error("no join") },
      { room: "table", kind: "game", handler: "onMessage of the bot Botty", error: new Error("no message") },
    ]);
    expect(room.members).toHaveLength(2);
  });

  test("is told of bytes as bytes, of nothing that was said before it came, and says bytes and to whom", () => {
    const { fake, room } = openRoom({ history: { frames: 50 } });
    const [ann, ben] = [fake.joinNow("table", "ann"), fake.joinNow("table", "ben")];
    ann.say("long ago");
    const notes: unknown[] = [];
    const bot = noting(notes, {
      onJoin(me) {
        me.send(new Uint8Array([7, 8]));
        me.send("for ben", { to: ["ben"] });
        expect(() => me.send(undefined)).toThrow("JSON");
        expect(() => me.send(new Uint8Array(1), { to: ["ben"] })).toThrow("binary");
      },
    });
    room.addBot(bot);
    ann.sayRaw(new Uint8Array([1, 2]));
    for (const member of [ann, ben]) member.heard();
    fake.clock.pass(200);
    expect([ann.heard(), ben.heard()]).toEqual([[[7, 8]], [[7, 8], { from: "bot-1", data: "for ben" }]]);
    expect(notes).toEqual([["", new Uint8Array([1, 2])]]);
    expect(fake.faults).toEqual([]);
  });

  test("gives its seat back, and leaves with its room: each time it is told so, and reacts no more", () => {
    const { fake, room } = openRoom();
    const ann = fake.joinNow("table", "ann");
    const notes: unknown[] = [];
    const leaver = noting(notes, { onMessage: (me) => me.leave() });
    room.addBot(leaver);
    const stayer = room.addBot(noting(notes), { name: "Other" });
    fake.clock.pass(200);
    notes.length = 0;
    ann.heard();
    ann.say("go");
    ann.say("and again");
    fake.clock.pass(200);
    expect(notes).toEqual([
      ["ann", "go"],
      ["ann", "and again"],
      ["leave", "bot-1"],
    ]);
    expect(ann.heard()).toMatchObject([{ event: "leave", member: { id: "bot-1" } }]);
    expect(room.members.map(({ id }) => id)).toEqual(["ann", stayer.id]);

    room.broadcast("the last");
    room.close();
    fake.clock.pass(1_000);
    expect(notes.slice(3)).toEqual([["leave", "bot-2"]]);
    expect(fake.clock.pending).toBe(0);
  });

  test("can be kicked like another member", () => {
    const { fake, room } = openRoom();
    const notes: unknown[] = [];
    const bot = room.addBot(noting(notes));
    fake.clock.pass(200);
    room.kick(bot);
    fake.clock.pass(200);
    expect([room.members.length, notes.at(-1)]).toEqual([0, ["leave", "bot-1"]]);
  });

  test("finds no seat in a full room, a locked one, and one that refuses it, and the error says so", async () => {
    const { fake, room } = openRoom({
      maxPlayers: 1,
      onJoin: (_room, { name }) => (name === "Bad" ? "Not you." : undefined),
    });
    expect(() => room.addBot(noting([]), { name: "Bad" })).toThrow("Not you.");
    room.addBot(noting([]));
    expect(() => room.addBot(noting([]))).toThrow("full");
    const { room: locked } = openRoom();
    locked.lock();
    expect(() => locked.addBot(noting([]))).toThrow("The game has started.");
    locked.close();
    expect(() => locked.addBot(noting([]))).toThrow("closed");
    expect(fake.faults).toEqual([]);
  });

  test("is let in by a kind that answers later, and is reported where that refuses", async () => {
    const { fake, room } = openRoom({
      onJoin: (_room, { name }) => Promise.resolve(name === "Bad" ? "Not you." : undefined),
    });
    const notes: unknown[] = [];
    expect(room.addBot(noting(notes)).id).toBe("bot-1");
    room.addBot(noting(notes), { name: "Bad" });
    await settled();
    await settled();
    fake.clock.pass(200);
    expect(notes).toEqual([["join", "bot-1", "Botty"]]);
    expect(fake.faults).toMatchObject([{ error: new Error("Not you.") }]);
  });

  test("may be added where its room is made", () => {
    const { room } = openRoom({ onCreate: (made) => void made.addBot(noting([])) });
    expect(room.members.map(({ id }) => id)).toEqual(["bot-1"]);
  });

  test("does not keep an empty room", () => {
    const { fake, room } = openRoom({ emptyRoomMs: 5_000 });
    room.addBot(noting([]));
    fake.clock.pass(5_001);
    expect(room.isClosed).toBe(true);
  });

  test("whose frames are refused is reported", () => {
    const { fake, room } = openRoom({ relays: false, onBinary() {} });
    room.addBot(noting([], { onJoin: (me) => me.send("text") }));
    fake.clock.pass(500);
    expect(fake.faults).toMatchObject([{ handler: "send of the bot Botty" }]);
  });
});

describe("a bot that plays for a member that is away", () => {
  test("row 60: speaks as the member, hears what the member is told, and the member still gets all of it", async () => {
    const { fake, room, ann, member, said } = withAway();
    ann.leave("cut");
    const notes: unknown[] = [];
    const bot = noting(notes, {
      onMessage(me, data) {
        notes.push(data);
        me.send({ move: data });
      },
    });
    expect(room.addBot(bot, { for: member })).toBe(member);
    expect(room.members).toHaveLength(1);
    room.broadcast("to all");
    room.send("ann", "to ann");
    room.broadcastToOthers(member, "to others");
    fake.clock.pass(200);
    expect(notes).toEqual([["join", "ann", "ann"], "to all", "to ann"]);
    expect(said).toEqual([
      ["ann", { move: "to all" }],
      ["ann", { move: "to ann" }],
    ]);

    const back = await fake.join("table", "ann");
    expect(back.messages()).toEqual(["to all", "to ann"]);
    room.broadcast("later");
    fake.clock.pass(1_000);
    expect(notes.at(-1)).toEqual(["leave", "ann"]);
    expect([said.length, member.isAway]).toEqual([2, false]);
  });

  test("row 60: begins with the frames that are kept by a name", () => {
    const { fake, room, ann, member } = withAway();
    room.send("ann", { view: 1 }, { retain: "view" });
    room.send("ann", { view: 2 }, { retain: "view" });
    ann.leave("cut");
    const notes: unknown[] = [];
    room.addBot(noting(notes), { for: member });
    fake.clock.pass(200);
    expect(notes).toEqual([
      ["join", "ann", "ann"],
      ["", { view: 2 }],
    ]);
  });

  test("is reported where it says what is refused, and the member is not told", async () => {
    const refusing = {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "no" }] }) },
    } as const;
    const { fake, room, ann, member } = withAway({ message: refusing });
    ann.leave("cut");
    room.addBot(noting([], { onJoin: (me) => me.send("text") }), { for: member });
    fake.clock.pass(500);
    expect(fake.faults).toMatchObject([{ handler: "send of the bot Botty" }]);
    expect((await fake.join("table", "ann")).heard()).toEqual([]);
  });

  test("does nothing where the member is here, and is refused for what is no member of the room", () => {
    const { fake, room, member } = withAway();
    const notes: unknown[] = [];
    room.addBot(noting(notes), { for: member });
    const { member: foreign } = withAway();
    expect(() => room.addBot(noting(notes), { for: foreign })).toThrow("ann is no member of this room.");
    fake.clock.pass(1_000);
    expect(notes).toEqual([]);
  });

  test("ends where the member's seat is given up, and with the room", () => {
    const { fake, room, ann, member } = withAway();
    ann.leave("cut");
    const notes: unknown[] = [];
    room.addBot(noting(notes), { for: member });
    fake.clock.pass(200);
    room.kick(member);
    fake.clock.pass(0);
    expect(notes.at(-1)).toEqual(["leave", "ann"]);
    room.close();
    expect(fake.clock.pending).toBe(0);
  });

  test("row 60: takes over by itself after so many milliseconds, and not where the member is back before", async () => {
    const notes: unknown[] = [];
    const { fake, ann, member } = withAway({ standIn: { bot: noting(notes), afterMs: 5_000 } });
    ann.leave("cut");
    fake.clock.pass(3_000);
    expect(member.isAway).toBe(true);
    fake.clock.pass(4_000);
    const back = await fake.join("table", "ann");
    fake.clock.pass(60_000);
    expect(notes).toEqual([]);
    back.leave("cut");
    fake.clock.pass(3_000 + 5_000 + 200);
    expect(notes).toEqual([["join", "ann", "ann"]]);
    (await fake.join("table", "ann")).leave("left");
    fake.clock.pass(1_000);
    expect(notes).toEqual([
      ["join", "ann", "ann"],
      ["leave", "ann"],
    ]);
  });
});

describe("defineBot", () => {
  test.each([
    [{}, "name"],
    [{ name: " " }, "name"],
    [{ name: "x".repeat(65) }, "64 characters"],
    [{ name: "a", thinkMs: [5, 1] }, "thinkMs"],
    [{ name: "a", thinkMs: 5 }, "thinkMs"],
    [{ name: "a", thinkMs: [-1, 1] }, "thinkMs"],
    [{ name: "a", thinkMs: [1, Infinity] }, "thinkMs"],
    [{ name: "a", onMessage: "no" }, "onMessage"],
    [{ name: "a", onMesage() {} }, "no option onMesage"],
    [null, "object"],
  ])("refuses %j with a sentence", (options, sentence) => {
    expect(() => Reflect.apply(defineBot, undefined, [options])).toThrow(sentence);
  });
});
