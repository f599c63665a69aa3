/** What every way into an open room of kind `relay` has to do: `/ws`, `/CODE`, TCP, code in the server's process, or a wire of your own. */
import { strict as assert } from "node:assert";
import { soon, until, type Behaviour, type ConnectionEnd } from "./behaviour.ts";

/** What a member is told, whatever its wire. */
export type HeardByMember =
  /** `from`: the sender's id, `""` for the room. */
  | { readonly is: "text"; readonly from: string; readonly data: unknown }
  /** `from` is `undefined` on a wire that does not say it. */
  | { readonly is: "bytes"; readonly from: string | undefined; readonly data: Uint8Array }
  | { readonly is: "join" | "leave" | "away" | "back"; readonly id: string }
  /** A frame of it was refused. */
  | { readonly is: "error" };

/** A member that has a place. What it was told first, such as who is here, is not among what `next` gives. */
export interface MemberUnderTest {
  /** Its id, as others are told it over a wire of this kind. */
  readonly id: string;
  /** Says something to all others, or to those of these ids. Not called where `speaksText` is false. */
  sayText(data: unknown, to?: readonly string[]): void;
  sayBytes(data: Uint8Array): void;
  /** Sends a text frame that is no envelope. Not called where `speaksText` is false. */
  sayNonsense(): void;
  next(): Promise<HeardByMember>;
  leave(): Promise<void>;
  readonly closed: Promise<ConnectionEnd>;
}

/** An open room of kind `relay`, as the program that has opened it sees it. */
export interface RoomUnderTest {
  /** Says something to all members. */
  broadcast(data: unknown): void;
  /** Ends the room. */
  close(): void;
  /** Ends the stay of the member that joined as this one. */
  kick(as: string): void;
}

/** What the suite needs of the port that it tests. */
export interface MemberTarget<Room extends RoomUnderTest = RoomUnderTest> {
  readonly abilities: {
    /** Members say and hear JSON, with recipients. Otherwise they say bytes alone, and hear text as the bytes of its JSON. */
    readonly speaksText: boolean;
    /** Members are told who comes and goes. */
    readonly tellsOfMembers: boolean;
  };
  /** A new room of kind `relay`. */
  openRoom(options?: { readonly maxPlayers?: number }): Promise<Room>;
  /** A newcomer comes into the room. Rejects where it is refused. `as` is what the suite calls it; the target chooses its id. */
  join(room: Room, as: string): Promise<MemberUnderTest>;
  /** Asks for a room that does not exist. Rejects. */
  joinNowhere(): Promise<MemberUnderTest>;
}

const fromUtf8 = new TextDecoder();
const utf8 = new TextEncoder();

async function hears(member: MemberUnderTest, is: HeardByMember["is"]): Promise<HeardByMember> {
  return until(
    `${member.id} hears ${is}`,
    () => member.next(),
    (heard) => heard.is === is,
  );
}

async function hearsBytes(member: MemberUnderTest): Promise<Uint8Array> {
  const heard = await hears(member, "bytes");
  return heard.is === "bytes" ? heard.data : new Uint8Array(0);
}

/** What is said next: text as its data, on a wire without text its bytes read as JSON. */
async function hearsText(target: MemberTarget, member: MemberUnderTest): Promise<unknown> {
  if (!target.abilities.speaksText) return JSON.parse(fromUtf8.decode(await hearsBytes(member)));
  const heard = await hears(member, "text");
  return heard.is === "text" ? heard.data : undefined;
}

async function party(target: MemberTarget, ...names: readonly string[]) {
  const room = await target.openRoom();
  const members: MemberUnderTest[] = [];
  for (const name of names) members.push(await soon(`${name} joins`, target.join(room, name)));
  const [one, two, three] = members;
  assert.ok(one !== undefined && two !== undefined);
  return { room, one, two, three: three ?? two };
}

/** A behaviour of wires that carry text. On others there is nothing to show. */
function ofText(name: string, run: (target: MemberTarget) => Promise<void>): Behaviour<MemberTarget> {
  return { name, run: async (target) => (target.abilities.speaksText ? run(target) : undefined) };
}

/** A behaviour of wires that tell who comes and goes. */
function ofMembers(name: string, run: (target: MemberTarget) => Promise<void>): Behaviour<MemberTarget> {
  return { name, run: async (target) => (target.abilities.tellsOfMembers ? run(target) : undefined) };
}

