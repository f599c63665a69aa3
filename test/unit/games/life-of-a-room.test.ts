import { describe, expect, test } from "@jest/globals";
import { OptionsError, type OptionsInput } from "../../../src/config.ts";
import { defineRoom, relay, type RoomDefinition } from "../../../src/games/define-room.ts";
import type { GameRoom } from "../../../src/games/game-room.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { RoomExistsError } from "../../../src/games/open-rooms.ts";
import { createServer } from "../../../src/server.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";

/** Lets promises that are settled go on. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function open(definition: Omit<RoomDefinition<unknown>, "kind">): { fake: FakeOpenRooms; room: GameRoom } {
  const fake = new FakeOpenRooms([defineRoom<unknown>({ kind: "game", ...definition })]);
  return { fake, room: fake.rooms.create("game", { name: "table" }) };
}

function add(state: unknown): number {
  return Number(state) + 1;
}

/** A kind that writes down what happens. */
function recording(seen: string[], more: Omit<RoomDefinition, "kind"> = {}): Omit<RoomDefinition, "kind"> {
  return {
    onCreate: () => void seen.push("create"),
    onAway: (_, { id }) => void seen.push(`away ${id}`),
    onBack: (_, { id }) => void seen.push(`back ${id}`),
    onLeave: (_, { id }, reason) => void seen.push(`leave ${id} ${reason}`),
    onFull: () => void seen.push("full"),
    onEmpty: () => void seen.push("empty"),
    onClose: (_, reason) => void seen.push(`close ${reason}`),
    ...more,
  };
}

