import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { encodeHello, encodePulse, MAIL_TYPES, readBusMessage } from "../../../../src/cluster/mail/mail-format.ts";
import { MemoryBudget } from "../../../../src/room/memory-budget.ts";
import { FaultyBus } from "../../../support/cluster/faulty-bus.ts";
import { KINDS, startMail, startTwo } from "../../../support/cluster/mail-nodes.ts";
import { eventually } from "../../../support/inbox.ts";
import * as fc from "../../../support/property-testing.ts";

const [KIND] = KINDS;
/** A lease that is over while a test waits. */
const SHORT_LEASE_MS = 250;
const BATCH_BYTES = 524_288;

/** All but the interval of the pulses. */
const NOT_FAKED = [
  "Date",
  "nextTick",
  "performance",
  "queueMicrotask",
  "setImmediate",
  "clearImmediate",
  "setTimeout",
  "clearTimeout",
] as const;

const isMail = ({ data }: { readonly data: Uint8Array }): boolean => data[1] === MAIL_TYPES.mail;
const isHello = ({ data }: { readonly data: Uint8Array }): boolean => data[1] === MAIL_TYPES.hello;
const isPulse = ({ data }: { readonly data: Uint8Array }): boolean => data[1] === MAIL_TYPES.pulse;

describe("mail between nodes", () => {
  test("arrives in order, in both directions", async () => {
    const { a, b } = await startTwo();
    for (const text of ["one", "two", "three"]) a.say("b", text);
    b.say("a", "hello");
    expect([await b.hears(), await b.hears(), await b.hears()]).toEqual(["one", "two", "three"]);
    expect(await a.hears()).toBe("hello");
    a.say("b", "four");
    expect(await b.hears()).toBe("four");
    expect([a.lost.drain(), b.lost.drain(), a.faults, b.faults]).toEqual([[], [], [], []]);
  });

  test("of one turn to one node is one bus message", async () => {
    const { bus, a, b } = await startTwo();
    a.say("b", "greeting");
    await b.hears();
    const before = bus.published.filter(isMail).length;
    for (let index = 0; index < 1_000; index++) a.say("b", `${index}`);
    for (let index = 0; index < 1_000; index++) expect(await b.hears()).toBe(`${index}`);
    expect(bus.published.filter(isMail).length).toBe(before + 1);
  });

  test("is of several parts, which are joined", async () => {
    const { a, b } = await startTwo();
    a.mail.send("b", KIND, Buffer.from("o"), Buffer.from("n"), Buffer.alloc(0), Buffer.from("e"));
    expect(await b.hears()).toBe("one");
  });

  test("of any size comes whole, in bus messages of at most 512 KiB", async () => {
    const { bus, a, b } = await startTwo();
    const sizes = [0, 1, BATCH_BYTES - 40, BATCH_BYTES, BATCH_BYTES + 1, 4_194_304 + 17, 3];
    const bodies = sizes.map((size, index) => Buffer.alloc(size, index + 65));
    for (const body of bodies) a.mail.send("b", KIND, body.subarray(0, 7), body.subarray(7));
    for (const body of bodies) expect((await b.inbox.next()).body.equals(body)).toBe(true);
    expect(Math.max(...bus.published.map(({ data }) => data.length))).toBeLessThanOrEqual(BATCH_BYTES);
  });

  test("to oneself arrives too", async () => {
    const { a } = await startTwo();
    a.say("a", "myself");
    expect(await a.inbox.next()).toMatchObject({ from: "a", body: Buffer.from("myself") });
  });

  test("of an unknown kind is ignored", async () => {
    const { a, b } = await startTwo();
    a.mail.send("b", 99, Buffer.from("what"));
    a.say("b", "known");
    expect(await b.hears()).toBe("known");
    expect(b.faults).toEqual([]);
  });

  test("reaches a node soon that did not hear the first greetings yet", async () => {
    const { bus, a, b } = await startTwo({ leaseMs: 600_000 }); // no pulse comes within the test
    const lost = bus.dropNext(isHello);
    a.say("b", "one");
    await lost;
    await bus.dropNext(isHello);
    expect(await b.hears()).toBe("one");
    expect([a.lost.drain(), a.faults, b.faults]).toEqual([[], [], []]);
  });

  test("whose handler throws holds nothing else up", async () => {
    const { a, b } = await startTwo();
    b.mail.on(99, () => {
      throw new Error("a bug");
    });
    a.mail.send("b", 99, Buffer.from("x"));
    a.say("b", "next");
    expect(await b.hears()).toBe("next");
    expect(b.bugs).toEqual([new Error("a bug")]);
  });

  test("takes two subscriptions a node, however many nodes there are", async () => {
    const bus = new FaultyBus();
    const a = await startMail(bus, "a");
    for (let index = 0; index < 10; index++) {
      const other = await startMail(bus, `b${index}`);
      a.say(`b${index}`, "hello");
      await other.hears();
    }
    expect(bus.subscriptions).toBe(2 * 11);
  });
});

