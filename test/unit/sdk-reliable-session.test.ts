import { describe, expect, test } from "@jest/globals";
import * as fc from "../support/property-testing.ts";
import { budget } from "../support/seeded-random.ts";
import { joined } from "../../src/session/host-encoder.ts";
import { ResumableSession } from "../../src/session/resumable-session.ts";
import type { Port } from "../../src/session/ports.ts";
import { ReliableSession } from "../../src/sdk/reliable-session.ts";
import { FakeClock } from "../support/room/fake-clock.ts";
import { memoryOf } from "../support/room/memory-budget.ts";
import type { Frame, OutboxOptions } from "../../src/sdk/outbox.ts";

const ROOMY: OutboxOptions = { limitBytes: 1_000_000, maxFrameBytes: 1_000_000, whenFull: "refuse" };

function hello(
  counts: Partial<{ epoch: string; received: number; greeting: number; next: number; lost: number }> = {},
) {
  return `\0hello ${JSON.stringify({ epoch: "life", received: 0, greeting: 0, next: 1, lost: 0, ...counts })}`;
}

function createLink(options: OutboxOptions = ROOMY) {
  const sent: Frame[] = [];
  const link = new ReliableSession(options, (frame) => void sent.push(frame));
  return { link, sent, take: () => sent.splice(0) };
}

describe("beginning", () => {
  test("nothing is sent before the server has said hello, for a first page would count twice what was cut off", () => {
    const { link, take } = createLink();
    link.send("one");
    expect(take()).toEqual([]);
    expect(link.isUp).toBe(false);
    const greeting = { isFirst: true, isResumed: false, frames: [], lost: 0, unsent: 0 };
    expect(link.read(hello())).toMatchObject({ is: "greeting", greeting });
    expect(take()).toEqual(["one"]);
    expect(link.isUp).toBe(true);
  });

  test("a greeting is told when it is complete; one that was cut off is asked for again from nothing", () => {
    const { link } = createLink();
    expect(link.read(hello({ greeting: 2, next: 8 }))).toEqual({ is: "control" });
    expect(link.read("a")).toEqual({ is: "control" });
    link.down();
    expect(link.resumption).toEqual({});
    link.read(hello({ greeting: 2, next: 8 }));
    link.read("a");
    expect(link.read("\0\0b")).toMatchObject({ is: "greeting", greeting: { frames: ["a", "\0b"] } });
    expect(link.received).toBe(7);
    link.read("c");
    expect(link.resumption).toEqual({ received: "8", epoch: "life" });
  });

  test("what is no hello is nothing, until there is one", () => {
    const { link } = createLink();
    for (const frame of ["early", "\0ack 3", "\0something new", "\0hello {}", new Uint8Array([1])]) {
      expect(link.read(frame)).toEqual({ is: "control" });
    }
    expect(link.isUp).toBe(false);
  });
});

describe("going on", () => {
  test("sends again what the server has not got, and nothing of the rest", () => {
    const { link, take } = createLink();
    link.read(hello());
    for (const text of ["one", "\0two", "three"]) link.send(text);
    expect(take()).toEqual(["one", "\0\0two", "three"]);
    link.down();
    link.send("four");
    expect(take()).toEqual([]);
    expect(link.read(hello({ received: 1 }))).toMatchObject({ greeting: { isResumed: true, unsent: 0 } });
    expect(take()).toEqual(["\0\0two", "three", "four"]);
    link.read("\0ack 4");
    expect(link.hasUnconfirmed).toBe(false);
  });

  test.each([
    ["another life", { epoch: "other" }],
    ["a count that goes back", { received: 1 }],
    ["a count that was never reached", { received: 9 }],
    ["frames that were got already", { received: 3, next: 1 }],
  ])("%s is another seat: what was meant for the old one is not sent, and told", (_what, counts) => {
    const { link, take } = createLink();
    link.read(hello());
    link.read("got");
    for (const text of ["one", "two", "three", "four"]) link.send(text);
    link.read("\0ack 2");
    take();
    link.down();
    const greeting = { isFirst: false, isResumed: false, unsent: 2 };
    expect(link.read(hello({ received: 2, next: 2, ...counts }))).toMatchObject({ is: "greeting", greeting });
    expect(take()).toEqual([]);
    link.send("new");
    link.down();
    link.read(hello({ next: 2, ...counts, received: 0 }));
    expect(take()).toEqual(["new", "new"]);
  });

  test("what was dropped for want of room is skipped, and told once", () => {
    const { link, take } = createLink({ limitBytes: 60, maxFrameBytes: 1_000_000, whenFull: "drop_oldest" });
    link.read(hello());
    link.down();
    for (const text of ["one", "two", "three", "four", "five"]) link.send(text);
    expect(link.read(hello())).toMatchObject({ greeting: { isResumed: true, unsent: 3 } });
    expect(take()).toEqual(["\0skip 3", "four", "five"]);
    link.down();
    expect(link.read(hello())).toMatchObject({ greeting: { unsent: 0 } });
    expect(take()).toEqual(["\0skip 3", "four", "five"]);
  });

  test("what the server lost is counted, and not waited for", () => {
    const { link } = createLink();
    link.read(hello());
    link.read("one");
    link.down();
    expect(link.read(hello({ next: 5, lost: 3 }))).toMatchObject({ greeting: { isResumed: true, lost: 3 } });
    expect(link.received).toBe(4);
  });
});