describe("the catalog of open rooms", () => {
  test("row 16: a name is free or taken, and free again at once after a delete, which closes all with 1001", () => {
    const fake = new FakeOpenRooms();
    const room = fake.rooms.create("relay", { name: "lobby", meta: { level: 3 } });
    const [ann, ben] = [fake.joinNow("lobby", "ann"), fake.joinNow("lobby", "ben")];
    expect(() => fake.rooms.create("relay", { name: "lobby" })).toThrow(RoomExistsError);
    expect([room.meta, fake.rooms.get("lobby")]).toEqual([{ level: 3 }, room]);
    expect(fake.rooms.delete("lobby")).toBe(true);
    expect([ann, ben].map(({ port }) => port.closing?.name)).toEqual(["room_closed", "room_closed"]);
    expect([room.isClosed, fake.rooms.get("lobby"), fake.rooms.delete("lobby")]).toEqual([true, undefined, false]);
    expect(fake.rooms.create("relay", { name: "lobby" })).not.toBe(room);
  });

  test("row 16: a code comes before a name, and `name:` names a room", () => {
    const fake = new FakeOpenRooms();
    const coded = fake.rooms.create("relay");
    const named = fake.rooms.create("relay", { name: "user:bob", code: true });
    const code = coded.code ?? "";
    expect([fake.rooms.get(code), fake.rooms.get(code.toLowerCase())]).toEqual([coded, coded]);
    expect([fake.rooms.get("user:bob"), fake.rooms.get("name:user:bob"), fake.rooms.get(named.code ?? "")]).toEqual([
      named,
      named,
      named,
    ]);
    expect(coded.name).toBeUndefined();
    expect(fake.fake.hub.find(code)).toBeDefined();
    expect(fake.rooms.list()).toEqual([coded, named]);
  });

  test("the log calls a room by its name, or by its code where it has no other", () => {
    const fake = new FakeOpenRooms();
    fake.rooms.create("relay", { name: "lobby", code: true });
    const { code } = fake.rooms.create("relay");
    fake.joinNow("lobby", "ann");
    expect(fake.fake.observer.seen).toEqual([
      ["roomOpened", "lobby", "lobby"],
      ["roomOpened", code, "relay"],
      ["playerJoined", "lobby", 1],
    ]);
  });

  test("row 17: rooms and members are counted right after each join and leave", () => {
    const fake = new FakeOpenRooms();
    const { hub } = fake.fake;
    fake.rooms.create("relay", { name: "a" });
    fake.rooms.create("relay");
    expect([hub.roomCount, hub.playerCount]).toEqual([2, 0]);
    const ann = fake.joinNow("a", "ann");
    fake.joinNow("b", "ben");
    expect([hub.roomCount, hub.playerCount, fake.rooms.list().length]).toEqual([3, 2, 3]);
    ann.leave();
    fake.rooms.delete("b");
    expect([hub.roomCount, hub.playerCount, fake.rooms.list().length]).toEqual([2, 0, 2]);
  });

  test.each([
    ["", "1 to 128 bytes"],
    ["x".repeat(129), "1 to 128 bytes"],
    ["ä".repeat(65), "1 to 128 bytes"],
    ["\ud800", "1 to 128 bytes"],
    ["BCDF", "look like a room code"],
    ["bcdf", "look like a room code"],
  ])("row 23: the name %j is refused with a sentence", async (name, reason) => {
    const fake = new FakeOpenRooms();
    expect(() => fake.rooms.create("relay", { name })).toThrow(TypeError);
    expect(() => fake.rooms.create("relay", { name })).toThrow(reason);
    expect((await fake.ask(name, "ann")).outcome).toMatchObject({ at: "refused", name: "unauthorized" });
  });

  test.each(["user:bob", "a/b", "lobby", "LOBBY", " ", "ä".repeat(64), "name:x", "__proto__", "💥"])(
    "row 23: %j is a name of its own",
    (name) => {
      const fake = new FakeOpenRooms();
      const room = fake.rooms.create("relay", { name });
      fake.joinNow(name, "ann");
      expect([fake.rooms.get(name), room.members.length, fake.rooms.get(`${name}x`)]).toEqual([room, 1, undefined]);
    },
  );

  test("row 21: rooms of one kind have limits of their own", async () => {
    const fake = new FakeOpenRooms([defineRoom({ kind: "game", maxPlayers: 3 })]);
    fake.rooms.create("game", { name: "two", maxPlayers: 2 });
    fake.rooms.create("game", { name: "three", maxPlayers: 9 });
    const counts = await Promise.all(
      ["two", "three"].map(async (name) => {
        const answers = await Promise.all([1, 2, 3, 4].map((id) => fake.ask(name, `${id}`)));
        return answers.filter(({ outcome }) => outcome.at === "admitted").length;
      }),
    );
    expect(counts).toEqual([2, 3]);
  });

  test("row 15: members open rooms by name only of kinds that the options allow", async () => {
    const kinds = [defineRoom({ kind: "game" }), defineRoom({ kind: "other" })];
    const none = new FakeOpenRooms(kinds, { openKinds: [] });
    expect((await none.ask("x", "ann")).outcome).toMatchObject({ name: "room_not_found" });
    const some = new FakeOpenRooms(kinds, { openKinds: ["game"] });
    expect((await some.ask("x", "ann", { mayOpen: false })).outcome).toMatchObject({ name: "room_not_found" });
    expect((await some.ask("x", "ann", { kind: "other" })).outcome).toMatchObject({ name: "room_not_found" });
    await some.join("x", "ann");
    const all = new FakeOpenRooms(kinds, { openKinds: ["*"] });
    await all.join("x", "ann");
    await all.join("y", "ann", { kind: "other" });
    expect([some.rooms.get("x")?.kind, all.rooms.get("x")?.kind, all.rooms.get("y")?.kind]).toEqual([
      "game",
      "relay",
      "other",
    ]);
  });

  test("standing rooms always exist, and are there again when they end, but not when the server ends", async () => {
    const fake = new FakeOpenRooms([], { standing: new Map([["lobby", "relay"]]), openKinds: [] });
    const first = fake.rooms.get("lobby");
    fake.clock.pass(10 * 300_000);
    expect(fake.rooms.get("lobby")).toBe(first);
    fake.rooms.delete("lobby");
    fake.joinNow("lobby", "ann");
    fake.rooms.delete("lobby");
    await settle();
    expect(fake.rooms.get("lobby")).toBeDefined();
    fake.rooms.drain();
    await settle();
    expect(fake.rooms.list()).toEqual([]);
  });

  test.each([
    ["at once", (room: GameRoom): void => room.close()],
    ["after an await", (room: GameRoom): Promise<void> => Promise.resolve().then(() => room.close())],
  ])(
    "a standing room that its kind closes %s is tried again a second later, and not without a pause",
    async (_, onCreate) => {
      let created = 0;
      const kind = defineRoom({
        kind: "game",
        onCreate(room) {
          created += 1;
          return created < 3 ? onCreate(room) : undefined;
        },
      });
      const fake = new FakeOpenRooms([kind], { standing: new Map([["lobby", "game"]]) });
      for (const [count, isOpen] of [
        [1, false],
        [2, false],
        [3, true],
      ] as const) {
        await settle();
        expect([created, fake.rooms.get("lobby") !== undefined]).toEqual([count, isOpen]);
        fake.clock.pass(1_000);
      }
    },
  );

  test("a standing room that finds no place is reported and tried again, and a member that asks for it hears 1013", async () => {
    const fake = new FakeOpenRooms(
      [defineRoom({ kind: "game", onClose: () => void fake.rooms.create("relay", { name: "thief" }) })],
      { standing: new Map([["lobby", "game"]]), hubOptions: { maxRooms: 1 } },
    );
    fake.rooms.delete("lobby");
    expect((await fake.ask("lobby", "ann")).outcome).toMatchObject({ name: "overloaded" });
    await settle();
    expect(fake.faults).toMatchObject([{ room: "lobby", kind: "game", handler: "standingRooms" }]);
    fake.rooms.delete("thief");
    fake.clock.pass(1_000);
    expect(fake.rooms.get("lobby")).toBeDefined();
  });

  test("a page whose room closes itself while it is created opens another one next time", async () => {
    let created = 0;
    const onCreate = (room: GameRoom): void => void ((created += 1) === 1 && room.close());
    const fake = new FakeOpenRooms([defineRoom({ kind: "game", onCreate })]);
    const openRoom = async (): Promise<string> => {
      const { room: _, mayOpen: __, id: ___, role: ____, pin: _____, ...asked } = fake.request("", "tv");
      return (await fake.rooms.open(new FakePort(), { ...asked, kind: "game", roomName: undefined })).at;
    };
    expect([await openRoom(), await openRoom()]).toEqual(["refused", "admitted"]);
  });

  test("rooms past the server's limit are refused: a program by an error, a member by 1013", async () => {
    const fake = new FakeOpenRooms([], { hubOptions: { maxRooms: 2 } });
    fake.rooms.create("relay", { name: "a" });
    fake.rooms.create("relay", { name: "b" });
    expect(() => fake.rooms.create("relay", { name: "c" })).toThrow("The server is full.");
    expect((await fake.ask("c", "ann")).outcome).toMatchObject({ name: "overloaded" });
    expect(fake.fake.hub.roomCount).toBe(2);
    fake.rooms.delete("a");
    await fake.join("c", "ann");
  });

  test("an unknown kind, and an option that is wrong, are refused with a sentence", () => {
    const fake = new FakeOpenRooms();
    const create =
      (options: object): (() => unknown) =>
      () =>
        fake.rooms.create("relay", { name: "x", ...options });
    expect(() => fake.rooms.create("chess")).toThrow(
      new TypeError('There is no kind of room "chess". There are relay.'),
    );
    expect(create({ maxPlayers: 0 })).toThrow("maxPlayers has to be a whole number from 1 on, not 0.");
    expect(create({ code: Object("yes") })).toThrow("code has to be true or false, not object.");
    expect(create({ meta: "x".repeat(5_000) })).toThrow("meta may take 4096 bytes of JSON.");
    expect(create({ name: undefined, code: false })).toThrow("A room needs a name or a code.");
    expect(create({ maxPlayer: 2 })).toThrow("did you mean maxPlayers?");
  });
});

