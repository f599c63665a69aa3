import { describe, expect, test } from "@jest/globals";
import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  constant,
} from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import type { Session } from "../../../src/session/session.ts";
import type { PassingTerms } from "../../../src/room/passing-terms.ts";
import { PassthroughSession } from "../../../src/session/passthrough-session.ts";
import { ResumableSession } from "../../../src/session/resumable-session.ts";
import { MAX_VOLATILE_NAMES } from "../../../src/session/volatile-frames.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";
import { FakeRoom } from "../../support/room/fake-room.ts";
import { memoryOf } from "../../support/room/memory-budget.ts";

const LARGE = 1_000_000;

function pass(session: Session, text: string, terms: Partial<PassingTerms> = {}): void {
  session.sendPassing(bytes(text), true, { name: undefined, expiresAt: Infinity, ...terms });
}

function say(session: Session, text: string): void {
  session.send(bytes(text), true);
}

interface Line {
  readonly session: Session;
  readonly port: FakePort;
  readonly clock: FakeClock;
}

/** A conversation of each kind, over a line that is up. */
function lines(): (Line & { readonly kind: string })[] {
  return [
    { kind: "without a session", isReliable: false, isKept: false },
    { kind: "with a session", isReliable: false, isKept: true },
    { kind: "of couchwire.v1", isReliable: true, isKept: true },
  ].map(({ kind, isReliable, isKept }) => {
    const clock = new FakeClock();
    const memory = memoryOf(LARGE);
    const session = isKept
      ? new ResumableSession({ memory, overflow: "drop_oldest", epoch: "life", clock })
      : new PassthroughSession(memory, () => clock.now());
    const port = new FakePort();
    session.attach(port, { isReliable }, () => []);
    port.take();
    return { kind, session, port, clock };
  });
}

/** The line takes more, and everything that waits for it. */
function drain({ session, port }: Line): (string | number[])[] {
  port.isBusy = false;
  session.flush();
  return port.read().data;
}