describe("saying what was got", () => {
  test("after sixteen frames, or 64 KiB, or when asked to", () => {
    const { link, take } = createLink();
    link.read(hello({ next: 11 }));
    for (let frame = 1; frame <= 15; frame++) link.read("x");
    expect(take()).toEqual([]);
    link.read("x");
    expect(take()).toEqual(["\0ack 26"]);
    link.read(new Uint8Array(65_536));
    expect(take()).toEqual(["\0ack 27"]);
    link.acknowledge();
    expect(take()).toEqual([]);
    link.read("x");
    expect(link.owesAck).toBe(true);
    link.acknowledge();
    expect(take()).toEqual(["\0ack 28"]);
    link.ask();
    expect(take()).toEqual(["\0ping"]);
  });
});

describe("room for what waits", () => {
  test("is refused where it is full, and what waited is kept", () => {
    const { link, take } = createLink({ limitBytes: 60, maxFrameBytes: 1_000_000, whenFull: "refuse" });
    link.send("one");
    expect(() => link.send("ü".repeat(20))).toThrow(expect.objectContaining({ code: "queue_full" }));
    link.send("two");
    link.read(hello());
    expect(take()).toEqual(["one", "two"]);
    expect(() => link.send("x".repeat(40))).toThrow("at most 60 are kept");
    link.read("\0ack 2");
    link.send("x".repeat(400)); // alone, or it could never be sent
    expect(take()).toHaveLength(1);
  });
});

/** Both ends, the SDK's and the server's, and a network between them that a test moves by hand. */
function createWorld(client: OutboxOptions, serverBytes: number) {
  const channel = new ResumableSession({
    memory: memoryOf(serverBytes),
    overflow: "drop_oldest",
    epoch: "life",
    clock: new FakeClock(),
  });
  let toServer: Frame[] = [];
  let toClient: { data: Uint8Array; isText: boolean }[] = [];
  const world = { atServer: [] as Frame[], atClient: [] as Frame[], lost: 0, unsent: 0, skipped: 0 };
  const link = new ReliableSession(client, (frame) => void toServer.push(frame));
  const utf8 = new TextEncoder();
  const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  const connect = (): void => {
    link.down();
    toServer = [];
    const inFlight: typeof toClient = [];
    toClient = inFlight;
    const port: Port = {
      send: (data, isText) => void inFlight.push({ data, isText }),
      sendCorked: (data, isText) => void inFlight.push({ data, isText }),
      sendParts: (head, data, isText = false) => void inFlight.push({ data: joined(head, data), isText }),
      close: () => undefined,
      confirm: () => undefined,
      queued: 0,
      isBusy: false,
    };
    const query = new URLSearchParams(link.resumption);
    const received = query.get("received");
    channel.attach(
      port,
      {
        isReliable: true,
        received: received === null ? undefined : Number(received),
        epoch: query.get("epoch") ?? undefined,
      },
      () => [],
    );
  };
  const moveToServer = (count: number): void => {
    for (const frame of toServer.splice(0, count)) {
      const isText = typeof frame === "string";
      const data = channel.read(isText ? utf8.encode(frame) : frame, isText);
      if (data === "nonsense") throw new Error(`The server did not understand ${String(frame)}`);
      if (data === "control") world.skipped += channel.takeSkipped();
      else world.atServer.push(isText ? fromUtf8.decode(data) : new Uint8Array(data));
    }
  };
  const moveToClient = (count: number): void => {
    for (const { data, isText } of toClient.splice(0, count)) {
      const incoming = link.read(isText ? fromUtf8.decode(data) : new Uint8Array(data));
      if (incoming.is === "data") world.atClient.push(incoming.data);
      if (incoming.is !== "greeting") continue;
      world.lost += incoming.greeting.lost;
      world.unsent += incoming.greeting.unsent;
    }
  };
  return {
    world,
    link,
    sendFromServer: (frame: Frame) =>
      typeof frame === "string" ? channel.send(utf8.encode(frame), true) : channel.send(frame, false),
    connect,
    moveToServer,
    moveToClient,
    /** The network drops what is on its way; the server may learn of it, or not. */
    cut(isNoticed: boolean): void {
      link.down();
      toServer = [];
      toClient = [];
      if (isNoticed) channel.detach(true);
    },
    /** A last connection that holds. */
    calm(): void {
      connect();
      for (let round = 0; round < 8; round++) {
        moveToClient(Infinity);
        moveToServer(Infinity);
      }
    },
  };
}

