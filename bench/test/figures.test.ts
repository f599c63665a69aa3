/** How the benchmark gets from what it saw to what it says. */
import { describe, expect, jest, test } from "@jest/globals";
import { readCommandLine } from "../command-line.js";
import { Histogram } from "../load/histogram.js";
import { BINARY, preparePayload } from "../load/payload.js";
import { Stream } from "../load/stream.js";
import { PEERS } from "../peers/index.js";
import { createPacer } from "../load/pacer.js";
import {
  compare,
  compareRounds,
  frameCostOf,
  countingSamples,
  enoughQuiet,
  joinsOf,
  median,
  partCostsOf,
  quantile,
  usEach,
} from "../report/statistics.js";
import { SCENARIOS } from "../scenarios/index.js";
import { trialsOf, orderOfRound } from "../run/trials.js";
import { addCounts, parseCounts } from "../run/system-calls.js";

function frame(stream: Stream, sender: number, sequence: number): Buffer {
  const payload = preparePayload(BINARY, sender, stream.body);
  BINARY.writeChanging(payload, sequence, 400);
  return payload;
}

function accept(stream: Stream, sender: number, bytes: Buffer): void {
  stream.accept(sender, sender, bytes, 0, bytes.length);
}

describe("a stream of frames", () => {
  const options = { name: "test", kind: BINARY, bytes: 24, senders: 2, receivers: 2, now: () => 1000 };

  test("counts what arrives in order, and how long it took", () => {
    const stream = new Stream(options);
    stream.isTimed = true;
    accept(stream, 1, frame(stream, 1, 0));
    accept(stream, 1, frame(stream, 1, 1));
    expect(stream).toMatchObject({ delivered: 2, wrong: 0 });
    expect(stream.takeLatency().summary()).toMatchObject({ frames: 2, max: 0.6 });
  });

  test("counts what comes before or after the measured time, but not how long it took", () => {
    const stream = new Stream(options);
    accept(stream, 1, frame(stream, 1, 0));
    expect(stream.delivered).toBe(1);
    expect(stream.takeLatency().summary()).toMatchObject({ frames: 0 });
  });

  test("complains of a frame that is missing, comes twice, is another's or was changed", () => {
    for (const spoil of [
      (stream: Stream) => frame(stream, 0, 2),
      (stream: Stream) => frame(stream, 0, 0),
      (stream: Stream) => frame(stream, 1, 1),
      (stream: Stream) => frame(stream, 0, 1).fill("!", 20),
      (stream: Stream) => frame(stream, 0, 1).subarray(0, 8),
    ]) {
      const stream = new Stream(options);
      accept(stream, 0, frame(stream, 0, 0));
      accept(stream, 0, spoil(stream));
      expect(stream.wrong).toBe(1);
      expect(stream.problems).toHaveLength(1);
    }
  });

  test("lets newer volatile frames take the place of older ones, but not the other way round", () => {
    const stream = new Stream({ ...options, allowsGaps: true });
    accept(stream, 0, frame(stream, 0, 3));
    expect(stream).toMatchObject({ wrong: 0, skipped: 3 });
    accept(stream, 0, frame(stream, 0, 2));
    expect(stream.wrong).toBe(1);
  });

  test("knows how many frames never came", () => {
    const stream = new Stream(options);
    const stamped = { stamp: () => {} };
    stream.stamp(stamped, 0);
    stream.stamp(stamped, 0);
    accept(stream, 0, frame(stream, 0, 0));
    expect(stream.missing(0, 0)).toBe(1);
  });

  test("counts on behind frames that were written off", () => {
    const stream = new Stream(options);
    const stamped = { stamp: () => {} };
    for (let count = 0; count < 3; count += 1) stream.stamp(stamped, 0);
    accept(stream, 0, frame(stream, 0, 0));
    stream.writeOff(0, 0);
    expect(stream.missing(0, 0)).toBe(0);
    accept(stream, 0, frame(stream, 0, 3));
    expect(stream.wrong).toBe(0);
  });
});

test("a histogram's quantiles are within two in a hundred", () => {
  const histogram = new Histogram();
  for (let value = 0; value < 100_000; value += 1) histogram.add(value);
  for (const share of [0.01, 0.5, 0.99, 0.999]) {
    const exact = share * 100_000;
    expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(exact * 0.02 + 1);
  }
  expect(new Histogram().quantile(0.5)).toBe(0);
});

