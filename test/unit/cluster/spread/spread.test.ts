import { expect, test } from "@jest/globals";
import { ApiKeys } from "../../../../src/auth/api-keys.ts";
import { Revocations } from "../../../../src/auth/revocations.ts";
import { TokenIssuer } from "../../../../src/auth/token-issuer.ts";
import { TokenSignatures } from "../../../../src/auth/token-signatures.ts";
import { createSpread } from "../../../../src/cluster/spread/create-spread.ts";
import { Bans, type BanKeys } from "../../../../src/hub/bans.ts";
import { NetworkRateLimiter } from "../../../../src/hub/network-rate-limiter.ts";
import { TemporaryBans } from "../../../../src/hub/temporary-bans.ts";
import { JWT_SECRET } from "../../../support/member-client.ts";
import { CallingNodes } from "../../../support/node-calls.ts";
import { FakeClock } from "../../../support/room/fake-clock.ts";

const GUESSER = "203.0.113.7";
const START = 1_800_000_000_000;

/** Lets everything happen that is under way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

function setUp() {
  const clock = new FakeClock();
  const wallClock = (): number => START + clock.now() - 1_000;
  const nodes = new CallingNodes();
  const { directory } = nodes;
  const signatures = new TokenSignatures({ secret: JWT_SECRET, now: wallClock });
  const wrong: string[] = [];
  const addNode = (isStarted = true) => {
    const calls = nodes.add();
    const now = (): number => clock.now();
    const expelled: string[] = [];
    const phones: readonly BanKeys[] = [{ user: "mallory" }, { address: GUESSER }];
    const bans = new Bans({
      wallClock,
      onBan: (isBanned, reason) => void (phones.some(isBanned) && expelled.push(reason)),
    });
    const temporaryBans = new TemporaryBans({ banMs: 60_000, now });
    const revocations = new Revocations({ now: wallClock });
    const issuer = new TokenIssuer({ signatures, revocations, now: wallClock });
    let ended = 0;
    revocations.onRevoke(() => (ended += 1));
    const codes = new NetworkRateLimiter({ size: 10, perSecond: 1 / 6, maxDebt: 10, now });
    const keys = new ApiKeys({ keys: ["right"], now });
    const spread = createSpread({
      calls,
      directory,
      self: () => calls.id,
      bans,
      temporaryBans,
      tokens: { revocations, issuer },
      clock,
      wallClock,
      onWrong: (problem) => wrong.push(problem),
    });
    spread.addTries("codes", codes);
    spread.addTries("keys", keys.wrongTries);
    if (isStarted) void spread.start();
    return { issuer, calls, bans, temporaryBans, revocations, codes, keys, expelled, spread, ended: () => ended };
  };
  return { clock, nodes, directory, addNode, wrong };
}

const tokenOf = (sub: string) => ({ sub, session_id: undefined, iat: START / 1_000 - 60 });

test("a ban holds at every node, and expels there", async () => {
  const { addNode } = setUp();
  const [one, two, three] = [addNode(), addNode(), addNode()];
  one.bans.add({ sub: "mallory" }, { reason: "Not here.", ms: 60_000 });
  await settle();
  for (const { bans, expelled } of [one, two, three]) {
    expect(bans.list()).toEqual([{ sub: "mallory", reason: "Not here.", until: START + 60_000 }]);
    expect(bans.reasonFor({ user: "mallory" })).toBe("Not here.");
    expect(expelled).toEqual(["Not here."]);
  }
});

test("a ban ends at every node at the same time", async () => {
  const { addNode, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  one.bans.add({ address: "203.0.113.0/24" }, { ms: 60_000 });
  await settle();
  clock.pass(59_999);
  expect([one, two].map(({ bans }) => bans.list().length)).toEqual([1, 1]);
  clock.pass(1);
  expect([one, two].map(({ bans }) => bans.reasonFor({ address: GUESSER }))).toEqual([undefined, undefined]);
});

test("a ban is lifted at every node, whichever node lifts it and however it is written", async () => {
  const { addNode } = setUp();
  const [one, two, three] = [addNode(), addNode(), addNode()];
  one.bans.add({ address: "2001:db8:0:7::1" });
  await settle();
  expect(two.bans.remove({ address: "2001:db8:0:7::2" })).toBe(true);
  await settle();
  expect([one, two, three].map(({ bans }) => bans.list())).toEqual([[], [], []]);
  expect(three.bans.remove({ address: "2001:db8:0:7::1" })).toBe(false);
});

test("a node that starts later gets bans, revocations and flooders from any that lives", async () => {
  const { addNode, nodes } = setUp();
  const [one, two] = [addNode(), addNode()];
  one.bans.add({ sub: "mallory" }, { reason: "Not here." });
  one.revocations.revoke({ sub: "eve" });
  one.temporaryBans.add("flooder");
  await settle();
  nodes.remove(one.calls); // it has died
  const three = addNode();
  await three.spread.start();
  expect(three.bans.reasonFor({ user: "mallory" })).toBe("Not here.");
  expect(three.expelled).toEqual(["Not here."]);
  expect(three.revocations.isRevoked(tokenOf("eve"))).toBe(true);
  expect(three.temporaryBans.reasonFor("flooder")).toBe("Too much at once. Come back in 60 seconds.");
  expect(two.bans.list()).toEqual(three.bans.list());
});

test("ten thousand bans and as many revocations come to a node that starts later", async () => {
  const { addNode } = setUp();
  const one = addNode();
  for (let count = 0; count < 10_000; count++) {
    one.bans.add({ sub: `user ${count}` });
    one.revocations.revoke({ sub: `user ${count}` });
  }
  await settle();
  const two = addNode();
  await two.spread.start();
  expect(two.bans.list()).toHaveLength(10_000);
  expect(two.revocations.isRevoked(tokenOf("user 9999"))).toBe(true);
});

test("what was said while a node was out of reach is there at both sides once it is back", async () => {
  const { addNode } = setUp();
  const [one, two] = [addNode(), addNode()];
  one.bans.add({ sub: "eve" });
  one.bans.add({ sub: "bob" });
  await settle();
  two.calls.isReached = false;
  one.bans.add({ sub: "mallory" });
  one.bans.remove({ sub: "eve" });
  two.bans.add({ sub: "trudy" });
  two.revocations.revoke({ sub: "carol" });
  await settle();
  expect(one.bans.reasonFor({ user: "trudy" })).toBeUndefined();
  two.calls.isReached = true;
  await two.spread.busIsBack();
  await settle();
  for (const { bans, revocations } of [one, two]) {
    expect(new Set(bans.list().map(({ sub }) => sub))).toEqual(new Set(["bob", "mallory", "trudy"]));
    expect(revocations.isRevoked(tokenOf("carol"))).toBe(true);
  }
});

test("what nodes do not compare is told again once the bus is back", async () => {
  const { addNode, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  await settle();
  clock.pass(15_000);
  await settle();
  one.calls.isReached = false;
  one.temporaryBans.add("flooder");
  await settle();
  clock.pass(30_000);
  one.calls.isReached = true;
  await one.spread.busIsBack();
  await settle();
  expect(two.temporaryBans.reasonFor("flooder")).toBeDefined();
});

test("what a program says before its node has a place among the others is told when it has", async () => {
  const { addNode } = setUp();
  const two = addNode();
  const one = addNode(false);
  one.bans.add({ sub: "mallory" });
  one.codes.count(GUESSER);
  await settle();
  expect(one.calls.told).toEqual([]);
  await one.spread.busIsBack();
  await settle();
  expect(two.bans.reasonFor({ user: "mallory" })).toBeDefined();
});

test("nodes that compare find what was lost on the way, and both have it then", async () => {
  const { addNode, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  await Promise.all([one.spread.start(), two.spread.start()]);
  two.calls.isReached = false;
  one.bans.add({ sub: "mallory" });
  two.revocations.revoke({ sub: "eve" });
  await settle();
  two.calls.isReached = true;
  clock.pass(15_000);
  await settle();
  expect(two.bans.reasonFor({ user: "mallory" })).toBeDefined();
  expect(one.revocations.isRevoked(tokenOf("eve"))).toBe(true);
});

test("of two nodes that ban the same at the same moment all agree on one", async () => {
  const { addNode } = setUp();
  const [one, two, three] = [addNode(), addNode(), addNode()];
  one.bans.add({ sub: "mallory" }, { reason: "One." });
  two.bans.add({ sub: "mallory" }, { reason: "Two." });
  await settle();
  const reasons = new Set([one, two, three].map(({ bans }) => bans.reasonFor({ user: "mallory" })));
  expect(reasons.size).toBe(1);
});

test("a revocation closes what is open at every node", async () => {
  const { addNode } = setUp();
  const [one, two, three] = [addNode(), addNode(), addNode()];
  two.revocations.revoke({ session_id: "s1" });
  await settle();
  expect([one, two, three].map(({ ended }) => ended())).toEqual([1, 1, 1]);
  for (const { revocations } of [one, two, three]) {
    expect(revocations.isRevoked({ sub: "ann", session_id: "s1", iat: START / 1_000 })).toBe(true);
    expect(revocations.isRevoked({ sub: "ann", session_id: "s1", iat: START / 1_000 + 1 })).toBe(false);
  }
});

test("a visitor that sent too much is out at every node", async () => {
  const { addNode, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  one.temporaryBans.add("flooder");
  await settle();
  clock.pass(10_000);
  expect(two.temporaryBans.reasonFor("flooder")).toBe("Too much at once. Come back in 50 seconds.");
  clock.pass(50_000);
  expect([one, two].map(({ temporaryBans }) => temporaryBans.reasonFor("flooder"))).toEqual([undefined, undefined]);
});

test("a guesser that spreads over nodes has one limit", async () => {
  const { addNode, clock } = setUp();
  const nodes = [addNode(), addNode(), addNode()];
  let guesses = 0;
  for (let turn = 0; turn < 100; turn++) {
    const { codes } = nodes[turn % 3] ?? addNode();
    if (!codes.isOver(GUESSER)) guesses += 1;
    codes.count(GUESSER);
    clock.pass(10);
    await settle();
  }
  expect(guesses).toBe(10);
  expect(nodes.map(({ codes }) => codes.isOver("198.51.100.1"))).toEqual([false, false, false]);
});

test("wrong API keys are counted over nodes, and the right one is refused past the limit", async () => {
  const { addNode, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  for (let count = 0; count < 60; count++) (count % 2 === 0 ? one : two).keys.judge("wrong", GUESSER);
  clock.pass(10);
  await settle();
  expect([one, two].map(({ keys }) => keys.judge("right", GUESSER).is)).toEqual(["too_many", "too_many"]);
  clock.pass(60_000);
  expect(two.keys.judge("right", GUESSER).is).toBe("right");
});

test("a guesser that goes on past the limit makes the nodes say nothing", async () => {
  const { addNode, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  for (let count = 0; count < 10; count++) one.codes.count(GUESSER);
  clock.pass(10);
  await settle();
  expect(one.calls.told).toEqual([{ name: "tries", body: { name: "codes", tries: [[GUESSER, 10]] } }]);
  for (let count = 0; count < 1_000; count++) one.codes.count(GUESSER);
  for (let count = 0; count < 1_000; count++) two.codes.count(GUESSER);
  clock.pass(10);
  expect([one.calls.told.length, two.calls.told.length]).toEqual([1, 0]);
});

const USED_AGAIN = { ok: false, failure: { reason: expect.stringContaining("was used before") } };

test("a refresh token counts once, whichever nodes are asked", async () => {
  const { addNode } = setUp();
  const [one, two, three] = [addNode(), addNode(), addNode()];
  const first = await one.issuer.issue({ sub: "ann" });
  const second = await two.issuer.refresh(first.refresh_token);
  const third = second.ok ? await one.issuer.refresh(second.value.refresh_token) : second;
  expect([second.ok, third.ok]).toEqual([true, true]);
  await settle();
  expect(await three.issuer.refresh(first.refresh_token)).toMatchObject(USED_AGAIN);
  await settle();
  expect([one, two, three].map(({ ended }) => ended())).toEqual([1, 1, 1]);
  expect(third.ok && (await two.issuer.refresh(third.value.refresh_token))).toMatchObject({
    failure: { reason: "This refresh token has been revoked." },
  });
});

test("of two nodes that are asked at the same moment one refreshes, and the other finds the token used", async () => {
  const { addNode } = setUp();
  const [one, two] = [addNode(), addNode()];
  const first = await one.issuer.issue({ sub: "ann" });
  one.calls.isReached = false; // neither hears of the other in time
  const both = await Promise.all([one, two].map(({ issuer }) => issuer.refresh(first.refresh_token)));
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
});

test("a token that was refreshed goes on at a node that has not heard of it yet", async () => {
  const { addNode } = setUp();
  const [one, two] = [addNode(), addNode()];
  const first = await one.issuer.issue({ sub: "ann" });
  const second = await two.issuer.refresh(first.refresh_token);
  await settle();
  one.calls.isReached = false;
  const third = second.ok ? await two.issuer.refresh(second.value.refresh_token) : second;
  await settle();
  expect(third.ok && (await one.issuer.refresh(third.value.refresh_token)).ok).toBe(true);
});

test("nothing is refreshed while the directory is away, and nothing is revoked for that", async () => {
  const { addNode, directory } = setUp();
  const one = addNode();
  const first = await one.issuer.issue({ sub: "ann" });
  for (const isThere of [false, "half"] as const) {
    directory.isThere = isThere;
    expect(await one.issuer.refresh(first.refresh_token)).toMatchObject({ ok: false, failure: { isTemporary: true } });
  }
  directory.isThere = true;
  expect((await one.issuer.refresh(first.refresh_token)).ok).toBe(true);
  expect(await one.issuer.refresh(first.refresh_token)).toMatchObject(USED_AGAIN);
});

test("a refresh whose claim was not answered ends no session: another node refreshes as soon as it is let go", async () => {
  const { addNode, directory, clock } = setUp();
  const [one, two] = [addNode(), addNode()];
  const first = await one.issuer.issue({ sub: "ann" });
  directory.isThere = "once"; // so it cannot be let go
  expect(await one.issuer.refresh(first.refresh_token)).toMatchObject({ ok: false, failure: { isTemporary: true } });
  await settle();
  directory.isThere = true;
  expect(await two.issuer.refresh(first.refresh_token)).toMatchObject({ ok: false, failure: { isTemporary: true } });
  clock.pass(5_000);
  await settle();
  expect((await two.issuer.refresh(first.refresh_token)).ok).toBe(true);
  await settle();
  expect([one, two].map(({ ended }) => ended())).toEqual([0, 0]);
});

test("a refresh token that a node has refreshed without telling is found used at another one, which asks", async () => {
  const { addNode } = setUp();
  const [one, two] = [addNode(), addNode()];
  const first = await one.issuer.issue({ sub: "ann" });
  one.calls.isReached = false;
  expect((await one.issuer.refresh(first.refresh_token)).ok).toBe(true);
  await settle();
  expect(await two.issuer.refresh(first.refresh_token)).toMatchObject({ ok: false, failure: { isTemporary: true } });
  one.calls.isReached = true;
  expect(await two.issuer.refresh(first.refresh_token)).toMatchObject(USED_AGAIN);
});

test("a directory that has forgotten everything makes no used refresh token count again", async () => {
  const { addNode, directory, nodes } = setUp();
  const [one, two] = [addNode(), addNode()];
  const first = await one.issuer.issue({ sub: "ann" });
  expect((await one.issuer.refresh(first.refresh_token)).ok).toBe(true);
  await settle();
  nodes.remove(one.calls);
  directory.clear();
  const three = addNode();
  await three.spread.start();
  expect(await three.issuer.refresh(first.refresh_token)).toMatchObject(USED_AGAIN);
  expect(await two.issuer.refresh(first.refresh_token)).toMatchObject({ ok: false });
});

test.each([
  ["facts", { name: "families", facts: [["family", "turn", 0, 1]] }],
  ["facts", { name: "bans", facts: [[START, "sub eve", { sub: "bob", reason: "", until: null }]] }],
  ["facts", { name: "bans", facts: [[START, "sub eve", { sub: "eve", reason: 7, until: null }]] }],
  ["facts", { name: "bans", facts: [[START + 2 * 86_400_000, "sub eve", null]] }],
  ["facts", { name: "bans", facts: [7] }],
  ["facts", { name: "revocations", facts: [["sub eve", "now"]] }],
  ["facts", { name: "visitors", facts: [["", 1_000]] }],
  ["facts", { name: "toString", facts: [] }],
  ["facts", null],
  ["tries", { name: "toString", tries: [] }],
  ["tries", { name: "codes", tries: [[GUESSER, -1]] }],
  ["tries", { name: "codes", tries: 7 }],
])("what is wrong is taken by no node: %s %j", async (name, body) => {
  const { addNode, wrong } = setUp();
  const [one, two] = [addNode(), addNode()];
  one.calls.tellAll(name, body);
  await settle();
  expect(wrong).toHaveLength(1);
  expect(two.bans.list()).toEqual([]);
  expect([...two.revocations.list()]).toEqual([]);
  expect(two.codes.isOver(GUESSER)).toBe(false);
});

test("many tries of many addresses are counted in one step for each address, up to what any limit allows", async () => {
  const { addNode } = setUp();
  const [one, two] = [addNode(), addNode()];
  const counted: unknown[] = [];
  two.spread.addTries("own", { onCounted() {}, countFromElsewhere: (...said) => void counted.push(said) });
  const tries = Array.from({ length: 2_000 }, (_, index) => [`2001:db8:${index.toString(16)}::1`, 1_000_000]);
  one.calls.tellAll("tries", { name: "own", tries });
  one.calls.tellAll("tries", { name: "codes", tries: [[GUESSER, 9]] });
  one.calls.tellAll("tries", { name: "keys", tries: [[GUESSER, 1_000_000]] });
  await settle();
  expect(counted).toEqual(tries.map(([address]) => [address, 10_000]));
  expect(two.codes.isOver(GUESSER)).toBe(false);
  one.calls.tellAll("tries", { name: "codes", tries: [[GUESSER, 1]] });
  await settle();
  expect(two.codes.isOver(GUESSER)).toBe(true);
  expect(two.keys.judge("right", GUESSER)).toMatchObject({ is: "too_many" });
});
