import { describe, expect, test } from "@jest/globals";
import { TemporaryBans } from "../../../src/hub/temporary-bans.ts";
import { networkOf, prefixesOf, siteOf } from "../../../src/hub/ip-prefix.ts";
import { NetworkRateLimiter } from "../../../src/hub/network-rate-limiter.ts";
import { parsePlayerQuery } from "../../../src/protocol/peer-query.ts";
import { PlayerRateLimiter } from "../../../src/room/player-rate-limiter.ts";
import { JoinRateLimiter } from "../../../src/room/join-rate-limiter.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { FakeRoom, LIMITS } from "../../support/room/fake-room.ts";

const MINUTE = 60_000;

/** How many frames of that size go through before the first is refused. */
function through(rateLimiter: PlayerRateLimiter, bytes: number, now: number, most = 100_000): number {
  for (let count = 0; count < most; count++) if (!rateLimiter.take(bytes, now)) return count;
  return most;
}

describe("what a player may say", () => {
  test("P5.8.1 a burst at once, then so many frames a second", () => {
    const rateLimiter = new PlayerRateLimiter({ playerRate: 100, playerBurst: 200, playerBytes: 0 }, 0);
    expect(through(rateLimiter, 1, 0)).toBe(200);
    const steady = new PlayerRateLimiter({ playerRate: 100, playerBurst: 200, playerBytes: 0 }, 0);
    for (let time = 0; time < 60_000; time += 10) expect(steady.take(1, time)).toBe(true);
    expect(through(steady, 1, 60_000)).toBe(200);
    expect(through(new PlayerRateLimiter({ playerRate: 100, playerBurst: 200, playerBytes: 0 }, 0), 1, 3_600_000)).toBe(
      200,
    );
  });

  test("P5.8.1 bytes are counted too; a single frame larger than the bucket passes once it is full", () => {
    const rateLimiter = new PlayerRateLimiter({ playerRate: 0, playerBurst: 1, playerBytes: 1_000 }, 0);
    expect(rateLimiter.take(5_000, 0)).toBe(true);
    expect(rateLimiter.take(0, 3_999)).toBe(false);
    expect(rateLimiter.take(1, 5_000)).toBe(true);
    expect(through(new PlayerRateLimiter({ playerRate: 0, playerBurst: 1, playerBytes: 1_000 }, 0), 100, 0)).toBe(10);
  });

  test("P5.8.1 zero means no limit", () => {
    const none = { playerRate: 0, playerBurst: 1, playerBytes: 0 };
    expect(through(new PlayerRateLimiter(none, 0), 1e9, 0, 10_000)).toBe(10_000);
  });

  test("P5.8.3 a counting player that comes back may send at once what it could have sent while it was away, up to a minute of it", () => {
    const limits = { playerRate: 10, playerBurst: 20, playerBytes: 0 };
    const rateLimiter = new PlayerRateLimiter(limits, 0);
    expect(through(rateLimiter, 1, 0)).toBe(20);
    rateLimiter.makeUp(30_000);
    expect(through(rateLimiter, 1, 30_000)).toBe(300);
    const longGone = new PlayerRateLimiter(limits, 0);
    longGone.makeUp(3_600_000);
    expect(through(longGone, 1, 3_600_000)).toBe(620);
    longGone.makeUp(3_600_000);
    expect(longGone.take(1, 3_600_000)).toBe(false);
  });
});

