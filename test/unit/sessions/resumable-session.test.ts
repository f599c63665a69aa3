import { describe, expect, test } from "@jest/globals";
import type { Session } from "../../../src/session/session.ts";
import { PassthroughSession } from "../../../src/session/passthrough-session.ts";
import { ResumableSession, type ResumableSessionOptions } from "../../../src/session/resumable-session.ts";
import { FAKE_EPOCH_MS, FakeClock } from "../../support/room/fake-clock.ts";
import { memoryOf } from "../../support/room/memory-budget.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";

const PLAIN = { isReliable: false } as const;
const RELIABLE = { isReliable: true } as const;
const COST = 64;

function session(options: Partial<ResumableSessionOptions> = {}): ResumableSession {
  return new ResumableSession({
    memory: memoryOf(100_000),
    overflow: "drop_oldest",
    epoch: "life",
    clock: new FakeClock(),
    ...options,
  });
}

/** A session over its first connection; what the connection was sent for that is looked at already. */
function connected(
  resumeRequest: { isReliable: boolean },
  options: Partial<ResumableSessionOptions> = {},
): [ResumableSession, FakePort] {
  const one = session(options);
  const port = attach(one, resumeRequest);
  port.take();
  return [one, port];
}

function attach(one: Session, resumeRequest: { isReliable: boolean; received?: number; epoch?: string }): FakePort {
  const port = new FakePort();
  one.attach(port, resumeRequest, () => []);
  return port;
}

function say(one: Session, ...texts: readonly string[]): void {
  for (const text of texts) one.send(bytes(text), true);
}

/** What the session makes of a text frame; control frames are told in brackets. */
function hear(one: ResumableSession, text: string): string {
  const data = one.read(bytes(text), true);
  return typeof data === "string" ? `(${data})` : new TextDecoder().decode(data);
}

/** A frame that a newer one of no name replaces. */
const VOLATILE = { name: "", expiresAt: Infinity };

describe("a conversation without a session", () => {
  test("P5.4 keeps nothing and adds nothing", () => {
    const one = new PassthroughSession(memoryOf(1_000), () => 0);
    const port = attach(one, PLAIN);
    say(one, "a", "\0b");
    one.detach();
    say(one, "lost");
    expect(port.take()).toEqual(["a", "\0b"]);
    expect(port.confirms).toEqual([]);
    expect(attach(one, PLAIN).take()).toEqual([]);
    expect(one.keptBytes).toBe(0);
  });
});