describe("the kinds of a server", () => {
  test.each([
    [[{ kind: "x", onMesage() {} }], "did you mean onMessage?"],
    [[{ kind: "x" }, { kind: "x" }], "There are two kinds of rooms called x."],
    [[{ kind: "relay" }], "The kind relay is built in"],
    [relay, "rooms has to be a list of kinds"],
  ])("are checked, whoever made them: %j", (kinds, sentence) => {
    const start = (): unknown => Reflect.construct(FakeOpenRooms, [kinds]);
    expect(start).toThrow(TypeError);
    expect(start).toThrow(sentence);
    const startServer = (): unknown =>
      Reflect.apply(createServer, undefined, [{ logLevel: "silent" }, { rooms: kinds }]);
    expect(startServer).toThrow(sentence);
  });

  test("the options may name none that is not there: the server does not start, and says so", () => {
    const rooms = [defineRoom({ kind: "chess" })];
    const start = (options: OptionsInput) => (): unknown => createServer({ logLevel: "silent", ...options }, { rooms });
    expect(start({ openRooms: "relay,ches" })).toThrow(
      "openRooms names the kind of room ches, which is not there; did you mean chess?",
    );
    expect(start({ standingRooms: "hall:poker" })).toThrow(
      "standingRooms names the kind of room poker, which is not there",
    );
    expect(start({ openRooms: "ches" })).toThrow(OptionsError);
  });

  test("relay may be listed, and is the built-in one", () => {
    expect(new FakeOpenRooms([relay]).rooms.create("relay").kind).toBe("relay");
  });
});