describe("a flood", () => {
  const limits = { playerRate: 10, playerBurst: 5 };

  test("P5.8.1 is cut with 4029 and the time, and the host hears that the player is away", () => {
    const room = FakeRoom.open(limits);
    const anna = room.join({ sessionHash: "anna", visitor: "anna" });
    room.heard();
    for (let count = 0; count < 10; count++) room.say(anna, "x");
    expect(room.heard()).toHaveLength(5);
    expect(anna.port.closing).toEqual({ name: "rate_limited", reason: "Come back in 60 seconds." });
    expect(room.directory.banned).toEqual(["anna"]);
    room.clock.pass(LIMITS.awayMs);
    expect(room.heard()).toEqual([{ cmd: "player_away", player: 1 }]);
    room.clock.pass(MINUTE);
    room.say(room.join({ sessionHash: "anna" }), "sorry");
    expect(room.heard()).toMatchObject([{ cmd: "player_back" }, { data: "sorry" }]);
  });

  test("P5.8.1 of a player without a session ends its stay", () => {
    const room = FakeRoom.open(limits);
    const phone = room.join({ visitor: "somebody" });
    for (let count = 0; count < 6; count++) room.say(phone, "x");
    expect(room.news().at(-1)).toEqual({ cmd: "player_left", player: 1 });
    expect(room.directory.banned).toEqual(["somebody"]);
  });

  test("P5.8.3 it is none to acknowledge what the host sends, however fast; acks that tell nothing new are one", () => {
    const room = FakeRoom.open(limits);
    const anna = room.join({ sessionHash: "anna", isReliable: true, visitor: "anna" });
    for (let count = 1; count <= 500; count++) {
      room.show("frame");
      room.say(anna, `\0ack ${count}`);
    }
    expect(anna.port.closing).toBeUndefined();
    for (let count = 0; count < 6; count++) room.say(anna, "\0ack 500");
    expect(anna.port.closing?.name).toBe("rate_limited");
  });

  test("P5.8.3 it is none to send again what was kept while the line was down", () => {
    const room = FakeRoom.open(limits);
    const epochOf = (phone: ReturnType<typeof room.join>): string => phone.port.read().hello?.epoch ?? "";
    const anna = room.join({ sessionHash: "anna", isReliable: true });
    const epoch = epochOf(anna);
    room.cut(anna);
    room.clock.pass(10_000);
    const back = room.join({ sessionHash: "anna", isReliable: true, received: 0, epoch });
    for (let count = 0; count < 105; count++) room.say(back, "kept");
    expect(back.port.closing).toBeUndefined();
    room.say(back, "one too many");
    expect(back.port.closing?.name).toBe("rate_limited");
  });

  test("P5.8.3 it is none to send what a slow host held back, however many pauses that takes", () => {
    const room = FakeRoom.open(limits);
    const anna = room.join({});
    const stallAfter = (frames: number): void => {
      for (let count = 1; count < frames; count++) room.say(anna, "x");
      room.hostPort.queued = LIMITS.sendQueue + 1;
      room.say(anna, "x");
      expect(anna.port.isPaused).toBe(true);
    };
    const goOn = (): void => {
      room.hostPort.queued = 0;
      room.hostConnection.drained();
      expect(anna.port.isPaused).toBe(false);
    };
    room.clock.pass(MINUTE); // of quiet, which is not made up for
    stallAfter(1);
    room.clock.pass(10_000);
    goOn();
    stallAfter(50);
    goOn();
    for (let count = 0; count < 54; count++) room.say(anna, "x");
    expect(anna.port.closing).toBeUndefined();
    room.say(anna, "one too many");
    expect(anna.port.closing?.name).toBe("rate_limited");
  });

  test("P5.8.3 a player that is away while a slow host holds the others back is credited its own pause and no more", () => {
    const room = FakeRoom.open(limits);
    const anna = room.join({ sessionHash: "anna" });
    const ben = room.join({});
    room.cut(anna);
    room.hostPort.queued = LIMITS.sendQueue + 1;
    room.say(ben, "x");
    room.clock.pass(60_000);
    const back = room.join({ sessionHash: "anna" });
    room.clock.pass(1_000);
    room.hostPort.queued = 0;
    room.hostConnection.drained();
    for (let count = 0; count < 15; count++) room.say(back, "x");
    expect(back.port.closing).toBeUndefined();
    room.say(back, "one too many");
    expect(back.port.closing?.name).toBe("rate_limited");
  });

  test("P5.5.3 a refused frame does not count as got: it comes again when the player may", () => {
    const room = FakeRoom.open(limits);
    const anna = room.join({ sessionHash: "anna", isReliable: true });
    const epoch = anna.port.read().hello?.epoch ?? "";
    for (let count = 1; count <= 6; count++) room.say(anna, String(count));
    room.clock.pass(MINUTE);
    const back = room.join({ sessionHash: "anna", isReliable: true, received: 0, epoch });
    expect(back.port.read().hello?.received).toBe(5);
  });
});