describe("a conversation between nodes is lost for both", () => {
  test("where a message is missing", async () => {
    const { bus, a, b } = await startTwo();
    a.say("b", "one");
    await b.hears();
    const dropped = bus.dropNext(isMail);
    a.say("b", "two");
    await dropped;
    a.say("b", "three");
    expect([await b.lost.next(), await a.lost.next()]).toEqual(["a", "b"]);
    a.say("b", "anew");
    expect(await b.hears()).toBe("anew");
    expect(b.faults).toEqual(["a node was lost: a message is missing"]);
  });

  test("where the last message is missing, as the next pulse says", async () => {
    const { bus, a, b } = await startTwo({ leaseMs: 1_000 });
    a.say("b", "one");
    await b.hears();
    const dropped = bus.dropNext(isMail);
    a.say("b", "two");
    await dropped;
    expect([await b.lost.next(), await a.lost.next()]).toEqual(["a", "b"]);
    expect(b.faults).toEqual(["a node was lost: the last message is missing"]);
  });

  test("where messages change places", async () => {
    const { bus, a, b } = await startTwo();
    a.say("b", "one");
    await b.hears();
    bus.swapNext(isMail);
    a.say("b", "two");
    await eventually("the message is held", () => a.mail.queued("b") === 0);
    await new Promise((resolve) => void setImmediate(resolve));
    a.say("b", "three");
    expect([await b.lost.next(), await a.lost.next()]).toEqual(["a", "b"]);
    expect(b.inbox.drain()).toEqual([]);
  });

  test("where a message comes twice", async () => {
    const { bus, a, b } = await startTwo();
    bus.fault = (message) => (isMail(message) ? [message, message] : [message]);
    a.say("b", "one");
    expect(await b.hears()).toBe("one");
    expect([await b.lost.next(), await a.lost.next()]).toEqual(["a", "b"]);
  });

  test("where a held node is silent", async () => {
    const { bus, a, b } = await startTwo({ leaseMs: SHORT_LEASE_MS });
    a.mail.hold("b");
    a.say("b", "one");
    await b.hears();
    bus.fault = () => [];
    expect([await a.lost.next(), await b.lost.next()]).toEqual(["b", "a"]);
    expect(a.faults).toContain("a node was lost: it is silent");
  });

  test("sooner where a node was silent just before, and not where that is back", async () => {
    // No clock decides here: a busy machine may take longer than a lease for what follows.
    const { bus, a, b } = await startTwo({ leaseMs: SHORT_LEASE_MS, now: () => 0 });
    a.mail.hold("b");
    a.say("b", "one");
    await b.hears();
    let greetings = 0;
    bus.fault = ({ subject, data }) => {
      if (subject.endsWith(".b") && data[1] === MAIL_TYPES.hello) greetings += 1;
      return [];
    };
    expect([await a.lost.next(), await b.lost.next()]).toEqual(["b", "a"]);
    a.say("b", "two");
    expect(await a.lost.next()).toBe("b");
    expect(greetings).toBeLessThanOrEqual(3); // five pulses would be five
    bus.fault = (message) => [message];
    a.say("b", "three");
    expect(await b.hears()).toBe("three");
    expect(a.lost.drain()).toEqual([]);
  });

  test("where a node begins a new life", async () => {
    const { bus, a, b } = await startTwo();
    a.say("b", "one");
    await b.hears();
    await b.mail.start("b2");
    expect([await a.lost.next(), await b.lost.next()]).toEqual(["b", "a"]);
    a.say("b2", "two");
    expect(await b.hears()).toBe("two");
    expect(bus.subscriptions).toBe(4);
  });

  test("where a node ends", async () => {
    const { a, b } = await startTwo();
    a.say("b", "one");
    await b.hears();
    await b.mail.close();
    expect(await a.lost.next()).toBe("b");
  });

  test("where a node that was lost without knowing it speaks again", async () => {
    const { bus, a, b } = await startTwo();
    a.say("b", "one");
    await b.hears();
    // `b` alone loses `a`: what it says about that does not arrive.
    const dropped = bus.dropNext(isMail);
    a.say("b", "two");
    await dropped;
    const farewell = bus.dropNext(({ data }) => data[1] === MAIL_TYPES.over);
    a.say("b", "three");
    await farewell;
    expect(await b.lost.next()).toBe("a");
    a.say("b", "four");
    expect(await a.lost.next()).toBe("b");
    a.say("b", "five");
    expect(await b.hears()).toBe("five");
  });

  test("where there is no such node", async () => {
    const { a } = await startTwo({ leaseMs: SHORT_LEASE_MS });
    a.say("nobody", "hello");
    expect(await a.lost.next()).toBe("nobody");
  });
});