/** The behaviours of a member's port. */
export const memberSuite: readonly Behaviour<MemberTarget>[] = [
  {
    name: "P6.2 bytes reach all others as they are, and not their sender",
    async run(target) {
      const { room, one, two, three } = await party(target, "ann", "bob", "cid");
      one.sayBytes(new Uint8Array([0, 127, 128, 255]));
      assert.deepEqual(await hearsBytes(two), new Uint8Array([0, 127, 128, 255]));
      assert.deepEqual(await hearsBytes(three), new Uint8Array([0, 127, 128, 255]));
      two.sayBytes(new Uint8Array([2]));
      assert.deepEqual(await hearsBytes(one), new Uint8Array([2]));
      room.close();
    },
  },
  {
    name: "P6.2 no bytes are bytes too",
    async run(target) {
      const { room, one, two } = await party(target, "ann", "bob");
      one.sayBytes(new Uint8Array(0));
      assert.deepEqual(await hearsBytes(two), new Uint8Array(0));
      room.close();
    },
  },
  {
    name: "P6.2 many bytes arrive whole",
    async run(target) {
      const { room, one, two } = await party(target, "ann", "bob");
      const data = Uint8Array.from({ length: 30_000 }, (_, index) => index % 251);
      one.sayBytes(data);
      assert.deepEqual(await hearsBytes(two), data);
      room.close();
    },
  },
  {
    name: "P6.4 what one member says arrives in the order said, at each of the others",
    async run(target) {
      const { room, one, two, three } = await party(target, "ann", "bob", "cid");
      const numbers = Array.from({ length: 50 }, (_, number) => number);
      for (const number of numbers) one.sayBytes(new Uint8Array([number]));
      for (const member of [two, three]) {
        const heard: (number | undefined)[] = [];
        while (heard.length < numbers.length) heard.push((await hearsBytes(member))[0]);
        assert.deepEqual(heard, numbers);
      }
      room.close();
    },
  },
  {
    name: "P6.2 a wire that names the sender of bytes names the right one",
    async run(target) {
      const { room, one, two, three } = await party(target, "ann", "bob", "cid");
      one.sayBytes(new Uint8Array([1]));
      const first = await hears(three, "bytes");
      two.sayBytes(new Uint8Array([2]));
      const second = await hears(three, "bytes");
      const names = [first, second].map((heard) => (heard.is === "bytes" ? heard.from : undefined));
      if (names[0] !== undefined) assert.deepEqual(names, [one.id, two.id]);
      room.close();
    },
  },
  {
    name: "P6.3 what the room itself says reaches all",
    async run(target) {
      const { room, one, two } = await party(target, "ann", "bob");
      room.broadcast({ round: 1 });
      for (const member of [one, two]) assert.deepEqual(await hearsText(target, member), { round: 1 });
      room.close();
    },
  },
  {
    name: "P6.0 what is said in one room is not heard in another",
    async run(target) {
      const here = await party(target, "ann", "bob");
      const there = await party(target, "cid", "dan");
      here.one.sayBytes(new Uint8Array([1]));
      there.one.sayBytes(new Uint8Array([2]));
      assert.deepEqual(await hearsBytes(here.two), new Uint8Array([1]));
      assert.deepEqual(await hearsBytes(there.two), new Uint8Array([2]));
      here.room.close();
      there.room.close();
    },
  },
  ofText("P6.3 text reaches all others with its sender's id, as JSON", async (target) => {
    const { room, one, two, three } = await party(target, "ann", "bob", "cid");
    for (const data of ["hello", 7, null, { deep: [1, { er: "ü😀" }] }]) {
      one.sayText(data);
      for (const member of [two, three])
        assert.deepEqual(await hears(member, "text"), { is: "text", from: one.id, data });
    }
    room.close();
  }),
  ofText("P6.4 text with recipients reaches those alone, and ids that are not there are skipped", async (target) => {
    const { room, one, two, three } = await party(target, "ann", "bob", "cid");
    one.sayText("for two", [two.id, "nobody of this room"]);
    one.sayText("for all");
    assert.equal(await hearsText(target, two), "for two");
    assert.equal(await hearsText(target, two), "for all");
    assert.equal(await hearsText(target, three), "for all");
    room.close();
  }),
  ofText("P6.2 text for an empty list of recipients reaches nobody", async (target) => {
    const { room, one, two } = await party(target, "ann", "bob");
    one.sayText("for nobody", []);
    one.sayText("for all");
    assert.equal(await hearsText(target, two), "for all");
    room.close();
  }),
  ofText("P6.5 a frame that is no envelope is answered to its sender alone, and the line stays", async (target) => {
    const { room, one, two } = await party(target, "ann", "bob");
    one.sayNonsense();
    await hears(one, "error");
    one.sayText("still here");
    const heard = await until(
      "what is said next",
      () => two.next(),
      ({ is }) => is === "text" || is === "error",
    );
    assert.deepEqual(heard, { is: "text", from: one.id, data: "still here" });
    room.close();
  }),
  ofText("P6.2 text and bytes of one member arrive in the order said", async (target) => {
    const { room, one, two } = await party(target, "ann", "bob");
    one.sayText("first");
    one.sayBytes(new Uint8Array([2]));
    one.sayText("third");
    const kinds: string[] = [];
    while (kinds.length < 3) {
      const { is } = await soon("what is said", two.next());
      if (is === "text" || is === "bytes") kinds.push(is);
    }
    assert.deepEqual(kinds, ["text", "bytes", "text"]);
    room.close();
  }),
  ofMembers("P6.7 the others are told of a newcomer, by its id", async (target) => {
    const { room, one } = await party(target, "ann", "bob");
    const cid = await target.join(room, "cid");
    const ids: string[] = [];
    while (!ids.includes(cid.id)) {
      const heard = await hears(one, "join");
      if (heard.is === "join") ids.push(heard.id);
    }
    room.close();
  }),
  ofMembers("P6.7 the others are told of a member that leaves", async (target) => {
    const { room, one, two } = await party(target, "ann", "bob");
    await two.leave();
    assert.deepEqual(await hears(one, "leave"), { is: "leave", id: two.id });
    room.close();
  }),
  ofMembers("P6.7 the others are told of a member that is kicked, and its line ends", async (target) => {
    const { room, one, two } = await party(target, "ann", "bob");
    room.kick("bob");
    await soon("the end of its line", two.closed);
    assert.deepEqual(await hears(one, "leave"), { is: "leave", id: two.id });
    room.close();
  }),
  {
    name: "P6.9 a member that finds the room full is refused, and nobody hears of it",
    async run(target) {
      const room = await target.openRoom({ maxPlayers: 2 });
      const one = await target.join(room, "ann");
      const two = await target.join(room, "bob");
      await assert.rejects(soon("the refusal", target.join(room, "cid")));
      two.sayBytes(new Uint8Array([1]));
      const joins: string[] = [];
      await until(
        "what is said next",
        () => one.next(),
        (heard) => {
          if (heard.is === "join") joins.push(heard.id);
          return heard.is === "bytes";
        },
      );
      assert.deepEqual(joins, target.abilities.tellsOfMembers ? [two.id] : []);
      room.close();
    },
  },
  {
    name: "P6.9 a seat that is given up goes to the next one",
    async run(target) {
      const room = await target.openRoom({ maxPlayers: 2 });
      const one = await target.join(room, "ann");
      const two = await target.join(room, "bob");
      await two.leave();
      if (target.abilities.tellsOfMembers) await hears(one, "leave");
      const three = await target.join(room, "cid");
      three.sayBytes(new Uint8Array([3]));
      assert.deepEqual(await hearsBytes(one), new Uint8Array([3]));
      room.close();
    },
  },
  {
    name: "P6.9 a room that does not exist is refused",
    async run(target) {
      await assert.rejects(soon("the refusal", target.joinNowhere()));
    },
  },
  {
    name: "P6.1 a room that ends, ends for all its members",
    async run(target) {
      const { room, one, two } = await party(target, "ann", "bob");
      room.close();
      await soon("the end", Promise.all([one.closed, two.closed]));
    },
  },
  {
    name: "P6.2 what a newcomer says at once is heard",
    async run(target) {
      const room = await target.openRoom();
      const one = await target.join(room, "ann");
      const two = await target.join(room, "bob");
      two.sayBytes(utf8.encode("at once"));
      assert.equal(fromUtf8.decode(await hearsBytes(one)), "at once");
      room.close();
    },
  },
];
