/** How members come to open rooms: with a token, with a code, or by opening one; up to the port of the rooms. */
import { describe, expect, test } from "@jest/globals";
import { createAdmission } from "../../../src/admission/admission.ts";
import { rejected, type ConnectRequest, type ConnectTarget } from "../../../src/admission/connect-request.ts";
import type { Farewell } from "../../../src/admission/farewell.ts";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import { createTokens } from "../../../src/auth/tokens.ts";
import { CLOSE_CODES, type CloseName } from "../../../src/protocol/close-codes.ts";
import { readSubprotocols } from "../../../src/protocol/subprotocols.ts";
import { eventsEncoder, plainEncoder } from "../../../src/session/member-encoder.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { FakeMemberRooms } from "../../support/room/fake-member-rooms.ts";
import { FakePort } from "../../support/room/fake-port.ts";

const SECRET = "a secret of thirty-two bytes or more";
const SESSION = "a-session-of-sixteen-or-more";
const CLAIMS = { sub: "ann", room: "lobby" };
const tokens = createTokens({ secret: SECRET });
const forger = createTokens({ secret: `not ${SECRET}` });

/** A peer that has not been let in; the test says when it hangs up. */
class Peer extends FakePort {
  farewell: Farewell | undefined;
  isGone = false;

  isStillThere(): boolean {
    return !this.isGone;
  }

  /** What it would be told before a Close of this name. */
  lastWord(name: CloseName, reason: string = CLOSE_CODES[name].reason): unknown {
    const frame = this.farewell?.(name, reason);
    return frame && JSON.parse(new TextDecoder().decode(frame.data));
  }
}

interface Wishes extends Partial<ConnectRequest> {
  readonly offered?: string;
}

function setUp({ guessLimit = 60, banMs = 60_000, withTokens = true } = {}) {
  const fake = new FakeHub({ guessLimit, banMs });
  const rooms = new FakeMemberRooms();
  const tokenGate = withTokens ? new TokenGate({ tokens, guessLimit, now: () => fake.clock.now() }) : undefined;
  const admission = createAdmission({
    hub: fake.hub,
    bytes: "array",
    members: { rooms, tokenGate, mayOpenKind: (kind) => kind === "chess" },
  });
  const admit = (
    port: Peer,
    target: ConnectTarget,
    query: Record<string, string> = {},
    { offered, ...wishes }: Wishes = {},
  ) =>
    admission.admit(port, {
      target,
      query: new URLSearchParams(query),
      subprotocols: readSubprotocols(offered),
      transport: "websocket",
      headers: {},
      path: "/ws",
      address: "10.0.0.1",
      agent: "test",
      ...wishes,
    });
  const knock = async (query: Record<string, string>, wishes?: Wishes) => {
    const port = new Peer();
    return { port, outcome: await admit(port, { for: "member" }, query, wishes) };
  };
  return { fake, rooms, admit, knock };
}

