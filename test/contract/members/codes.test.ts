/** Open rooms that have a code: phones and pages join them without a token, and pages open them. */
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../../src/config.ts";
import { HostClient } from "../../support/host-client.ts";
import { JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { newSession } from "../../support/reliable-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const start = (options: OptionsInput = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, openRooms: "relay", ...options });

/** A page has opened a room of kind relay, and heard so. */
async function openRoom(server: TestServer, query = "") {
  const opener = await MemberClient.connect(server, `CREATE?kind=relay${query}`);
  const created = await opener.next();
  if (created instanceof Uint8Array) throw new Error("bytes");
  const code = String(created["code"]);
  const joined = await opener.next();
  return { opener, code, created, joined };
}

async function phone(server: TestServer, code: string, query = ""): Promise<{ member: MemberClient; you: string }> {
  const member = await MemberClient.connect(server, `${code}${query}`);
  return { member, you: String((await member.event("joined"))["you"]) };
}

describe("a room that a page opens", () => {
  test("P6.11 has a code, and its opener is its spectator and hears of it first", async () => {
    const server = await start();
    const { created, joined, opener, code } = await openRoom(server);
    expect(created).toEqual({ event: "created", code: expect.stringMatching(/^[A-Z]{4}$/) });
    expect(joined).toMatchObject({ event: "joined", members: [{ role: "spectator" }], history: 0 });
    opener.say("let me");
    expect(await opener.next()).toMatchObject({ error: { code: "unauthorized" } });
    const { member } = await phone(server, code);
    expect(await opener.next()).toMatchObject({ event: "join", member: { role: "member" } });
    member.say("hello");
    expect(await opener.next()).toMatchObject({ data: "hello" });
  });

  test("P6.11 may have a name, by which members with a token find it", async () => {
    const server = await start();
    const { created, opener } = await openRoom(server, "&name=Table%204");
    expect(created).toEqual({ event: "created", code: expect.any(String), name: "Table 4" });
    const ann = await MemberClient.join(server, "ann", "Table 4");
    expect(await ann.next()).toMatchObject({ event: "joined", members: [{ role: "spectator" }, { id: "ann" }] });
    ann.say("here");
    expect(await opener.message()).toEqual({ from: "ann", data: "here" });
  });

  test("P6.11 is not opened under a name that is taken, and the room of that name goes on", async () => {
    const server = await start();
    const { opener, code } = await openRoom(server, "&name=lobby");
    const second = await MemberClient.connect(server, "CREATE?kind=relay&name=lobby");
    expect((await second.closed).code).toBeGreaterThanOrEqual(4500);
    const { member } = await phone(server, code);
    member.say("still here");
    expect(await opener.message()).toMatchObject({ data: "still here" });
  });

  test.each([["none"], ["chess"]])(
    "P6.11 is not opened where openRooms is %s: 4501 with a sentence",
    async (listed) => {
      const server = await start(listed === "none" ? { openRooms: "none" } : {});
      const kind = listed === "none" ? "relay" : "chess";
      const page = await MemberClient.connect(server, `CREATE?kind=${kind}`);
      expect(await page.closed).toEqual({ code: 4501, reason: expect.stringContaining(kind) });
    },
  );

  test("P6.11 is not opened where it may not have such a kind or name: 4500", async () => {
    const server = await start();
    for (const query of [
      "kind=",
      "kind=Relay",
      "kind=relay&name=",
      `kind=relay&name=${"n".repeat(129)}`,
      "kind=relay&data=?",
    ]) {
      const page = await MemberClient.connect(server, `CREATE?${query}`);
      expect(await page.closed).toEqual({ code: 4500, reason: expect.stringMatching(/^.+\.$/) });
    }
  });

  test("P6.11 does not change what /CREATE means without a kind", async () => {
    const server = await start();
    const host = await HostClient.connect(server);
    expect(await host.next()).toMatchObject({ cmd: "state", players: [] });
  });
});

describe("joining by code", () => {
  test.each(["", "?role=member", "?role=spectator"])(
    "P6.11 with %j: ids of the room's making, a name, and what happens",
    async (query) => {
      const server = await start();
      const { opener, code } = await openRoom(server);
      const path = `${code.toLowerCase()}${query}${query === "" ? "?" : "&"}name=Ann`;
      const member = await MemberClient.connect(server, path);
      const role = query.includes("spectator") ? "spectator" : "member";
      const card = { id: expect.stringMatching(/^p\d+$/), name: "Ann", role };
      expect(await member.next()).toEqual({
        event: "joined",
        you: card.id,
        members: [expect.objectContaining({ role: "spectator" }), card],
        history: 0,
      });
      expect(await opener.next()).toEqual({ event: "join", member: { ...card, meta: {} } });
    },
  );

  test("P6.11 with events=0: messages alone, bytes in base64", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    const plain = await MemberClient.connect(server, `${code}?events=0`);
    const { member, you } = await phone(server, code);
    member.send(new Uint8Array([1, 2]));
    expect(await plain.next()).toEqual({ from: you, data: { base64: "AQI=" } });
    plain.say("hello");
    expect(await member.next()).toMatchObject({ data: "hello" });
  });

  test("P6.11 the seat is the session's: the same id, what was missed, and no one else's", async () => {
    const server = await start({ awayMs: 0 });
    const { opener, code } = await openRoom(server);
    const session = newSession();
    const first = await phone(server, code, `?session=${session}`);
    const { member: other } = await phone(server, code);
    first.member.socket.terminate();
    await other.event("away");
    other.say("missed");
    const back = await MemberClient.connect(server, `${code}?session=${session}`);
    expect(await back.next()).toMatchObject({ data: "missed" });
    back.say("back");
    expect(await other.message()).toEqual({ from: first.you, data: "back" });
    expect((await phone(server, code)).you).not.toBe(first.you);
    expect(opener.socket.readyState).toBe(opener.socket.OPEN);
  });

  test("P6.11 couchwire.v1 is offered there, with a session", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    const options = { protocols: ["couchwire.v1"], isRaw: true };
    const without = await MemberClient.connect(server, code, options);
    expect(await without.closed).toMatchObject({ code: 4500 });
    const member = await MemberClient.connect(server, `${code}?session=${newSession()}`, options);
    expect(member.socket.protocol).toBe("couchwire.v1");
    const { member: other, you } = await phone(server, code);
    member.socket.send('{"data":"counted"}');
    expect(await other.message()).toMatchObject({ data: "counted" });
    expect(you).toMatch(/^p/);
    expect(member.rawFrames[0]).toMatch(/^\0hello \{/);
  });

  test("P6.11 P6.9 a full room refuses with an error and 4510, a spectator gets in", async () => {
    const server = await start({ maxPlayers: 1 });
    const { code } = await openRoom(server);
    await phone(server, code);
    const late = await MemberClient.connect(server, code);
    expect(await late.next()).toEqual({ error: { code: "room_full", message: "The room is full." } });
    expect(await late.closed).toMatchObject({ code: 4510 });
    expect(await phone(server, code, "?role=spectator")).toBeDefined();
  });

  test("P6.11 a code that no room has is 4504, with a role too", async () => {
    const server = await start();
    for (const query of ["", "?role=member", "?role=spectator"]) {
      expect(await (await MemberClient.connect(server, `BCDF${query}`)).closed).toMatchObject({ code: 4504 });
    }
  });

  test("P6.11 a room with a host page has players, not members: 4500", async () => {
    const server = await start();
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 2, name: "game" });
    const code = String((await host.until("prepare_reply")).key);
    const member = await MemberClient.connect(server, `${code}?role=member`);
    expect(await member.closed).toEqual({ code: 4500, reason: expect.stringMatching(/host page/) });
  });

  test("P6.11 what the query says wrongly closes with 4500", async () => {
    const server = await start();
    const { code } = await openRoom(server);
    for (const query of ["role=admin", "events=2", "data=?", "session=short"]) {
      expect(await (await MemberClient.connect(server, `${code}?${query}`)).closed).toMatchObject({ code: 4500 });
    }
  });

  test("P6.11 the address of its code tells programs about it", async () => {
    const server = await start({ maxPlayers: 3 });
    const { code } = await openRoom(server);
    await phone(server, code);
    await phone(server, code, "?role=spectator");
    const answer = await fetch(`${server.url}/${code}`, { headers: { Accept: "application/json" } });
    expect(await answer.json()).toMatchObject({
      code,
      name: "relay",
      players: 1,
      maxPlayers: 3,
      isOpen: true,
      pin: false,
    });
    expect(await (await fetch(`${server.url}/${code}`)).text()).toBe("relay");
  });
});
