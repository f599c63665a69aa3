/** What members of an open room say to each other, and what becomes of frames that are refused. */
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../../src/config.ts";
import { eventually } from "../../support/inbox.ts";
import { JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const start = (options: OptionsInput = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, openRooms: "relay", ...options });

/** Members with events who are all in the room, and have heard so. */
async function gather(server: TestServer, room: string, ...ids: readonly string[]): Promise<MemberClient[]> {
  const members: MemberClient[] = [];
  for (const id of ids) {
    const member = await MemberClient.join(server, id, room);
    await member.event("joined");
    for (const other of members) await other.event("join");
    members.push(member);
  }
  return members;
}

/** All that the others said before has arrived: the sender asks for an answer that only it gets, behind it. */
async function settled(member: MemberClient): Promise<void> {
  member.send("?");
  await member.error();
}

describe("messages", () => {
  test("P6.2 P6.3 row 14: what one says reaches the others with its `sub`, in this order of fields", async () => {
    const server = await start();
    const ann = await MemberClient.connect(server, `ws?token=${await tokenFor("ann", "lobby")}`);
    const raw = new Promise((resolve) => ann.socket.once("message", (data: Buffer) => resolve(data.toString())));
    const ben = await MemberClient.join(server, "ben", "lobby");
    await ben.event("joined");
    ben.send('{"data": {"move":"e4"}}');
    expect(await raw).toBe('{"from":"ben","data":{"move":"e4"}}');
  });

  test("P6.2 row 29: `from` is not looked at, in what others hear and in the history", async () => {
    const server = await start();
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    ann?.send('{"from":"ben","data":1}');
    ann?.send('{"data":2}');
    expect(await ben?.next()).toEqual({ from: "ann", data: 1 });
    expect(await ben?.next()).toEqual({ from: "ann", data: 2 });
    const cid = await MemberClient.join(server, "cid", "lobby");
    expect(await cid.event("joined")).toMatchObject({ history: 2 });
    expect([await cid.next(), await cid.next()]).toMatchObject([{ from: "ann" }, { from: "ann" }]);
  });

  test("P6.2 an empty `to` is nobody", async () => {
    const server = await start();
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    ann?.say("to nobody", []);
    ann?.say("to all");
    expect(await ben?.next()).toEqual({ from: "ann", data: "to all" });
  });

  test("P6.2 row 30: bytes pass to all others as they are, and to who knows no events in base64", async () => {
    const server = await start();
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    const cid = await MemberClient.join(server, "cid", "lobby", { query: "" });
    await ben?.event("join");
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index);
    ann?.send(bytes);
    ann?.send(new Uint8Array(0));
    expect([await ben?.next(), await ben?.next()]).toEqual([bytes, new Uint8Array(0)]);
    const base64 = Buffer.from(bytes).toString("base64");
    expect([await cid.next(), await cid.next()]).toEqual([
      { from: "ann", data: { base64 } },
      { from: "ann", data: { base64: "" } },
    ]);
  });

  test("P6.4 row 31: of eight members each of the other seven hears it once", async () => {
    const server = await start();
    const members = await gather(server, "lobby", "a", "b", "c", "d", "e", "f", "g", "h");
    const [first, ...others] = members;
    first?.say("once");
    first?.say("over");
    for (const other of others)
      expect([await other.next(), await other.next()]).toMatchObject([{ data: "once" }, { data: "over" }]);
    if (first !== undefined) await settled(first);
    expect(first?.frames.drain()).toEqual([]);
  });

  test("P6.4 row 33: `to` reaches those in the room alone, once each, and nobody elsewhere", async () => {
    const server = await start();
    const [ann, ben, cid] = await gather(server, "lobby", "ann", "ben", "cid");
    const [dan] = await gather(server, "user:ben", "dan");
    ann?.say("psst", ["ben", "dan", "nobody", "ben"]);
    ann?.say("all");
    expect([await ben?.next(), await ben?.next()]).toMatchObject([{ data: "psst" }, { data: "all" }]);
    expect(await cid?.next()).toEqual({ from: "ann", data: "all" });
    if (dan !== undefined) await settled(dan);
    expect(dan?.frames.drain()).toEqual([]);
  });

  test("P6.4 row 34: what is addressed and what is for all arrives in one order", async () => {
    const server = await start({ playerRate: 0 });
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    for (const number of numbers) ann?.say(number, number % 3 === 0 ? ["ben"] : undefined);
    for (const number of numbers) expect(await ben?.next()).toEqual({ from: "ann", data: number });
  });

  test("P6.4 row 35: a thousand frames for one at once arrive, each once", async () => {
    const server = await start({ playerRate: 0 });
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    for (let number = 0; number < 1_000; number++) ann?.say(number, ["ben"]);
    for (let number = 0; number < 1_000; number++) expect(await ben?.next()).toEqual({ from: "ann", data: number });
  });

  test("P6.4 row 36: a member that does not read is closed with 4031, and nobody else notices", async () => {
    const server = await start({ sendQueue: 65_536, playerRate: 0, playerBytes: 0 });
    const [ann, ben, cid] = await gather(server, "lobby", "ann", "ben", "cid");
    ben?.socket.pause();
    const piece = "x".repeat(60_000);
    let isLost = false;
    void cid?.event("away").then(
      () => (isLost = true),
      () => {},
    );
    await eventually("the slow member is away", async () => {
      ann?.say(piece);
      await new Promise((resolve) => setImmediate(resolve));
      return isLost;
    });
    ben?.socket.resume();
    expect(await ben?.closed).toMatchObject({ code: 4031 });
    ann?.say("still here");
    expect(await cid?.until(({ data }) => data === "still here")).toMatchObject({ from: "ann" });
  });

  test.each(["user:bob", "a/b", "…", "🎲", "BCDF?x=1", "."])(
    "P6.1 row 23: a room may be called %j, and is no other one",
    async (room) => {
      const server = await start();
      const [ann, ben] = await gather(server, room, "ann", "ben");
      const [bob] = await gather(server, "bob", "bob");
      ann?.say("here");
      expect(await ben?.next()).toEqual({ from: "ann", data: "here" });
      if (bob !== undefined) await settled(bob);
      expect(bob?.frames.drain()).toEqual([]);
    },
  );
});