describe("nodes", () => {
  test("hold each other by pulses while one of them asks for it", async () => {
    const { bus, a, b } = await startTwo({ leaseMs: SHORT_LEASE_MS });
    const release = a.mail.hold("b");
    a.say("b", "one");
    await b.hears();
    const pulses = (): number => bus.published.filter(isPulse).length;
    // More than what follows a message anyway, from both.
    await eventually("they have pulsed for long", () => pulses() > 40);
    release();
    let before = -1;
    await eventually("they pulse no more", async () => {
      const now = pulses();
      const isQuiet = now === before;
      before = now;
      if (!isQuiet) await new Promise((resolve) => void setTimeout(resolve, SHORT_LEASE_MS));
      return isQuiet;
    });
    expect([a.lost.drain(), b.lost.drain()]).toEqual([[], []]);
    a.say("b", "two");
    expect(await b.hears()).toBe("two");
  });

  test("say nothing while the bus is away, and all of it afterwards", async () => {
    const { a, b } = await startTwo();
    a.say("b", "one");
    await b.hears();
    a.bus.setUp(false);
    a.say("b", "two");
    await eventually("it waits", () => a.mail.queued("b") > 0);
    a.say("b", "three");
    a.bus.setUp(true);
    expect([await b.hears(), await b.hears()]).toEqual(["two", "three"]);
    expect(a.lost.drain()).toEqual([]);
  });

  test("are lost where more waits for the bus than may", async () => {
    const { a, b } = await startTwo({ maxWaiting: 100_000 });
    a.say("b", "one");
    await b.hears();
    a.bus.setUp(false);
    for (let index = 0; index < 11; index++) a.mail.send("b", KIND, Buffer.alloc(10_000));
    expect(await a.lost.next()).toBe("b");
    expect(a.mail.queued("b")).toBe(0);
    a.bus.setUp(true);
    a.say("b", "anew");
    expect(await b.hears()).toBe("anew");
  });

  test("are lost where what waits for the bus takes the memory of the process", async () => {
    const budget = new MemoryBudget({ limit: 50_000, schedule: queueMicrotask });
    const { a } = await startTwo({ budget });
    a.bus.setUp(false);
    a.mail.send("b", KIND, Buffer.alloc(60_000));
    expect(await a.lost.next()).toBe("b");
    expect(budget.used).toBe(0);
  });

  test("take up no memory of the budget once all is said", async () => {
    const budget = new MemoryBudget({ limit: 100_000_000, schedule: queueMicrotask });
    const { a, b } = await startTwo({ budget });
    for (let index = 0; index < 3; index++) a.mail.send("b", KIND, Buffer.alloc(2_000_000));
    await b.inbox.take(3);
    expect(budget.used).toBe(0);
  });

  test("tell all others what they broadcast, but not themselves", async () => {
    const { bus, a, b } = await startTwo();
    const c = await startMail(bus, "c");
    const told: string[] = [];
    for (const { mail } of [a, b, c])
      mail.onBroadcast(KIND, (from, body) => told.push(`${mail.self} by ${from}: ${Buffer.from(body).toString()}`));
    a.mail.broadcast(KIND, Buffer.from("news"));
    await eventually("both are told", () => told.length === 2);
    expect(told).toEqual(["b by a: news", "c by a: news"]);
    expect(() => a.mail.broadcast(KIND, Buffer.alloc(600_000))).toThrow(RangeError);
  });
});

