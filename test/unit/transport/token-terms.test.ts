/** Lines that end with the tokens by which their peers are here. */
import { describe, expect, test } from "@jest/globals";
import { LineToken } from "../../../src/admission/line-token.ts";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import { Revocations } from "../../../src/auth/revocations.ts";
import type { TokenClaims } from "../../../src/auth/token-claims.ts";
import { createTokens } from "../../../src/auth/tokens.ts";
import { hashSecret } from "../../../src/hub/hash-secret.ts";
import { TokenTerms, type TokenLine, type TokenTerm } from "../../../src/transport/token-terms.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { JWT_SECRET } from "../../support/member-client.ts";

const MINUTE = 60_000;

class Line implements TokenLine<Line> {
  token: LineToken | undefined;
  term: TokenTerm<Line> | undefined;
  readonly ends: (readonly [string, string | undefined])[] = [];

  end(name: string, reason?: string): void {
    this.ends.push([name, reason]);
  }
}

function setUp() {
  const clock = new FakeClock();
  const wallClock = (): number => 1_800_000_000_000 + clock.now();
  const tokens = createTokens({ secret: JWT_SECRET, now: wallClock });
  const revocations = new Revocations({ now: wallClock });
  const gate = new TokenGate({ tokens, revocations, guessLimit: 60, now: () => clock.now(), wallClock });
  const terms = new TokenTerms<Line>({ clock, revocations });
  const sign = (claims: Partial<TokenClaims> = {}, minutes = 10): Promise<string> =>
    tokens.sign({ sub: "ann", room: "lobby", session_id: "s1", ...claims }, minutes * 60);

  /** A line that was let in with a token of ten minutes. */
  const come = async (claims: Partial<TokenClaims> = {}, minutes = 10, isHere?: (room: string) => boolean) => {
    const judged = await gate.judge(await sign(claims, minutes), "192.0.2.1");
    if (!judged.ok) throw new Error(judged.failure.reason);
    const line = new Line();
    line.token = new LineToken({ token: judged.value, gate, address: "192.0.2.1", isHere });
    line.token.onRenewed = () => terms.watch(line);
    terms.watch(line);
    return { line, token: line.token };
  };
  return { clock, revocations, terms, sign, come };
}

describe("a line with a token", () => {
  test("P6.10 ends with it, to the millisecond, and no other line does", async () => {
    const { clock, come } = setUp();
    const [{ line }, other] = [await come(), await come({ sub: "ben" }, 20)];
    clock.pass(10 * MINUTE - 1);
    expect(line.ends).toEqual([]);
    clock.pass(1);
    expect([line.ends, other.line.ends]).toEqual([[["token_expired", undefined]], []]);
  });

  test("P6.10 that has ended, or shows no token any more, is not ended again", async () => {
    const { clock, come, terms } = setUp();
    const [gone, plain] = [await come(), await come()];
    terms.forget(gone.line);
    plain.line.token = undefined;
    terms.watch(plain.line);
    clock.pass(20 * MINUTE);
    expect([gone.line.ends, plain.line.ends]).toEqual([[], []]);
  });

  test("P6.10 goes on with a newer one, as long as that counts", async () => {
    const { clock, come, sign } = setUp();
    const { line, token } = await come();
    expect(await token.renew(await sign({ session_id: "s2" }, 30))).toMatchObject({ ok: true });
    expect(token.msLeft).toBe(30 * MINUTE);
    clock.pass(30 * MINUTE - 1);
    expect(line.ends).toEqual([]);
    clock.pass(1);
    expect(line.ends).toEqual([["token_expired", undefined]]);
  });

  test("P6.10 that ends in a year takes no notice of the longest timer of Node", async () => {
    const { clock, come } = setUp();
    const year = 365 * 24 * 60;
    const { line } = await come({}, year);
    clock.pass(year * MINUTE - 1);
    expect(line.ends).toEqual([]);
    clock.pass(1);
    expect(line.ends).toHaveLength(1);
  });

  test.each([
    ["another user", { sub: "ben" }],
    ["another room", { room: "hall" }],
    ["any room, where the first one named one", { room: undefined }],
  ])("P6.10 is not renewed by a token for %s", async (_, claims) => {
    const { clock, come, sign } = setUp();
    const { line, token } = await come();
    expect(await token.renew(await sign(claims, 30))).toEqual({
      ok: false,
      failure: "This token is another member's, or for another room.",
    });
    clock.pass(10 * MINUTE);
    expect(line.ends).toHaveLength(1);
  });

  test("P6.10 is not renewed by a token of another role; a member and a player are the same", async () => {
    const { come, sign } = setUp();
    const { token } = await come({ role: "player" });
    expect(await token.renew(await sign({ role: "host" }))).toMatchObject({ failure: /another role/ });
    expect(await token.renew(await sign({ role: "spectator" }))).toMatchObject({ failure: /another role/ });
    expect(await token.renew(await sign({ role: "member" }))).toMatchObject({ ok: true });
  });

  test("P6.10 with a token for any room takes one for its own", async () => {
    const { come, sign } = setUp();
    const { token } = await come({ room: undefined }, 10, (room) => room === "BCDF");
    expect(await token.renew(await sign({ room: "hall" }))).toMatchObject({ ok: false });
    expect(await token.renew(await sign({ room: "BCDF" }))).toMatchObject({ ok: true });
  });

  test("P5.9.15 P6.10 has one token judged at a time, and then the newest of those that came meanwhile", async () => {
    const { come, sign } = setUp();
    const { token } = await come();
    const shown = [await sign({ sub: "ben" }), await sign({}, 20), await sign({}, 30)];
    const answers = await Promise.all(shown.map((text) => token.renew(text)));
    expect(answers).toMatchObject([
      { failure: "This token is another member's, or for another room." },
      { failure: "A newer token came before this one was looked at." },
      { ok: true },
    ]);
    expect(token.msLeft).toBe(30 * MINUTE);
    expect(await token.renew(await sign())).toMatchObject({ ok: true });
  });

  test("P9.7 ends when its user or its session is revoked, and one that was let in meanwhile too", async () => {
    const { come, revocations, terms } = setUp();
    const [ann, again, ben] = [await come(), await come({ session_id: "s2" }), await come({ sub: "ben" })];
    revocations.revoke({ session_id: "s2" });
    expect([ann, again, ben].map(({ line }) => line.ends.length)).toEqual([0, 1, 0]);
    revocations.revoke({ sub: "ann" });
    expect(ann.line.ends).toEqual([["unauthorized", "Your token has been revoked."]]);
    const late = new Line();
    late.token = ann.token;
    terms.watch(late);
    expect([late.ends.length, ben.line.ends]).toEqual([1, []]);
  });

  test("row 48: is found by its user, and by the session of its token", async () => {
    const { come, terms } = setUp();
    const { line } = await come();
    await come({ sub: "ben", session_id: "s2" });
    expect(terms.heldBy(({ user }) => user === "ann")).toEqual([line]);
    expect(terms.heldBy(({ tokenSessionHash }) => tokenSessionHash === hashSecret("s1"))).toEqual([line]);
  });
});
