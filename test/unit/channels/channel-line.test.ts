import { expect, test } from "@jest/globals";
import { LineToken } from "../../../src/admission/line-token.ts";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import type { ChannelLineRequest } from "../../../src/admission/channel-port.ts";
import { ChannelLine } from "../../../src/channels/channel-line.ts";
import { Channels } from "../../../src/channels/channels.ts";
import { createTokens, type TokenClaims } from "../../../src/index.ts";
import { success } from "../../../src/protocol/result.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { ArrivingFakePort } from "../../support/room/arriving-port.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import * as fc from "../../support/property-testing.ts";
import { budget as budgetOf } from "../../support/seeded-random.ts";

const tokens = createTokens({ secret: JWT_SECRET });

async function lineToken(claims: Partial<TokenClaims> = {}): Promise<LineToken> {
  const gate = new TokenGate({ tokens, guessLimit: 0, now: () => 0 });
  const text = await tokens.sign({ sub: "ann", channels: ["*"], publish: ["*"], ...claims });
  const judged = await gate.judge(text, "");
  if (!judged.ok) throw new Error(judged.failure.reason);
  return new LineToken({ token: judged.value, gate, address: "" });
}

const TOKEN = await lineToken();

class World {
  readonly clock = new FakeClock();
  readonly budget: MemoryBudget;
  readonly channels: Channels;

  constructor(budget = unlimitedMemory()) {
    this.budget = budget;
    this.channels = new Channels({ clock: this.clock, budget });
  }

  /** A line that is connected; what it was answered is forgotten. */
  connect(request: Partial<ChannelLineRequest> = {}): Line {
    const line = new Line(this, { token: TOKEN, ...request });
    line.say("connect");
    line.heard();
    return line;
  }

  publish(channel: string, data: unknown): number {
    return this.channels.publishJson(channel, bytes(JSON.stringify(data)));
  }
}

type Heard = Record<string, unknown> & {
  readonly error?: { readonly code: number };
  readonly result?: { epoch: string; offset: number; recovered: boolean };
  readonly params?: { readonly offset: number };
};

const judge = (): Promise<never> => Promise.reject(new Error("no token is judged here"));

class Line {
  readonly port = new ArrivingFakePort();
  readonly line: ChannelLine;
  #id = 0;

  constructor({ channels, clock, budget }: World, request: Partial<ChannelLineRequest>) {
    this.line = new ChannelLine(
      this.port,
      { address: "", token: undefined, judge, ...request },
      { channels, clock, budget },
    );
  }