describe("defineRoom", () => {
  test.each([
    [{ kind: "Big Two" }, 'kind is "Big Two", but has to be 1 to 32'],
    [{ kind: "host" }, 'kind is "host", but has to be 1 to 32 of a-z, 0-9 and -, such as chess, and not host'],
    [{}, "kind is undefined"],
    [{ kind: "x", maxPlayer: 2 }, "defineRoom has no option maxPlayer; did you mean maxPlayers?"],
    [{ kind: "x", maxPlayers: 0 }, "maxPlayers is 0"],
    [{ kind: "x", overflow: "queue" }, 'overflow is "queue", but has to be "refuse" or "spectator"'],
    [{ kind: "x", emptyRoomMs: -1 }, "emptyRoomMs is -1"],
    [{ kind: "x", history: { frames: 1.5 } }, "its frames have to be a whole number"],
    [{ kind: "x", history: { frame: 5 } }, "did you mean frames"],
    [{ kind: "x", message: { parse: () => 1 } }, "has to be a Standard Schema"],
    [{ kind: "x", onMessage: "yes" }, "has to be a function"],
    [undefined, "defineRoom takes an object"],
  ])("refuses %j with a sentence", (definition, sentence) => {
    const define = (): unknown => Reflect.apply(defineRoom, undefined, [definition]);
    expect(define).toThrow(TypeError);
    expect(define).toThrow(sentence);
  });

  test("keeps `this` of a kind's functions", () => {
    const seen: unknown[] = [];
    const kind = defineRoom({
      kind: "game",
      onCreate() {
        seen.push(this.kind);
      },
    });
    new FakeOpenRooms([kind]).rooms.create("game");
    expect([seen, relay.kind]).toEqual([["game"], "relay"]);
  });
});

