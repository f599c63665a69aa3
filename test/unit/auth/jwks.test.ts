/** Tokens of an identity provider, whose keys are fetched. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { exportJWK, SignJWT } from "jose";
import { createTokens } from "../../../src/auth/tokens.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";

const NOON_S = 1_800_000_000;
const CLAIMS = { sub: "ann", exp: NOON_S + 60 };
const MINUTE_MS = 60_000;
const NOT_KNOWN = "Your token was signed with a key that is not known here.";
const COME_BACK = "The server cannot check your token right now. Come back in a moment.";

const pair = (): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } =>
  generateKeyPairSync("rsa", { modulusLength: 2_048 });
const [first, second] = [pair(), pair()];

interface Answer {
  readonly body?: string;
  readonly status?: number;
}

/** A provider in the test's hand. Its document has the keys that it is given, or says anything. */
class Provider {
  fetches = 0;
  answer: Answer | Error = {};
  urls: string[] = [];

  readonly fetch = async (url: string): Promise<Response> => {
    this.fetches += 1;
    this.urls.push(url);
    if (this.answer instanceof Error) throw this.answer;
    const { body = "", status = 200 } = this.answer;
    return new Response(body, { status });
  };

  async publish(keys: Readonly<Record<string, KeyObject>>): Promise<void> {
    const jwks = Object.entries(keys).map(async ([kid, key]) =>
      Object.assign(await exportJWK(key), { kid, use: "sig" }),
    );
    this.answer = { body: JSON.stringify({ keys: await Promise.all(jwks) }) };
  }
}

function setUp(options: { readonly secret?: string } = {}) {
  const provider = new Provider();
  let now = 0;
  const failures: unknown[] = [];
  const tokens = createTokens({
    jwksUrl: "https://id.example/keys",
    fetch: provider.fetch,
    onKeysFailure: (error) => failures.push(error),
    now: () => NOON_S * 1_000,
    monotonicNow: () => now,
    ...options,
  });
  const read = async (token: string): Promise<string> => {
    const judged = await tokens.verify(token);
    return judged.ok ? `${judged.value.sub} is in` : judged.failure.reason;
  };
  return { provider, tokens, failures, read, pass: (ms: number) => void (now += ms) };
}

const sign = (key: KeyObject, header: { alg: string; kid?: string } = { alg: "RS256", kid: "one" }): Promise<string> =>
  new SignJWT({ ...CLAIMS }).setProtectedHeader(header).sign(key);

