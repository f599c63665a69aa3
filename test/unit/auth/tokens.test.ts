import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { TokenOptions } from "../../../src/auth/token-signatures.ts";
import { createTokens } from "../../../src/auth/tokens.ts";

const SECRET = "a secret of thirty-two bytes or more";
const OTHER_SECRET = "another secret of thirty-two bytes or more";
const NOW_S = 1_800_000_000;
const CLAIMS = { sub: "ann", room: "lobby", session_id: "s1" };

const tokensWith = (options: Partial<TokenOptions> = {}) =>
  createTokens({ secret: SECRET, now: () => NOW_S * 1_000, ...options });

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token made by hand, so that it may be anything. */
function handmade(
  payload: unknown,
  {
    header = { alg: "HS256" },
    secret = SECRET,
    hash = "sha256",
    json = JSON.stringify(payload),
  }: { header?: object; secret?: string; hash?: string; json?: string } = {},
): string {
  const signed = `${base64url(header)}.${Buffer.from(json).toString("base64url")}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The same bytes in other letters: the last bits of the last letter say nothing. */
function respelled(token: string): string {
  return token.slice(0, -1) + LETTERS.charAt(LETTERS.indexOf(token.slice(-1)) ^ 1);
}

const GOOD = { ...CLAIMS, exp: NOW_S + 60 };

async function refusalOf(token: string, options?: Partial<TokenOptions>): Promise<string> {
  const result = await tokensWith(options).verify(token);
  if (result.ok) throw new Error("This token should have been refused.");
  return result.failure.reason;
}

describe("tokens", () => {
  test("P6.1 null counts as a claim that is absent", async () => {
    const token = handmade({ ...GOOD, name: null, role: null, iss: null, aud: null });
    expect(await tokensWith().verify(token)).toMatchObject({ ok: true, value: { name: undefined, role: undefined } });
  });

  test("P6.1 a token that was signed here says who its bearer is, and until when", async () => {
    const tokens = tokensWith();
    const token = await tokens.sign({ ...CLAIMS, name: " Ann ", role: "spectator" }, 60);
    expect(await tokens.verify(token)).toEqual({
      ok: true,
      value: {
        ...CLAIMS,
        name: "Ann",
        role: "spectator",
        channels: [],
        publish: [],
        iat: NOW_S,
        exp: NOW_S + 60,
        expiresAt: (NOW_S + 60) * 1_000,
      },
    });
  });

  test("P6.1 room, session, role and channels may be absent, and then they are nothing", async () => {
    expect(await tokensWith().verify(handmade({ sub: "ann", exp: NOW_S + 60, channels: null }))).toEqual({
      ok: true,
      value: {
        sub: "ann",
        room: undefined,
        session_id: undefined,
        role: undefined,
        name: undefined,
        channels: [],
        publish: [],
        iat: undefined,
        exp: NOW_S + 60,
        expiresAt: (NOW_S + 60) * 1_000,
      },
    });
  });

  test("P8.1 channels and publish are read as they stand", async () => {
    const token = handmade({ ...GOOD, channels: ["*"], publish: ["chat:*", "news"] });
    expect(await tokensWith().verify(token)).toMatchObject({
      value: { channels: ["*"], publish: ["chat:*", "news"] },
    });
  });

  test("P9.7 a claim that no token may have is not signed, nor are so many that none could show it", async () => {
    await expect(tokensWith().sign({ sub: "" })).rejects.toThrow('"sub" has to be 1 to 128 bytes of UTF-8.');
    const channels = Array.from({ length: 60 }, (_, index) => `${index}${"c".repeat(200)}`);
    await expect(tokensWith().sign({ sub: "ann", channels })).rejects.toThrow("longer than 8192");
  });

  test("P6.1 a session is made up where none is given, and is another one each time", async () => {
    const tokens = tokensWith();
    const sessions = [];
    for (const token of [await tokens.sign({ sub: "ann", room: "r" }), await tokens.sign({ sub: "ann", room: "r" })]) {
      const read = await tokens.verify(token);
      sessions.push(read.ok && read.value.session_id);
    }
    expect(new Set(sessions).size).toBe(2);
    expect(sessions).toEqual([expect.stringMatching(/.{16}/), expect.stringMatching(/.{16}/)]);
  });

  test("P6.1 a token of any library counts, whatever else it says", async () => {
    const token = handmade(
      { ...GOOD, iss: null, aud: null, channels: ["*"] },
      { header: { typ: "JWT", alg: "HS256", kid: "../../etc/passwd", jku: "http://elsewhere.example/keys" } },
    );
    // Tapaculo writes `null` where it knows neither issuer nor audience.
    expect(await tokensWith().verify(token)).toMatchObject({ ok: true, value: CLAIMS });
  });

  test.each([
    ["nothing", "", "Your token is empty."],
    ["no JWT", "abc", "Your token is no valid JWT."],
    ["three dots", "a.b.c", "Your token is no valid JWT."],
    ["too long", "a".repeat(8_193), "Your token is longer than 8192 letters."],
    ["another secret", handmade(GOOD, { secret: OTHER_SECRET }), "Your token was not signed by this server."],
    ["alg none", `${base64url({ alg: "none" })}.${base64url(GOOD)}.`, "Your token has to be signed with HS256."],
    ["HS512", handmade(GOOD, { header: { alg: "HS512" }, hash: "sha512" }), "Your token has to be signed with HS256."],
    [
      "a critical header",
      handmade(GOOD, { header: { alg: "HS256", crit: ["x"], x: 1 } }),
      "Your token is no valid JWT.",
    ],
    ["an end that has passed", handmade({ ...CLAIMS, exp: NOW_S - 3 }), "Your token has expired."],
    ["an end that is now", handmade({ ...CLAIMS, exp: NOW_S }), "Your token has expired."],
    ["a beginning to come", handmade({ ...GOOD, nbf: NOW_S + 5 }), "Your token is not valid yet."],
    ["no exp", handmade(CLAIMS), 'Your token has no "exp".'],
    ["an exp that is text", handmade({ ...CLAIMS, exp: "soon" }), '"exp" in your token has to be seconds since 1970.'],
    ["no sub", handmade({ ...GOOD, sub: undefined }), 'Your token has no "sub".'],
    ["an empty sub", handmade({ ...GOOD, sub: "" }), '"sub" in your token has to be 1 to 128 bytes of UTF-8.'],
    ["an empty room", handmade({ ...GOOD, room: "" }), '"room" in your token has to be 1 to 128 bytes of UTF-8.'],
    [
      "a room of 129",
      handmade({ ...GOOD, room: "r".repeat(129) }),
      '"room" in your token has to be 1 to 128 bytes of UTF-8.',
    ],
    [
      "a room of 65 ü",
      handmade({ ...GOOD, room: "ü".repeat(65) }),
      '"room" in your token has to be 1 to 128 bytes of UTF-8.',
    ],
    ["half a pair", handmade({ ...GOOD, room: "\ud800" }), '"room" in your token has to be 1 to 128 bytes of UTF-8.'],
    ["a number as room", handmade({ ...GOOD, room: 7 }), '"room" in your token has to be 1 to 128 bytes of UTF-8.'],
    [
      "another role",
      handmade({ ...GOOD, role: "king" }),
      '"role" in your token has to be host, player, audience, member, spectator or admin.',
    ],
    [
      "channels that are no list",
      handmade({ ...GOOD, channels: "chat" }),
      '"channels" in your token has to be a list of channels, each 1 to 256 bytes of UTF-8.',
    ],
    [
      "an empty channel",
      handmade({ ...GOOD, publish: ["chat", ""] }),
      '"publish" in your token has to be a list of channels, each 1 to 256 bytes of UTF-8.',
    ],
    ["a sign behind it", `${handmade(GOOD)}=`, "Your token is no valid JWT."],
    ["a space behind it", `${handmade(GOOD)} `, "Your token is no valid JWT."],
    ["another spelling of its signature", respelled(handmade(GOOD)), "Your token is no valid JWT."],
    [
      "an end past all numbers",
      handmade(CLAIMS, { json: '{"sub":"ann","exp":1e400}' }),
      '"exp" in your token has to be seconds since 1970.',
    ],
    ["an end in 1e300", handmade({ ...CLAIMS, exp: 1e300 }), '"exp" in your token has to be seconds since 1970.'],
    [
      "a signature of 61 seconds ahead",
      handmade({ ...GOOD, iat: NOW_S + 61 }),
      '"iat" in your token is in the future.',
    ],
    [
      "half a surrogate pair as a channel",
      handmade({ ...GOOD, channels: ["chat:\ud800*"] }),
      '"channels" in your token has to be a list of channels, each 1 to 256 bytes of UTF-8.',
    ],
    ["a dot behind it", `${handmade(GOOD)}.`, "Your token is no valid JWT."],
    ["64 KiB", `${handmade(GOOD)}${"a".repeat(65_536)}`, "Your token is longer than 8192 letters."],
    [
      "a refresh token",
      handmade({ ...GOOD, token_use: "refresh" }),
      "This is a refresh token: it gets new tokens, and opens nothing.",
    ],
    ["a name that is no text", handmade({ ...GOOD, name: 7 }), '"name" in your token has to be a text.'],
    [
      "a long name",
      handmade({ ...GOOD, name: "n".repeat(65) }),
      '"name" in your token may have 64 characters, not 65.',
    ],
    ["no claims", handmade("text"), "Your token is no valid JWT."],
  ])("P6.1 %s is refused with a sentence", async (_, token, sentence) => {
    expect(await refusalOf(token)).toBe(sentence);
  });

  test("row 3: a token may be signed by a clock that is a minute ahead, and the leeway", async () => {
    expect(await tokensWith().verify(handmade({ ...GOOD, iat: NOW_S + 60 }))).toMatchObject({ ok: true });
    expect(await tokensWith({ leeway: 5 }).verify(handmade({ ...GOOD, iat: NOW_S + 65 }))).toMatchObject({ ok: true });
  });

  test.each(["r", "r".repeat(128), "ü".repeat(64), "user:bob", "a/b", "…", "\0", "🎲"])(
    "row 23: a room may be called %j",
    async (room) => {
      expect(await tokensWith().verify(handmade({ ...GOOD, room }))).toMatchObject({ ok: true, value: { room } });
    },
  );

  test("row 13: what was not signed here may be a guess, what has only expired is none", async () => {
    const tokens = tokensWith();
    expect(await tokens.verify(handmade(GOOD, { secret: OTHER_SECRET }))).toMatchObject({
      failure: { isForged: true },
    });
    expect(await tokens.verify("abc")).toMatchObject({ failure: { isForged: true } });
    expect(await tokens.verify(handmade({ ...CLAIMS, exp: 1 }))).toMatchObject({ failure: { isForged: false } });
  });

  test("row 3: within the leeway a token that has expired still counts, and until its end", async () => {
    const token = handmade({ ...CLAIMS, exp: NOW_S - 3 });
    expect(await tokensWith({ leeway: 5 }).verify(token)).toMatchObject({
      ok: true,
      value: { expiresAt: (NOW_S + 2) * 1_000 },
    });
    expect(await refusalOf(token, { leeway: 3 })).toBe("Your token has expired.");
  });

  test.each([
    ["another issuer", { iss: "them", aud: "us" }, "Your token is from another issuer."],
    ["no issuer", { aud: "us" }, "Your token is from another issuer."],
    ["another audience", { iss: "me", aud: ["them"] }, "Your token is for another audience."],
    ["no audience", { iss: "me" }, "Your token is for another audience."],
  ])("row 3: %s is refused", async (_, claims, sentence) => {
    expect(await refusalOf(handmade({ ...GOOD, ...claims }), { issuer: "me", audience: "us" })).toBe(sentence);
  });

  test("row 3: the right issuer and audience are signed, and count", async () => {
    const tokens = tokensWith({ issuer: "me", audience: "us" });
    expect(await tokens.verify(await tokens.sign(CLAIMS))).toMatchObject({ ok: true });
    expect(await tokens.verify(handmade({ ...GOOD, iss: "me", aud: ["them", "us"] }))).toMatchObject({ ok: true });
  });

  test("row 6: of several secrets the first signs, and all verify", async () => {
    const both = tokensWith({ secret: `${SECRET}, ${OTHER_SECRET}` });
    const signed = await both.sign(CLAIMS);
    expect(await tokensWith().verify(signed)).toMatchObject({ ok: true });
    expect(await both.verify(handmade(GOOD, { secret: OTHER_SECRET }))).toMatchObject({ ok: true });
    const result = await both.verify(handmade({ ...CLAIMS, exp: 1 }, { secret: OTHER_SECRET }));
    expect(result).toMatchObject({ failure: { reason: "Your token has expired." } });
  });

  test.each(["", "short", `${SECRET},short`])("row 2: %j is no secret, and is not quoted", (secret) => {
    const make = (): unknown => tokensWith({ secret });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/^Secret \d of \d has fewer than 32 bytes\.$/);
  });
});