describe("events of a room", () => {
  test("row 49: a member leaves for a reason, and is away before that where it has a session", async () => {
    const seen: string[] = [];
    const { fake, room } = open(recording(seen));
    const guest = { session: { sessionHash: undefined, isReliable: false } };
    fake.joinNow("table", "left").leave("left");
    fake.joinNow("table", "guest", guest).leave("cut");
    fake.joinNow("table", "silent").leave("timeout");
    fake.joinNow("table", "cut").leave("cut");
    fake.joinNow("table", "kicked");
    for (const member of room.members) if (member.id === "kicked") room.kick(member);
    fake.clock.pass(3_000);
    fake.clock.pass(117_000);
    expect(seen).toEqual([
      "create",
      "leave left left",
      "empty",
      "leave guest cut",
      "empty",
      "leave kicked kicked",
      "away silent",
      "away cut",
      "leave silent timeout",
      "leave cut cut",
      "empty",
    ]);
  });

  test("row 50: P6.7 a reload is told to no one; a longer absence is told as away and back", async () => {
    const seen: string[] = [];
    const { fake } = open(recording(seen));
    const [ann, ben] = [fake.joinNow("table", "ann"), fake.joinNow("table", "ben")];
    ann.heard();
    ben.leave("cut");
    fake.clock.pass(1_000);
    const again = fake.joinNow("table", "ben");
    expect([seen, ann.heard()]).toEqual([["create"], []]);
    again.leave("cut");
    fake.clock.pass(3_000);
    expect(fake.rooms.get("table")?.member("ben")?.isAway).toBe(true);
    fake.joinNow("table", "ben");
    const card = { id: "ben", name: "ben", role: "member", meta: {} };
    expect(seen).toEqual(["create", "away ben", "back ben"]);
    expect(ann.heard()).toEqual([
      { event: "away", member: card },
      { event: "back", member: card },
    ]);
  });

  test("row 51: full is told once for each filling, empty when the last seat goes", () => {
    const seen: string[] = [];
    const { fake } = open(recording(seen, { maxPlayers: 2 }));
    const ann = fake.joinNow("table", "ann");
    fake.joinNow("table", "ben").leave("cut");
    const ben = fake.joinNow("table", "ben");
    ben.leave();
    const cid = fake.joinNow("table", "cid");
    fake.joinNow("table", "tv", { role: "spectator" });
    for (const member of [ann, cid]) member.leave();
    expect(seen).toEqual(["create", "full", "leave ben left", "full", "leave ann left", "leave cid left", "empty"]);
  });

  test("row 52: a room that ends tells it of each member and of itself, once", () => {
    const seen: string[] = [];
    const { fake, room } = open(recording(seen));
    const ann = fake.joinNow("table", "ann");
    room.close("The game is over.");
    room.close();
    expect(seen).toEqual(["create", "leave ann room_closed", "close room_closed"]);
    expect(ann.port.closing).toEqual({ name: "room_closed", reason: "The game is over." });
    expect(room.broadcast("x")).toEqual({ sent: 0, kept: 0, nobody: true });
  });

  test("row 97: at the end of the server all are closed with 1012, the room is told why, and none is opened", async () => {
    const seen: string[] = [];
    const { fake } = open(recording(seen));
    const ann = fake.joinNow("table", "ann");
    fake.rooms.drain();
    expect([ann.port.closing?.name, seen]).toEqual([
      "restarting",
      ["create", "leave ann restarting", "close restarting"],
    ]);
    expect(() => fake.rooms.create("game")).toThrow("The server is closing: it opens no more rooms.");
    expect((await fake.ask("new", "ann")).outcome).toMatchObject({ at: "refused", name: "restarting" });
  });

  test("row 55: meta counts in the memory of the process for as long as its member is here", () => {
    const budget = new MemoryBudget({ limit: 1_000_000, schedule: queueMicrotask });
    const fake = new FakeOpenRooms([], { budget });
    const ann = fake.joinNow("table", "ann");
    const before = budget.used;
    fake.rooms
      .get("table")
      ?.member("ann")
      ?.setMeta({ bio: "x".repeat(1_000) });
    fake.rooms.get("table")?.member("ann")?.setMeta({ team: "red" });
    expect(budget.used - before).toBe(JSON.stringify({ bio: "x".repeat(1_000), team: "red" }).length);
    ann.leave();
    expect(budget.used).toBe(before);
  });

  test("row 55: meta stays with the seat, the others are told once, and 4 KiB are the most", async () => {
    const { fake, room } = open({});
    const [ann, ben] = [fake.joinNow("table", "ann"), fake.joinNow("table", "ben")];
    ann.heard();
    const member = room.member("ben");
    member?.setMeta({ displayName: "Ben", team: "red" });
    member?.setMeta({ team: undefined });
    const card = { id: "ben", name: "ben", role: "member" };
    expect(ann.heard()).toEqual([
      { event: "meta", member: { ...card, meta: { displayName: "Ben", team: "red" } } },
      { event: "meta", member: { ...card, meta: { displayName: "Ben" } } },
    ]);
    ben.leave("cut");
    await fake.join("table", "ben");
    expect(room.member("ben")?.meta).toEqual({ displayName: "Ben" });
    expect(() => member?.setMeta({ bio: "x".repeat(4_096) })).toThrow(RangeError);
    expect(member?.meta).toEqual({ displayName: "Ben" });
    expect(() => Object.assign(Object(member?.meta), { displayName: "Eve" })).toThrow(TypeError);
  });

  test("row 55: the meta of a member that has left is told to no one", () => {
    const { fake } = open({ onLeave: (_, member) => member.setMeta({ gone: true }) });
    const ann = fake.joinNow("table", "ann");
    fake.joinNow("table", "ben").leave();
    expect(ann.heard()).toMatchObject([{ event: "join" }, { event: "leave", member: { id: "ben", meta: {} } }]);
  });
});

