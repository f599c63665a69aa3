import { expect, test } from "@jest/globals";
import { z } from "zod";
import type { Channel, ChannelSubscriber } from "../../../src/channels/channel.ts";
import { Channels } from "../../../src/channels/channels.ts";
import { failure } from "../../../src/protocol/result.ts";
import { MAX_PUBLICATION_BYTES } from "../../../src/protocol/channels/channel-name.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import * as fc from "../../support/property-testing.ts";
import { budget as budgetOf } from "../../support/seeded-random.ts";

/** Counts what it hears. */
class FakeSubscriber implements ChannelSubscriber {
  readonly sub: string;
  readonly heard: unknown[] = [];
  ends = 0;
  takes = true;

  constructor(sub = "ann") {
    this.sub = sub;
  }

  hear(frame: Uint8Array): boolean {
    if (this.takes) this.heard.push(JSON.parse(new TextDecoder().decode(frame)));
    return this.takes;
  }

  ended(): void {
    this.ends += 1;
  }

  lost(): void {}

  get offsets(): unknown[] {
    return this.heard.map(offsetOf);
  }
}

const PUBLICATION = z.looseObject({ params: z.looseObject({ offset: z.number() }) });

function offsetOf(publication: unknown): number {
  return PUBLICATION.parse(publication).params.offset;
}

/** Numbers that are kept of a channel after this one; `undefined` where it does not reach back so far. */
function keptAfter(channels: Channels, channel: Channel, offset: number): number[] | undefined {
  if (!channels.reachesBackTo(channel, { epoch: channel.epoch, offset })) return undefined;
  const kept: number[] = [];
  for (let next = offset + 1; next <= channel.offset; next++) {
    const frame = channel.frameOf(next);
    if (frame === undefined) throw new Error(`publication ${next} is missing`);
    kept.push(offsetOf(JSON.parse(new TextDecoder().decode(frame))));
  }
  return kept;
}

function start(budget = unlimitedMemory(), maxChannels?: number) {
  const clock = new FakeClock();
  const channels = new Channels({ clock, budget, ...(maxChannels !== undefined && { maxChannels }) });
  return { clock, channels };
}

function join(channels: Channels, name: string, subscriber: ChannelSubscriber = new FakeSubscriber()): Channel {
  const followed = channels.subscribe(name, subscriber);
  if (!followed.ok) throw new Error(followed.failure);
  return followed.value;
}

test("P8.4 a publication is one frame for all subscribers, the same bytes", async () => {
  const { channels } = start();
  const frames: Uint8Array[] = [];
  for (let line = 0; line < 3; line++)
    join(channels, "news", { sub: "ann", hear: (frame) => frames.push(frame) > 0, ended() {}, lost() {} });
  expect(await channels.publish("news", { text: "hé\u2028" })).toEqual({ delivered: 3 });
  expect(new Set(frames).size).toBe(1);
  expect(new TextDecoder().decode(frames[0])).toBe(
    '{"method":"publication","params":{"channel":"news","data":{"text":"hé\u2028"},"offset":1}}',
  );
});

test("P8.2 publications are numbered from 1, each channel by itself, and a line that leaves hears no more", async () => {
  const { channels } = start();
  const [one, other] = [new FakeSubscriber(), new FakeSubscriber()];
  const channel = join(channels, "one", one);
  join(channels, "other", other);
  await channels.publish("one", 1);
  await channels.publish("one", 2);
  await channels.publish("other", 3);
  channels.unsubscribe(channel, one);
  channels.unsubscribe(channel, one);
  expect(await channels.publish("one", 4)).toEqual({ delivered: 0 });
  expect(one.offsets).toEqual([1, 2]);
  expect(other.offsets).toEqual([1]);
  expect([channels.presence("one"), channels.presence("other"), channels.presence("none")]).toEqual([0, 1, 0]);
});

test("P8.2 a subscriber that does not take a publication is not counted as one that got it", async () => {
  const { channels } = start();
  const deaf = new FakeSubscriber();
  deaf.takes = false;
  join(channels, "news", deaf);
  join(channels, "news");
  expect(await channels.publish("news", null)).toEqual({ delivered: 1 });
});

