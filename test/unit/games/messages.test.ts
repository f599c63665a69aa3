import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { defineRoom, type RoomDefinition } from "../../../src/games/define-room.ts";
import { plainEncoder } from "../../../src/session/member-encoder.ts";
import { FakeOpenRooms, type FakeMember } from "../../support/room/fake-open-rooms.ts";

/** Lets promises that are settled go on. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

interface Table {
  readonly fake: FakeOpenRooms;
  readonly ann: FakeMember;
  readonly ben: FakeMember;
}

function table(definition: Omit<RoomDefinition, "kind">): Table {
  const fake = new FakeOpenRooms([defineRoom({ ...definition, kind: "game" })]);
  fake.rooms.create("game", { name: "table" });
  const [ann, ben] = [fake.joinNow("table", "ann"), fake.joinNow("table", "ben")];
  ann.heard();
  return { fake, ann, ben };
}

function promiseInHand(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  const resolvers: (() => void)[] = [];
  const promise = new Promise<void>((resolve) => resolvers.push(resolve));
  return { promise, resolve: () => resolvers.forEach((resolve) => resolve()) };
}

const refused = (code: string, message: unknown = expect.any(String)): unknown => ({ error: { code, message } });

interface Position {
  readonly moves: readonly string[];
}

test("the types of a kind's messages and state come from its schema and its createState", async () => {
  const kind = defineRoom({
    kind: "game",
    message: z.object({ move: z.string() }),
    createState: (): Position => ({ moves: [] }),
    onMessage(room, member, { move }) {
      void room.update(({ moves }) => ({ moves: [...moves, `${member.id} ${move.toUpperCase()}`] }));
    },
  });
  const fake = new FakeOpenRooms([kind]);
  const room = fake.rooms.create("game", { name: "table" });
  fake.joinNow("table", "ann").say({ move: "e4" });
  expect(room.state).toEqual({ moves: ["ann E4"] });
});

describe("messages of members", () => {
  test("row 41: what does not fit the schema never reaches onMessage, and its sender alone is told why", () => {
    const got: unknown[] = [];
    const { ann, ben } = table({
      message: z.object({ move: z.string().transform((move) => move.toUpperCase()) }),
      onMessage: (_, member, message) => void got.push([member.id, message]),
    });
    ann.say({ move: 7 });
    ann.say({ move: "e4" });
    expect(got).toEqual([["ann", { move: "E4" }]]);
    expect(ann.heard()).toEqual([refused("invalid_message", expect.stringMatching(/^move: /))]);
    expect(ben.heard()).toEqual([]);
  });

  test("row 42: a check may answer later; what it refuses is neither passed on nor kept", async () => {
    const { fake, ann, ben } = table({
      relays: true,
      history: { frames: 10 },
      message: z.string().refine(async (text) => {
        await settle();
        return text !== "bad";
      }, "no bad words"),
    });
    for (const word of ["one", "bad", "two"]) ann.say(word);
    await settle();
    await settle();
    await settle();
    expect(ann.heard()).toEqual([refused("invalid_message", "no bad words")]);
    expect(ben.messages()).toEqual(["one", "two"]);
    expect(
      fake.rooms
        .get("table")
        ?.history()
        .map(({ from, data, seq }) => [from, data, seq]),
    ).toEqual([
      ["ann", "one", 1],
      ["ann", "two", 2],
    ]);
  });

  test.each([
    ["not json", "The text frame is not one JSON value."],
    ["", "The text frame is not one JSON value."],
    ["[1]", 'A frame has to be an object such as {"data": …}, not a list.'],
    ["null", 'A frame has to be an object such as {"data": …}, not null.'],
    ['{"from":"ann"}', '`data` is missing: a frame is {"data": …}, with "to": [ids] for some alone.'],
    ['{"data":1,"to":"ben"}', "`to` has to be a list of ids, not text."],
    ['{"data":1,"to":[1]}', "`to` has to be a list of ids; entry 0 is no text."],
    ['{"data":1,}', "The text frame is not one JSON value."],
    ['{"data":1} x', "The text frame is not one JSON value."],
    ['{"token":5}', "`token` has to be text, not a number."],
    [`{"data":${"[".repeat(128)}${"]".repeat(128)}}`, "The JSON is nested deeper than 128 levels."],
  ])("row 43: P6.5 %j is answered, and the line stays", (frame, message) => {
    const { ann, ben } = table({ relays: true });
    ann.sayRaw(frame);
    ann.say("still here");
    expect(ann.heard()).toEqual([refused("invalid_message", message)]);
    expect(ben.messages()).toEqual(["still here"]);
  });

  test("row 43: P6.5 ten refused frames in a row end the line with 4500; a good one begins anew", () => {
    const { ann } = table({ relays: true });
    for (let count = 0; count < 9; count++) ann.sayRaw("x");
    ann.say("good");
    for (let count = 0; count < 9; count++) ann.sayRaw("x");
    expect(ann.port.closing).toBeUndefined();
    ann.sayRaw("x");
    expect(ann.heard()).toHaveLength(19);
    expect(ann.port.closing).toEqual({ name: "bad_request", reason: "Ten frames in a row were refused." });
  });

  test("row 54: a handler that throws, rejects or never answers is answered internal_error, and the room goes on", async () => {
    const { fake, ann, ben } = table({
      onMessage(room, member, message) {
        if (message === "throw") throw new Error("thrown");
        if (message === "reject") return Promise.reject(new Error("rejected"));
        if (message === "hang") return new Promise<void>(() => {});
        room.broadcast(`${member.id}: ${String(message)}`);
        return undefined;
      },
    });
    for (const word of ["throw", "reject", "hang", "hello"]) ann.say(word);
    ben.say("hi");
    await settle();
    expect(ben.messages()).toEqual(["ben: hi"]);
    fake.clock.pass(5_000);
    await settle();
    expect(ann.heard()).toEqual([
      refused("internal_error"),
      { from: "", data: "ben: hi" },
      refused("internal_error"),
      refused("internal_error"),
      { from: "", data: "ann: hello" },
    ]);
    expect(fake.faults.map(({ room, kind, handler, error }) => [room, kind, handler, String(error)])).toEqual([
      ["table", "game", "onMessage", "Error: thrown"],
      ["table", "game", "onMessage", "Error: rejected"],
      ["table", "game", "onMessage", "Error: onMessage took longer than 5 seconds."],
    ]);
  });

  test("a member's messages stay in order through handlers that take their time, and another's need not wait", async () => {
    const got: string[] = [];
    const waits = new Map([["a1", 3]]);
    const { ann, ben } = table({
      async onMessage(_, member, message) {
        for (let turn = waits.get(String(message)) ?? 0; turn > 0; turn--) await settle();
        got.push(`${member.id} ${String(message)}`);
      },
    });
    for (const word of ["a1", "a2", "a3"]) ann.say(word);
    ben.say("b1");
    for (let turn = 0; turn < 6; turn++) await settle();
    expect(got).toEqual(["ben b1", "ann a1", "ann a2", "ann a3"]);
  });

  test("a member of which much waits is not read from until less waits", async () => {
    const { promise: gate, resolve: release } = promiseInHand();
    let handled = 0;
    const { ann, ben } = table({
      async onMessage() {
        await gate;
        handled += 1;
      },
    });
    for (let count = 0; count < 65; count++) ann.say(count);
    expect([ann.port.isPaused, ben.port.isPaused]).toEqual([false, false]);
    ann.say("one more");
    expect([ann.port.isPaused, ben.port.isPaused]).toEqual([true, false]);
    release();
    await settle();
    expect([ann.port.isPaused, handled]).toEqual([false, 66]);
  });

  test("what a member has said before it was kicked, and was not heard by then, is dropped", async () => {
    const { promise, resolve } = promiseInHand();
    const got: unknown[] = [];
    const { fake, ann } = table({
      async onMessage(_, __, message) {
        await promise;
        got.push(message);
      },
    });
    const member = fake.rooms.get("table")?.member("ann");
    for (const word of ["one", "two", "three"]) ann.say(word);
    if (member !== undefined) fake.rooms.get("table")?.kick(member);
    resolve();
    await settle();
    await settle();
    expect([member?.id, got]).toEqual(["ann", ["one"]]);
  });

  test.each([
    ["at once", () => undefined],
    ["later", async () => settle()],
  ])("P6.4 what gets its sender kicked %s is not passed on", async (_, answer) => {
    const { ann, ben } = table({
      relays: true,
      onMessage(room, member) {
        room.kick(member, "Mind your words.");
        return answer();
      },
      onBinary: (room, member) => room.kick(member),
    });
    ann.say("a bad word");
    await settle();
    await settle();
    expect([ann.port.closing?.name, ben.messages()]).toEqual(["kicked", []]);
  });

  test("row 35: 1,000 direct frames at once reach a healthy reader", () => {
    const { fake, ben } = table({});
    const room = fake.rooms.get("table");
    for (let count = 0; count < 1_000; count++) room?.send("ben", count);
    expect(ben.messages()).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test("row 33: what is sent says how far it came, and never leaves the room", async () => {
    const { fake, ann, ben } = table({});
    const room = fake.rooms.get("table");
    const other = fake.rooms.create("game", { name: "other" });
    fake.joinNow("other", "cid");
    const [stranger] = other.members;
    const [first] = room?.members ?? [];
    if (room === undefined || first === undefined || stranger === undefined) throw new Error("no members");
    expect(room.send("cid", 1)).toEqual({ sent: 0, kept: 0, nobody: true });
    expect(room.send(stranger, 1)).toEqual({ sent: 0, kept: 0, nobody: true });
    expect(room.send([], 1)).toEqual({ sent: 0, kept: 0, nobody: true });
    expect(room.send(first, 2)).toEqual({ sent: 1, kept: 0, nobody: false });
    expect(room.send(new Set([first, "ann", "ben", "cid"]), 3)).toEqual({ sent: 2, kept: 0, nobody: false });
    ben.leave("cut");
    expect(room.broadcast(4)).toEqual({ sent: 1, kept: 1, nobody: false });
    expect(room.sendWhere(({ id }) => id === "ben", 5)).toEqual({ sent: 0, kept: 1, nobody: false });
    expect(room.broadcastToOthers(first, 6)).toEqual({ sent: 0, kept: 1, nobody: false });
    expect(ann.messages()).toEqual([2, 3, 4]);
    expect((await fake.join("table", "ben")).messages()).toEqual([4, 5, 6]);
  });

  test("P6.3 what the room says has no sender, unless it says for whom; bytes go as binary", () => {
    const { fake, ann, ben } = table({});
    const room = fake.rooms.get("table");
    const from = room?.member("ann");
    const buffer = new Uint8Array([1, 2, 3]);
    room?.broadcast({ a: 1 });
    room?.broadcast("x", from === undefined ? {} : { from });
    room?.broadcast(buffer);
    buffer.fill(9);
    expect([ann.heard(), ben.heard()]).toEqual(
      Array.from({ length: 2 }, () => [{ from: "", data: { a: 1 } }, { from: "ann", data: "x" }, [1, 2, 3]]),
    );
    expect(() => room?.broadcast(undefined)).toThrow("A room says what JSON can carry, not undefined.");
  });

  test("row 30: bytes reach onBinary as bytes of its own; a room that takes none says so", () => {
    const got: Uint8Array[] = [];
    const { ann, fake } = table({ onBinary: (_, __, bytes) => void got.push(bytes) });
    const frame = new Uint8Array([5, 6]);
    ann.sayRaw(frame);
    frame.fill(0);
    ann.say("text");
    expect([got.map((bytes) => Array.from(bytes)), ann.heard()]).toEqual([
      [[5, 6]],
      [refused("invalid_message", "This room takes no text.")],
    ]);
    expect(fake.faults).toEqual([]);
  });

  test("one order for each recipient, whatever the addressing and whatever it speaks", () => {
    const { fake, ann, ben } = table({});
    const cid = fake.joinNow("table", "cid", { encoder: plainEncoder });
    for (const member of [ann, ben]) member.heard();
    const room = fake.rooms.get("table");
    for (let count = 0; count < 100; count += 4) {
      room?.broadcast(count);
      room?.send(["cid", "ann", "ben"], count + 1);
      room?.sendWhere(() => true, count + 2);
      room?.broadcast(count + 3);
    }
    for (const member of [ann, ben, cid]) expect(member.messages()).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });

  test("what a handler says while a slow member is being ended comes after the news of that, for all in the same order", () => {
    const { fake, ann, ben } = table({
      onAway: (room) => void room.broadcast("away"),
      onLeave: (room, member) => void room.broadcast(`left ${member.id}`),
    });
    const room = fake.rooms.get("table");
    const guest = { session: { sessionHash: undefined, isReliable: false } };
    const cid = fake.joinNow("table", "cid", guest);
    const dan = fake.joinNow("table", "dan");
    for (const member of [ann, ben, dan]) member.heard();
    cid.port.queued = 1_000_000;
    room?.broadcast("big");
    expect(cid.port.closing?.name).toBe("slow_consumer");
    const heard = [ann, ben, dan].map((member) => member.heard());
    expect(heard[0]).toMatchObject([{ data: "big" }, { event: "leave" }, { data: "left cid" }]);
    expect([heard[1], heard[2]]).toEqual([heard[0], heard[0]]);
  });
});

test("what waits to be handled when the room ends is not handled", async () => {
  const handled: unknown[] = [];
  const { promise, resolve } = promiseInHand();
  const { fake, ann } = table({
    onBinary(_, __, bytes) {
      handled.push([...bytes]);
      return promise;
    },
  });
  ann.sayRaw(new Uint8Array([1]));
  ann.sayRaw(new Uint8Array([2]));
  fake.rooms.delete("table");
  resolve();
  await settle();
  expect(handled).toEqual([[1]]);
});
