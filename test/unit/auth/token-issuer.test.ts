import { expect, test } from "@jest/globals";
import { Revocations } from "../../../src/auth/revocations.ts";
import { TokenIssuer, type IssuedTokens, type TokenRequest } from "../../../src/auth/token-issuer.ts";
import { TokenSignatures } from "../../../src/auth/token-signatures.ts";
import { tokensOf } from "../../../src/auth/tokens.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";

const NOON_S = 1_800_000_000;
const DAY_S = 86_400;

function setUp(maxFamilies = 10) {
  let seconds = NOON_S;
  const now = (): number => seconds * 1_000;
  const signatures = new TokenSignatures({ secret: JWT_SECRET, now });
  const revocations = new Revocations({ now });
  const issuer = new TokenIssuer({ signatures, revocations, now, maxFamilies });
  const tokens = tokensOf(signatures, { now });
  return {
    issuer,
    revocations,
    tokens,
    pass: (by: number) => void (seconds += by),
    issue: (request: Partial<TokenRequest> = {}) => issuer.issue({ sub: "ann", ...request }),
    refresh: async ({ refresh_token }: IssuedTokens): Promise<IssuedTokens> => {
      const refreshed = await issuer.refresh(refresh_token);
      if (!refreshed.ok) throw new Error(refreshed.failure.reason);
      return refreshed.value;
    },
    counts: async ({ token }: Pick<IssuedTokens, "token">): Promise<boolean> => {
      const read = await tokens.verify(token);
      return read.ok && !revocations.isRevoked(read.value);
    },
  };
}

const EVERYTHING = {
  room: "lobby",
  role: "member",
  name: "Ann",
  session_id: "s7",
  channels: ["chat:*"],
  publish: ["chat:ann"],
} as const;

test("P9.7 a token says what was asked for, and how long it counts", async () => {
  const { issue, tokens } = setUp();
  const issued = await issue({ ...EVERYTHING, ttl: 60 });
  expect(issued).toMatchObject({ expires_in: 60, session_id: "s7" });
  expect(await tokens.verify(issued.token)).toMatchObject({
    value: { sub: "ann", ...EVERYTHING, iat: NOON_S, exp: NOON_S + 60 },
  });
  const plain = await issue();
  expect(plain.expires_in).toBe(3_600);
  expect(plain.session_id).toMatch(/^.{16,}$/);
});

test.each([
  [{ sub: "" }, '"sub" has to be 1 to 128 bytes of UTF-8.'],
  [{ ttl: 0 }, '"ttl" has to be a whole number of seconds from 1 to 2592000.'],
  [{ ttl: 31 * DAY_S }, '"ttl" has to be a whole number of seconds from 1 to 2592000.'],
  [{ channels: [""] }, '"channels" has to be a list of channels, each 1 to 256 bytes of UTF-8.'],
])("P9.7 %j is refused with a sentence", async (request, sentence) => {
  await expect(setUp().issue(request)).rejects.toThrow(new TypeError(sentence));
});

test("row 5: a refresh token gets the next pair, with the same claims and no more", async () => {
  const { issue, refresh, tokens, pass } = setUp();
  const first = await issue({ ...EVERYTHING, ttl: 60 });
  pass(50);
  const second = await refresh(first);
  expect(second).toMatchObject({ expires_in: 60, session_id: "s7" });
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await tokens.verify(second.token)).toMatchObject({
    value: { sub: "ann", ...EVERYTHING, iat: NOON_S + 50, exp: NOON_S + 110 },
  });
});

test("row 5: neither kind of token passes for the other", async () => {
  const { issue, issuer, tokens } = setUp();
  const { token, refresh_token } = await issue();
  expect(await issuer.refresh(token)).toMatchObject({ failure: { reason: "This is no refresh token." } });
  expect(await tokens.verify(refresh_token)).toMatchObject({
    failure: { reason: "This is a refresh token: it gets new tokens, and opens nothing." },
  });
});