describe("banned visitors", () => {
  test("P5.8.2 stay out for the time, are told how much of it is left, and are forgotten then", () => {
    const clock = new FakeClock();
    const list = new TemporaryBans({ banMs: MINUTE, now: () => clock.now() });
    expect(list.reasonFor("a")).toBeUndefined();
    expect(list.add("a")).toBe("Too much at once. Come back in 60 seconds.");
    clock.pass(58_500);
    list.add("b");
    expect(list.reasonFor("a")).toBe("Too much at once. Come back in 2 seconds.");
    clock.pass(1_000);
    expect(list.reasonFor("a")).toBe("Too much at once. Come back in 1 second.");
    clock.pass(500);
    expect([list.reasonFor("a"), list.reasonFor("b")]).toEqual([
      undefined,
      "Too much at once. Come back in 59 seconds.",
    ]);
    list.add("b");
    clock.pass(MINUTE - 1);
    expect(list.reasonFor("b")).toBe("Too much at once. Come back in 1 second.");
  });

  test("P5.8.2 a visitor that is banned again does not prolong the bans that came after its first", () => {
    const clock = new FakeClock();
    const list = new TemporaryBans({ banMs: MINUTE, now: () => clock.now() });
    list.add("a");
    list.add("b");
    clock.pass(50_000);
    list.add("a");
    clock.pass(11_000);
    expect([list.reasonFor("a"), list.reasonFor("b")]).toEqual([
      "Too much at once. Come back in 49 seconds.",
      undefined,
    ]);
  });

  test("P5.8.2 so many are banned at one time, those that came last", () => {
    const list = new TemporaryBans({ banMs: MINUTE, now: () => 0 });
    for (let number = 0; number < 50_010; number++) list.add(String(number));
    expect([list.reasonFor("9"), list.reasonFor("10")]).toEqual([undefined, expect.any(String)]);
  });

  test("P5.8.2 a time of zero bans no phone", () => {
    const list = new TemporaryBans({ banMs: 0, now: () => 5 });
    list.add("a");
    expect(list.reasonFor("a")).toBeUndefined();
  });
});

function address(number: number): string {
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
}

function limiter(perMinute: number): { clock: FakeClock; guesses: NetworkRateLimiter } {
  const clock = new FakeClock();
  const options = { size: perMinute, perSecond: perMinute / 60, maxDebt: perMinute, now: () => clock.now() };
  return { clock, guesses: new NetworkRateLimiter(options) };
}

