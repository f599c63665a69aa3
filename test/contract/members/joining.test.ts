/** Coming into an open room with a token, leaving it, and coming back. */
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../../src/config.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { handmadeToken, JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { testInProcess } from "../../support/target.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const start = (options: OptionsInput = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, openRooms: "relay", ...options });

async function joined(server: TestServer, sub: string, room = "lobby"): Promise<MemberClient> {
  const member = await MemberClient.join(server, sub, room);
  await member.event("joined");
  return member;
}

describe("joining", () => {
  test("P6.6 row 26: the first frame says who one is and who is here, oneself among them", async () => {
    const server = await start();
    const ann = await MemberClient.join(server, "ann", "lobby", { claims: { name: "Ann" } });
    expect(await ann.next()).toEqual({
      event: "joined",
      you: "ann",
      members: [{ id: "ann", name: "Ann", role: "member" }],
      history: 0,
    });
    const ben = await MemberClient.join(server, "ben", "lobby", { claims: { role: "spectator" } });
    expect(await ben.next()).toEqual({
      event: "joined",
      you: "ben",
      members: [
        { id: "ann", name: "Ann", role: "member" },
        { id: "ben", name: "ben", role: "spectator" },
      ],
      history: 0,
    });
  });

  testInProcess("P4.1 row 16: the reason of a program is cut where a Close has no room for more", async () => {
    const server = await start();
    const ann = await joined(server, "ann");
    server.inside().rooms.get("lobby")?.close("ä".repeat(100));
    expect(await ann.closed).toEqual({ code: 1001, reason: "ä".repeat(61) });
  });

  test("P6.1 without events=1 a member hears messages alone", async () => {
    const server = await start();
    const ann = await joined(server, "ann");
    ann.say("before");
    const ben = await MemberClient.join(server, "ben", "lobby", { query: "" });
    await ann.event("join");
    const cid = await joined(server, "cid");
    cid.close(1000).catch(() => {});
    await ann.event("leave");
    ann.say("after");
    expect(await ben.next()).toEqual({ from: "ann", data: "after" });
  });

  test("P6.6 row 39: the past follows with number and time, newest 50, then what is new", async () => {
    const server = await start({ playerRate: 0 });
    const [ann, ben] = [await joined(server, "ann"), await joined(server, "ben")];
    for (let number = 1; number <= 60; number++) ann.say(number);
    ann.say("for ben", ["ben"]);
    ann.send(new Uint8Array([1]));
    await ben.until(({ data }) => data === "for ben");
    const cid = await MemberClient.join(server, "cid", "lobby");
    expect(await cid.next()).toMatchObject({ event: "joined", history: 50 });
    for (let number = 11; number <= 60; number++) {
      expect(await cid.next()).toEqual({ from: "ann", data: number, seq: number, at: expect.stringMatching(ISO_8601) });
    }
    ann.say("new");
    expect(await cid.next()).toEqual({ from: "ann", data: "new" });
  });

  test("P6.6 rows 34, 39: amid messages a newcomer has no gap and no double, and its welcome is first", async () => {
    const server = await start({ playerRate: 0 });
    const ann = await joined(server, "ann");
    const talk = new AbortController();
    onTestEnd(() => talk.abort()); // also where the test fails
    const talking = (async () => {
      for (let number = 1; !talk.signal.aborted; number++) {
        ann.say(number);
        // A thousand a second at most: what nothing holds back would pile up where a machine is slow.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    for (let newcomer = 0; newcomer < 20; newcomer++) {
      const member = await MemberClient.join(server, `newcomer ${newcomer}`, "lobby");
      expect(await member.next()).toMatchObject({ event: "joined", you: `newcomer ${newcomer}` });
      const heard = [await member.message(), await member.message(), await member.message()].map(({ data }) =>
        Number(data),
      );
      const [first = 0] = heard;
      expect(heard).toEqual([first, first + 1, first + 2]);
      const rest = [];
      while (rest.length < 60) rest.push(Number((await member.message())["data"]));
      expect(rest).toEqual(Array.from({ length: 60 }, (_, index) => first + 3 + index));
      member.socket.terminate();
    }
    talk.abort();
    await talking;
  });

  test("P6.7 others hear of join and leave, with role and meta", async () => {
    const server = await start();
    const ann = await joined(server, "ann");
    const ben = await MemberClient.join(server, "ben", "lobby", { claims: { name: "Ben" } });
    const member = { id: "ben", name: "Ben", role: "member", meta: {} };
    expect(await ann.next()).toEqual({ event: "join", member });
    await ben.close(1000);
    expect(await ann.next()).toEqual({ event: "leave", member });
  });

  test("P6.7 row 50: a line that breaks is told as away, its return as back", async () => {
    const server = await start({ awayMs: 50 });
    const ann = await joined(server, "ann");
    const ben = await joined(server, "ben");
    await ann.event("join");
    ben.socket.terminate();
    expect(await ann.next()).toMatchObject({ event: "away", member: { id: "ben" } });
    await MemberClient.join(server, "ben", "lobby");
    expect(await ann.next()).toMatchObject({ event: "back", member: { id: "ben" } });
  });

  test("P6.7 row 50: a reload within awayMs is told to no one", async () => {
    const server = await start({ awayMs: 60_000 });
    const ann = await joined(server, "ann");
    const ben = await joined(server, "ben");
    await ann.event("join");
    ben.socket.terminate();
    const again = await MemberClient.join(server, "ben", "lobby");
    again.say("here");
    expect(await ann.next()).toEqual({ from: "ben", data: "here" });
  });

  test("P6.6 P6.8 row 40: a member that comes back gets what it missed, once and in order, and no welcome", async () => {
    const server = await start({ awayMs: 0 });
    const ann = await joined(server, "ann");
    const ben = await joined(server, "ben");
    ben.socket.terminate();
    await ann.event("away");
    for (const data of ["one", "two", "three"]) ann.say(data);
    ann.say("for ben", ["ben"]);
    await barrier(ann);
    const again = await MemberClient.join(server, "ben", "lobby");
    for (const data of ["one", "two", "three", "for ben"]) {
      expect(await again.next()).toEqual({ from: "ann", data });
    }
    ann.say("new");
    expect(await again.next()).toEqual({ from: "ann", data: "new" });
  });

  test.each(["s1", "another"])(
    "P6.8 the same `sub` with session_id %j takes the seat at once, and the older line is closed with 4509",
    async (session_id) => {
      const server = await start();
      const ann = await joined(server, "ann");
      const ben = await joined(server, "ben");
      await ann.event("join");
      const again = await MemberClient.join(server, "ben", "lobby", { claims: { session_id } });
      expect(await ben.closed).toMatchObject({ code: 4509 });
      ann.say("to the newer");
      expect(await again.message()).toEqual({ from: "ann", data: "to the newer" });
      again.say("one of us");
      expect(await ann.message()).toEqual({ from: "ben", data: "one of us" });
    },
  );

  test("P6.8 row 19: into a full room too, though nothing has told that the old line is dead", async () => {
    const server = await start({ maxPlayers: 2 });
    const ann = await joined(server, "ann");
    const ben = await joined(server, "ben");
    ben.socket.pause(); // it neither reads nor says goodbye
    const again = await MemberClient.join(server, "ben", "lobby");
    again.say("back");
    expect(await ann.message()).toEqual({ from: "ben", data: "back" });
  });

  test("P6.9 row 18: a full room refuses with an error and 4510, and nobody hears of it", async () => {
    const server = await start({ maxPlayers: 2 });
    const ann = await joined(server, "ann");
    const ben = await joined(server, "ben");
    await ann.event("join");
    for (const query of ["", "&events=1"]) {
      const cid = await MemberClient.join(server, "cid", "lobby", { query });
      expect(await cid.next()).toEqual({ error: { code: "room_full", message: "The room is full." } });
      expect(await cid.closed).toEqual({ code: 4510, reason: "The room is full." });
    }
    ben.say("still two");
    expect(await ann.next()).toEqual({ from: "ben", data: "still two" });
  });

  test("P6.9 row 18: of a hundred that come at once to eight seats exactly eight get one", async () => {
    const server = await start({ maxPlayers: 8 });
    const clients = await Promise.all(
      Array.from({ length: 100 }, (_, number) => MemberClient.join(server, `m${number}`, "lobby")),
    );
    const firsts = await Promise.all(clients.map((client) => client.next()));
    expect(firsts.filter((first) => "event" in first)).toHaveLength(8);
    expect(firsts.filter((first) => "error" in first)).toHaveLength(92);
    const refused = clients.filter((_, index) => "error" in (firsts[index] ?? {}));
    const codes = await Promise.all(refused.map(async ({ closed }) => (await closed).code));
    expect(new Set(codes)).toEqual(new Set([4510]));
  });

  test("P6.9 row 20: a spectator gets into a full room, hears, and is refused what it says, which no one else hears of", async () => {
    const server = await start({ maxPlayers: 2 });
    const [ann, ben] = [await joined(server, "ann"), await joined(server, "ben")];
    await ann.event("join");
    const cid = await MemberClient.join(server, "cid", "lobby", { claims: { role: "spectator" } });
    expect(await cid.next()).toMatchObject({ event: "joined", you: "cid" });
    expect(await ann.next()).toMatchObject({ event: "join", member: { id: "cid", role: "spectator" } });
    cid.say("let me");
    expect(await cid.next()).toMatchObject({ error: { code: "unauthorized" } });
    ben.say("hello");
    expect(await cid.next()).toEqual({ from: "ben", data: "hello" });
    expect(await ann.next()).toEqual({ from: "ben", data: "hello" });
  });

  test.each([
    ["none", "member"],
    ["relay", "spectator"],
  ] as const)("P6.1 P6.9 row 15: openRooms %s opens no room for a %s: 4504", async (openRooms, role) => {
    const server = await start({ openRooms });
    const ann = await MemberClient.join(server, "ann", "nowhere", { claims: { role } });
    expect(await ann.closed).toMatchObject({ code: 4504 });
  });

  test.each(["relay", "*", "relay,relay"])(
    "P6.1 row 15: openRooms %s lets the first member open a room",
    async (openRooms) => {
      const server = await start({ openRooms });
      expect(await (await MemberClient.join(server, "ann", "new")).next()).toMatchObject({ event: "joined" });
    },
  );
});

function tokenUntil(sub: string, exp: number): string {
  return handmadeToken({ sub, room: "lobby", session_id: "s1", exp });
}

describe("the end of a token", () => {
  test("P6.10 row 4: its line is closed with 4401 when it has expired, and comes back with a new one", async () => {
    const server = await start();
    const exp = Math.floor(Date.now() / 1_000) + 2;
    const token = tokenUntil("ann", exp);
    const ann = await MemberClient.connect(server, `ws?token=${token}&events=1`);
    await ann.event("joined");
    expect(await ann.closed).toEqual({ code: 4401, reason: "Your token has expired." });
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
    const again = await MemberClient.join(server, "ann", "lobby");
    again.send("?");
    expect(await again.error()).toBeDefined();
  });

  test("P6.10 a new token on the open line puts that off", async () => {
    const server = await start();
    const soon = Math.floor(Date.now() / 1_000) + 2;
    const ann = await MemberClient.connect(server, `ws?token=${tokenUntil("ann", soon)}&events=1`);
    const ben = await MemberClient.connect(server, `ws?token=${tokenUntil("ben", soon)}&events=1`);
    await ben.event("joined");
    ann.send(JSON.stringify({ token: tokenUntil("ann", soon + 600) }));
    expect(await ann.event("renewed")).toEqual({ event: "renewed", exp: soon + 600 });
    expect(await ben.closed).toMatchObject({ code: 4401 });
    ann.send("?");
    expect(await ann.error()).toMatchObject({ error: { code: "invalid_message" } });
  });

  test("P6.10 a new token of another member, another room, or that is wrong, is refused, and the line stays", async () => {
    const server = await start();
    const ann = await joined(server, "ann");
    for (const token of [await tokenFor("ben", "lobby"), await tokenFor("ann", "other"), "abc", ""]) {
      ann.send(JSON.stringify({ token }));
      expect(await ann.next()).toEqual({ error: { code: "unauthorized", message: expect.stringMatching(/token/) } });
    }
  });
});

/** All that this member said before has been dealt with. */
async function barrier(member: MemberClient): Promise<void> {
  member.send("?");
  await member.error();
}

test("P6.8 a member that counts frames goes on exactly where it was", async () => {
  const server = await start({ awayMs: 0 });
  const ann = await joined(server, "ann");
  const token = await tokenFor("ben", "lobby");
  const ben = await MemberClient.connect(server, `ws?token=${token}&events=1`, {
    protocols: ["couchwire.v1"],
    isRaw: true,
  });
  expect(ben.socket.protocol).toBe("couchwire.v1");
  await ann.event("join");
  ann.say("one");
  await eventually("ben has heard it", () => ben.rawFrames.some((frame) => frame.includes('"one"')));
  ben.socket.terminate();
  await ann.event("away");
  ann.say("two");
  await barrier(ann);
  const hello = ben.rawFrames.find((frame) => frame.startsWith("\0hello")) ?? "";
  const { epoch, greeting } = JSON.parse(hello.slice(7));
  const data = ben.rawFrames.filter((frame) => !frame.startsWith("\0")).slice(greeting);
  const again = await MemberClient.connect(
    server,
    `ws?token=${token}&events=1&received=${data.length}&epoch=${epoch}`,
    { protocols: ["couchwire.v1"], isRaw: true },
  );
  await eventually("it has what it missed", () => again.rawFrames.some((frame) => frame.includes('"two"')));
  expect(again.rawFrames.filter((frame) => frame.includes('"one"'))).toEqual([]);
});