describe.each(lines().map(({ kind }, index) => ({ kind, index })))("a conversation $kind", ({ index }) => {
  function line(): Line {
    const made = lines()[index];
    if (made === undefined) throw new Error("no such line");
    return made;
  }

  test("P5.9.1 stale buzzes do not arrive together: each name has its newest frame, in the order in which they were sent", () => {
    const one = line();
    one.port.isBusy = true;
    for (const [text, name] of [
      ["buzz 1", "buzz"],
      ["place 1", "place"],
      ["buzz 2", "buzz"],
      ["nameless", ""],
      ["place 2", "place"],
    ] as const) {
      pass(one.session, text, { name });
    }
    expect(drain(one)).toEqual(["buzz 2", "nameless", "place 2"]);
    expect(one.session.waitingBytes).toBe(0);
  });

  test("P5.9.1 a frame that is not volatile sends all of them ahead of itself", () => {
    const one = line();
    one.port.isBusy = true;
    pass(one.session, "a", { name: "a" });
    pass(one.session, "b", { name: "b" });
    say(one.session, "firm");
    pass(one.session, "a again", { name: "a" });
    expect(drain(one)).toEqual(["a", "b", "firm", "a again"]);
  });

  test("P5.9.1 past so many names the frame that waits longest goes", () => {
    const one = line();
    one.port.isBusy = true;
    for (let name = 0; name <= MAX_VOLATILE_NAMES; name++) pass(one.session, String(name), { name: String(name) });
    expect(drain(one)).toEqual(Array.from({ length: MAX_VOLATILE_NAMES }, (_name, at) => String(at + 1)));
  });

  test("P5.9.1 a frame with a ttl arrives while its time is not over, and not afterwards", () => {
    const one = line();
    one.port.isBusy = true;
    pass(one.session, "short", { expiresAt: one.clock.now() + 100 });
    pass(one.session, "long", { expiresAt: one.clock.now() + 1_000 });
    pass(one.session, "volatile", { name: "x", expiresAt: one.clock.now() + 100 });
    one.clock.pass(100);
    expect(drain(one)).toEqual(["long"]);
    pass(one.session, "at once", { expiresAt: one.clock.now() + 1 });
    expect(one.port.read().data).toEqual(["at once"]);
  });

  test("P5.9.1 what is sent behind a frame that waits keeps its place", () => {
    const one = line();
    one.port.isBusy = true;
    pass(one.session, "1", { expiresAt: one.clock.now() + 100 });
    say(one.session, "2");
    pass(one.session, "3", { expiresAt: one.clock.now() + 1_000 });
    pass(one.session, "4", { name: "x" });
    say(one.session, "5");
    expect(one.port.read().data).toEqual([]);
    expect(one.session.isSlow(4, 0)).toBe(true);
    one.clock.pass(500);
    expect(drain(one)).toEqual(["2", "3", "4", "5"]);
  });

  test("P5.9.1 a phone is not slow for frames that have waited too long", () => {
    const one = line();
    one.port.isBusy = true;
    one.port.queued = 100;
    for (let number = 0; number < 100; number++) {
      expect(one.session.isSlow(2_000, 20)).toBe(false);
      pass(one.session, "position ".padEnd(20), { expiresAt: one.clock.now() + 50 });
      one.clock.pass(20);
    }
    say(one.session, "firm");
    expect(drain(one)).toEqual([...Array<string>(2).fill("position ".padEnd(20)), "firm"]);
  });

  test("P5.9.1 empty frames that wait make a phone slow, too", () => {
    const one = line();
    one.port.isBusy = true;
    one.port.queued = 100;
    let count = 0;
    for (; count < 1_000 && !one.session.isSlow(2_000, 0); count++) pass(one.session, "", { expiresAt: 1e9 });
    expect(count).toBeLessThan(50);
  });

  test("P5.9.1 what is waited for counts as memory, and no more once it is sent or dropped", () => {
    const one = line();
    const before = one.session.keptBytes;
    one.port.isBusy = true;
    pass(one.session, "y".repeat(1_000), { expiresAt: one.clock.now() + 10 });
    for (let name = 0; name < 10; name++) pass(one.session, "x".repeat(1_000), { name: String(name) });
    expect(one.session.keptBytes).toBeGreaterThanOrEqual(before + 11_000);
    one.clock.pass(10);
    drain(one);
    one.session.confirm(100);
    one.session.takeAck(bytes("\0ack 10"), true);
    expect(one.session.keptBytes).toBe(before);
  });
});

describe("a player that is away", () => {
  const RELIABLE = { isReliable: true, sessionHash: "phone" } as const;

  test("P5.9.1 gets what is fresh, and the numbers have no hole where the rest was", () => {
    const room = FakeRoom.open();
    const phone = room.join(RELIABLE);
    const epoch = phone.port.read().hello?.epoch;
    room.show("first");
    room.cut(phone);
    room.show("second", { ttl: 1_000 });
    room.show("third");
    room.show("fourth", { ttl: 1_000, volatile: "score" });
    room.show("fifth", { ttl: 60_000 });
    room.clock.pass(2_000);
    const back = room.join({ ...RELIABLE, received: 1, epoch }).port.read();
    expect(back).toMatchObject({ hello: { next: 2, lost: 0 }, data: ["third", "fifth"] });
    expect(room.news().filter(({ cmd }) => cmd === "player_back")).toEqual([]);
  });

  test("P5.9.1 gets a frame again that was written once, however long ago", () => {
    const room = FakeRoom.open();
    const phone = room.join(RELIABLE);
    const epoch = phone.port.read().hello?.epoch;
    room.show("kept", { ttl: 10 });
    expect(phone.port.read().data).toEqual(["kept"]);
    room.cut(phone);
    room.clock.pass(60_000);
    const back = room.join({ ...RELIABLE, received: 0, epoch }).port.read();
    expect(back).toMatchObject({ hello: { next: 1, lost: 0 }, data: ["kept"] });
  });

  test("P5.9.1 loses what has expired before anything that has not, where its buffer is full", () => {
    const room = FakeRoom.open({ seatBuffer: 4_000 });
    const phone = room.join(RELIABLE);
    const epoch = phone.port.read().hello?.epoch;
    room.cut(phone);
    room.show("must arrive");
    for (let count = 0; count < 3; count++) room.show("x".repeat(1_000), { ttl: 100 });
    room.clock.pass(200);
    room.show("y".repeat(1_000));
    const back = room.join({ ...RELIABLE, received: 0, epoch }).port.read();
    expect(back).toMatchObject({ hello: { next: 1, lost: 0 }, data: ["must arrive", "y".repeat(1_000)] });
  });

  test("P5.9.1 has volatile frames counted in its buffer, and they go before what must arrive", () => {
    const room = FakeRoom.open({ seatBuffer: 4_000 });
    const phone = room.join(RELIABLE);
    room.cut(phone);
    for (let name = 0; name < 20; name++) room.show("v".repeat(500), { volatile: `name ${name}` });
    room.show("firm");
    const back = room.join(RELIABLE).port.read().data;
    expect(back.length).toBeLessThan(9);
    expect(back.at(-1)).toBe("firm");
  });
});