describe("a member with a token", () => {
  test("P6.1 asks for the room of its token as who its token says, without events", async () => {
    const { rooms, knock } = setUp();
    const token = await tokens.sign({ ...CLAIMS, name: "Ann" }, 60);
    const { outcome } = await knock({ token, data: '{"deck":[1]}' });
    expect(outcome).toMatchObject({ at: "admitted" });
    expect(rooms.joins).toEqual([
      {
        room: { by: "name", name: "lobby" },
        mayOpen: true,
        id: "ann",
        role: undefined,
        name: "Ann",
        pin: undefined,
        data: { deck: [1] },
        session: expect.objectContaining({ isReliable: false, sessionHash: expect.any(String) }),
        encoder: plainEncoder,
        transport: "websocket",
        address: "10.0.0.1",
        visitor: expect.any(String),
        user: "ann",
        tokenSessionHash: expect.any(String),
        renew: expect.any(Function),
      },
    ]);
  });

  test("P6.1 may show it in the address, as a subprotocol or in Authorization", async () => {
    const { rooms, knock } = setUp();
    const token = await tokens.sign(CLAIMS);
    await knock({ token });
    await knock({}, { offered: `couchwire.token.${token}, couchwire` });
    await knock({}, { headers: { authorization: `Bearer ${token}` } });
    await knock({ token }, { headers: { authorization: `bearer ${token}` }, offered: `couchwire.token.${token}` });
    expect(rooms.joins.map(({ id }) => id)).toEqual(["ann", "ann", "ann", "ann"]);
  });

  test("P6.1 is refused where the tokens that it shows differ", async () => {
    const { rooms, knock } = setUp();
    const [ann, bob] = [await tokens.sign(CLAIMS), await tokens.sign({ ...CLAIMS, sub: "bob" })];
    for (const { outcome } of [
      await knock({ token: ann }, { headers: { authorization: `Bearer ${bob}` } }),
      await knock({ token: ann }, { offered: `couchwire.token.${bob}` }),
      await knock({}, { offered: "couchwire.token." }),
    ]) {
      expect(outcome).toMatchObject({ at: "refused", name: "unauthorized", reason: expect.stringMatching(/token/) });
    }
    expect(rooms.joins).toEqual([]);
  });

  test("P6.1 is told what happens with events=1, and brings nothing without data", async () => {
    const { rooms, knock } = setUp();
    const token = await tokens.sign(CLAIMS);
    await knock({ token, events: "1" });
    await knock({ token, events: "0" });
    expect(rooms.joins.map(({ encoder, data }) => [encoder, data])).toEqual([
      [eventsEncoder, undefined],
      [plainEncoder, undefined],
    ]);
  });

  test.each([
    [{ events: "yes" }, '"events" has to be 0 or 1, not "yes".'],
    [{ role: "admin" }, '"role" has to be member or spectator, not "admin".'],
    [{ data: "{" }, '"data" has to be JSON.'],
    [{ data: `"${"ü".repeat(512)}"` }, '"data" may have 1024 bytes of UTF-8, and has more.'],
    [{ received: "x" }, '"received" has to be a count, not "x".'],
  ])("P6.1 is refused with %j", async (query, reason) => {
    const { rooms, knock } = setUp();
    const { outcome } = await knock({ token: await tokens.sign(CLAIMS), ...query });
    expect(outcome).toEqual({ at: "refused", name: "bad_request", reason });
    expect(rooms.joins).toEqual([]);
  });

  test("P6.1 may be less than its token says, and not more; only a member opens the room", async () => {
    const { rooms, knock } = setUp();
    const member = await tokens.sign({ ...CLAIMS, role: "member" });
    const spectator = await tokens.sign({ ...CLAIMS, role: "spectator" });
    await knock({ token: member });
    await knock({ token: member, role: "spectator" });
    await knock({ token: spectator, role: "member" });
    expect(rooms.joins.map(({ role, mayOpen }) => [role, mayOpen])).toEqual([
      ["member", true],
      ["spectator", false],
      ["spectator", false],
    ]);
  });

  test("P6.1 is refused with the sentence about its token, and told nothing before", async () => {
    const { rooms, knock } = setUp();
    const { port, outcome } = await knock({ token: await tokens.sign(CLAIMS, -1) });
    expect(outcome).toEqual({ at: "refused", name: "unauthorized", reason: "Your token has expired." });
    expect([rooms.joins, port.lastWord("unauthorized", "Your token has expired.")]).toEqual([[], undefined]);
  });

  test("P6.8 has one seat whatever its session, another than a phone that shows its id", async () => {
    const { rooms, knock } = setUp();
    await knock({ token: await tokens.sign({ ...CLAIMS, session_id: "one" }) });
    await knock({ token: await tokens.sign({ ...CLAIMS, session_id: "two" }), session: SESSION });
    await knock({ token: await tokens.sign({ ...CLAIMS, sub: "bob", session_id: "one" }) });
    const [one, two, bob] = rooms.joins.map(({ session }) => session.sessionHash);
    expect(one).toBe(two);
    expect(bob).not.toBe(one);
  });

  test("P5.9.14 a user whose `sub` spells another user and its session has neither's seat", async () => {
    const { rooms, admit, knock } = setUp();
    await admit(
      new Peer(),
      { for: "host" },
      { kind: "chess", session: SESSION, token: await tokens.sign({ sub: "ann", role: "host" }) },
    );
    await knock({ token: await tokens.sign({ ...CLAIMS, sub: `ann session ${SESSION}` }) });
    await knock({ token: await tokens.sign({ ...CLAIMS, sub: JSON.stringify(["session", "ann", SESSION]) }) });
    const hashes = [...rooms.opens, ...rooms.joins].map(({ session }) => session.sessionHash);
    expect(new Set(hashes).size).toBe(3);
    expect(hashes).not.toContain(undefined);
  });

  test("P6.8 says where it goes on, and needs no session for couchwire.v1", async () => {
    const { rooms, knock } = setUp();
    const token = await tokens.sign(CLAIMS);
    await knock({ token, received: "7", epoch: "e", attempt: "p.3" }, { offered: "couchwire.v1" });
    expect(rooms.joins[0]?.session).toMatchObject({
      isReliable: true,
      received: 7,
      epoch: "e",
      attempt: { page: "p", number: 3 },
    });
  });

  test("row 47: a `sub` that was banned stays out, whatever its session and address", async () => {
    const { fake, rooms, knock } = setUp();
    await knock({ token: await tokens.sign(CLAIMS) });
    const visitor = rooms.joins[0]?.visitor ?? "";
    const { hub } = fake;
    const { room, code } = fake.open();
    expect(room.code).toBe(code);
    // A room bans a visitor that floods it.
    const joined = room.join(new Peer(), { isReliable: false, visitor });
    if (joined.ok) joined.value.ban();
    expect(hub.banFor(visitor)).toMatch(/\d+ seconds/);
    const again = await tokens.sign({ ...CLAIMS, room: "other", session_id: "two" });
    const { outcome } = await knock({ token: again }, { address: "10.9.9.9" });
    expect(outcome).toMatchObject({
      at: "refused",
      name: "rate_limited",
      reason: expect.stringMatching(/\d+ seconds/),
    });
    fake.clock.pass(60_001);
    expect((await knock({ token: again })).outcome).toMatchObject({ at: "admitted" });
  });

  test("row 13: so many wrong tokens a minute and network, then none is looked at for a while", async () => {
    const { fake, knock } = setUp({ guessLimit: 3 });
    const wrong = await forger.sign(CLAIMS);
    const right = await tokens.sign(CLAIMS);
    for (let count = 0; count < 3; count++) {
      expect((await knock({ token: wrong })).outcome).toMatchObject({ name: "unauthorized" });
    }
    const over = { name: "rate_limited", reason: "Too many wrong tokens. Come back in 60 seconds." };
    expect((await knock({ token: wrong })).outcome).toMatchObject(over);
    expect((await knock({ token: right })).outcome).toMatchObject(over);
    expect((await knock({ token: right }, { address: "10.9.9.9" })).outcome).toMatchObject({ at: "admitted" });
    fake.clock.pass(60_000);
    expect((await knock({ token: right })).outcome).toMatchObject({ at: "admitted" });
  });

  test("row 13: tokens that have expired are no guesses", async () => {
    const { knock } = setUp({ guessLimit: 2 });
    const expired = await tokens.sign(CLAIMS, -1);
    for (let count = 0; count < 5; count++) await knock({ token: expired });
    expect((await knock({ token: await tokens.sign(CLAIMS) })).outcome).toMatchObject({ at: "admitted" });
  });

  test("P6.10 renews with a token of the same `sub` and room alone", async () => {
    const { rooms, knock } = setUp();
    await knock({ token: await tokens.sign(CLAIMS) });
    const renew = rooms.joins[0]?.renew;
    const renewed = await renew?.(await tokens.sign(CLAIMS, 600));
    expect(renewed).toMatchObject({ ok: true, value: { exp: expect.any(Number), expiresAt: expect.any(Number) } });
    for (const other of [
      { ...CLAIMS, sub: "bob" },
      { ...CLAIMS, room: "other" },
    ]) {
      expect(await renew?.(await tokens.sign(other))).toEqual({
        ok: false,
        failure: "This token is another member's, or for another room.",
      });
    }
    expect(await renew?.("abc")).toEqual({ ok: false, failure: "Your token is no valid JWT." });
  });

  test("P6.1 gets no place where it has hung up while its token was judged", async () => {
    const { rooms, admit } = setUp();
    const port = new Peer();
    const outcome = admit(port, { for: "member" }, { token: await tokens.sign(CLAIMS) });
    port.isGone = true;
    expect(await outcome).toMatchObject({ at: "refused", name: "normal" });
    expect(rooms.joins).toEqual([]);
  });

  test.each([
    ["room_full", undefined, { code: "room_full", message: "The room is full." }],
    ["rate_limited", "Come back in 60 seconds.", { code: "rate_limited", message: "Come back in 60 seconds." }],
    ["unauthorized", "No cheats.", { code: "refused", message: "No cheats." }],
    ["internal_error", undefined, { code: "internal_error", message: "The server made a mistake. Please try again." }],
  ] as const)("P6.5 hears of %s in a frame before the Close", async (name, reason, error) => {
    const { knock } = setUp();
    const { port } = await knock({ token: await tokens.sign(CLAIMS) });
    expect(port.lastWord(name, reason)).toEqual({ error });
    const counting = await knock({ token: await tokens.sign(CLAIMS) }, { offered: "couchwire.v1" });
    expect(counting.port.lastWord(name, reason)).toBeUndefined();
  });

  test.each(["normal", "room_closed", "replaced", "kicked", "restarting"] as const)(
    "P6.5 hears of %s by the Close alone",
    async (name) => {
      const { knock } = setUp();
      expect((await knock({ token: await tokens.sign(CLAIMS) })).port.lastWord(name)).toBeUndefined();
    },
  );
});