test("histograms add up to that of all their values", () => {
  const [all, ...parts] = [new Histogram(), new Histogram(), new Histogram()];
  for (const [index, value] of [3, 70, 900, 12_345, 4_000_000].entries()) {
    all.add(value);
    parts[index % 2]?.add(value);
  }
  expect(Histogram.sum(parts).summary()).toEqual(all.summary());
  expect(Histogram.sum([]).summary()).toMatchObject({ frames: 0, max: 0 });
  expect(Histogram.of(JSON.parse(JSON.stringify(all.content()))).summary()).toEqual(all.summary());
});

test("quantiles lie between the values they are near", () => {
  expect(quantile([4, 1, 3, 2, 5], 0.25)).toBe(2);
  expect(median([1, 2])).toBe(1.5);
});

describe("a pacer", () => {
  const HALF_A_PERIOD_MS = 250;

  test("goes on where it was when it is started again, so that all get their turn", () => {
    jest.useFakeTimers();
    try {
      const sent: number[] = [];
      const pacer = createPacer({ count: 8, perSecond: 2, seed: 1, send: (sender) => sent.push(sender) });
      for (let time = 0; time < 2; time += 1) {
        pacer.start();
        jest.advanceTimersByTime(HALF_A_PERIOD_MS);
        pacer.stop();
        jest.advanceTimersByTime(10_000); // the others' samples
      }
      expect(sent.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(pacer.takeWorstDelayMs()).toBeLessThan(5);
    } finally {
      jest.useRealTimers();
    }
  });
});

const FRAMES = 100;
const SAMPLE_MS = 800;
const NOISY_MS = 100;

/** A sample of 100 frames. */
function sample(usPerFrame: number, waitedMs = 0) {
  return { ns: usPerFrame * 1000 * FRAMES, done: FRAMES, waitedNs: waitedMs * 1e6, ms: SAMPLE_MS };
}

describe("the cost of a frame", () => {
  test("is the median of the samples that were quiet", () => {
    const samples = [sample(99, NOISY_MS), sample(10), sample(12), sample(14)];
    expect(frameCostOf(samples, 4)).toMatchObject({ usPerFrame: 12, meanUsPerFrame: 33.75, isNoisy: false });
  });

  test("is called noisy, and that of all samples, where fewer than half as many as were planned were quiet", () => {
    const samples = [sample(10, NOISY_MS), sample(12, NOISY_MS), sample(14, NOISY_MS), sample(16)];
    expect(frameCostOf(samples, 4)).toMatchObject({ usPerFrame: 13, isNoisy: true });
  });

  test("does not have to be quiet more often because more was measured than was planned", () => {
    const samples = [sample(10), sample(12), ...Array.from({ length: 6 }, () => sample(50, NOISY_MS))];
    expect(frameCostOf(samples, 4)).toMatchObject({ usPerFrame: 11, isNoisy: false });
  });

  test("is none where no frame was sent", () => {
    const idle = { ns: 5, done: 0, waitedNs: 0, ms: 400 };
    expect(frameCostOf([idle], 1)).toMatchObject({ usPerFrame: undefined, isNoisy: false });
  });
});

/** A sample in which each part took so many microseconds a frame. */
const shared = (usOf: Record<string, number>, waitedMs = 0) => ({
  ...sample(9, waitedMs),
  nsOf: Object.fromEntries(Object.entries(usOf).map(([part, us]) => [part, us * 1000 * FRAMES])),
});

describe("the cost of a frame at each part of a server", () => {
  test("is the median of the samples that count, each part by itself", () => {
    const samples = [
      shared({ home: 1, edge: 9 }),
      shared({ home: 3, edge: 8 }),
      shared({ home: 2, edge: 7 }),
      shared({ home: 99, edge: 99 }, NOISY_MS),
    ];
    expect(partCostsOf(samples, 4)).toEqual({ home: 2, edge: 8 });
  });

  test("is not told of a server whose parts have no names, or that had no frames", () => {
    expect(partCostsOf([sample(9)], 1)).toBeUndefined();
    expect(partCostsOf([{ ...shared({ home: 1 }), done: 0 }], 1)).toBeUndefined();
    expect(partCostsOf([], 1)).toBeUndefined();
  });
});

/** Twenty who came, one after the other. */
const party = (us: number) => ({ ns: us * 20_000, done: 20, waitedNs: 0, ms: us / 5 });

test("the cost of a join is the mean of one party, the slow first joins included, and the median of several parties", () => {
  expect(joinsOf([party(200)])).toMatchObject({ perSecond: 500, cpuUs: 200 });
  expect(joinsOf([party(400), party(100), party(200)])).toMatchObject({ perSecond: 500, cpuUs: 200 });
});

describe("a comparison of rounds", () => {
  test("is the median of ratios that are each of one round, however far the machine drifts", () => {
    const own = [sample(2), sample(4), sample(30)];
    const other = [sample(4), sample(8), sample(40)];
    expect(compareRounds(own, other, 3, usEach)).toEqual({ ratio: 0.5, isNoisy: false });
  });

  test("leaves out a round that was noisy for either", () => {
    const own = [sample(9, NOISY_MS), sample(2), sample(2), sample(3)];
    const other = [sample(1), sample(1, NOISY_MS), sample(2), sample(2)];
    expect(compareRounds(own, other, 4, usEach)).toEqual({ ratio: 1.25, isNoisy: false });
  });

  test("is noisy where both were quiet, but hardly ever in the same round", () => {
    const own = [sample(2), sample(2, NOISY_MS), sample(2), sample(2, NOISY_MS)];
    const other = [sample(1, NOISY_MS), sample(1), sample(1, NOISY_MS), sample(1)];
    expect(compareRounds(own, other, 4, usEach)).toEqual({ ratio: 2, isNoisy: true });
    expect(enoughQuiet([own], 4)).toBe(true);
    expect(enoughQuiet([own, other], 4)).toBe(false);
  });

  test("leaves out what was not quiet, by its number, unless too little is left", () => {
    expect(countingSamples([sample(1), sample(1, NOISY_MS), sample(1)], 3)).toEqual([0, 2]);
    expect(countingSamples([sample(1), sample(1, NOISY_MS), sample(1, NOISY_MS)], 3)).toEqual([0, 1, 2]);
  });

  test("ends where one of them failed, and is none where nothing was sent", () => {
    expect(compareRounds([sample(2), sample(2), sample(9)], [sample(1), sample(1)], 3, usEach)).toMatchObject({
      ratio: 2,
    });
    expect(compareRounds([sample(2)], [], 1, usEach)).toBeUndefined();
  });
});

describe("a comparison of peers", () => {
  const costs = { a: [2, 9, 3], b: [4, 10, 4] };
  const runs = Object.entries(costs).flatMap(([peer, each]) =>
    each.map((cost, index) => ({ peer, repetition: index + 1, cost })),
  );
  type Run = (typeof runs)[number];
  const quietly = (own: Run, other: Run) => ({ ratio: own.cost / other.cost, isNoisy: false });
  const noisyInTheSecond = (own: Run, other: Run) => ({ ...quietly(own, other), isNoisy: own.repetition === 2 });

  test("is the median of ratios that are each of one repetition", () => {
    expect(compare(runs, "a", "b", quietly)).toEqual({ ratio: 0.75, low: 0.5, high: 0.9, isNoisy: false });
  });

  test("leaves out repetitions that were noisy, and those in which a peer failed", () => {
    const [failing = { peer: "b", repetition: 1, cost: 4 }, ...others] = runs.toReversed();
    const noted = [{ ...failing, repetition: 3, failure: "gone" }, ...others];
    expect(compare(noted, "a", "b", noisyInTheSecond)).toEqual({ ratio: 0.5, low: 0.5, high: 0.5, isNoisy: false });
    expect(compare(noted.slice(0, 1), "a", "b", noisyInTheSecond)).toBeUndefined();
  });
});

test("a trial has all peers of a scenario, one peer twice where scenarios are compared, or one peer alone where memory is measured; each repetition begins with another peer", () => {
  const scenarios = SCENARIOS.filter(({ name }) => ["echo", "array", "idle"].includes(name));
  const peers = PEERS.filter(({ name }) => ["couchwire", "naive", "raw-tcp"].includes(name));
  const trials = trialsOf({ scenarios, peers, repetitions: 2 });
  const described = trials.map(({ scenario, repetition, base, entries }) => {
    return [`${scenario.name} ${repetition}`, base, entries.map((entry) => `${entry.label}: ${entry.scenario.name}`)];
  });
  expect(described).toEqual([
    ["echo 1", "naive", ["couchwire: echo", "naive: echo", "raw-tcp: echo"]],
    ["echo 2", "naive", ["raw-tcp: echo", "couchwire: echo", "naive: echo"]],
    ["array 1", "couchwire (input)", ["couchwire: array", "couchwire (input): input"]],
    ["array 1", "naive (input)", ["naive: array", "naive (input): input"]],
    ["array 2", "couchwire (input)", ["couchwire (input): input", "couchwire: array"]],
    ["array 2", "naive (input)", ["naive (input): input", "naive: array"]],
    ...[1, 2].flatMap((repetition) =>
      ["couchwire", "naive", "raw-tcp"].map((peer) => [`idle ${repetition}`, "naive", [`${peer}: idle`]]),
    ),
  ]);
});

test("rooms over two nodes stand beside those of one, and rooms over workers beside one process, on the same cores", () => {
  const scenarios = SCENARIOS.filter(({ name }) => /^hop-|^workers/.test(name));
  const peers = PEERS.filter(({ name }) => ["couchwire", "naive", "couchwire-bun"].includes(name));
  const entries = trialsOf({ scenarios, peers, repetitions: 1 }).flatMap((trial) => trial.entries);
  expect(entries.map(({ label, scenario }) => `${label}: ${scenario.between ?? scenario.workers ?? "alone"}`)).toEqual([
    ...["redis", "nats"].flatMap((between) =>
      ["couchwire", "couchwire-bun"].flatMap((peer) => [`${peer}: ${between}`, `${peer} (local): alone`]),
    ),
    ...["workers", "workers-busy", "workers-flood"].flatMap(() => ["couchwire: 2", "couchwire (one process): alone"]),
  ]);
  for (const { scenario } of entries) expect(scenario.sharesCores).toBe(true);
});

describe("the benchmark's command line", () => {
  test.each([
    [["--scenarios", "nope"], "There are input, echo"],
    [["--peers", "naive,nope"], "There are couchwire, naive"],
    [["--repetitions", "1.5"], "a whole number from 1 to"],
    [["--seconds", "soon"], "a number from 0.5 to"],
    [["--nope"], "There are --scenarios"],
    [["--variant", "nope"], "NAME=FOLDER or NAME=PEER"],
    [["--variant", "naive=raw-tcp"], "a name that no other peer has"],
  ])("answers %j with a sentence that says what is allowed", (words, sentence) => {
    expect(readCommandLine(words)).toEqual({ run: "wrong", sentence: expect.stringContaining(sentence) });
  });

  test("takes a peer a second time under another name", () => {
    const read = readCommandLine(["--peers", "naive", "--variant", "again=naive", "--scenarios", "echo,input"]);
    expect(read).toMatchObject({
      run: "bench",
      plan: { peers: [{ name: "naive" }, { name: "again" }], scenarios: [{ name: "input" }, { name: "echo" }] },
    });
  });
});

test("strace's table gives the calls by name", () => {
  const table = [
    "% time     seconds  usecs/call     calls    errors syscall",
    "------ ----------- ----------- --------- --------- ----------------",
    " 60.00    0.060000          10      6000           writev",
    " 40.00    0.040000          10      4000        12 read",
    "------ ----------- ----------- --------- --------- ----------------",
    "100.00    0.100000                 10000        12 total",
  ].join("\n");
  expect(parseCounts(table)).toEqual({ writev: 6000, read: 4000 });
});

test("system calls of several samples are added up", () => {
  expect(addCounts({ read: 1, writev: 2 }, { read: 3, futex: 4 })).toEqual({ read: 4, writev: 2, futex: 4 });
});

describe("the order of a round", () => {
  test.each([1, 2, 3, 4, 8])("of %i targets has each once, and none behind itself", (count) => {
    const all = Array.from({ length: count }, (_, index) => index);
    const orders = [0, 1, 2, 3, 4].map((round) => orderOfRound(all, round));
    for (const order of orders) expect(order.toSorted((one, other) => one - other)).toEqual(all);
    const measured = orders.flat();
    if (count > 1) expect(measured.some((one, at) => one === measured[at - 1])).toBe(false);
  });

  test("never keeps one target behind the same other, where there are three or more", () => {
    const all = ["a", "b", "c", "d"];
    const measured = [0, 1, 2].flatMap((round) => orderOfRound(all, round));
    for (const one of all) {
      const before = measured.flatMap((other, at) => (other === one && at > 0 ? [measured[at - 1]] : []));
      expect(new Set(before).size).toBeGreaterThan(1);
    }
  });
});