test("P5.9.1 over lines that are cut, busy and drained at random, nothing expired arrives, nothing else is missing, and the numbers are whole", () => {
  const ttl = constantFrom(undefined, 50, 500);
  const step = oneof(
    { weight: 4, arbitrary: record({ do: constant("send" as const), ttl }) },
    record({ do: constant("volatile" as const), name: constantFrom("", "a", "b"), ttl }),
    record({ do: constant("busy" as const), isBusy: boolean() }),
    record({ do: constant("pass" as const), ms: constantFrom(1, 60, 600) }),
    record({ do: constant("cut" as const), heard: nat(5) }),
  );
  assert(
    property(array(step, { maxLength: 80 }), integer({ min: 0, max: 1 }), (script, plain) => {
      const isReliable = plain === 0;
      const clock = new FakeClock();
      const memory = memoryOf(LARGE);
      const session = new ResumableSession({ memory, overflow: "drop_oldest", epoch: "life", clock });
      let port = new FakePort();
      session.attach(port, { isReliable }, () => []);
      let epoch: string | undefined;
      /** What the page has got, by its own count; and by which moment each frame had to be written. */
      let got: number[] = [];
      const dueBy = new Map<number, number>();
      const firm: number[] = [];
      const written = new Set<number>();
      let sent = 0;
      let acknowledged = 0;
      const hear = (): void => {
        const { hello, data } = port.read();
        if (hello !== undefined) {
          epoch = hello.epoch;
          expect(hello.lost).toBe(0);
          expect(hello.next).toBe(got.length + 1);
        }
        for (const frame of data) {
          const number = Number(frame);
          if (!written.has(number)) expect(dueBy.get(number)).toBeGreaterThan(clock.now());
          written.add(number);
          got.push(number);
        }
      };
      const drainPort = (): void => {
        port.isBusy = false;
        session.flush();
        hear();
      };
      hear();
      for (const move of script) {
        if (move.do === "send" || move.do === "volatile") {
          const expiresAt = move.ttl === undefined ? Infinity : clock.now() + move.ttl;
          sent += 1;
          dueBy.set(sent, expiresAt);
          const name = move.do === "volatile" ? move.name : undefined;
          if (name === undefined && move.ttl === undefined) {
            firm.push(sent);
            say(session, String(sent));
          } else pass(session, String(sent), { name, expiresAt });
        } else if (move.do === "busy") {
          port.isBusy = move.isBusy;
          if (!move.isBusy) session.flush();
        } else if (move.do === "pass") clock.pass(move.ms);
        else {
          hear();
          session.detach(false);
          port = new FakePort();
          // Of what was written the page may not have got the last few, but for what it has acknowledged by coming back.
          if (isReliable) got = got.slice(0, Math.max(acknowledged, got.length - move.heard));
          acknowledged = got.length;
          session.attach(port, { isReliable, ...(isReliable && { received: got.length, epoch }) }, () => []);
        }
        hear();
      }
      drainPort();
      expect(got).toEqual(got.toSorted((one, other) => one - other));
      expect(got).toEqual([...new Set(got)]);
      expect(firm.filter((number) => !got.includes(number))).toEqual([]);
    }),
    { numRuns: budget(1_000) },
  );
});