describe("tokens of an identity provider", () => {
  test("P6.1 count by its keys, which are fetched once for many", async () => {
    const { provider, read } = setUp();
    await provider.publish({ one: first.publicKey });
    const token = await sign(first.privateKey);
    expect(await Promise.all([read(token), read(token), read(token)])).toEqual(Array(3).fill("ann is in"));
    expect(await read(token)).toBe("ann is in");
    expect(provider.urls).toEqual(["https://id.example/keys"]);
  });

  test.each([
    ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["EdDSA", generateKeyPairSync("ed25519")],
    ["PS256", first],
  ])("P6.1 count with %s", async (alg, { privateKey, publicKey }) => {
    const { provider, read } = setUp();
    await provider.publish({ one: publicKey });
    expect(await read(await sign(privateKey, { alg, kid: "one" }))).toBe("ann is in");
  });

  test("row 6: a key that is not known is looked for once more: keys rotate, and the old one is gone", async () => {
    const { provider, read } = setUp();
    await provider.publish({ one: first.publicKey });
    const old = await sign(first.privateKey);
    expect(await read(old)).toBe("ann is in");
    await provider.publish({ two: second.publicKey });
    expect(await read(await sign(second.privateKey, { alg: "RS256", kid: "two" }))).toBe("ann is in");
    expect(await read(old)).toBe(NOT_KNOWN);
  });

  test("row 13: tokens with keys that nobody has do not make a flood of fetches, and past it are not judged", async () => {
    const { provider, read, pass } = setUp();
    await provider.publish({ one: first.publicKey });
    const answers: string[] = [];
    for (let count = 0; count < 50; count++)
      answers.push(await read(await sign(second.privateKey, { alg: "RS256", kid: `stranger ${count}` })));
    expect(answers).toEqual([...Array<string>(4).fill(NOT_KNOWN), ...Array<string>(46).fill(COME_BACK)]);
    expect(provider.fetches).toBe(5);
    pass(MINUTE_MS);
    await read(await sign(second.privateKey, { alg: "RS256", kid: "another" }));
    expect(provider.fetches).toBe(6);
  });

  test("row 6: a new key that cannot be fetched now is no wrong one: its bearer is to come back, and then counts", async () => {
    const { provider, tokens, read } = setUp();
    await provider.publish({ one: first.publicKey });
    await read(await sign(first.privateKey));
    provider.answer = new Error("no route");
    const rotated = await sign(second.privateKey, { alg: "RS256", kid: "two" });
    expect(await tokens.verify(rotated)).toEqual({
      ok: false,
      failure: { reason: COME_BACK, isForged: false, isTemporary: true },
    });
    await provider.publish({ two: second.publicKey });
    expect(await read(rotated)).toBe("ann is in");
  });

  test("P6.1 a clock that is set back does not make the keys young again", async () => {
    const provider = new Provider();
    await provider.publish({ one: first.publicKey });
    let [now, monotonicNow] = [NOON_S * 1_000, 0];
    const tokens = createTokens({
      jwksUrl: "https://id.example/keys",
      fetch: provider.fetch,
      now: () => now,
      monotonicNow: () => monotonicNow,
    });
    const token = await sign(first.privateKey);
    await tokens.verify(token);
    now -= 24 * 60 * MINUTE_MS;
    monotonicNow += 11 * MINUTE_MS;
    await tokens.verify(token);
    expect(provider.fetches).toBe(2);
  });

  test.each([
    ["is away", new Error("no route")],
    ["answers 500", { status: 500 }],
    ["says no JSON", { body: "<html>" }],
    ["says something else", { body: '{"keys":7}' }],
    ["has no keys", { body: '{"keys":[]}' }],
    ["says too much", { body: `{"keys":[],"x":"${"x".repeat(300_000)}"}` }],
  ])("P6.1 while the provider %s the last keys stay", async (_, answer) => {
    const { provider, read, pass, failures } = setUp();
    await provider.publish({ one: first.publicKey });
    const token = await sign(first.privateKey);
    expect(await read(token)).toBe("ann is in");
    provider.answer = answer;
    for (let count = 0; count < 3; count++) {
      pass(11 * MINUTE_MS);
      expect(
        await read(
          await new SignJWT({ sub: "ann", exp: NOON_S + 9_999 })
            .setProtectedHeader({ alg: "RS256", kid: "one" })
            .sign(first.privateKey),
        ),
      ).toBe("ann is in");
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(failures.length).toBeGreaterThan(0);
  });

  test("P6.1 without keys a token is not judged: its bearer is to come back", async () => {
    const { provider, tokens } = setUp();
    provider.answer = new Error("no route");
    expect(await tokens.verify(await sign(first.privateKey))).toEqual({
      ok: false,
      failure: {
        reason: COME_BACK,
        isForged: false,
        isTemporary: true,
      },
    });
  });

  test("P6.1 its public key is no secret: HS256 with it does not count, and is not fetched for", async () => {
    const { provider, read } = setUp();
    await provider.publish({ one: first.publicKey });
    const pem = first.publicKey.export({ type: "spki", format: "pem" }).toString();
    const der = first.publicKey.export({ type: "spki", format: "der" });
    for (const secret of [pem, pem.trim(), der.toString("latin1")]) {
      const token = handmadeToken(CLAIMS, { header: { alg: "HS256", kid: "one" }, secret });
      expect(await read(token)).toBe("Your token has to be signed with RS256, PS256, ES256 or EdDSA.");
    }
    expect(provider.fetches).toBe(0);
  });

  test.each([
    [{ alg: "RS256", kid: "../../etc/passwd" }],
    [{ alg: "RS256", kid: "https://elsewhere.example/keys" }],
    [{ alg: "RS256", kid: "x", jku: "https://elsewhere.example/keys", x5u: "https://elsewhere.example/c" }],
    [{ alg: "RS256", jwk: second.publicKey.export({ format: "jwk" }) }],
  ])("P6.1 %j leads nowhere: only the operator's address is asked", async (header) => {
    const { provider, read } = setUp();
    await provider.publish({ one: first.publicKey });
    expect(await read(await sign(second.privateKey, header))).toMatch(/not known here|not signed by this server/);
    expect(new Set(provider.urls)).toEqual(new Set(["https://id.example/keys"]));
  });

  test("P6.1 keys that are too short, or secrets in the document, verify nothing", async () => {
    const { provider, read } = setUp();
    const short = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    await provider.publish({ one: short.publicKey });
    const signed = handmadeToken(CLAIMS, { header: { alg: "RS256", kid: "one" } });
    expect(await read(signed)).toBe(NOT_KNOWN);
    provider.answer = { body: JSON.stringify({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "two", alg: "HS256" }] }) };
    expect(await read(handmadeToken(CLAIMS, { header: { alg: "HS256", kid: "two" } }))).toMatch(/has to be signed/);
  });

  test("P6.1 beside a secret: the tokens of either count, each by its own algorithm", async () => {
    const { provider, read, tokens } = setUp({ secret: JWT_SECRET });
    await provider.publish({ one: first.publicKey });
    expect(await read(await tokens.sign({ sub: "ben" }))).toBe("ben is in");
    expect(await read(await sign(first.privateKey))).toBe("ann is in");
    expect(await read(handmadeToken(CLAIMS, { header: { alg: "none" } }))).toBe(
      "Your token has to be signed with HS256, RS256, PS256, ES256 or EdDSA.",
    );
  });

  test("P6.1 of several keys without names the one that fits counts", async () => {
    const { provider, read } = setUp();
    const keys = await Promise.all([second, first].map(({ publicKey }) => exportJWK(publicKey)));
    provider.answer = { body: JSON.stringify({ keys }) };
    expect(await read(await sign(first.privateKey, { alg: "RS256" }))).toBe("ann is in");
  });
});
