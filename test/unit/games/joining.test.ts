import { describe, expect, test } from "@jest/globals";
import { defineRoom, type RoomDefinition } from "../../../src/games/define-room.ts";
import type { GameRoom, Member } from "../../../src/games/game-room.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";

/** Lets promises that are settled go on. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function open(definition: Omit<RoomDefinition, "kind">): FakeOpenRooms {
  const fake = new FakeOpenRooms([defineRoom({ kind: "game", ...definition })]);
  fake.rooms.create("game", { name: "table" });
  return fake;
}

function names(fake: FakeOpenRooms): readonly string[] | undefined {
  return fake.rooms.get("table")?.members.map(({ id }) => id);
}

async function refuseMost(_: unknown, member: Member): Promise<string | undefined> {
  await settle();
  return Number(member.id) % 3 === 0 ? undefined : "Not you.";
}

async function welcomeTwice(room: GameRoom, member: Member): Promise<void> {
  room.send(member, `early welcome ${member.id}`);
  await settle();
  room.send(member, `welcome ${member.id}`);
}

describe("joining an open room", () => {
  test.each([
    ["at once", undefined],
    ["with an onJoin that answers later", async () => settle()],
  ])("row 18: of 100 that join 8 seats %s exactly 8 get in", async (_, onJoin) => {
    const fake = open({ maxPlayers: 8, ...(onJoin !== undefined && { onJoin }) });
    const answers = await Promise.all(Array.from({ length: 100 }, (__, index) => fake.ask("table", `m${index}`)));
    expect(answers.filter(({ outcome }) => outcome.at === "admitted")).toHaveLength(8);
    const refused = answers.flatMap(({ outcome }) => (outcome.at === "refused" ? [outcome.name] : []));
    expect(refused).toEqual(Array.from({ length: 92 }, () => "room_full"));
    expect(names(fake)).toHaveLength(8);
  });

  test("row 18: places that are refused late go to those that wait", async () => {
    const fake = open({ maxPlayers: 8, onJoin: refuseMost });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => fake.ask("table", `${index}`)));
    expect(answers.filter(({ outcome }) => outcome.at === "admitted")).toHaveLength(8);
    expect(names(fake)?.every((id) => Number(id) % 3 === 0)).toBe(true);
  });

  test("a user that is banned while onJoin thinks does not come in", async () => {
    const answers: (() => void)[] = [];
    let isBanned = false;
    const kind = defineRoom({ kind: "game", onJoin: () => new Promise<void>((resolve) => void answers.push(resolve)) });
    const fake = new FakeOpenRooms([kind], {
      bans: { reasonFor: ({ user }) => (isBanned && user === "eve" ? "Not here." : undefined) },
    });
    fake.rooms.create("game", { name: "table" });
    const eve = fake.ask("table", "eve");
    isBanned = true;
    for (const answer of answers) answer();
    expect((await eve).outcome).toEqual({ at: "refused", name: "kicked", reason: "Not here." });
    expect(names(fake)).toEqual([]);
  });

  test("a room that takes longer to create than it is kept empty waits for its first member", async () => {
    const created: (() => void)[] = [];
    const fake = open({
      emptyRoomMs: 1_000,
      onCreate: () => new Promise<void>((resolve) => void created.push(resolve)),
    });
    const ann = fake.ask("table", "ann");
    fake.clock.pass(2_000);
    for (const done of created) done();
    expect((await ann).outcome.at).toBe("admitted");
    expect(names(fake)).toEqual(["ann"]);
  });

  test("a room whose last newcomer waited for a seat and was refused is empty, and closes", async () => {
    const answers: ((sentence: string) => void)[] = [];
    const fake = open({
      maxPlayers: 1,
      emptyRoomMs: 60_000,
      onJoin: () => new Promise<string>((resolve) => void answers.push(resolve)),
    });
    const [first, second] = [fake.ask("table", "ann"), fake.ask("table", "ben")];
    fake.rooms.get("table")?.lock();
    for (const answer of answers) answer("Not you.");
    expect([(await first).outcome, (await second).outcome]).toMatchObject([
      { name: "unauthorized" },
      { name: "room_locked" },
    ]);
    fake.clock.pass(60_000);
    expect(fake.rooms.get("table")).toBeUndefined();
  });

  test("row 34: 200 newcomers hear their welcome before the next broadcast, and nothing before `joined`", async () => {
    const fake = open({ onJoin: welcomeTwice });
    const room = fake.rooms.get("table");
    const ticking = setInterval(() => room?.broadcast("tick"), 0);
    const members = await Promise.all(Array.from({ length: 200 }, (_, index) => fake.join("table", `m${index}`)));
    clearInterval(ticking);
    room?.broadcast("last");
    for (const [index, member] of members.entries()) {
      const [joined, ...rest] = member.heard();
      const said = rest.flatMap((frame) =>
        typeof frame === "object" && frame !== null && "data" in frame ? [frame.data] : [],
      );
      expect(joined).toMatchObject({ event: "joined", you: `m${index}` });
      expect(said.slice(0, 2)).toEqual([`early welcome m${index}`, `welcome m${index}`]);
      expect(said.at(-1)).toBe("last");
    }
  });

  test("what onJoin says in the same breath reaches the newcomer too, after its `joined`, and others after its `join`", async () => {
    const fake = open({
      onJoin(room, member) {
        room.send(member, "welcome");
        room.broadcast(`${member.id} is here`);
      },
    });
    const ann = await fake.join("table", "ann");
    const ben = await fake.join("table", "ben");
    expect(ben.heard().map(kindOf)).toEqual(["joined", "welcome", "ben is here"]);
    expect(ann.heard().map(kindOf)).toEqual(["joined", "welcome", "ann is here", "join", "ben is here"]);
  });

  test("row 11: a refused newcomer is told the sentence of onJoin, and no one hears of it", async () => {
    const seen: unknown[] = [];
    const fake = open({
      onJoin(_, member, { data }) {
        seen.push(data);
        return member.id === "eve" ? "No cheats." : undefined;
      },
    });
    const ann = fake.joinNow("table", "ann");
    const { outcome, port } = await fake.ask("table", "eve", { data: { password: "x" } });
    expect(outcome).toEqual({ at: "refused", name: "unauthorized", reason: "No cheats." });
    expect([seen.at(-1), port.take(), ann.heard(), names(fake)]).toEqual([{ password: "x" }, [], [], ["ann"]]);
  });

  test("row 54: an onJoin that throws refuses with 1011, and the log says which of which room", async () => {
    const fake = open({
      onJoin() {
        throw new Error("oops");
      },
    });
    expect((await fake.ask("table", "ann")).outcome).toMatchObject({ at: "refused", name: "internal_error" });
    expect(fake.faults).toEqual([{ room: "table", kind: "game", handler: "onJoin", error: new Error("oops") }]);
    expect(names(fake)).toEqual([]);
  });

  test.each([
    [true, "admitted"],
    [null, "admitted"],
    [false, "You may not come in here."],
    ["", "You may not come in here."],
    [{ role: "admin" }, undefined],
    [42, undefined],
  ])("row 11: an onJoin in plain JavaScript may answer %j", async (answer, expected) => {
    const fake = open({ onJoin: () => JSON.parse(JSON.stringify(answer)) });
    const { outcome } = await fake.ask("table", "ann");
    if (expected === undefined) {
      expect([outcome, fake.faults[0]?.handler]).toMatchObject([{ name: "internal_error" }, "onJoin"]);
    } else expect(outcome.at === "refused" ? outcome.reason : outcome.at).toBe(expected);
  });

  test("row 54: an onJoin that never answers refuses after five seconds", async () => {
    const fake = open({ maxPlayers: 1, onJoin: () => new Promise(() => {}) });
    const asked = fake.ask("table", "ann");
    await settle();
    fake.clock.pass(5_000);
    expect((await asked).outcome).toMatchObject({ name: "internal_error" });
    expect(fake.faults.map(({ handler, error }) => [handler, String(error)])).toEqual([
      ["onJoin", "Error: onJoin took longer than 5 seconds."],
    ]);
  });

  test("row 20: onJoin chooses the role; who finds no seat watches where the kind lets it, and may not speak", async () => {
    const fake = open({
      maxPlayers: 2,
      overflow: "spectator",
      relays: true,
      onJoin: (_, member) => (member.id === "tv" ? { role: "spectator" } : undefined),
    });
    const members = [];
    for (const id of ["tv", "ann", "ben", "cid"]) members.push(await fake.join("table", id));
    const [tv, ann, ben, cid] = members;
    expect(fake.rooms.get("table")?.members.map(({ id, role }) => [id, role])).toEqual([
      ["tv", "spectator"],
      ["ann", "member"],
      ["ben", "member"],
      ["cid", "spectator"],
    ]);
    for (const member of members) member.heard();
    ann?.say("hello");
    cid?.say("me too");
    expect([tv, ben, ann].map((member) => member?.messages())).toEqual([["hello"], ["hello"], []]);
    expect(cid?.heard()).toEqual([
      { from: "ann", data: "hello" },
      { error: { code: "unauthorized", message: "Spectators of this room may only listen." } },
    ]);
  });

  test("row 20: spectators have a limit of their own, and do not count as seats", async () => {
    const fake = open({ maxPlayers: 1, maxSpectators: 2 });
    for (const id of ["s1", "s2", "m1"])
      expect((await fake.ask("table", id, { role: id.startsWith("s") ? "spectator" : "member" })).outcome.at).toBe(
        "admitted",
      );
    expect((await fake.ask("table", "s3", { role: "spectator" })).outcome).toMatchObject({ name: "room_full" });
    expect((await fake.ask("table", "m2")).outcome).toMatchObject({ name: "room_full" });
  });

  test("row 24: a locked room takes no newcomers, but those with a seat come back; `open` takes them again", async () => {
    const fake = open({});
    const room = fake.rooms.get("table");
    const ann = fake.joinNow("table", "ann");
    room?.lock();
    expect((await fake.ask("table", "ben")).outcome).toMatchObject({ name: "room_locked" });
    ann.leave("cut");
    expect((await fake.ask("table", "ann")).outcome.at).toBe("admitted");
    room?.open();
    expect((await fake.ask("table", "ben")).outcome.at).toBe("admitted");
  });

  test("row 24: a kick closes with its reason; a banned sub does not come back, whatever its session", async () => {
    const fake = open({});
    const room = fake.rooms.get("table");
    const [ann, ben] = [fake.joinNow("table", "ann"), fake.joinNow("table", "ben")];
    const [first, second] = room?.members ?? [];
    if (first === undefined || second === undefined) throw new Error("no members");
    room?.kick(first, "Bye.");
    room?.kick(second, "For good.", { ban: true });
    expect([ann.port.closing, ben.port.closing]).toEqual([
      { name: "kicked", reason: "Bye." },
      { name: "kicked", reason: "For good." },
    ]);
    expect((await fake.ask("table", "ann")).outcome.at).toBe("admitted");
    const session = { sessionHash: "another", isReliable: false };
    expect((await fake.ask("table", "ben", { session })).outcome).toMatchObject({ name: "kicked" });
  });

  test("two lines of one member at once, while onJoin is asked, are one member", async () => {
    let asked = 0;
    const fake = open({
      async onJoin() {
        asked += 1;
        await settle();
      },
    });
    const answers = await Promise.all([fake.ask("table", "ann"), fake.ask("table", "ann")]);
    expect(answers.map(({ outcome }) => outcome.at)).toEqual(["admitted", "admitted"]);
    expect([asked, names(fake), answers[0]?.port.closing?.name]).toEqual([1, ["ann"], "replaced"]);
  });

  test("a member that hangs up while onJoin is asked gets no seat", async () => {
    const fake = open({ maxPlayers: 1, onJoin: () => settle() });
    const port = Object.assign(new FakePort(), { isStillThere: () => false });
    const outcome = await fake.rooms.join(port, fake.request("table", "ann"));
    expect([outcome, names(fake)]).toEqual([{ at: "refused", name: "normal" }, []]);
    expect((await fake.ask("table", "ben")).outcome.at).toBe("admitted");
  });

  test("P6.11 members by code are p1, p2, …; who opens the room is its spectator and is told `created` first", async () => {
    const fake = new FakeOpenRooms([defineRoom({ kind: "game" })]);
    const port = new FakePort();
    const { room: _, mayOpen: __, id: ___, role: ____, pin: _____, ...request } = fake.request("", undefined);
    await fake.rooms.open(port, { ...request, kind: "game", roomName: undefined });
    const code = fake.rooms.list()[0]?.code ?? "";
    const [created, joined] = port.take().map((frame): unknown => JSON.parse(String(frame)));
    expect(created).toEqual({ event: "created", code });
    expect(joined).toMatchObject({ event: "joined", you: "p0", members: [{ role: "spectator" }] });
    const room = { by: "code", code } as const;
    const [pia, quin] = [
      await fake.join("", undefined, { room }),
      await fake.join("", undefined, { room, name: "Quin" }),
    ];
    expect([pia.heard()[0], quin.heard()[0]]).toMatchObject([{ you: "p1" }, { you: "p2" }]);
    expect((await fake.ask("", undefined, { room: { by: "code", code: "ZZZZ" } })).outcome).toMatchObject({
      name: "room_not_found",
    });
  });

  test("P6.6 a page that counts frames and starts from nothing is told `joined` outside the count", async () => {
    const fake = open({});
    const session = { sessionHash: "s", isReliable: true };
    const ann = await fake.join("table", "ann", { session });
    expect(ann.port.read().data.map((frame) => JSON.parse(String(frame)))).toMatchObject([{ event: "joined" }]);
    ann.leave("cut");
    const again = await fake.join("table", "ann", { session });
    const { hello, data } = again.port.read();
    expect([hello?.greeting, JSON.parse(String(data[0]))]).toMatchObject([
      1,
      { event: "joined", you: "ann", history: 0 },
    ]);
  });

  test.each([
    ["at once", (): void => undefined],
    ["and then answers later", async () => settle()],
    ["and then never answers", async () => new Promise<void>(() => undefined)],
  ])("row 24: a kind that kicks a newcomer in onJoin %s has refused it: no one hears of it", async (_, answer) => {
    const fake = open({
      onJoin(room, member) {
        if (member.id !== "eve") return undefined;
        room.kick(member, "Not you.", { ban: true });
        return answer();
      },
    });
    const ann = fake.joinNow("table", "ann");
    const refused = { at: "refused", name: "kicked" };
    expect((await fake.ask("table", "eve")).outcome).toEqual({ ...refused, reason: "Not you." });
    expect((await fake.ask("table", "eve", { session: { sessionHash: "other", isReliable: false } })).outcome).toEqual(
      refused,
    );
    expect([ann.heard(), names(fake)]).toEqual([[], ["ann"]]);
    await fake.join("table", "ben");
    expect(names(fake)).toEqual(["ann", "ben"]);
  });

  test("row 24: a newcomer that is kicked while the kind thinks about it does not wait for the answer", async () => {
    let newcomer: Member | undefined;
    const fake = open({
      maxPlayers: 1,
      onJoin: async (_, member) => {
        newcomer = member;
        if (member.id === "eve") await new Promise(() => undefined);
      },
    });
    const eve = fake.ask("table", "eve");
    const ben = fake.ask("table", "ben");
    if (newcomer !== undefined) fake.rooms.get("table")?.kick(newcomer, "Too slow.");
    expect((await eve).outcome).toEqual({ at: "refused", name: "kicked", reason: "Too slow." });
    expect((await ben).outcome).toMatchObject({ at: "admitted" });
    expect(names(fake)).toEqual(["ben"]);
  });

  test("row 16: a room that ends closes those with 1001 that the kind has not answered", async () => {
    const fake = open({ onJoin: async () => new Promise<void>(() => undefined) });
    const eve = fake.ask("table", "eve");
    fake.rooms.delete("table");
    expect((await eve).outcome).toEqual({ at: "refused", name: "room_closed" });
  });

  test("row 55: P6.6 a newcomer is told the meta of those that are here", async () => {
    const fake = open({
      onJoin(_, member) {
        if (member.id === "ann") member.setMeta({ avatar: "fox" });
      },
    });
    await fake.join("table", "ann");
    const ben = await fake.join("table", "ben");
    expect(ben.heard()[0]).toEqual({
      event: "joined",
      you: "ben",
      members: [
        { id: "ann", name: "ann", role: "member", meta: { avatar: "fox" } },
        { id: "ben", name: "ben", role: "member" },
      ],
      history: 0,
    });
  });

  test("row 55: a room that says a member says what others may know of it", async () => {
    const fake = open({ onMessage: (room, member) => void room.send(member, room.members) });
    const ann = await fake.join("table", "ann");
    ann.heard();
    ann.say("Who is here?");
    expect(ann.messages()).toEqual([
      [{ id: "ann", name: "ann", role: "member", meta: {}, isAway: false, isBot: false }],
    ]);
  });

  test("newcomers wait until onCreate is done", async () => {
    const done: string[] = [];
    const fake = open({
      async onCreate() {
        await settle();
        done.push("created");
      },
      onJoin: () => void done.push("joined"),
    });
    await fake.join("table", "ann");
    expect(done).toEqual(["created", "joined"]);
  });
});

function kindOf(frame: unknown): unknown {
  if (typeof frame !== "object" || frame === null) return frame;
  return "event" in frame ? frame.event : "data" in frame ? frame.data : frame;
}
