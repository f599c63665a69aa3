/** How the benchmark gets from what it saw to what it says. */
import { describe, expect, test } from "@jest/globals";
import { readCommandLine } from "../../../bench/command-line.js";
import { Histogram } from "../../../bench/load/histogram.js";
import { BINARY, preparePayload } from "../../../bench/load/payload.js";
import { Stream } from "../../../bench/load/stream.js";
import { PEERS } from "../../../bench/peers/index.js";
import { compare, costOf, median, quantile } from "../../../bench/report/statistics.js";
import { ROWS } from "../../../bench/rows/index.js";
import { parseCounts } from "../../../bench/run/system-calls.js";
import { turnsOf } from "../../../bench/run/turns.js";

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
    accept(stream, 1, frame(stream, 1, 0));
    accept(stream, 1, frame(stream, 1, 1));
    expect(stream).toMatchObject({ delivered: 2, wrong: 0 });
    expect(stream.latency.summary()).toMatchObject({ frames: 2, max: 0.6 });
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
});

test("a histogram's quantiles are within two in a hundred", () => {
  const histogram = new Histogram();
  for (let value = 0; value < 100_000; value += 1) histogram.add(value);
  for (const share of [0.01, 0.5, 0.99, 0.999]) {
    const exact = share * 100_000;
    expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(exact * 0.02 + 1);
  }
  histogram.reset();
  expect(histogram.quantile(0.5)).toBe(0);
});

test("quantiles lie between the values they are near", () => {
  expect(quantile([4, 1, 3, 2, 5], 0.25)).toBe(2);
  expect(median([1, 2])).toBe(1.5);
});

/** A slice of 100 frames. */
function slice(usPerFrame: number, waitedMs = 0) {
  return { ns: usPerFrame * 1000 * 100, frames: 100, waitedNs: waitedMs * 1e6, ms: 400 };
}

describe("the cost of a frame", () => {
  const whole = { ns: 5_000_000, frames: 400, waitedNs: 0, ms: 1600 };

  test("is the lower quartile of the slices in which nobody was in the way", () => {
    const slices = [slice(1, 100), slice(10), slice(12), slice(14), slice(16), slice(18)];
    expect(costOf({ slices, whole })).toMatchObject({ usPerFrame: 12, meanUsPerFrame: 12.5, isNoisy: false });
  });

  test("is called noisy where there are hardly any such slices", () => {
    const slices = [slice(10, 100), slice(12, 100), slice(14, 100), slice(16)];
    expect(costOf({ slices, whole })).toMatchObject({ usPerFrame: 11.5, isNoisy: true });
  });

  test("is none where no frame was sent", () => {
    const idle = { ns: 5, frames: 0, waitedNs: 0, ms: 400 };
    expect(costOf({ slices: [idle], whole: idle })).toMatchObject({ usPerFrame: undefined, isNoisy: false });
  });
});

test("a comparison is the median of ratios that are each of one repetition", () => {
  const costs = { a: [2, 9, 3], b: [4, 10, 4] };
  const runs = Object.entries(costs).flatMap(([peer, each]) =>
    each.map((cost, index) => ({ peer, repetition: index + 1, cost })),
  );
  expect(compare(runs, "a", "b", ({ cost }) => cost)).toEqual({ ratio: 0.75, low: 0.5, high: 0.9 });
});

test("peers take turns, and each runs what its row is compared with next to it", () => {
  const rows = ROWS.filter(({ name }) => name === "echo" || name === "sessions");
  const peers = PEERS.filter(({ name }) => name === "couchwire" || name === "naive");
  const turns = turnsOf({ rows, peers, repetitions: 2 });
  expect(turns.map(({ row, label, repetition }) => `${row.name} ${label} ${repetition}`)).toEqual([
    "echo couchwire 1",
    "echo naive 1",
    "echo couchwire 2",
    "echo naive 2",
    "sessions couchwire 1",
    "sessions couchwire (echo) 1",
    "sessions couchwire 2",
    "sessions couchwire (echo) 2",
  ]);
});

describe("the benchmark's command line", () => {
  test.each([
    [["--rows", "nope"], "There are input, echo"],
    [["--peers", "naive,nope"], "There are couchwire, naive"],
    [["--repetitions", "1.5"], "a whole number from 1 to"],
    [["--seconds", "soon"], "a number from 0.5 to"],
    [["--nope"], "There are --rows"],
    [["--variant", "nope"], "NAME=FOLDER or NAME=PEER"],
    [["--variant", "naive=raw-tcp"], "a name that no other peer has"],
  ])("answers %j with a sentence that says what is allowed", (words, sentence) => {
    expect(readCommandLine(words)).toEqual({ run: "wrong", sentence: expect.stringContaining(sentence) });
  });

  test("takes a peer a second time under another name", () => {
    const read = readCommandLine(["--peers", "naive", "--variant", "again=naive", "--rows", "echo,input"]);
    expect(read).toMatchObject({
      run: "bench",
      plan: { peers: [{ name: "naive" }, { name: "again" }], rows: [{ name: "input" }, { name: "echo" }] },
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