describe("state and time of a room", () => {
  test("row 56: 100 concurrent updates, at once and later, lose nothing", async () => {
    const { room } = open({ createState: () => 0 });
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        room.update(index % 2 === 0 ? add : async (state) => (await settle(), add(state))),
      ),
    );
    expect([room.state, room.version]).toEqual([100, 100]);
  });

  test("row 56: an update that asks for another is done before it", async () => {
    const { room } = open({ createState: () => 0 });
    let inner: Promise<unknown> | undefined;
    const outer = room.update((state) => {
      inner = room.update((later) => Number(later) + 10);
      return Number(state) + 1;
    });
    expect([await outer, await inner, room.state, room.version]).toEqual([1, 11, 11, 2]);
  });

  test("row 56: an update that fails or never ends changes nothing, and harms no later one", async () => {
    const { fake, room } = open({ createState: () => ({ count: 1 }) });
    const failing = room.update(() => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const hanging = room.update(() => new Promise(() => {}));
    const later = room.update(() => ({ count: 2 }));
    fake.clock.pass(5_000);
    await expect(hanging).rejects.toThrow("update took longer than 5 seconds.");
    expect([await later, room.version]).toEqual([{ count: 2 }, 1]);
    void room.update(() => Promise.reject(new Error("not awaited"))); // ends no process
    await settle();
    expect(fake.faults).toHaveLength(3);
  });

  test("row 56: a room may be created with a state; what an update changes in place stays", async () => {
    const fake = new FakeOpenRooms([defineRoom({ kind: "game", createState: () => ({ turns: 0 }) })]);
    const room = fake.rooms.create("game", { name: "x", state: { turns: 7 } });
    await room.update((state) => void Object.assign(Object(state), { turns: 8 }));
    expect([room.state, fake.rooms.create("game").state]).toEqual([{ turns: 8 }, { turns: 0 }]);
  });

  test("row 59: timers tick without drift, replace each other by name, and end with the room", () => {
    const ticks: unknown[] = [];
    const { fake, room } = open({});
    const begin = fake.clock.now();
    const note = (what: string) => () => void ticks.push([what, fake.clock.now() - begin]);
    room.every("tick", 10, note("tick"));
    room.after("once", 25, note("replaced"));
    room.after("once", 15, note("once"));
    room.after("never", 12, note("never"));
    room.cancel("never");
    fake.clock.pass(30);
    expect(ticks).toEqual([
      ["tick", 10],
      ["once", 15],
      ["tick", 20],
      ["tick", 30],
    ]);
    const pending = fake.clock.pending;
    room.close();
    room.every("late", 1, note("late"));
    fake.clock.pass(1_000);
    expect([ticks.length, fake.clock.pending < pending]).toEqual([4, true]);
    expect(() => room.after("x", Number.NaN, () => {})).toThrow(RangeError);
    expect(() => room.after("x", 1, Object("no function"))).toThrow('The timer "x" needs a function, not object.');
  });

  test("row 59: a timer of 60 days comes in 60 days, and one that fails is logged and goes on", () => {
    let calls = 0;
    const { fake, room } = open({ emptyRoomMs: Infinity });
    const day = 86_400_000;
    room.after("far", 60 * day, () => void (calls += 1));
    room.every("broken", day, () => {
      throw new Error("tick");
    });
    fake.clock.pass(60 * day - 1);
    expect([calls, fake.faults.length, fake.faults[0]?.handler]).toEqual([0, 59, 'timer "broken"']);
    fake.clock.pass(1);
    expect(calls).toBe(1);
  });

  test.each([2_000, 0])("row 22: a room that was never joined ends after %d ms", (emptyRoomMs) => {
    const { fake, room } = open({ emptyRoomMs });
    if (emptyRoomMs > 0) fake.clock.pass(emptyRoomMs - 1);
    expect(room.isClosed).toBe(false);
    fake.clock.pass(1);
    expect([room.isClosed, fake.fake.hub.roomCount, fake.clock.pending]).toEqual([true, 0, 0]);
  });

  test("row 22: the time begins anew when the last member or spectator goes", () => {
    const { fake, room } = open({ emptyRoomMs: 2_000 });
    fake.clock.pass(1_500);
    const ann = fake.joinNow("table", "ann");
    fake.clock.pass(10_000);
    const tv = fake.joinNow("table", "tv", { role: "spectator" });
    ann.leave();
    fake.clock.pass(10_000);
    tv.leave("cut");
    fake.clock.pass(1_999);
    expect(room.isClosed).toBe(false);
    fake.clock.pass(1);
    expect(room.isClosed).toBe(true);
  });

  test("row 22: Infinity keeps an empty room; a locked room that all have left for good ends too", () => {
    const forever = open({ emptyRoomMs: Infinity });
    forever.fake.clock.pass(1e9);
    expect(forever.room.isClosed).toBe(false);
    const { fake, room } = open({ emptyRoomMs: 2_000 });
    const ann = fake.joinNow("table", "ann");
    room.lock();
    ann.leave("cut");
    fake.clock.pass(119_999);
    expect(room.isClosed).toBe(false);
    fake.clock.pass(1);
    expect(room.isClosed).toBe(true);
  });

  test("row 22: 200 joins that race the end of their room all land in one that works", async () => {
    const fake = new FakeOpenRooms([], { openKinds: ["relay"] });
    fake.rooms.create("relay", { name: "table" });
    const joins = Array.from({ length: 200 }, async (_, index) => {
      fake.clock.pass(index % 2 === 0 ? 299_999 : 1);
      const member = await fake.join("table", `m${index}`);
      if (index % 3 > 0) return member.leave();
      const before = fake.rooms.get("table")?.members.length ?? 0;
      expect(before).toBeGreaterThan(0);
      return undefined;
    });
    await Promise.all(joins);
    const ann = fake.joinNow("table", "ann");
    const ben = fake.joinNow("table", "ben");
    ann.say("works");
    expect(ben.messages()).toEqual(["works"]);
  });

  test("row 22: a join that onJoin is still asked about keeps the room", async () => {
    const { fake, room } = open({ emptyRoomMs: 1_000, onJoin: () => settle() });
    const joining = fake.join("table", "ann");
    fake.clock.pass(4_000);
    await joining;
    expect([room.isClosed, room.members.length]).toEqual([false, 1]);
  });

  test("row 38: history counts in the memory of the process, and goes where that is used up", async () => {
    const budget = new MemoryBudget({ limit: 100_000, schedule: queueMicrotask });
    const fake = new FakeOpenRooms([], { budget });
    const room = fake.rooms.create("relay", { name: "table" });
    room.broadcast("x".repeat(20_000));
    expect([room.history().length, budget.used > 20_000]).toEqual([1, true]);
    for (let count = 0; count < 6; count++) room.broadcast("x".repeat(20_000));
    await settle();
    expect([room.history().length < 5, budget.used < 100_000]).toEqual([true, true]);
    room.close();
    expect(budget.used).toBe(0);
  });

  test("row 38: history keeps the newest by count, bytes and age, with the true sender", () => {
    const { fake, room } = open({ relays: true, history: { frames: 100, bytes: 1_000, ms: 60_000 } });
    const ann = fake.joinNow("table", "ann");
    for (let number = 1; number <= 250; number++) ann.say(number);
    const kept = room.history();
    expect([kept.length, kept[0]?.data, kept.at(-1)]).toEqual([
      100,
      151,
      { from: "ann", data: 250, seq: 250, at: "2026-01-01T12:00:00.000Z" },
    ]);
    expect(room.history(2).map(({ data }) => data)).toEqual([249, 250]);
    room.broadcast("x".repeat(900));
    expect(room.history().map(({ from }) => from)).toEqual([...Array.from({ length: 32 }, () => "ann"), ""]);
    ann.sayRaw(new Uint8Array([1]));
    room.send("ann", "direct");
    expect(room.history()).toHaveLength(33);
    fake.clock.pass(60_001);
    expect(room.history()).toEqual([]);
  });
});
