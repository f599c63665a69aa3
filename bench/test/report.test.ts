/** What the documents say of a result, and what they do not hide. */
import { describe, expect, test } from "@jest/globals";
import { chart } from "../report/chart.js";
import { crowdSection } from "../report/crowd.js";
import { NOT_MEASURED, performanceSection, shortSection } from "../report/markdown.js";
import { joinsOf } from "../report/statistics.js";
import { summarize } from "../report/summary.js";

const machine = {
  processor: "Abacus <2>",
  cores: 2,
  memoryGiB: 4,
  system: "Linux 6",
  node: "v20",
  couchwire: "1.0.0 (abc)",
};

const plan = {
  scenarios: [
    { name: "echo", what: "There and back." },
    { name: "sessions", what: "Exactly once.", besides: "echo" },
    { name: "joins", what: "They come and go.", isAssembling: true },
    { name: "idle", what: "Nobody says anything.", isQuiet: true },
  ],
  peers: [
    { name: "couchwire", what: "Ours." },
    { name: "naive", what: "Theirs.", versions: "ws 8" },
  ],
  repetitions: 2,
  warmUpMs: 1000,
  measureMs: 4000,
  sampleMs: 800,
};

/** A sample of 1,000 frames. */
const measurement = (us: number) => ({ ns: us * 1e6, done: 1000, waitedNs: 0, ms: 800 });

/** A second in which so many came. */
const party = (done: number, us = 100) => ({ ns: us * 1000 * done, done, waitedNs: 0, ms: 1000 });

function run(scenario: string, peer: string, repetition: number, usPerFrame: number, more: object = {}) {
  return {
    scenario,
    peer,
    repetition,
    usPerFrame,
    rounds: 2,
    samples: [measurement(usPerFrame), measurement(usPerFrame)],
    lost: 0,
    wrong: 0,
    latency: { "phone to host": { p50: 0.1, p99: 0.2, p999: 0.3 }, "host to phone": { p50: 0.4, p99: 0.5, p999: 0.6 } },
    memory: { peak: 2 ** 26, perConnection: 10_240 },
    joins: joinsOf([party(1000)]),
    load: { cpuShare: 0.2 },
    cpuShare: 0.1,
    ...more,
  };
}

function results(runs: object[]) {
  return { startedAt: "2026-09-01T10:00:00.000Z", machine, plan, absent: [{ name: "nats", why: "it is away" }], runs };
}

const quietRuns = [
  run("echo", "couchwire", 1, 8),
  run("echo", "naive", 1, 10),
  run("echo", "couchwire", 2, 9.1234),
  run("echo", "naive", 2, 10),
  run("sessions", "couchwire", 1, 11),
  run("sessions", "couchwire (echo)", 1, 10),
  run("idle", "couchwire", 1, Number.NaN, {
    memory: { peak: 2 ** 26, perConnection: 7168 },
    joins: joinsOf([party(1200, 90)]),
  }),
  run("idle", "naive", 1, Number.NaN),
];

describe("a summary", () => {
  test("has medians, ratios within repetitions, and three digits of each", () => {
    const [echo, sessions] = summarize(results(quietRuns)).scenarios;
    expect(echo?.lines[0]).toMatchObject({
      peer: "couchwire",
      figures: { usPerFrame: 8.56, p50Ms: 0.4, p99Ms: 0.5 },
      ratios: { usPerFrame: { ratio: 0.856, low: 0.8, high: 0.912 } },
    });
    expect(sessions?.lines.map(({ peer, base }: { peer: string; base: string }) => [peer, base])).toEqual([
      ["couchwire", "couchwire (echo)"],
      ["couchwire (echo)", "couchwire (echo)"],
    ]);
  });

  test("compares rounds with rounds, not what was made of them", () => {
    const drifting = [
      run("echo", "couchwire", 1, 14, { samples: [measurement(8), measurement(14), measurement(20)], rounds: 3 }),
      run("echo", "naive", 1, 20, { samples: [measurement(16), measurement(20), measurement(40)], rounds: 3 }),
    ];
    expect(summarize(results(drifting)).scenarios[0]?.lines[0]).toMatchObject({
      ratios: { usPerFrame: { ratio: 0.5 } },
    });
    const [idle] = summarize(results(quietRuns)).scenarios[3]?.lines ?? [];
    expect(idle).toMatchObject({ ratios: { usPerJoin: { ratio: 0.9 }, joinsPerSecond: { ratio: 1.2 } } });
  });

  test("calls a peer noisy that was quiet, but hardly ever in the same rounds as the base", () => {
    const noisy = { ...measurement(10), waitedNs: 1e8 };
    const runs = [
      run("echo", "couchwire", 1, 8, { samples: [measurement(8), noisy, noisy, measurement(8)], rounds: 4 }),
      run("echo", "naive", 1, 10, { samples: [noisy, measurement(10), measurement(10), noisy], rounds: 4 }),
    ];
    const [ours, base] = summarize(results(runs)).scenarios[0]?.lines ?? [];
    expect([ours?.isNoisy, base?.isNoisy]).toEqual([true, false]);
  });

  test("leaves noisy repetitions out where there are others, and says so where there are none", () => {
    const noisy = { isNoisy: true };
    const mixed = [...quietRuns, run("echo", "couchwire", 3, 99, noisy), run("echo", "naive", 3, 10)];
    expect(summarize(results(mixed)).scenarios[0]?.lines[0]).toMatchObject({
      isNoisy: false,
      figures: { usPerFrame: 8.56 },
    });
    const all = [run("echo", "couchwire", 1, 99, noisy), run("echo", "naive", 1, 10)];
    expect(summarize(results(all)).scenarios[0]?.lines[0]).toMatchObject({
      isNoisy: true,
      figures: { usPerFrame: 99 },
    });
  });

  test("counts what was lost and what failed", () => {
    const runs = [
      run("echo", "couchwire", 1, 8, { lost: 3, wrong: 1 }),
      { scenario: "echo", peer: "couchwire", repetition: 2, failure: "Error: gone" },
    ];
    const [line] = summarize(results(runs)).scenarios[0]?.lines ?? [];
    expect(line).toMatchObject({ repetitions: 2, failed: 1, lost: 3, wrong: 1 });
  });
});