describe("a conversation over couchwire.v1", () => {
  test("P5.5.2 begins with hello on every connection, whose fields say where to go on", () => {
    const one = session();
    const first = attach(one, RELIABLE);
    const now = FAKE_EPOCH_MS + 1_000;
    expect(first.take()).toEqual([`\0hello {"epoch":"life","received":0,"greeting":0,"next":1,"lost":0,"now":${now}}`]);
    say(one, "a", "b", "c");
    hear(one, "up");
    one.detach(false);
    say(one, "d");
    const second = attach(one, { ...RELIABLE, received: 2, epoch: "life" });
    expect(second.read()).toEqual({
      hello: { epoch: "life", received: 1, greeting: 0, next: 3, lost: 0, now },
      acks: [],
      data: ["c", "d"],
    });
  });

  test("P5.5.2 the greeting comes before what waited and does not count", () => {
    const [one] = connected(RELIABLE);
    one.detach(false);
    say(one, "waited");
    const port = new FakePort();
    one.attach(port, { ...RELIABLE, received: 0, epoch: "life" }, () => [{ data: bytes("hi"), isText: true }]);
    expect(port.read()).toMatchObject({ hello: { greeting: 1, next: 1 }, data: ["hi", "waited"] });
    say(one, "two");
    one.detach(false);
    expect(attach(one, { ...RELIABLE, received: 1, epoch: "life" }).read().data).toEqual(["two"]);
  });

  test("P5.5.2 a player is told who it is and what is played, as that is when it connects", () => {
    let game = "sketch";
    const one = session({ player: 3, game: () => game });
    expect(attach(one, RELIABLE).read().hello).toMatchObject({ player: 3, game: "sketch" });
    game = "quiz";
    expect(attach(one, RELIABLE).read().hello).toMatchObject({ player: 3, game: "quiz" });
  });

  test("P5.9.3 is told the time when it asks, and that is no frame of it and no acknowledgement", () => {
    const clock = new FakeClock();
    const [one, port] = connected(RELIABLE, { clock });
    clock.pass(250);
    expect(one.takeAck(bytes("\0time"), true)).toBe(true);
    expect(port.take()).toEqual([`\0time {"now":${FAKE_EPOCH_MS + 1_250}}`]);
    hear(one, "\0ping");
    expect(port.read().acks).toEqual([0]);
  });

  test("P5.9.3 is told it twenty times a second; a question past that counts as a frame and is not answered", () => {
    const clock = new FakeClock();
    const [one, port] = connected(RELIABLE, { clock });
    const ask = (): boolean => one.takeAck(bytes("\0time"), true);
    expect(Array.from({ length: 25 }, ask)).toEqual(Array.from({ length: 25 }, (_, asked) => asked < 20));
    expect(hear(one, "\0time")).toBe("(control)");
    expect(port.take()).toHaveLength(20);
    clock.pass(500);
    expect(Array.from({ length: 15 }, ask).filter(Boolean)).toHaveLength(10);
  });

  test("P5.9.3 is not told it on a line that is behind: the answer would be old when it is read", () => {
    const [one, port] = connected(RELIABLE);
    port.isBusy = true;
    expect(one.takeAck(bytes("\0time"), true)).toBe(true);
    port.isBusy = false;
    expect(port.take()).toEqual([]);
  });

  test("P5.9.3 may not tell the server the time", () => {
    const [one] = connected(RELIABLE);
    expect(one.takeAck(bytes('\0time {"now":1}'), true)).toBe(false);
    expect(hear(one, '\0time {"now":1}')).toBe("(nonsense)");
  });

  test("P5.5.3 every 16th frame is acknowledged", () => {
    const [one, port] = connected(RELIABLE);
    for (let count = 0; count < 33; count++) hear(one, "x");
    expect(port.read().acks).toEqual([16, 32]);
  });

  test("P5.5.3 and sooner with a frame that the peer gets anyway, before that frame", () => {
    const [one, port] = connected(RELIABLE);
    for (let count = 0; count < 7; count++) hear(one, "x");
    say(one, "early");
    hear(one, "x");
    say(one, "eighth", "more");
    expect(port.take()).toEqual(["early", "\0ack 8", "eighth", "more"]);
    expect(port.corked).toBe(1);
    for (let count = 0; count < 16; count++) hear(one, "x");
    expect(port.read().acks).toEqual([24]);
  });

  test("P5.5.3 and so are 64 KiB, in however few frames", () => {
    const [one, port] = connected(RELIABLE);
    one.read(new Uint8Array(40_000), false);
    expect(port.read().acks).toEqual([]);
    one.read(new Uint8Array(40_000), false);
    expect(port.read().acks).toEqual([2]);
  });

  test("P5.5.3 a peer that does not read gets its ack when it does, and not one for each frame", () => {
    const [one, port] = connected(RELIABLE);
    port.isBusy = true;
    for (let count = 0; count < 1_000; count++) hear(one, "x");
    expect(port.read().acks).toEqual([]);
    port.isBusy = false;
    hear(one, "x");
    expect(port.read().acks).toEqual([1_001]);
  });

  test("P5.5.3 once a second while a frame comes, for what the peer asks waits behind the rest of it", () => {
    const clock = new FakeClock();
    const [one, port] = connected(RELIABLE, { clock });
    hear(one, "before it");
    for (const ms of [0, 1, 998, 1, 500, 499]) {
      clock.pass(ms);
      one.noticePart();
    }
    expect(port.read().acks).toEqual([1, 1]);
    port.isBusy = true;
    clock.pass(1);
    one.noticePart();
    port.isBusy = false;
    clock.pass(999);
    one.noticePart();
    expect(port.read().acks).toEqual([]); // a second in which the line was full is over as any other
    clock.pass(1);
    one.noticePart();
    expect(port.read().acks).toEqual([1]);
    const [plain, itsPort] = connected(PLAIN);
    plain.noticePart();
    expect(itsPort.take()).toEqual([]);
  });

  test("P5.5.3 what is acknowledged is let go of", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b", "c");
    expect(one.keptBytes).toBe(3 + 3 * COST);
    expect(hear(one, "\0ack 2")).toBe("(control)");
    expect(one.keptBytes).toBe(1 + COST);
    hear(one, "\0ack 1"); // older than the last: nothing comes back
    expect(one.keptBytes).toBe(1 + COST);
  });

  test("P5.5.3 an ack that tells something new is taken before any limit is asked, and no other frame is", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b");
    expect(one.takeAck(bytes("\0ack 1"), true)).toBe(true);
    for (const [frame, isText] of [
      ["\0ack 1", true],
      ["\0ack 3", true],
      ["\0ack 2", false],
      ["\0\0ack 2", true],
      ["\0skip 2", true],
      ["ack 2", true],
    ] as const) {
      expect([frame, one.takeAck(bytes(frame), isText)]).toEqual([frame, false]);
    }
    expect(one.keptBytes).toBe(1 + COST);
  });

  test.each([
    "\0ack 1",
    "\0ack -1",
    "\0ack",
    "\0ack 1.5",
    "\0nonsense 1",
    "\0",
    "\0hello {}",
    "\0ack 9999999999999999",
    "\0ping 1",
  ])("P5.5.6 %j is no control frame of a client that has been sent nothing: 4500", (text) => {
    const [one] = connected(RELIABLE);
    expect(hear(one, text)).toBe("(nonsense)");
  });

  test("P5.5.6 skips cannot push the count beyond what a number holds", () => {
    const [one] = connected(RELIABLE);
    for (let count = 0; count < 9; count++) expect(hear(one, "\0skip 999999999999999")).toBe("(control)");
    expect(hear(one, "\0skip 999999999999999")).toBe("(nonsense)");
  });

  test("P5.5.7 a ping is answered with an ack at once", () => {
    const [one, port] = connected(RELIABLE);
    hear(one, "x");
    hear(one, "\0ping");
    expect(port.take()).toEqual(["\0ack 1"]);
  });

  test("P5.5.4 data that begins with U+0000 is escaped both ways, and only that", () => {
    const [one, port] = connected(RELIABLE);
    say(one, "\0ack 1", "plain", "\0", "");
    one.send(Uint8Array.of(0, 1), false);
    expect(port.take()).toEqual(["\0\0ack 1", "plain", "\0\0", "", [0, 1]]);
    expect(hear(one, "\0\0ack 1")).toBe("\0ack 1");
    expect(hear(one, "\0\0")).toBe("\0");
    expect(hear(one, "")).toBe("");
    expect(one.read(Uint8Array.of(0, 9), false)).toEqual(Uint8Array.of(0, 9));
    expect(port.closing).toBeUndefined();
  });

  test("P5.5.5 what a client dropped counts as got, and is asked for once", () => {
    const [one] = connected(RELIABLE);
    hear(one, "x");
    hear(one, "\0skip 3");
    expect([one.takeSkipped(), one.takeSkipped()]).toEqual([3, 0]);
    one.detach(false);
    expect(attach(one, { ...RELIABLE, received: 0, epoch: "life" }).read().hello?.received).toBe(4);
  });

  test("P5.5.8 another life begins the counts from nothing: the page gets what no page has confirmed", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b", "c");
    hear(one, "\0ack 1");
    hear(one, "up");
    const fresh = attach(one, { ...RELIABLE, received: 77, epoch: "another" }).read();
    expect(fresh.hello).toMatchObject({ received: 0, next: 2, lost: 0 });
    expect(fresh.hello?.epoch).not.toBe("life");
    expect(fresh.data).toEqual(["b", "c"]);
  });

  test("P5.5.8 a page that counts from before another page began is told that its life is over", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b");
    attach(one, RELIABLE);
    const old = attach(one, { ...RELIABLE, received: 2, epoch: "life" }).read();
    expect(old.hello).toMatchObject({ received: 0, next: 1 });
    expect(old.hello?.epoch).not.toBe("life");
  });

  test("P5.5.6 a peer that claims more than was sent cannot resume", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b");
    expect(one.canResume({ ...RELIABLE, received: 2, epoch: "life" })).toBe(true);
    expect(one.canResume({ ...RELIABLE, received: 3, epoch: "life" })).toBe(false);
    expect(one.canResume({ ...RELIABLE, received: 3, epoch: "another" })).toBe(true);
    expect(one.canResume(RELIABLE)).toBe(true);
  });

  test("P5.5.9 where the buffer did not hold, hello says how many are lost, and the rest is in order", () => {
    const [one] = connected(RELIABLE, { memory: memoryOf(3 * (COST + 1)) });
    say(one, "a");
    one.detach(false);
    say(one, "b", "c", "d", "e", "f");
    const port = new FakePort();
    expect(one.attach(port, { ...RELIABLE, received: 1, epoch: "life" }, () => [])).toBe(2);
    expect(port.read()).toMatchObject({ hello: { next: 4, lost: 2 }, data: ["d", "e", "f"] });
  });

  test("P5.5.9 a live peer's frames may leave the buffer too: it hears of those it had not got", () => {
    const [one] = connected(RELIABLE, { memory: memoryOf(2 * (COST + 1)) });
    say(one, "a", "b", "c", "d");
    expect(attach(one, { ...RELIABLE, received: 1, epoch: "life" }).read()).toMatchObject({
      hello: { next: 3, lost: 1 },
      data: ["c", "d"],
    });
  });

  test("P5.5.10 after a checkpoint a page that starts from nothing gets every frame after it, confirmed or not", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b", "c", "d");
    one.checkpoint(2);
    hear(one, "\0ack 4");
    expect(attach(one, RELIABLE).read()).toMatchObject({ hello: { next: 3 }, data: ["c", "d"] });
    one.checkpoint(3);
    expect(one.keptBytes).toBe(1 + COST);
    expect(attach(one, RELIABLE).read().data).toEqual(["d"]);
  });

  test("P5.5.10 the page that goes on gets only what it has not got, checkpoint or not", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b", "c");
    one.checkpoint(1);
    expect(attach(one, { ...RELIABLE, received: 2, epoch: "life" }).read().data).toEqual(["c"]);
  });

  test("P5.5.10 a checkpoint without a count, and one ahead of all that was sent, hold nothing back", () => {
    const [one] = connected(RELIABLE);
    say(one, "a", "b");
    one.checkpoint(0);
    hear(one, "\0ack 2");
    expect(one.keptBytes).toBeGreaterThan(0);
    one.checkpoint(undefined);
    expect(one.keptBytes).toBe(0);
    say(one, "c");
    one.checkpoint(99);
    expect(one.keptBytes).toBe(0);
    say(one, "d");
    expect(attach(one, RELIABLE).read()).toMatchObject({ hello: { next: 4 }, data: ["d"] });
  });

  test("P5.5.10 what waits after a checkpoint and was confirmed makes room before players have to wait", () => {
    const [one] = connected(RELIABLE, { memory: memoryOf(4 * (COST + 1)), overflow: "hold_back" });
    say(one, "a");
    one.checkpoint(1);
    say(one, "b", "c", "d", "e");
    hear(one, "\0ack 5");
    one.detach(false);
    say(one, "f", "g");
    expect(one.isOverfull).toBe(false);
    const port = new FakePort();
    expect(one.attach(port, RELIABLE, () => [])).toBe(2);
    expect(port.read()).toMatchObject({ hello: { next: 4, lost: 2 }, data: ["d", "e", "f", "g"] });
  });
});