const frame = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 6 }).map((text) => `\0${text}`),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => new Uint8Array(bytes)),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("up" as const), frame }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("down" as const), frame }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("moveUp" as const), count: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("moveDown" as const), count: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), isNoticed: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("connect" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("acknowledge" as const) }) },
);

function play(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[], bytes: number) {
  const whenFull = bytes < 1_000 ? "drop_oldest" : "refuse";
  const ends = createWorld({ limitBytes: bytes, maxFrameBytes: 1_000_000, whenFull }, bytes);
  const sent = { byClient: [] as Frame[], byServer: [] as Frame[] };
  ends.connect();
  ends.moveToClient(1);
  for (const next of steps) {
    switch (next.do) {
      case "up":
        sent.byClient.push(next.frame);
        ends.link.send(next.frame);
        break;
      case "down":
        sent.byServer.push(next.frame);
        ends.sendFromServer(next.frame);
        break;
      case "moveUp":
        ends.moveToServer(next.count);
        break;
      case "moveDown":
        ends.moveToClient(next.count);
        break;
      case "cut":
        ends.cut(next.isNoticed);
        break;
      case "connect":
        ends.connect();
        break;
      case "acknowledge":
        ends.link.acknowledge();
        break;
      default:
        next satisfies never;
    }
  }
  ends.calm();
  return { ...ends.world, sent };
}

/** `part` in this order within `whole`. */
function isSubsequence(part: readonly Frame[], whole: readonly Frame[]): boolean {
  let at = 0;
  for (const item of whole) if (at < part.length && String(part[at]) === String(item)) at += 1;
  return at === part.length;
}

describe("any cuts at all", () => {
  const many = fc.array(step, { maxLength: 120 });

  test("every frame arrives once and in order, both ways", () => {
    fc.assert(
      fc.property(many, (steps) => {
        const { atServer, atClient, lost, unsent, skipped, sent } = play(steps, 1_000_000);
        expect(atServer).toEqual(sent.byClient);
        expect(atClient).toEqual(sent.byServer);
        expect({ lost, unsent, skipped }).toEqual({ lost: 0, unsent: 0, skipped: 0 });
      }),
      { numRuns: budget(400) },
    );
  });

  test("where the buffers do not hold, both ends know to the frame how many are missing", () => {
    fc.assert(
      fc.property(many, (steps) => {
        const { atServer, atClient, lost, unsent, skipped, sent } = play(steps, 160);
        expect(isSubsequence(atServer, sent.byClient)).toBe(true);
        expect(isSubsequence(atClient, sent.byServer)).toBe(true);
        expect(atClient.length + lost).toBe(sent.byServer.length);
        expect(atServer.length + skipped).toBe(sent.byClient.length);
        expect(unsent).toBe(skipped);
      }),
      { numRuns: budget(400) },
    );
  });
});
