/** Which peers a ban is of, how long it lasts, how many there may be, and what is said of bad input. */
import { describe, expect, test } from "@jest/globals";
import { Bans, type BanKeys } from "../../../src/hub/bans.ts";
import { hashSecret } from "../../../src/hub/hash-secret.ts";

const DEFAULT_REASON = "You are banned from this server.";

function setUp() {
  const time = { now: 1_000_000 };
  const told: { readonly isBanned: (keys: BanKeys) => boolean; readonly reason: string }[] = [];
  const bans = new Bans({
    wallClock: () => time.now,
    onBan: (isBanned, reason) => void told.push({ isBanned, reason }),
  });
  return { bans, time, told };
}

describe("bans", () => {
  test("are of a user, of a session and of an address, and say why", () => {
    const { bans, told } = setUp();
    bans.add({ sub: "eve" }, { reason: "Cheating." });
    bans.add({ session: "a-session-of-eve" });
    bans.add({ address: "203.0.113.7" });
    const sessionHash = hashSecret("a-session-of-eve");
    expect(bans.reasonFor({ user: "eve", address: "10.0.0.1" })).toBe("Cheating.");
    expect(bans.reasonFor({ sessionHash })).toBe(DEFAULT_REASON);
    expect(bans.reasonFor({ tokenSessionHash: sessionHash })).toBe(DEFAULT_REASON);
    expect(bans.reasonFor({ address: "203.0.113.7" })).toBe(DEFAULT_REASON);
    expect(bans.reasonFor({ address: "203.0.113.8", user: "ada", sessionHash: "another" })).toBeUndefined();
    expect(told.map(({ isBanned, reason }) => [isBanned({ user: "eve" }), reason])).toEqual([
      [true, "Cheating."],
      [false, DEFAULT_REASON],
      [false, DEFAULT_REASON],
    ]);
    expect(bans.list()).toEqual([
      { sub: "eve", reason: "Cheating.", until: undefined },
      { sessionHash, reason: DEFAULT_REASON, until: undefined },
      { address: "203.0.113.7", reason: DEFAULT_REASON, until: undefined },
    ]);
  });

  test.each([
    ["203.0.113.0/24", "203.0.113.200", "203.0.114.1"],
    ["::ffff:203.0.113.7", "203.0.113.7", "203.0.113.8"],
    ["2001:db8:1:2::5", "2001:db8:1:2:ffff::1", "2001:db8:1:3::5"],
    ["2001:db8:1::/48", "2001:DB8:1:ffff::1", "2001:db8:2::1"],
    ["2001:db8:1:200::/56", "2001:db8:1:2ff::1", "2001:db8:1:300::1"],
    ["2001:db8::1/128", "2001:db8:0:0::1", "2001:db8::2"],
    ["fe80::1%eth0", "fe80::2", "fe80:0:0:1::1"],
  ])("of %s are of %s, and not of %s", (banned, inside, outside) => {
    const { bans } = setUp();
    bans.add({ address: banned });
    expect(bans.reasonFor({ address: inside })).toBe(DEFAULT_REASON);
    expect(bans.reasonFor({ address: outside })).toBeUndefined();
    expect(bans.remove({ address: banned })).toBe(true);
    expect(bans.reasonFor({ address: inside })).toBeUndefined();
  });

  test("end after their time, and are replaced and lifted", () => {
    const { bans, time } = setUp();
    bans.add({ sub: "eve" }, { ms: 500 });
    bans.add({ sub: "eve" }, { ms: 1_000, reason: "Longer." });
    expect(bans.list()).toEqual([{ sub: "eve", reason: "Longer.", until: 1_001_000 }]);
    time.now += 999;
    expect(bans.reasonFor({ user: "eve" })).toBe("Longer.");
    time.now += 1;
    expect([bans.reasonFor({ user: "eve" }), bans.list(), bans.remove({ sub: "eve" })]).toEqual([undefined, [], false]);
    bans.add({ session: "a-session-of-eve" });
    const [{ sessionHash = "" } = {}] = bans.list();
    expect(bans.remove({ sessionHash })).toBe(true);
    expect(bans.list()).toEqual([]);
  });

  test("row 48 are lifted as they are listed", () => {
    const { bans } = setUp();
    bans.add({ sub: "eve" });
    bans.add({ session: "a-session-of-eve" }, { ms: 1_000 });
    bans.add({ address: "203.0.113.0/24" }, { reason: "Enough." });
    expect(bans.list().map((ban) => bans.remove(ban))).toEqual([true, true, true]);
    expect(bans.list()).toEqual([]);
  });

  test("are 10000 at most: one more is an error, and those that are over make place", () => {
    const { bans, time } = setUp();
    for (let count = 0; count < 10_000; count++) bans.add({ sub: `user ${count}` }, { ms: 1_000 });
    expect(() => bans.add({ sub: "eve" })).toThrow("There are 10000 bans, which is the most.");
    bans.add({ sub: "user 7" }, { ms: 2_000 });
    time.now += 1_000;
    bans.add({ sub: "eve" });
    expect(bans.list()).toHaveLength(2);
  });

  test.each([
    [{}, undefined, "A ban is of exactly one of sub, session and address; this has none."],
    [{ sub: "a", address: "10.0.0.1" }, undefined, "this has sub, address."],
    [{ user: "eve" }, undefined, "this has user."],
    [null, undefined, "this has none."],
    [{ sub: 7 }, undefined, '"sub" of a ban has to be text of 1 to 1024 characters.'],
    [{ session: "" }, undefined, '"session" of a ban has to be text'],
    [
      { address: "the living room" },
      undefined,
      '"address" of a ban is "the living room", but has to be an IPv4 or IPv6 address',
    ],
    [{ address: "10.0.0.0/33" }, undefined, '"address" of a ban is "10.0.0.0/33"'],
    [{ address: "10.0.0.0/" }, undefined, '"address" of a ban is "10.0.0.0/"'],
    [{ sub: "eve" }, { ms: 0 }, '"ms" of a ban has to be a number of milliseconds above 0, not 0.'],
    [{ sub: "eve" }, { ms: "60" }, '"ms" of a ban has to be a number'],
    [{ sub: "eve" }, { ms: Number.NaN }, "not NaN"],
    [{ sub: "eve" }, { reason: 7 }, '"reason" of a ban has to be text, not number.'],
  ])("of %j with %j are an error, and nothing is banned", (target, options, sentence) => {
    const { bans, told } = setUp();
    const untyped: { add(...words: readonly unknown[]): void } = bans;
    expect(() => untyped.add(target, options)).toThrow(sentence);
    expect([bans.list(), told]).toEqual([[], []]);
  });
});
