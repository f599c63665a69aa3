/** `createRoom` and `joinRoom` with tokens, on a server that asks for them. */
import { describe, expect, test } from "@jest/globals";
import type { ConnectFailure } from "../../src/sdk/connect-failure.ts";
import { createRoom, joinRoom } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { createNetwork } from "../../src/chaos/network.ts";
import { Inbox } from "../support/inbox.ts";
import { handmadeToken, JWT_SECRET } from "../support/member-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startServer } from "../support/server.ts";

const tokenOf = (room: string | undefined, role?: string): string =>
  handmadeToken({ sub: "ann", room, role, session_id: "s1", exp: 4_000_000_000 });
const silent = { warn: () => undefined };

test("P5.9.9 a TV and a phone show their tokens; a function is asked before each attempt, and may take its time", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET, requireToken: "hosts,players" });
  const refused = createRoom({ server: server.url, game: "sketch", ...silent });
  await expect(refused).rejects.toMatchObject({ closeName: "unauthorized" });
  const room = await createRoom({ server: server.url, game: "sketch", token: tokenOf(undefined, "host") });
  onTestEnd(() => room.close());
  const network = await createNetwork(new URL(server.url), 1);
  onTestEnd(() => network.close());
  let asked = 0;
  const me = joinRoom({
    server: server.url,
    code: room.code,
    WebSocket: network.WebSocket,
    ...silent,
    token: async () => {
      asked++;
      await Promise.resolve();
      return tokenOf(room.code);
    },
  });
  onTestEnd(() => me.close());
  await new Promise((resolve) => void me.once("open", resolve));
  expect(asked).toBe(1);
  const back = new Promise((resolve) => void me.once("back", () => resolve(true)));
  network.proxy.cutNow();
  await back;
  expect(asked).toBeGreaterThanOrEqual(2);
});

test.each([["x"], [""], [7], [{}]])("a token that is none is refused at once: %p", async (token) => {
  const options = { server: "http://tv", code: "BCDF", ...silent };
  // @ts-expect-error TypeScript would have said so.
  expect(() => joinRoom({ ...options, token })).toThrow("`token` has to be");
  // @ts-expect-error TypeScript would have said so.
  await expect(createRoom({ server: "http://tv", game: "sketch", token })).rejects.toThrow("`token` has to be");
});

describe("createRoom with timeoutMs and a function that gives no token", () => {
  test.each<[string, () => Promise<string>, string]>([
    ["throws", () => Promise.reject(new Error("the login is down")), "gave no token: the login is down"],
    ["never answers", () => new Promise(() => undefined), "has given no token yet."],
    ["gives what is none", () => Promise.resolve("x"), "gave no token: `token` has to be a JWT"],
  ])("row 19.1 rejects with no_token where it %s, and says why", async (_how, token, why) => {
    const server = await startServer({ jwtSecret: JWT_SECRET, requireToken: "hosts" });
    const options = { server: server.url, game: "sketch", timeoutMs: 300, token, ...silent };
    await expect(createRoom(options)).rejects.toMatchObject({
      code: "no_token",
      message: expect.stringMatching(new RegExp(`^There is no room after 300 ms\\. The function .token. ${why}`)),
    });
  });

  test("row 19.1 a phone is told the cause with each attempt", async () => {
    const failures = new Inbox<ConnectFailure>("the phone");
    const me = joinRoom({
      server: "http://127.0.0.1:1",
      code: "BCDF",
      token: () => Promise.reject(new Error("the login is down")),
      onConnecting: (failure) => failures.push(failure),
      ...silent,
    });
    onTestEnd(() => me.close());
    expect(await failures.next()).toMatchObject({
      attempt: 1,
      cause: "no_token",
      reason: "The function `token` gave no token: the login is down",
    });
  });
});

/** The tokens that a program gives one after another, each with how many seconds it counts. */
function tokensOf(sub: string, role: string | undefined, ...seconds: readonly number[]) {
  const given = { count: 0 };
  const next = (): string => {
    const counts = seconds[Math.min(given.count, seconds.length - 1)] ?? 600;
    given.count += 1;
    return handmadeToken({ sub, role, session_id: "s1", exp: Date.now() / 1_000 + counts });
  };
  return { given, next };
}

test("P5.9.15 row 4: the tokens of a TV and a phone are renewed in time, and their lines stay", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET, requireToken: "both" });
  const [tv, phone] = [tokensOf("tv", "host", 2, 600), tokensOf("ann", undefined, 2, 600)];
  const room = await createRoom({ server: server.url, game: "sketch", token: tv.next, ...silent });
  onTestEnd(() => room.close());
  const me = joinRoom({ server: server.url, code: room.code, token: phone.next, ...silent });
  onTestEnd(() => me.close());
  let cuts = 0;
  for (const it of [room, me]) it.on("reconnecting", () => (cuts += 1));
  const player = await new Promise((resolve) => void room.once("join", resolve));
  expect(player).toMatchObject({ user: "ann" });
  // Both were here before this one, with tokens that counted as long.
  const { next } = tokensOf("eve", undefined, 2);
  const late = await PlayerClient.connect(server, `${room.code}?token=${next()}`);
  expect(await late.closed).toMatchObject({ code: 4401 });
  expect([tv.given.count, phone.given.count, cuts]).toEqual([2, 2, 0]);
  const heard = new Promise((resolve) => void room.once("text", (_player, text) => resolve(text)));
  me.send("still here");
  expect(await heard).toBe("still here");
});

test("P5.9.15 4401 leads to a reconnect with a new token, where none came in time", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET });
  const room = await createRoom({ server: server.url, game: "sketch", ...silent });
  onTestEnd(() => room.close());
  let isLost = false;
  const { next } = tokensOf("ann", undefined, 1, 600);
  const token = (): string => {
    if (!isLost && room.players.length > 0) throw new Error("The shop is closed.");
    return next();
  };
  const me = joinRoom({ server: server.url, code: room.code, token, ...silent });
  onTestEnd(() => me.close());
  const lost = new Promise((resolve) => {
    me.once("reconnecting", (retry) => {
      isLost = true;
      resolve(retry);
    });
  });
  await new Promise((resolve) => void room.once("join", resolve));
  expect(await lost).toMatchObject({ code: 4401 });
  await new Promise((resolve) => void me.once("open", resolve));
  expect(room.players).toHaveLength(1);
});