test("P6.0 a peer on /ws without a token is refused where there are no channels", async () => {
  const { knock } = setUp();
  expect((await knock({})).outcome).toEqual({
    at: "refused",
    name: "unauthorized",
    reason: "There are no channels here.",
  });
});

/** A phone at the code of an open room that has a PIN. */
function byCode(query: Record<string, string> = {}, wishes: Wishes = {}) {
  const { fake, rooms, admit } = setUp();
  const { code } = fake.open({ pin: "1234" });
  rooms.codes.add(code);
  const port = new Peer();
  return { rooms, port, code, outcome: admit(port, { for: "player", code }, query, wishes) };
}

describe("a phone with a code", () => {
  test("P6.11 asks for the open room of its code, with events", () => {
    const { rooms, code, outcome } = byCode({ name: " Ann ", pin: "1234", session: SESSION, data: "7" });
    expect(outcome).toMatchObject({ at: "admitted" });
    expect(rooms.joins).toEqual([
      expect.objectContaining({
        room: { by: "code", code },
        mayOpen: false,
        id: undefined,
        role: undefined,
        name: "Ann",
        pin: "1234",
        data: 7,
        encoder: eventsEncoder,
        user: undefined,
        renew: undefined,
      }),
    ]);
  });

  test.each(["member", "spectator"])("P6.11 says that it comes as a %s, and whether it hears of events", (role) => {
    const { rooms } = byCode({ role, events: "0" });
    expect(rooms.joins).toMatchObject([{ role, encoder: plainEncoder }]);
  });

  test.each([
    [{ role: "player" }, '"role" has to be member or spectator, not "player".'],
    [{ events: "2" }, '"events" has to be 0 or 1, not "2".'],
    [{ session: "short" }, '"session" has to be 16 to 128 of A-Z a-z 0-9 _ -.'],
  ])("P6.11 is refused with %j", (query, reason) => {
    const { rooms, outcome } = byCode(query);
    expect(outcome).toEqual({ at: "refused", name: "bad_request", reason });
    expect(rooms.joins).toEqual([]);
  });

  test("P6.11 needs a session for couchwire.v1", () => {
    expect(byCode({}, { offered: "couchwire.v1" }).outcome).toMatchObject({ at: "refused", name: "bad_request" });
    const { rooms } = byCode({ session: SESSION }, { offered: "couchwire.v1" });
    expect(rooms.joins[0]?.session).toMatchObject({ isReliable: true });
  });

  test("P6.11 does not become a member of a room with a host page", () => {
    const { fake, admit } = setUp();
    const { code } = fake.open();
    expect(admit(new Peer(), { for: "player", code }, { role: "member" })).toMatchObject({
      at: "refused",
      name: "bad_request",
      reason: "This room has a host page: it takes players, not members.",
    });
    expect(admit(new Peer(), { for: "player", code }, { role: "player" })).toMatchObject({ at: "admitted" });
  });

  test("row 12: a PIN that the room finds wrong is a guess, a refusal of its code is none", async () => {
    const { fake, rooms, admit } = setUp({ guessLimit: 2 });
    const { code } = fake.open({ pin: "1234" });
    rooms.codes.add(code);
    const guess = () => admit(new Peer(), { for: "player", code }, { pin: "0000" });
    rooms.outcome = rejected("unauthorized", "No cheats.");
    for (let count = 0; count < 5; count++) expect(guess()).toMatchObject({ name: "unauthorized" });
    rooms.outcome = rejected("unauthorized");
    expect([guess(), guess(), guess()]).toMatchObject([
      { name: "unauthorized" },
      { name: "unauthorized" },
      { name: "rate_limited" },
    ]);
  });

  test("P6.5 hears of a PIN that is missing in a frame, as it does of a refusal", () => {
    const { port } = byCode();
    expect(port.lastWord("unauthorized")).toMatchObject({ error: { code: "unauthorized" } });
  });
});