describe("a conversation with a plain socket and a session", () => {
  test("P5.5.1 nothing but the frames is sent", () => {
    const [one, port] = connected(PLAIN);
    say(one, "a", "\0b");
    expect(port.take()).toEqual(["a", "\0b"]);
    expect(hear(one, "\0ack 9")).toBe("\0ack 9");
    expect(port.closing).toBeUndefined();
  });

  test("P5.4.8 what was sent before the line ended is not sent again, what came after is, once", () => {
    const [one] = connected(PLAIN);
    say(one, "a");
    one.detach(false);
    say(one, "b", "c");
    expect(attach(one, PLAIN).take()).toEqual(["b", "c"]);
    one.detach(false);
    expect(attach(one, PLAIN).take()).toEqual([]);
  });

  test("P5.4.8 what a line that went quiet has not confirmed is sent again", () => {
    const [one, port] = connected(PLAIN);
    say(one, "a", "b");
    expect(port.confirms).toEqual([1]);
    one.confirm(1);
    expect(port.confirms).toEqual([1, 2]);
    say(one, "c");
    one.detach(true);
    expect(attach(one, PLAIN).take()).toEqual(["b", "c"]);
  });

  test("P5.4.8 one question is out at a time, and an answer to more than was sent counts for what was", () => {
    const [one, port] = connected(PLAIN);
    say(one, "a", "b", "c");
    expect(port.confirms).toEqual([1]);
    one.confirm(999);
    expect(one.keptBytes).toBe(0);
    say(one, "d");
    expect(port.confirms).toEqual([1, 4]);
    one.detach(true);
    expect(attach(one, PLAIN).take()).toEqual(["d"]);
  });

  test("P5.4.8 a lot that waited is confirmed piece by piece: on a poor line all of it takes longer than a peer may be silent", () => {
    const [one] = connected(PLAIN, { memory: memoryOf(1_000_000) });
    one.detach(false);
    const texts = Array.from({ length: 8 }, (_, index) => `${index + 1}${"x".repeat(30_000)}`);
    say(one, ...texts);
    const port = attach(one, PLAIN);
    expect(port.take()).toEqual(texts);
    expect(port.confirms).toEqual([3, 6, 8]);
    one.confirm(3);
    expect(one.keptBytes).toBe(5 * (30_001 + COST));
    one.confirm(6);
    say(one, "later");
    expect(port.confirms).toEqual([3, 6, 8]); // one more would wait behind those
    one.detach(true);
    const again = attach(one, PLAIN);
    expect(again.take()).toEqual([...texts.slice(6), "later"]);
    expect(again.confirms).toEqual([9]);
    one.confirm(9);
    expect([one.keptBytes, again.confirms]).toEqual([0, [9]]);
  });

  test("P5.4.8 a peer that is sent many frames a second is asked twice a second, in one write with a frame", () => {
    const clock = new FakeClock();
    const [one, port] = connected(PLAIN, { clock });
    let sent = 0;
    let asked = 0;
    const talk = (seconds: number): number => {
      const before = port.confirms.length;
      for (let frame = 0; frame < seconds * 100; frame++) {
        say(one, "frame");
        sent += 1;
        if (port.confirms.length > asked) one.confirm(port.confirms.at(-1) ?? 0); // the pong comes at once
        asked = port.confirms.length;
        clock.pass(10);
      }
      return port.confirms.length - before;
    };
    expect(talk(1)).toBe(16 + 1); // what a quiet peer may be asked, and what the first second adds
    port.corked = 0;
    expect(talk(10)).toBe(20);
    expect(port.corked).toBe(20);
    clock.pass(1_000);
    expect(port.confirms.at(-1)).toBe(sent);
    one.confirm(sent);
    expect([one.keptBytes, clock.pending]).toEqual([0, 0]);
  });

  test("P5.4.8 a question that waits is forgotten with its line", () => {
    const clock = new FakeClock();
    const [one, port] = connected(PLAIN, { clock });
    for (let frame = 1; frame <= 17; frame++) {
      say(one, "frame");
      one.confirm(frame);
    }
    expect([port.confirms.length, clock.pending]).toEqual([16, 1]);
    one.detach(true);
    expect(clock.pending).toBe(0);
  });

  test("P5.4.8 a long greeting is pinged in between, which confirms nothing that the peer did not have", () => {
    const [one] = connected(PLAIN);
    say(one, "1", "2");
    one.confirm(1);
    one.detach(false);
    const retained = Array.from({ length: 5 }, () => ({ data: new Uint8Array(40_000), isText: false }));
    const port = new FakePort();
    one.attach(port, PLAIN, () => retained);
    expect(port.confirms).toEqual([2, 2]);
    say(one, "3");
    one.confirm(2);
    expect(one.keptBytes).toBe(1 + COST);
  });

  test("P5.4.8 it starts from nothing whatever it says it has got", () => {
    const [one] = connected(PLAIN);
    say(one, "a", "b");
    one.detach(false);
    say(one, "c");
    expect(attach(one, { ...PLAIN, received: 0 }).take()).toEqual(["c"]);
  });

  test("P5.5.8 a page that counts, after one that did not, gets what was not confirmed", () => {
    const [one] = connected(PLAIN);
    say(one, "a", "b");
    one.confirm(1);
    one.detach(true);
    expect(attach(one, RELIABLE).read()).toMatchObject({ hello: { next: 2 }, data: ["b"] });
    const plain = attach(one, PLAIN);
    expect(plain.take()).toEqual(["b"]);
  });
});