/** A run of open rooms. */
const relayed = (peer: string, us: number, growth: number, lostInStall: number) =>
  run("relay", peer, 1, us, {
    memory: { peak: 2 ** 26, growth: growth * 2 ** 20, talkingGrowth: 2 * growth * 2 ** 20 },
    latency: { "member to member": { p50: 0.4, p99: 1.6 } },
    lostInStall,
  });

/** A run of several processes, or of one beside them, with so many frames in 800 milliseconds. */
const shared = (peer: string, us: number, done: number, usPerFrameOf?: Record<string, number>) =>
  run("hop", peer, 1, us, {
    framesPerSecond: (done / 800) * 1000,
    samples: [{ ns: us * 1000 * done, done, waitedNs: 4e8, ms: 800 }],
    rounds: 1,
    isNoisy: true,
    usPerFrameOf,
  });

const crowds = [
  { name: "crowd-500", what: "Few.", watchers: 500 },
  { name: "crowd", what: "Many.", watchers: 5000 },
  { name: "churn", what: "They come and go.", watchers: 5000, joinsPerSecond: 1000, besides: "all stay" },
];

const heap = (kib: number) => ({ heapPerConnection: kib * 1024, externalPerConnection: 0 });

/** A run of a crowd whose players' frames were back within so many milliseconds. */
function watched(scenario: string, peer: string, us: number, p99: number, more: object = {}) {
  const isLarge = scenario !== "crowd-500";
  const bareHeap = peer === "naive" ? heap(2.5) : undefined;
  const inUse = (isLarge ? 37.6 : 20) * 2 ** 20;
  const weighed = { resident: (isLarge ? 95.2 : 60) * 2 ** 20, inUse, perWatcher: 8192, heap: heap(3.5), bareHeap };
  return run(scenario, peer, 1, us, {
    latency: { "player and back": { p50: 0.5, p99 }, "host to everybody": { p50: 3, p99: 9 } },
    crowd: { hostMessagesPerSecond: 3.97, hostCpuShare: 0.0021, joinsPerSecond: 990, ...weighed },
    ...more,
  });
}

const crowdRuns = [
  ...["crowd-500", "crowd"].flatMap((scenario) => [
    watched(scenario, "couchwire", 8, 3),
    watched(scenario, "naive", 10, 3, { lost: 1, load: { cpuShare: 0.9 } }),
  ]),
  watched("churn", "couchwire", 8, 3),
  watched("churn", "couchwire (all stay)", 8, 1.5),
];