describe("a page that opens a room", () => {
  test("P6.11 opens one of a kind that the options list", () => {
    const { rooms, admit } = setUp();
    const outcome = admit(new Peer(), { for: "host" }, { kind: "chess", name: "Table 4", data: "[1]" });
    expect(outcome).toMatchObject({ at: "admitted" });
    expect(rooms.opens).toEqual([
      expect.objectContaining({
        kind: "chess",
        roomName: "Table 4",
        name: undefined,
        data: [1],
        encoder: eventsEncoder,
      }),
    ]);
  });

  test.each([
    [{ kind: "relay" }, "unauthorized", "Rooms of kind relay are not opened here."],
    [{ kind: "" }, "bad_request", '"kind" has to be 1 to 32 of a-z 0-9 -, not "".'],
    [{ kind: "Chess" }, "bad_request", '"kind" has to be 1 to 32 of a-z 0-9 -, not "Chess".'],
    [{ kind: "chess", name: "" }, "bad_request", '"name" has to be 1 to 128 bytes of UTF-8.'],
    [{ kind: "chess", name: "n".repeat(129) }, "bad_request", '"name" has to be 1 to 128 bytes of UTF-8.'],
    [{ kind: "chess", data: "?" }, "bad_request", '"data" has to be JSON.'],
    [{ kind: "chess", session: "short" }, "bad_request", '"session" has to be 16 to 128 of A-Z a-z 0-9 _ -.'],
  ])("P6.11 is refused with %j", (query, name, reason) => {
    const { rooms, admit } = setUp();
    expect(admit(new Peer(), { for: "host" }, query)).toEqual({ at: "refused", name, reason });
    expect(rooms.opens).toEqual([]);
  });
});
