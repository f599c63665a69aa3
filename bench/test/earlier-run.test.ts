/** What becomes of a run that was begun earlier. */
import { describe, expect, test } from "@jest/globals";
import { hasTrial, together, whyNotTogether } from "../report/earlier-run.js";
import { trialsOf } from "../run/trials.js";
import { PEERS } from "../peers/index.js";
import { SCENARIOS } from "../scenarios/index.js";

const ALL = { scenarios: SCENARIOS, peers: PEERS };
const HOW = { repetitions: 2, warmUpMs: 1000, measureMs: 4000, sampleMs: 800, settleMs: 270 };
const MACHINE = { processor: "Abacus", cores: 2, couchwire: "1.0.0 (abc)" };

/** Runs as `scenario peer repetition`, told apart by where they come from. */
function results(from: string, runs: readonly string[], more: object = {}) {
  const each = runs.map((text) => {
    const [scenario = "", peer = "", repetition] = text.split(" ");
    return { scenario, peer, repetition: Number(repetition), from };
  });
  const scenarios = SCENARIOS.filter(({ name }) => each.some(({ scenario }) => scenario === name));
  const peers = PEERS.filter(({ name }) => each.some(({ peer }) => peer === name));
  return {
    startedAt: from,
    machine: MACHINE,
    plan: {
      ...HOW,
      scenarios: scenarios.map(({ name, isQuiet, isAssembling, besides }) => ({
        name,
        isQuiet,
        isAssembling,
        besides: besides?.name,
      })),
      peers,
    },
    absent: [],
    runs: each,
    ...more,
  };
}

/** What both come to: which run from where. */
function joined(earlier: ReturnType<typeof results>, now: ReturnType<typeof results>): string[] {
  return together(earlier, now, ALL).runs.map((run) => Object.values(run).join(" "));
}

describe("an earlier run", () => {
  test("is added to by other scenarios, and both are in the order of all", () => {
    const earlier = results("then", ["tick naive 1"]);
    const now = results("now", ["echo couchwire 1", "echo naive 1"]);
    const both = together(earlier, now, ALL);
    expect(both.plan.scenarios.map(({ name }) => name)).toEqual(["echo", "tick"]);
    expect(both.plan.peers.map(({ name }) => name)).toEqual(["couchwire", "naive"]);
    expect(both.startedAt).toBe("then");
    expect(both.runs).toHaveLength(3);
  });

  test("gives way to all of a trial that was measured anew, since its peers are compared round by round", () => {
    const earlier = results("then", ["echo couchwire 1", "echo naive 1", "echo naive 2"]);
    const now = results("now", ["echo naive 1", "echo nats 1"]);
    expect(joined(earlier, now)).toEqual(["echo naive 2 then", "echo naive 1 now", "echo nats 1 now"]);
  });

  test("keeps other peers where each has a trial for itself", () => {
    const earlier = results("then", ["idle couchwire 1", "idle naive 1"]);
    expect(joined(earlier, results("now", ["idle naive 1"]))).toEqual(["idle couchwire 1 then", "idle naive 1 now"]);
  });

  test("no longer lists a peer as absent that ran later", () => {
    const absent = ["nats", "strace"].map((name) => ({ name, why: "it is away" }));
    const earlier = results("then", ["echo naive 1"], { absent });
    const both = together(earlier, results("now", ["echo nats 1"]), ALL);
    expect(both.absent.map(({ name }) => name)).toEqual(["strace"]);
  });

  test("has a trial where it has each of its runs", () => {
    const peers = PEERS.filter(({ name }) => ["couchwire", "naive"].includes(name));
    const trials = trialsOf({ scenarios: SCENARIOS.filter(({ name }) => name === "echo"), peers, repetitions: 2 });
    const earlier = results("then", ["echo couchwire 1", "echo naive 1", "echo naive 2"]);
    expect(trials.map((trial) => hasTrial(earlier, trial))).toEqual([true, false]);
    expect(trials.map((trial) => hasTrial(undefined, trial))).toEqual([false, false]);
    const failed = { runs: earlier.runs.map((run) => Object.assign(run, { failure: "it ended" })) };
    expect(trials.map((trial) => hasTrial(failed, trial))).toEqual([false, false]);
  });

  test.each([
    ["another machine", { machine: { ...MACHINE, processor: "Loom" } }, "had processor Loom, this one has Abacus"],
    ["another way", { plan: { ...HOW, warmUpMs: 0 } }, "had warmUpMs 0, this one has 1000"],
  ])("of %s is not gone on with", (_what, more, sentence) => {
    expect(whyNotTogether(results("then", [], more), results("now", []))).toContain(sentence);
  });

  test("of the same machine and way is, whatever its scenarios and peers", () => {
    expect(whyNotTogether(results("then", ["tick naive 1"]), results("now", ["echo nats 1"]))).toBeUndefined();
  });
});