describe("volatile frames", () => {
  test("P5.3.4 a peer that takes them gets them all", () => {
    const [one, port] = connected(PLAIN);
    one.sendPassing(bytes("1"), true, VOLATILE);
    one.sendPassing(bytes("2"), true, VOLATILE);
    expect(port.take()).toEqual(["1", "2"]);
  });

  test("P5.3.4 for a busy peer a newer one replaces the older", () => {
    const [one, port] = connected(PLAIN);
    port.isBusy = true;
    for (const text of ["1", "2", "3"]) one.sendPassing(bytes(text), true, VOLATILE);
    one.flush();
    expect(port.take()).toEqual([]);
    port.isBusy = false;
    one.flush();
    one.flush();
    expect(port.take()).toEqual(["3"]);
  });

  test("P5.3.4 a frame that need not wait sends the waiting volatile one first, so that order holds", () => {
    const [one, port] = connected(PLAIN);
    port.isBusy = true;
    one.sendPassing(bytes("1"), true, VOLATILE);
    one.sendPassing(bytes("2"), true, VOLATILE);
    say(one, "firm");
    one.sendPassing(bytes("3"), true, VOLATILE);
    expect(port.take()).toEqual(["2", "firm"]);
  });

  test("P5.3.4 an away peer gets the newest alone, after what waited, and it has its number", () => {
    const [one] = connected(RELIABLE);
    one.detach(false);
    say(one, "a");
    one.sendPassing(bytes("1"), true, VOLATILE);
    one.sendPassing(bytes("2"), true, VOLATILE);
    expect(attach(one, { ...RELIABLE, received: 0, epoch: "life" }).read()).toMatchObject({
      hello: { next: 1 },
      data: ["a", "2"],
    });
    expect(attach(one, { ...RELIABLE, received: 2, epoch: "life" }).read().data).toEqual([]);
  });
});