describe("wrong codes", () => {
  test("P5.8.4 so many a minute and address; then it is over, and refills evenly", () => {
    const { clock, guesses } = limiter(60);
    for (let count = 0; count < 60; count++) {
      expect(guesses.isOver("10.0.0.1")).toBe(false);
      guesses.count("10.0.0.1");
    }
    expect(guesses.isOver("10.0.0.1")).toBe(true);
    expect(guesses.isOver("10.0.0.2")).toBe(false);
    clock.pass(MINUTE / 2);
    expect(guesses.isOver("10.0.0.1")).toBe(false);
    for (let count = 0; count < 30; count++) guesses.count("10.0.0.1");
    expect(guesses.isOver("10.0.0.1")).toBe(true);
  });

  test("P5.8.4 a network that goes on guessing stays over, but never for more than two minutes after the last guess", () => {
    const { clock, guesses } = limiter(60);
    for (let count = 0; count < 10_000; count++) guesses.count("10.0.0.1");
    clock.pass(MINUTE);
    expect(guesses.isOver("10.0.0.1")).toBe(true);
    clock.pass(1_001);
    expect(guesses.isOver("10.0.0.1")).toBe(false);
  });

  test("P5.8.4 zero means no limit", () => {
    const { guesses } = limiter(0);
    for (let count = 0; count < 1_000; count++) guesses.count("10.0.0.1");
    expect(guesses.isOver("10.0.0.1")).toBe(false);
  });

  test("P5.8.4 one IPv6 network is one guesser, however its addresses are written", () => {
    const { hub } = new FakeHub({ guessLimit: 10 });
    for (let count = 0; count < 10; count++) hub.lookUp("AAAA", `2001:db8:0:7::${count.toString(16)}`);
    for (const same of ["2001:db8:0:7:1:2:3:4", "2001:0DB8:0000:0007::ffff", "2001:db8:0:7::"]) {
      expect([same, hub.lookUp("AAAA", same)]).toEqual([same, "too_many_guesses"]);
    }
    expect(hub.lookUp("AAAA", "2001:db8:0:8::1")).toBe("not_found");
  });

  test.each([
    ["192.168.1.7", "192.168.1.7"],
    ["::ffff:192.168.1.7", "192.168.1.7"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001::b:c:d:e:f", "2001:0:0:b::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["", ""],
    ["not an address", "not an address"],
    ["not:an:address", "not:an:address"],
    ["::ffff:c0a8:107", "192.168.1.7"],
    ["64:ff9b::192.0.2.7", "192.0.2.7"],
    ["2001:db8::192.0.2.7", "2001:db8:0:0::/64"],
  ])("P5.8.4 %j belongs to %j", (one, network) => {
    expect(networkOf(one)).toBe(network);
  });

  test("P5.8.4 an IPv6 address belongs to a /56 and a /48 as well, an IPv4 address to itself alone", () => {
    const expected = ["2001:db8:a:bcde::/64", "2001:db8:a:bc00::/56", "2001:db8:a::/48"];
    expect(prefixesOf("2001:db8:a:bcde::1")).toEqual(expected);
    expect([prefixesOf("10.0.0.1"), siteOf("2001:db8:a:bcde::1")]).toEqual([["10.0.0.1"], "2001:db8:a::/48"]);
  });

  test("P5.8.4 a guesser with many /64 networks is counted by the /56, and by the /48", () => {
    const { guesses } = limiter(10);
    const guessesOf = (from: (number: number) => string): number => {
      let count = 0;
      for (; count < 1_000 && !guesses.isOver(from(count)); count++) guesses.count(from(count));
      return count;
    };
    expect(guessesOf((number) => `2001:db8:1:ab${(number % 256).toString(16).padStart(2, "0")}::1`)).toBe(20);
    expect(guessesOf((number) => `2001:db8:1:${(number * 256).toString(16)}::1`)).toBe(20); // and 20 were before
    expect(guesses.isOver("2001:db8:1:cccc::1")).toBe(true);
    expect(guesses.isOver("2001:db8:2:cccc::1")).toBe(false);
  });

  test("P5.8.4 only so many addresses are remembered, those that guessed last", () => {
    const { guesses } = limiter(1);
    for (let number = 0; number < 50_010; number++) guesses.count(address(number));
    expect([guesses.isOver(address(9)), guesses.isOver(address(10))]).toEqual([false, true]);
  });
});

function parse(query: string): unknown {
  return parsePlayerQuery(new URLSearchParams(query));
}

describe("what a phone may ask for", () => {
  test.each(["a".repeat(16), "A-Za-z0-9_-ABCDE", "z".repeat(128)])("P5.2.1 %j is a session", (session) => {
    expect(parse(`session=${session}`)).toMatchObject({ ok: true, value: { session } });
  });

  test.each([
    "",
    "a".repeat(15),
    "a".repeat(129),
    "a".repeat(15) + "+",
    "a".repeat(15) + "%20",
    "a".repeat(16) + "%0a",
  ])("P5.2.1 %j is none, and the refusal does not repeat it", (session) => {
    const refused = parse(`session=${session}`);
    expect(refused).toMatchObject({ ok: false });
    if (session !== "") expect(JSON.stringify(refused)).not.toContain(session);
  });

  test.each(["-1", "1.5", "", "x", "1e3", "9999999999999999"])("P5.2.3 %j is no count", (received) => {
    expect(parse(`received=${received}`)).toMatchObject({ ok: false });
  });

  test.each(["", "7", "a.", ".7", "a.-1", "a.1.2", "a b.1", `${"a".repeat(65)}.1`])(
    "P5.2.4 %j is no attempt",
    (attempt) => {
      expect(parse(`attempt=${attempt}`)).toMatchObject({ ok: false });
    },
  );

  test("P5.2.4 an attempt is what the page calls itself, and a count", () => {
    expect(parse("attempt=p4-G_e.7")).toMatchObject({ value: { attempt: { page: "p4-G_e", number: 7 } } });
  });

  test("P5.2.2 a display name has up to 64 characters, without the space around it; an empty one is none", () => {
    expect(parse(`name=%20Anna%20`)).toMatchObject({ value: { name: "Anna" } });
    expect(parse(`name=%20`)).toMatchObject({ value: { name: undefined } });
    expect(parse(`name=${"x".repeat(64)}`)).toMatchObject({ ok: true });
    expect(parse(`name=${"x".repeat(65)}`)).toMatchObject({ ok: false });
  });
});

/** A phone without a session joins and leaves at once, or is refused. */
function comeAndGo({ room }: FakeRoom, network?: string): string | undefined {
  const joined = room.join(new FakePort(), { isReliable: false, network });
  if (!joined.ok) return joined.failure;
  joined.value.gone("cut");
  return undefined;
}

/** How often that goes on, a thousand times at most. */
function timesUntilRefused(knock: () => string | undefined): number {
  let times = 0;
  while (times < 1_000 && knock() === undefined) times += 1;
  return times;
}

describe("coming and going", () => {
  test("P5.8.6 so many newcomers at once and a second, and those that are refused do not count", () => {
    const room = FakeRoom.open({}, undefined, 8);
    expect(timesUntilRefused(() => comeAndGo(room))).toBe(132);
    expect(comeAndGo(room)).toBe("rate_limited");
    room.clock.pass(10_000);
    expect(timesUntilRefused(() => comeAndGo(room))).toBe(28);
    room.clock.pass(MINUTE);
    const full = Array.from({ length: 8 }, () => room.join());
    for (let count = 0; count < 500; count++) expect(comeAndGo(room)).toBe("room_full");
    full.forEach((phone) => room.cut(phone, "cut"));
    expect(comeAndGo(room)).toBeUndefined();
  });

  test("P5.8.6 one network that comes and goes keeps out itself and no other; all together may do four times as much", () => {
    const room = FakeRoom.open({}, undefined, 8);
    for (const network of ["prankster", "home", "cafe", "school"]) {
      expect(timesUntilRefused(() => comeAndGo(room, network))).toBe(132);
    }
    expect(comeAndGo(room, "late")).toBe("rate_limited");
    room.clock.pass(10_000);
    expect(timesUntilRefused(() => comeAndGo(room, "prankster"))).toBe(28);
    expect(timesUntilRefused(() => comeAndGo(room, "late"))).toBe(4 * 28 - 28);
  });

  test("P5.8.6 one network's refusals cost the others nothing", () => {
    const room = FakeRoom.open({}, undefined, 8);
    for (let count = 0; count < 5_000; count++) comeAndGo(room, "prankster");
    for (let network = 1; network <= 3; network++) {
      expect(timesUntilRefused(() => comeAndGo(room, String(network)))).toBe(132);
    }
  });

  test("P5.8.6 so many networks are remembered, those that came last", () => {
    const newcomers = new JoinRateLimiter(250, 0);
    const others = (from: number): void => {
      for (let network = from; network < from + 255; network++) newcomers.take(String(network), 0);
    };
    while (newcomers.take("prankster", 0));
    others(0);
    expect(newcomers.take("prankster", 0)).toBe(false);
    others(1_000);
    expect(newcomers.take("prankster", 0)).toBe(false);
    others(2_000);
    newcomers.take("one more", 0);
    expect(newcomers.take("prankster", 0)).toBe(true);
  });

  test("P5.8.7 so many returns to a seat; the phone that sits there stays, and others come back as before", () => {
    const room = FakeRoom.open();
    const comeBack = (session: string): string | undefined => room.refusal({ sessionHash: session });
    room.join({ sessionHash: "anna" });
    expect(timesUntilRefused(() => comeBack("anna"))).toBe(60);
    room.clock.pass(500);
    const { port } = room.join({ sessionHash: "anna" });
    expect(comeBack("anna")).toBe("rate_limited");
    expect(port.closing).toBeUndefined();
    room.join({ sessionHash: "ben" });
    expect(comeBack("ben")).toBeUndefined();
  });

  test("P5.8.7 another phone that rescues the seat does not pay for how often the last one came back", () => {
    const room = FakeRoom.open();
    room.join({ sessionHash: "anna" });
    expect(timesUntilRefused(() => room.refusal({ sessionHash: "anna" }))).toBe(60);
    const [reply] = room.tell({ cmd: "rescue", player: 1 });
    const rescue = new URL(String(reply?.url)).searchParams.get("rescue") ?? "";
    expect(room.refusal({ sessionHash: "spare", seatTransferProof: rescue })).toBeUndefined();
    expect(timesUntilRefused(() => room.refusal({ sessionHash: "spare" }))).toBe(59);
  });

  test("P5.8.7 a phone that claims again and again to have missed something does not fill an away host's buffer", () => {
    const room = FakeRoom.open({ hostBuffer: 20_000, seatBuffer: 200 }, { isReliable: true, sessionHash: "tv" });
    const anna = { sessionHash: "anna", isReliable: true };
    const [hello] = room.join(anna).port.take();
    const epoch = /"epoch":"([^"]+)"/.exec(String(hello))?.[1];
    for (let count = 0; count < 50; count++) room.tell({ cmd: "to", to: "everybody", data: new Uint8Array(50) });
    room.hostGone();
    expect(timesUntilRefused(() => room.refusal({ ...anna, received: 0, epoch }))).toBe(60);
    expect(comeAndGo(room)).toBeUndefined();
  });
});