test.each(["", "abc", handmadeToken({ sub: "ann", exp: NOON_S + 60 }, { secret: "b".repeat(32) })])(
  "row 5: %j is no refresh token",
  async (text) => {
    expect(await setUp().issuer.refresh(text)).toMatchObject({ ok: false });
  },
);

test("row 5: a refresh token that is used again ends its family, and the tokens of its session", async () => {
  const { issue, issuer, refresh, counts, pass } = setUp();
  const first = await issue();
  const other = await issue();
  const second = await refresh(first);
  expect(await counts(second)).toBe(true);
  pass(5);
  expect(await issuer.refresh(first.refresh_token)).toMatchObject({ failure: { reason: /used before/ } });
  expect(await issuer.refresh(second.refresh_token)).toMatchObject({ failure: { reason: /revoked/ } });
  expect([await counts(first), await counts(second), await counts(other)]).toEqual([false, false, true]);
});

test("row 5: of two that use one refresh token at once neither keeps what it gets", async () => {
  const { issue, issuer, counts } = setUp();
  const { refresh_token } = await issue();
  const both = await Promise.all([issuer.refresh(refresh_token), issuer.refresh(refresh_token)]);
  // Which of the two is first is the thread pool's affair.
  const won = both.filter((refreshed) => refreshed.ok);
  expect(won).toHaveLength(1);
  expect(await Promise.all(won.map(({ value }) => counts(value)))).toEqual([false]);
});

test("P9.7 what is revoked is not refreshed, and a token that is given out right after counts", async () => {
  const { issue, issuer, counts } = setUp();
  const before = await issue();
  issuer.revoke({ sub: "ann" });
  const after = await issue();
  expect([await counts(before), await counts(after)]).toEqual([false, true]);
  expect(await issuer.refresh(before.refresh_token)).toMatchObject({ failure: { reason: /revoked/ } });
  expect(await issuer.refresh(after.refresh_token)).toMatchObject({ ok: true });
});

test("row 5: a family ends after 30 days, however often it was rotated", async () => {
  const { issue, issuer, refresh, pass } = setUp();
  const first = await issue();
  pass(20 * DAY_S);
  const second = await refresh(first);
  pass(10 * DAY_S + 1);
  expect(await issuer.refresh(second.refresh_token)).toMatchObject({ failure: { reason: /expired/ } });
});

test("row 5: of families past the limit none is refreshed twice: those that may have been used count no more", async () => {
  const { issue, issuer, refresh, pass } = setUp(2);
  const [ann, ben, cid] = [await issue(), await issue({ sub: "ben" }), await issue({ sub: "cid" })];
  const rotated = await refresh(ann);
  pass(1);
  await refresh(ben);
  pass(1);
  await refresh(cid); // Ann's family is forgotten
  expect(await issuer.refresh(ann.refresh_token)).toMatchObject({ failure: { reason: /too old/ } });
  expect(await issuer.refresh(rotated.refresh_token)).toMatchObject({ failure: { reason: /too old/ } });
  pass(1);
  const later = await issue({ sub: "dan" });
  expect(await issuer.refresh(later.refresh_token)).toMatchObject({ ok: true });
});

test("P9.7 a token of an identity provider is never refreshed here, and without a secret nothing is given out", async () => {
  const signatures = new TokenSignatures({ jwksUrl: "http://127.0.0.1:1/keys" });
  const issuer = new TokenIssuer({ signatures, revocations: new Revocations() });
  expect(issuer.canIssue).toBe(false);
  await expect(issuer.issue({ sub: "ann" })).rejects.toThrow("there is none");
  const header = { alg: "RS256", kid: "k" };
  const token = handmadeToken({ sub: "ann", exp: NOON_S, token_use: "refresh" }, { header });
  expect(await issuer.refresh(token)).toMatchObject({ failure: { reason: /not signed by this server/ } });
});