test.each([
  ["an empty name", "", 1, /1 to 256 bytes/],
  ["a name of 257 bytes", "é".repeat(128) + "x", 1, /1 to 256 bytes/],
  ["half a surrogate pair", "\ud800", 1, /1 to 256 bytes/],
  ["undefined", "news", undefined, /has to be a JSON value, not undefined/],
  ["a function", "news", () => {}, /has to be a JSON value, not function/],
  ["a bigint", "news", 1n, /cannot be written as JSON/],
  ["too much", "news", "x".repeat(MAX_PUBLICATION_BYTES), /262146 bytes as JSON; at most 262144/],
])("publish refuses %s with a sentence, and nothing is published", async (_, name, data, reason) => {
  const { channels } = start();
  await expect(channels.publish(name, data)).rejects.toThrow(reason);
  await expect(channels.publish(name, data)).rejects.toThrow(TypeError);
  expect(channels.channelCount).toBe(0);
});

test("P8.5 the last 1024 publications are kept", () => {
  const { channels } = start();
  const channel = join(channels, "news");
  for (let number = 1; number <= 1_500; number++) channels.publishJson("news", bytes("1"));
  expect(keptAfter(channels, channel, 475)).toBeUndefined();
  expect(keptAfter(channels, channel, 476)).toHaveLength(1_024);
  expect(keptAfter(channels, channel, 1_500)).toEqual([]);
  expect(keptAfter(channels, channel, 1_501)).toBeUndefined();
});