describe("a pulse", () => {
  afterEach(() => void jest.useRealTimers());

  test("that is due while something waits for the end of the turn counts that too", async () => {
    jest.useFakeTimers({ doNotFake: [...NOT_FAKED] });
    const { a, b } = await startTwo({ leaseMs: 1_000 });
    a.mail.hold("b");
    for (const text of ["one", "two", "three"]) {
      a.say("b", text);
      jest.advanceTimersByTime(200);
      expect(await b.hears()).toBe(text);
    }
    expect([a.lost.drain(), b.lost.drain()]).toEqual([[], []]);
  });
});

describe("versions", () => {
  test("a node that speaks no version of this one's is told so, and a line is logged", async () => {
    const bus = new FaultyBus();
    const a = await startMail(bus, "a");
    const said: unknown[] = [];
    bus.subscribe("test.node.future", (data) => said.push(readBusMessage(data)));
    const hello = encodeHello("future", 7, 0);
    hello[hello.length - 2] = 2;
    hello[hello.length - 1] = 9;
    bus.publish("test.node.a", hello);
    await eventually("it is told", () => said.length > 0);
    expect(said).toEqual([expect.objectContaining({ kind: "over", reason: "version", theirs: 7 })]);
    expect(a.faults).toEqual(["a node speaks another version than this one"]);
  });

  test("a node that speaks newer ones too is spoken to in this one's", async () => {
    const bus = new FaultyBus();
    const a = await startMail(bus, "a");
    const said: ReturnType<typeof readBusMessage>[] = [];
    bus.subscribe("test.node.newer", (data) => said.push(readBusMessage(data)));
    const hello = encodeHello("newer", 7, 0);
    hello[hello.length - 1] = 2;
    bus.publish("test.node.a", hello);
    a.say("newer", "hello");
    await eventually("it is spoken to", () => said.some((message) => message?.kind === "mail"));
    expect(said.map((message) => message?.version)).not.toContain(2);
  });

  test("a message of an unknown version is refused, and its sender told", async () => {
    const bus = new FaultyBus();
    const a = await startMail(bus, "a");
    const said: unknown[] = [];
    bus.subscribe("test.node.future", (data) => said.push(readBusMessage(data)));
    bus.publish("test.node.a", encodePulse({ version: 2, from: "future", mine: 5, theirs: 6 }, 1, false));
    await eventually("it is told", () => said.length > 0);
    expect(said).toEqual([expect.objectContaining({ kind: "over", reason: "version", mine: 6, theirs: 5 })]);
    expect(a.faults).toEqual(["a node speaks another version than this one"]);
  });
});

describe("hostile bytes", () => {
  test("never throw, and are logged once a minute", async () => {
    const bus = new FaultyBus();
    const a = await startMail(bus, "a");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (data) => {
        bus.publish("test.node.a", data);
        bus.publish("test.all", data);
        await new Promise((resolve) => void setImmediate(resolve));
      }),
    );
    expect(a.bugs).toEqual([]);
    expect(new Set(a.faults).size).toBe(a.faults.length);
  });

  test("behind a right head never throw, and end the conversation at most", async () => {
    const bus = new FaultyBus();
    const budget = new MemoryBudget({ limit: 10_000_000, schedule: queueMicrotask });
    const a = await startMail(bus, "a", { budget, maxBody: 1_000 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(2, 3, 4, 5, 6), fc.uint8Array({ maxLength: 300 }), async (type, tail) => {
        const greeted = new Promise<number>((resolve) => {
          const end = bus.subscribe("test.node.evil", (data) => {
            const message = readBusMessage(data);
            if (message?.kind !== "hello") return;
            end();
            resolve(message.mine);
          });
        });
        bus.publish("test.node.a", encodeHello("evil", 9, 0));
        const pulse = encodePulse({ version: 1, from: "evil", mine: 9, theirs: await greeted }, 1, false);
        pulse[1] = type;
        bus.publish("test.node.a", Buffer.concat([pulse.subarray(0, pulse.length - 1), tail]));
        await new Promise((resolve) => void setImmediate(resolve));
        await a.mail.start("a");
      }),
    );
    expect(a.bugs).toEqual([]);
    expect(budget.used).toBeLessThanOrEqual(1_000);
  });

  test("a body that grows past its limit ends the conversation", async () => {
    const bus = new FaultyBus();
    const a = await startMail(bus, "a");
    const b = await startMail(bus, "b", { maxBody: 1_000_000 });
    a.mail.send("b", KIND, Buffer.alloc(1_000_001));
    expect([await b.lost.next(), await a.lost.next()]).toEqual(["a", "b"]);
    expect(b.faults).toEqual(["a node was lost: a body is too large"]);
  });
});