describe("the documents", () => {
  test("show figures, machine, versions, date and who was absent", () => {
    const text = performanceSection(summarize(results(quietRuns)), "chart.svg");
    for (const part of [
      "2026-09-01",
      "Abacus <2>",
      "Couchwire 1.0.0 (abc)",
      "Without nats: it is away.",
      "| `echo` | 8.56 (0.86) | 10 (1.00) |",
      "| `echo` | 0.4 / 0.5 | 0.4 / 0.5 |",
      "| `sessions` | `echo` | couchwire | 11 | 10 | 1.10 |",
      "| couchwire | 7 (0.70) |",
      "| naive | Theirs. | ws 8 |",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("mark figures that are noisy or of frames that were lost", () => {
    const runs = [run("echo", "couchwire", 1, 8, { isNoisy: true }), run("echo", "naive", 1, 10, { lost: 1 })];
    expect(shortSection(summarize(results(runs)), "chart.svg")).toContain("| `echo` | 0.80 ≈ | 1.00 ⚠ |");
  });

  test("show joins apart, of all parties, where such a scenario was run", () => {
    const [quick, slow, noisy] = [party(1500, 200), party(750, 400), { ...party(1000, 300), waitedNs: 1e9 }];
    const runs = [
      run("joins", "couchwire", 1, 8, { joins: joinsOf([quick, slow, noisy]), latency: {} }),
      run("joins", "naive", 1, 10, { joins: joinsOf([slow, slow, slow]), latency: {} }),
    ];
    const summary = summarize(results([...quietRuns, ...runs]));
    expect(performanceSection(summary, "chart.svg")).toContain("| couchwire | 1000 (1.33) | 300 (0.75) |");
    expect([shortSection(summary, "chart.svg"), chart(summary)].join()).not.toContain("joins");
    expect(performanceSection(summarize(results(quietRuns)), "chart.svg")).not.toContain("assemble and part again");
  });

  test("show open rooms apart, beside their own base, where such a scenario was run", () => {
    const runs = [...quietRuns, relayed("couchwire", 9, 5, 0), relayed("naive", 10, 50, 7)];
    const relay = { name: "relay", what: "Members talk.", isRelay: true, base: "naive" };
    const summary = summarize({ ...results(runs), plan: { ...plan, scenarios: [...plan.scenarios, relay] } });
    const text = performanceSection(summary, "chart.svg");
    expect(text).toContain("| couchwire | 9 (0.90) | 0.4 / 1.6 | 5 (0.10) | 10 | 0 |");
    expect(text).toContain("| naive | 10 (1.00) | 0.4 / 1.6 | 50 (1.00) | 100 | 7 |");
    expect(shortSection(summary, "chart.svg")).not.toContain("relay");
    expect(performanceSection(summarize(results(quietRuns)), "chart.svg")).not.toContain("Open rooms");
  });

  test("show several processes apart, each part's share of a frame, where such a scenario was run", () => {
    const parts = { bus: 5.125, home: 15, edge: 20 };
    const runs = [shared("couchwire", 40, 800, parts), shared("couchwire (local)", 16, 1600)];
    const hop = { name: "hop", what: "From node to node.", besides: "local", sharesCores: true };
    const summary = summarize({
      ...results([...quietRuns, ...runs]),
      plan: { ...plan, scenarios: [...plan.scenarios, hop] },
    });
    const text = performanceSection(summary, "chart.svg");
    expect(text).toContain(
      "| `hop` | couchwire | 40 | bus 5.13, home 15, edge 20 | 16 | 2.50 | 0.4 / 0.5 | 0.4 / 0.5 | 1000 (0.50) |",
    );
    expect(text).not.toContain("| `hop` | `local` |");
    expect(shortSection(summary, "chart.svg")).not.toContain("hop");
    expect(performanceSection(summarize(results(quietRuns)), "chart.svg")).not.toContain("Several processes");
  });

  test("show crowds apart, by their size, with what a watcher takes and what players feel", () => {
    const text = crowdSection(summarize({ ...results(crowdRuns), plan: { ...plan, scenarios: crowds } }));
    for (const part of [
      "2026-09-01",
      "| 500 | couchwire | 8 (0.80) | 10 % | 3 / 9 | 3.97 | 0.21 % | 20 % |",
      "| 5,000 | couchwire | 8 (0.80) | 10 % | 3 / 9 | 3.97 | 0.21 % | 20 % |",
      "| 5,000 | naive ⚠ | 10 (1.00) | 10 % | 3 / 9 | 3.97 | 0.21 % | 90 % ‡ |",
      "| couchwire | 8 | 4 | – |", // 35.2 MiB more of 4,500 watchers, and 17.6
      "| naive | 8 | 4 | 2.5 |",
      "| `churn` | couchwire | 990 | 0.5 / 3 | 0.5 / 1.5 | 1.00 / 2.00 | 10 %, 10 % | 20 % |",
      "‡: the load generator",
    ]) {
      expect(text).toContain(part);
    }
    expect(crowdSection(undefined)).toBe(NOT_MEASURED);
    const none = { latency: { "player and back": { frames: 0, p50: 0, p99: 0 } } };
    const stalled = [watched("churn", "couchwire", 8, 3, none), watched("churn", "couchwire (all stay)", 8, 1.5)];
    const silent = crowdSection(summarize({ ...results(stalled), plan: { ...plan, scenarios: crowds } }));
    expect(silent).toContain("| `churn` | couchwire | 990 | – / – | 0.5 / 1.5 | – / – |");
  });

  test("say how to measure while there is no result", () => {
    expect(performanceSection(undefined, "")).toBe(NOT_MEASURED);
    expect(shortSection(undefined, "")).toBe(NOT_MEASURED);
  });
});

test("the chart has a bar for each peer and scenario, ours apart, the longest as long as there is room", () => {
  const svg = chart(summarize(results(quietRuns)));
  expect(svg.match(/<rect /g)).toHaveLength(2);
  expect(svg.match(/class="bar ours"/g)).toHaveLength(1);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(0.856, 2);
  expect(svg).toContain("8.56 (0.86)");
});