test("P8.5 at most 1 MiB of them is kept", () => {
  const { channels } = start();
  const channel = join(channels, "news");
  const large = bytes(JSON.stringify("x".repeat(100_000)));
  for (let number = 1; number <= 20; number++) channels.publishJson("news", large);
  expect(keptAfter(channels, channel, 10)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(keptAfter(channels, channel, 9)).toBeUndefined();
});

test("P8.5 a publication is kept for 60 seconds", () => {
  const { channels, clock } = start();
  const channel = join(channels, "news");
  channels.publishJson("news", bytes("1"));
  clock.pass(30_000);
  channels.publishJson("news", bytes("2"));
  clock.pass(30_000);
  expect(keptAfter(channels, channel, 0)).toEqual([1, 2]);
  clock.pass(1);
  expect(keptAfter(channels, channel, 0)).toBeUndefined();
  expect(keptAfter(channels, channel, 1)).toEqual([2]);
  clock.pass(60_000);
  expect(keptAfter(channels, channel, 2)).toEqual([]);
});

test("P8.2 another life of a channel does not reach back into the one before", () => {
  const { channels } = start();
  const channel = join(channels, "news");
  expect(channels.reachesBackTo(channel, { epoch: channel.epoch, offset: 0 })).toBe(true);
  expect(channels.reachesBackTo(channel, { epoch: "another", offset: 0 })).toBe(false);
});

test("P8.5 what is kept for a subscriber that comes back is kept while there is no subscriber", () => {
  const { channels, clock } = start();
  const subscriber = new FakeSubscriber();
  const channel = join(channels, "news", subscriber);
  channels.publishJson("news", bytes("1"));
  channels.unsubscribe(channel, subscriber);
  channels.publishJson("news", bytes("2"));
  clock.pass(50_000);
  expect(join(channels, "news")).toBe(channel);
  expect(keptAfter(channels, channel, 1)).toEqual([2]);
});

test("P8.5 a channel without subscribers is forgotten after a minute, and nothing is left of it", () => {
  const budget = unlimitedMemory();
  const { channels, clock } = start(budget);
  const subscriber = new FakeSubscriber();
  const channel = join(channels, "news", subscriber);
  channels.publishJson("news", bytes("1"));
  channels.unsubscribe(channel, subscriber);
  channels.publishJson("nobody's", bytes("1"));
  expect(channels.channelCount).toBe(2);
  clock.pass(80_000);
  expect(channels.channelCount).toBe(0);
  expect(budget.used).toBe(0);
  expect(clock.pending).toBe(0);
  expect(join(channels, "news").epoch).not.toBe(channel.epoch);
});

test("a channel with a subscriber stays, however quiet it is", () => {
  const { channels, clock } = start();
  const channel = join(channels, "news");
  clock.pass(600_000);
  expect(join(channels, "news")).toBe(channel);
});

test("where there are as many channels as there may be, the one that is unused for longest makes room", () => {
  const { channels } = start(unlimitedMemory(), 3);
  const subscriber = new FakeSubscriber();
  const used = join(channels, "used");
  const left = join(channels, "left", subscriber);
  channels.publishJson("old", bytes("1"));
  channels.unsubscribe(left, subscriber);
  channels.publishJson("old", bytes("2"));
  const more = join(channels, "more");
  expect(channels.channelCount).toBe(3);
  expect(join(channels, "used")).toBe(used);
  expect(join(channels, "more")).toBe(more);
  expect(join(channels, "old").offset).toBe(2); // and not the one that was left before
  expect(channels.subscribe("left", subscriber)).toEqual(failure(expect.stringContaining("Come back later")));
  expect(channels.publishJson("left", bytes("1"))).toBe(0);
});

test("where there are as many channels as there may be, what is published on another one drops nothing that is kept", () => {
  const { channels } = start(unlimitedMemory(), 2);
  const subscriber = new FakeSubscriber();
  const left = join(channels, "left", subscriber);
  channels.publishJson("left", bytes("1"));
  channels.unsubscribe(left, subscriber);
  join(channels, "used");
  for (const name of ["a", "b", "c"]) expect(channels.publishJson(name, bytes("1"))).toBe(0);
  expect(keptAfter(channels, join(channels, "left"), 0)).toEqual([1]);
});

test("P8.3 all lines of one sub follow 1,024 channels together, and other users have the rest", () => {
  const { channels } = start();
  const ann = (): FakeSubscriber => new FakeSubscriber("ann");
  const subscribers = new Map<string, FakeSubscriber>();
  for (let number = 0; number < 1_024; number++) {
    const subscriber = ann();
    subscribers.set(`channel ${number}`, subscriber);
    join(channels, `channel ${number}`, subscriber);
  }
  expect(channels.subscribe("one more", ann())).toEqual(failure(expect.stringContaining("at most 1024")));
  expect(channels.channelCount).toBe(1_024);
  const second = ann();
  join(channels, "channel 0", second); // another line that follows the same one
  join(channels, "one more", new FakeSubscriber("bob"));
  const [first = ann()] = subscribers.values();
  const channel = join(channels, "channel 0", first); // again, which counts once
  channels.unsubscribe(channel, first);
  channels.unsubscribe(channel, first);
  expect(channels.subscribe("one more", ann()).ok).toBe(false);
  channels.unsubscribe(channel, second);
  expect(channels.subscribe("one more", ann()).ok).toBe(true);
  expect(channels.subscribe("channel 0", ann()).ok).toBe(false);
});

test("P8.5 a room that ends takes its own channels with it, and nothing is left of them", () => {
  const budget = unlimitedMemory();
  const { channels, clock } = start(budget);
  const names = ["room:BCDF:score", "room:BCDF:", "room:BCDF:a:b", "room:BCDFG:score", "room:BCD:score", "news"];
  const subscribers = names.map(() => new FakeSubscriber());
  const before = names.map((name, index) => join(channels, name, subscribers[index]));
  channels.publishJson("room:BCDF:score", bytes("1"));
  channels.endRoom("BCDF");
  channels.endRoom("BCDF");
  channels.endRoom("none");
  expect(subscribers.map(({ ends }) => ends)).toEqual([1, 1, 1, 0, 0, 0]);
  expect([channels.channelCount, channels.subscriptionCount]).toEqual([3, 3]);
  expect(channels.publishJson("room:BCDF:score", bytes("2"))).toBe(0);
  const [ended] = before;
  const next = join(channels, "room:BCDF:score");
  expect([next.offset, next.epoch === ended?.epoch]).toEqual([1, false]);
  channels.close();
  clock.pass(60_000);
  expect([budget.used, clock.pending]).toEqual([0, 0]);
});

test("who follows counts in the memory budget, until it does no more", () => {
  const budget = unlimitedMemory();
  const { channels } = start(budget);
  const channel = join(channels, "news");
  const before = budget.used;
  const subscribers = Array.from({ length: 100 }, () => new FakeSubscriber());
  for (const subscriber of subscribers) for (const _ of [1, 2]) join(channels, "news", subscriber);
  expect(budget.used - before).toBe(100 * 512);
  for (const subscriber of subscribers) channels.unsubscribe(channel, subscriber);
  expect(budget.used).toBe(before);
});

test("what is kept counts in the memory budget, and the channel that holds most lets go of it first", async () => {
  const budget = new MemoryBudget({ limit: 500_000, schedule: queueMicrotask });
  const { channels } = start(budget);
  const [small, large] = [join(channels, "small"), join(channels, "large")];
  const kilobytes = bytes(JSON.stringify("x".repeat(3_000)));
  for (let number = 1; number <= 10; number++) channels.publishJson("small", kilobytes);
  expect(budget.used).toBeGreaterThan(30_000);
  for (let number = 1; number <= 160; number++) channels.publishJson("large", kilobytes);
  await Promise.resolve();
  expect(budget.used).toBeLessThan(500_000);
  expect(keptAfter(channels, large, 159)).toBeUndefined();
  expect(keptAfter(channels, small, 0)).toHaveLength(10);
  channels.publishJson("large", kilobytes);
  expect(keptAfter(channels, large, 160)).toEqual([161]);
  channels.close();
  channels.close();
  expect(budget.used).toBe(0);
});

test("channels of a closed server publish nothing and keep nothing", async () => {
  const { channels, clock } = start();
  join(channels, "news");
  channels.close();
  expect(await channels.publish("news", 1)).toEqual({ delivered: 0 });
  expect(channels.channelCount).toBe(0);
  expect(clock.pending).toBe(0);
});

test("the numbers of publications, deliveries and subscriptions are told", async () => {
  const told: number[] = [];
  const channels = new Channels({
    clock: new FakeClock(),
    budget: unlimitedMemory(),
    onPublished: (delivered) => told.push(delivered),
  });
  join(channels, "a");
  join(channels, "a");
  join(channels, "b");
  expect(channels.subscriptionCount).toBe(3);
  await channels.publish("a", 1);
  await channels.publish("c", 1);
  expect(told).toEqual([2, 0]);
});

test("P8.5 whatever happens, what is kept is the newest part without a hole, within all bounds", () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant("publish" as const),
      bytes: fc.integer({ min: 1, max: 200_000 }),
      times: fc.integer({ min: 1, max: 300 }),
    }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const { channels, clock } = start();
      const channel = join(channels, "news");
      const sent: { readonly at: number; readonly bytes: number }[] = [];
      for (const each of steps) {
        if (each.do === "pass") clock.pass(each.ms);
        else {
          const times = Math.min(each.times, Math.ceil(2_000_000 / each.bytes));
          const data = bytes(JSON.stringify("x".repeat(each.bytes)));
          for (let time = 0; time < times; time++) {
            channels.publishJson("news", data);
            sent.push({ at: clock.now(), bytes: data.length });
          }
        }
      }
      // The oldest position from which everything can be had, by looking at each.
      let reach = sent.length;
      while (reach > 0 && keptAfter(channels, channel, reach - 1) !== undefined) reach -= 1;
      for (let offset = 0; offset <= sent.length; offset++) {
        const kept = keptAfter(channels, channel, offset);
        expect(kept).toEqual(offset < reach ? undefined : sent.slice(offset).map((_, index) => offset + index + 1));
      }
      const kept = sent.slice(reach);
      expect(kept.length).toBeLessThanOrEqual(1_024);
      expect(kept.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(1_048_576);
      for (const one of kept) expect(clock.now() - one.at).toBeLessThanOrEqual(60_000);
      // And no more is dropped than has to be: one more would break a bound.
      const next = sent[reach - 1];
      if (next === undefined) return;
      const overhead = 200; // of a frame beside its data
      const isTooOld = clock.now() - next.at > 60_000;
      const isTooMany = kept.length === 1_024;
      const total = [next, ...kept].reduce((sum, one) => sum + one.bytes + overhead, 0);
      expect(isTooOld || isTooMany || total > 1_048_576).toBe(true);
    }),
    { numRuns: budgetOf(30) },
  );
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