describe("a slow peer", () => {
  test("P5.4.9 what waited for it when it came is not its fault, until its queue was within the limit once", () => {
    const one = session();
    const port = new FakePort();
    port.queued = 500; // as if the waiting frames were there already
    one.attach(port, PLAIN, () => []);
    port.queued = 580;
    expect(one.isSlow(100, 0)).toBe(false);
    port.queued = 601;
    expect(one.isSlow(100, 0)).toBe(true);
    port.queued = 90;
    expect(one.isSlow(100, 0)).toBe(false);
    port.queued = 101;
    expect(one.isSlow(100, 0)).toBe(true);
  });
});

describe("a sender to a peer that is away", () => {
  test("P5.4.11 is held back where that is the rule: nothing is dropped", () => {
    const [one] = connected(PLAIN, { memory: memoryOf(2 * (COST + 1)), overflow: "hold_back" });
    say(one, "a");
    expect(one.isOverfull).toBe(false);
    one.detach(false);
    say(one, "b", "c");
    expect(one.isOverfull).toBe(false);
    say(one, "d");
    expect(one.isOverfull).toBe(true);
    expect(attach(one, PLAIN).take()).toEqual(["b", "c", "d"]);
    expect(one.isOverfull).toBe(false);
  });

  test("P5.4.7 loses the oldest frames where that is the rule", () => {
    const [one] = connected(PLAIN, { memory: memoryOf(2 * (COST + 1)) });
    one.detach(false);
    say(one, "a", "b", "c");
    expect(one.isOverfull).toBe(false);
    const port = new FakePort();
    expect(one.attach(port, PLAIN, () => [])).toBe(1);
    expect(port.take()).toEqual(["b", "c"]);
  });

  test("P5.5 takes up memory with empty frames too, so a million of them are bounded", () => {
    const [one] = connected(RELIABLE, { memory: memoryOf(COST * 1_000) });
    one.detach(false);
    for (let count = 0; count < 5_000; count++) one.send(new Uint8Array(0), true);
    expect(one.keptBytes).toBe(COST * 1_000);
    expect(attach(one, { ...RELIABLE, received: 0, epoch: "life" }).read().hello).toMatchObject({
      next: 4_001,
      lost: 4_000,
    });
  });
});