  say(method: string, params?: unknown): number {
    this.#id += 1;
    this.line.message(bytes(JSON.stringify({ id: this.#id, method, params })), true);
    return this.#id;
  }

  heard(): Heard[] {
    return this.port.take().map((frame) => JSON.parse(String(frame)));
  }

  offsets(): unknown[] {
    return this.heard().flatMap(({ params }) => (params === undefined ? [] : [params.offset]));
  }
}

const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

test("P8.5 256 messages wait for a line that takes no more; the next one closes it with 4031, and it is no subscriber any more", () => {
  const world = new World();
  const line = world.connect();
  line.say("subscribe", { channel: "news" });
  line.heard();
  line.port.isBusy = true;
  for (let number = 1; number <= 256; number++) expect(world.publish("news", number)).toBe(1);
  expect(line.port.closing).toBeUndefined();
  expect(world.budget.used).toBeGreaterThan(256 * 64);
  expect(world.publish("news", 257)).toBe(0);
  expect(line.port.closing?.name).toBe("slow_consumer");
  expect(world.channels.presence("news")).toBe(0);
  expect(line.heard()).toEqual([]);
});

test("P8.5 what waits is sent in order when the line takes more, and answers keep their place in it", () => {
  const world = new World();
  const line = world.connect();
  line.say("subscribe", { channel: "news" });
  line.heard();
  line.port.isBusy = true;
  world.publish("news", 1);
  const id = line.say("ping");
  world.publish("news", 2);
  expect(line.heard()).toEqual([]);
  line.port.isBusy = false;
  line.line.drained();
  world.publish("news", 3);
  expect(line.heard()).toMatchObject([
    { params: { offset: 1 } },
    { id, result: {} },
    { params: { offset: 2 } },
    { params: { offset: 3 } },
  ]);
});

test("P8.5 a line that is sent what it missed gets it as fast as it takes it, and what is new behind it", () => {
  const world = new World();
  const first = world.connect();
  first.say("subscribe", { channel: "news" });
  const [{ result } = {}] = first.heard();
  first.line.gone();
  for (const number of upTo(1_000)) world.publish("news", number);

  const line = world.connect();
  line.port.busyAfter = 100;
  line.say("subscribe", { channel: "news", since: { epoch: result?.epoch, offset: 0 } });
  expect(line.offsets()).toEqual(upTo(99));
  for (const number of upTo(20, 1_001)) expect(world.publish("news", number)).toBe(1);
  for (let from = 100; from <= 1_020; from += 100) {
    line.port.busyAfter = 100;
    line.port.isBusy = false;
    line.line.drained();
    expect(line.offsets()).toEqual(upTo(Math.min(100, 1_021 - from), from));
  }
  line.port.busyAfter = Infinity;
  line.port.isBusy = false;
  line.line.drained();
  world.publish("news", 1_021);
  expect(line.offsets()).toEqual([1_021]);
});

test("P8.5 a line that waits for what is not kept any more is closed with 4031", () => {
  const world = new World();
  const first = world.connect();
  first.say("subscribe", { channel: "news" });
  const [{ result } = {}] = first.heard();
  first.line.gone();
  for (const number of upTo(100)) world.publish("news", number);
  const line = world.connect();
  line.port.busyAfter = 11;
  line.say("subscribe", { channel: "news", since: { epoch: result?.epoch, offset: 0 } });
  expect(line.offsets()).toEqual(upTo(10));
  for (const number of upTo(2_000)) world.publish("news", number);
  line.port.busyAfter = Infinity;
  line.port.isBusy = false;
  line.line.drained();
  expect(line.offsets()).toEqual([]);
  expect(line.port.closing?.name).toBe("slow_consumer");
});

test("what waits for a line counts in the memory budget, and the line with the most is closed with 4031", async () => {
  const world = new World(new MemoryBudget({ limit: 1_500_000, schedule: queueMicrotask }));
  const [slow, fine] = [world.connect(), world.connect()];
  for (const line of [slow, fine]) line.say("subscribe", { channel: "news" });
  slow.say("subscribe", { channel: "more" });
  for (const line of [slow, fine]) line.port.isBusy = true;
  world.publish("news", 1);
  for (let number = 0; number < 200; number++) world.publish("more", [number, "x".repeat(4_000)]);
  for (let number = 0; number < 200; number++) world.publish(`other${number}`, "x".repeat(4_000));
  await Promise.resolve();
  expect(slow.port.closing?.name).toBe("slow_consumer");
  expect(fine.port.closing).toBeUndefined();
});

test("a line that is gone leaves nothing behind", () => {
  const world = new World();
  const { pending } = world.clock;
  const used = world.budget.used;
  const line = world.connect();
  for (const channel of ["a", "b"]) line.say("subscribe", { channel });
  line.port.isBusy = true;
  world.publish("a", 1);
  line.line.gone();
  line.line.gone();
  line.line.drained();
  line.say("ping");
  expect(world.channels.subscriptionCount).toBe(0);
  world.clock.pass(90_000);
  expect(world.channels.channelCount).toBe(0);
  expect([world.clock.pending, world.budget.used]).toEqual([pending, used]);
});

test("P8.3 a bug while a token is judged is answered 500, and the line stays", async () => {
  const world = new World();
  const line = new Line(world, {});
  const id = line.say("connect", { token: "any" });
  const ping = line.say("ping");
  expect(line.heard()).toEqual([]); // waits for the answer before it
  await new Promise((resolve) => setImmediate(resolve));
  expect(line.heard()).toEqual([
    { id, error: { code: 500, message: "The server made a mistake." } },
    { id: ping, result: {} },
  ]);
  expect(() => world.clock.pass(0)).toThrow("no token is judged here");
});

test("P8.2 a line is not read while its token is judged, and is read again afterwards", async () => {
  const world = new World();
  const line = new Line(world, { judge: async () => success(TOKEN) });
  line.say("connect", { token: "any" });
  expect(line.port.isPaused).toBe(true);
  line.line.message(bytes('{"id":9,"method":"subscribe","params":{"channel":"a"}}'), true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(line.port.isPaused).toBe(false);
  expect(line.heard()).toMatchObject([
    { id: 1, result: { connected: true } },
    { id: 9, result: { subscribed: true } },
  ]);
  expect(line.port.token).toBe(TOKEN);
});

test("P8.3 a line that does not connect within 10 seconds is closed with 4501", () => {
  const world = new World();
  const line = new Line(world, {});
  line.say("ping");
  world.clock.pass(9_999);
  expect(line.port.closing).toBeUndefined();
  world.clock.pass(1);
  expect(line.port.closing).toEqual({ name: "unauthorized", reason: "No token was shown within 10 seconds." });
});

test("P6.0 a first frame that is no command closes the line with 4501, and leaves no timer behind", () => {
  const world = new World();
  const line = new Line(world, {});
  line.line.message(bytes('{"data":1}'), true);
  expect(line.port.closing).toEqual({ name: "unauthorized", reason: expect.stringMatching(/"method"/) });
  expect(world.clock.pending).toBe(0);
});

test("P5.9.10 a line gives way while it is not connected, or follows no channel", () => {
  const world = new World();
  const silent = new Line(world, {});
  expect([silent.line.idleRank(999), silent.line.idleRank(1_000)]).toEqual([undefined, 0]);
  const line = world.connect();
  expect([line.line.idleRank(59_999), line.line.idleRank(60_000)]).toEqual([undefined, 1]);
  line.say("subscribe", { channel: "news" });
  expect(line.line.idleRank(600_000)).toBeUndefined();
});

test("P8.3 50 commands a second come back", () => {
  const world = new World();
  const line = world.connect();
  const codes = (count: number): (number | undefined)[] => {
    for (let each = 0; each < count; each++) line.say("ping");
    return line.heard().map(({ error }) => error?.code);
  };
  expect(codes(60).filter((code) => code === 429)).toHaveLength(11); // `connect` was one
  world.clock.pass(1_000);
  expect(codes(60).filter((code) => code === 429)).toHaveLength(10);
});

test("P8.5 a line is told of a channel whose room has ended, behind what waits, and may follow the next one", () => {
  const world = new World();
  const line = world.connect();
  for (const channel of ["room:BCDF:score", "news"]) line.say("subscribe", { channel });
  const [{ result: before } = {}] = line.heard();
  line.port.isBusy = true;
  world.publish("room:BCDF:score", 1);
  world.channels.endRoom("BCDF");
  world.publish("room:BCDF:score", 2);
  line.port.isBusy = false;
  line.line.drained();
  world.publish("news", 3);
  expect(line.heard()).toMatchObject([
    { method: "publication", params: { channel: "room:BCDF:score", data: 1 } },
    { method: "unsubscribed", params: { channel: "room:BCDF:score" } },
    { method: "publication", params: { channel: "news", data: 3 } },
  ]);
  line.say("subscribe", { channel: "room:BCDF:score", since: { epoch: before?.epoch, offset: 1 } });
  expect(line.heard()).toMatchObject([{ result: { subscribed: true, recovered: false } }]);
  expect(world.publish("room:BCDF:score", 4)).toBe(1);
});

test("P8.3 the 51st command at once is one too many, though some milliseconds have passed", () => {
  const world = new World();
  const line = world.connect();
  world.clock.pass(1_000);
  const codes: (number | undefined)[] = [];
  for (let each = 0; each < 52; each++) {
    line.say("ping");
    if (each === 48) world.clock.pass(10); // half a command
    codes.push(line.heard()[0]?.error?.code);
  }
  expect(codes.indexOf(429)).toBe(50);
});

test("P8.3 a line publishes to 64,000 lines at once and to 32,000 a second, and the publication that goes past that still arrives", () => {
  const world = new World();
  for (let each = 0; each < 8_000; each++) {
    world.channels.subscribe("crowd", { sub: "crowd", hear: () => true, ended() {}, lost() {} });
  }
  const line = world.connect();
  const publish = (channel: string): unknown => {
    line.say("publish", { channel, data: 1 });
    const [{ result, error } = {}] = line.heard();
    return result ?? error?.code;
  };
  for (let each = 0; each < 8; each++) expect(publish("crowd")).toEqual({ delivered: 8_000 });
  expect(publish("crowd")).toBe(429);
  expect(publish("empty")).toBe(429);
  world.clock.pass(100);
  expect([publish("crowd"), publish("crowd")]).toEqual([{ delivered: 8_000 }, 429]);
  world.clock.pass(1_000);
  expect(publish("crowd")).toEqual({ delivered: 8_000 });
  line.say("ping");
  expect(line.heard()[0]?.result).toEqual({});
});

test("P8.3 a channel too many for one sub is answered 429, and the line stays", () => {
  const world = new World();
  for (let number = 0; number < 1_024; number++) {
    world.channels.subscribe(`channel ${number}`, { sub: "ann", hear: () => true, ended() {}, lost() {} });
  }
  const line = world.connect();
  line.say("subscribe", { channel: "one more" });
  line.say("subscribe", { channel: "channel 7" });
  expect(line.heard()).toMatchObject([
    { error: { code: 429, message: expect.stringContaining("at most 1024") } },
    { result: { subscribed: true } },
  ]);
});

test("P8.3 a long command counts as several", () => {
  const world = new World();
  const line = world.connect();
  for (let each = 0; each < 3; each++) line.say("publish", { channel: "a", data: "x".repeat(250_000) });
  expect(line.heard().every(({ error }) => error === undefined)).toBe(true);
  for (let each = 0; each < 3; each++) line.say("publish", { channel: "a", data: "x".repeat(250_000) });
  expect(line.heard().at(-1)).toMatchObject({ error: { code: 429 } });
});

test("P8.5 whatever the line takes, and wherever it is cut: each publication once and in order wherever it was recovered", () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant("publish" as const), times: fc.integer({ min: 1, max: 100 }) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const), frames: fc.integer({ min: 0, max: 120 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("cut" as const),
        missed: fc.integer({ min: 0, max: 400 }),
        frames: fc.integer({ min: 1, max: 300 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("free" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("other" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const world = new World();
      let since: { epoch: string; offset: number } | undefined;
      let published = 0;
      let gaps = 0;
      let line = world.connect();
      const read = (): void => {
        for (const { id, result, params } of line.heard()) {
          if (params !== undefined && since !== undefined) {
            expect(params).toEqual({ channel: "news", data: since.offset + 1, offset: since.offset + 1 });
            since.offset += 1;
          } else if (id === 2 && result !== undefined) {
            if (result.recovered) expect({ epoch: result.epoch, offset: result.offset }).toEqual(since);
            else if (since !== undefined) gaps += 1;
            since = { epoch: result.epoch, offset: result.offset };
          }
        }
      };
      const comeBack = (frames = Infinity): void => {
        line = world.connect();
        line.port.busyAfter = frames;
        line.say("subscribe", { channel: "news", since });
        read();
      };
      line.say("subscribe", { channel: "news" });
      read();
      for (const each of steps) {
        if (each.do === "publish") for (let time = 0; time < each.times; time++) world.publish("news", ++published);
        else if (each.do === "pass") world.clock.pass(each.ms);
        else if (each.do === "other") line.say("ping");
        else if (each.do === "free") {
          line.port.isBusy = false; // and `drained` is still to come
          line.port.busyAfter = Infinity;
        } else if (each.do === "take") {
          line.port.busyAfter = each.frames;
          line.port.isBusy = each.frames === 0;
          line.line.drained();
        } else {
          line.line.gone(); // what was sent and not read is lost
          line.port.take();
          for (let time = 0; time < each.missed; time++) world.publish("news", ++published);
          comeBack(each.frames);
        }
        if (each.do !== "cut") read();
        if (line.port.closing !== undefined) {
          expect(line.port.closing.name).toBe("slow_consumer");
          comeBack();
        }
      }
      line.port.busyAfter = Infinity;
      line.port.isBusy = false;
      line.line.drained();
      read();
      if (line.port.closing !== undefined) comeBack();
      expect(since?.offset).toBe(published);
      if (published <= 1_024 && !steps.some((each) => each.do === "pass")) expect(gaps).toBe(0);
    }),
    { numRuns: budgetOf(30) },
  );
});