describe("a frame that is refused", () => {
  test.each([
    ["no JSON", "not json"],
    ["no object", "[1]"],
    ["no data", '{"from":"ann"}'],
    ["a `to` that is no list", '{"data":1,"to":"ben"}'],
    ["ids that are no text", '{"data":1,"to":[7]}'],
  ])("P6.5 row 43: with %s is answered to its sender alone, and the line stays", async (_, frame) => {
    const server = await start();
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    ann?.send(frame);
    expect(await ann?.next()).toEqual({ error: { code: "invalid_message", message: expect.stringMatching(/^.+\.$/) } });
    ann?.say("fine");
    expect(await ben?.next()).toEqual({ from: "ann", data: "fine" });
  });

  test("P6.5 row 43: ten in a row close with 4500, and a good one between them begins anew", async () => {
    const server = await start();
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    for (const count of [9, 9]) {
      for (let index = 0; index < count; index++) ann?.send("bad");
      ann?.say("good");
      expect(await ben?.next()).toEqual({ from: "ann", data: "good" });
    }
    for (let index = 0; index < 10; index++) ann?.send("bad");
    expect(await ann?.closed).toMatchObject({ code: 4500 });
    expect(ann?.frames.drain()).toHaveLength(28);
    ben?.say("still here");
  });

  test("P6.5 row 44: over the frame size it is closed with 1009, before it is read", async () => {
    const server = await start({ maxPayload: 2_048 });
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    ann?.say("x".repeat(2_000));
    expect(await ben?.next()).toMatchObject({ from: "ann" });
    ann?.say("x".repeat(15_000_000));
    expect(await ann?.closed).toMatchObject({ code: 1009 });
    const cid = await MemberClient.join(server, "cid", "lobby");
    expect(await cid.event("joined")).toBeDefined();
  });

  test("P6.5 rows 45, 46, 47: the 11th of 10 at once is told for how long, and stays out that long whatever its session", async () => {
    const server = await start({ playerRate: 1, playerBurst: 10, banMs: 1_500 });
    const [ann, ben] = await gather(server, "lobby", "ann", "ben");
    for (let number = 1; number <= 11; number++) ann?.say(number);
    const error = await ann?.error();
    expect(error).toEqual({ error: { code: "rate_limited", message: expect.stringMatching(/\d+ seconds?/) } });
    expect(await ann?.closed).toEqual({ code: 4029, reason: expect.stringMatching(/\d+ seconds?/) });
    for (let number = 1; number <= 10; number++) expect(await ben?.next()).toEqual({ from: "ann", data: number });

    const again = await MemberClient.join(server, "ann", "elsewhere", { claims: { session_id: "another" } });
    expect(await again.error()).toMatchObject({ error: { code: "rate_limited" } });
    expect(await again.closed).toEqual({ code: 4029, reason: expect.stringMatching(/\d+ seconds?/) });
    await eventually("the ban is over", async () => {
      const later = await MemberClient.join(server, "ann", "lobby");
      later.send("?"); // it comes back to its seat, so only a frame of its own is answered
      const first = await Promise.race([later.closed, later.next()]);
      later.socket.terminate();
      return !("code" in first);
    });
  });
});
