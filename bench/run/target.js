/**
 * A target is one peer in a trial: its server, its load generator and what was measured so far. A target that fails ends its processes,
 * ignores later calls and reports the failure as its result.
 */
import { setTimeout as pause } from "node:timers/promises";
import { frameCostOf, countingSamples, joinsOf, partCostsOf, totalOf } from "../report/statistics.js";
import { startLoad } from "./load-process.js";
import { launchServer } from "./server-process.js";
import { addCounts, countSystemCalls } from "./system-calls.js";

/** The length of a sample. A much shorter one would measure its edges; a longer one would be compared with samples far away. */
export const SAMPLE_MS = 800;
/** Uncounted traffic before each sample, since the samples of other targets have emptied the caches. Its length is out of step with paced senders, so that five samples include each sender. */
export const SETTLE_MS = 270;

/** The exit of a process is known within this time. */
const ENDING_IS_HEARD_MS = 200;

/** @typedef {import("../load/server-watch.js").Measurement} Measurement */
/** @typedef {ReturnType<typeof createTarget>} Target */

/**
 * @param {import("./trials.js").Entry} entry
 * @param {{ isTraced: boolean, node: string, signal: AbortSignal }} options
 */
export function createTarget({ label, scenario, peer }, { isTraced, node, signal }) {
  /** @type {string | undefined} */
  let failure;
  /** @type {import("./server-process.js").Server | undefined} */
  let server;
  /** @type {import("./load-process.js").LoadProcess | undefined} */
  let load;
  /** @type {Measurement | undefined} */
  let joining;
  /** @type {Measurement[]} */
  const samples = [];
  let before;
  let settled;
  /** @type {Record<string, number> | undefined} */
  let systemCalls;

  /** @param {() => Promise<void>} work */
  async function attempt(work) {
    if (failure !== undefined) return;
    try {
      await (server === undefined ? work() : Promise.race([server.broken, work()]));
    } catch (error) {
      failure = messageOf(await whyBroken(error));
      await close();
    }
  }

  /** Prefers the end of the server as the cause: errors of the load generator follow from it, but may arrive first. @param {unknown} cause */
  async function whyBroken(cause) {
    try {
      return await Promise.race([pause(ENDING_IS_HEARD_MS, cause), server?.broken ?? cause]);
    } catch (ended) {
      return ended;
    }
  }

  /** Ends what was started, in the opposite order; safe twice. */
  async function close() {
    await load?.close();
    await server?.close();
  }

  /** Collects garbage only in scenarios that measure memory; elsewhere the server collects when it wants. */
  async function memory() {
    const heap = scenario.isQuiet || scenario.crowd?.isWeighed ? await server.ask("collect garbage") : undefined;
    return { resident: await load.tell("memory"), heap };
  }

  /** What the server takes once all have voted and heard, and each of them: against a server that has just started. */
  function weighed(talking, bareHeap) {
    const { resident, heap } = talking;
    return {
      resident,
      inUse: heap && heap.heapUsed + heap.external,
      perWatcher: (resident - before.resident) / scenario.phones,
      heap: heapPerConnection(before.heap, heap, scenario.phones),
      bareHeap,
    };
  }

  /** What a connection takes that is in no room, of the same server when its crowd has gone; nothing where there is no such connection. */
  async function heapOfBare() {
    await load.tell("leave");
    const empty = await memory();
    if (!(await load.tell("openBare"))) return undefined;
    const full = await memory();
    return heapPerConnection(empty.heap, full.heap, scenario.phones);
  }

  /** What the server does while the load generator does this. @param {string} command @param {unknown} [argument] */
  async function measure(command, argument) {
    await server.ask("begin delay");
    const endCount = isTraced ? await countSystemCalls(server.pids[0]) : undefined;
    try {
      samples.push(await load.tell(command, argument));
    } finally {
      const calls = await endCount?.();
      if (calls !== undefined) systemCalls = addCounts(systemCalls ?? {}, calls);
    }
    await server.ask("end delay");
  }

  /** @param {number} ms at least */
  async function gatherFor(ms) {
    const until = performance.now() + ms;
    while (performance.now() < until) await gatherAndPart();
  }

  /** @param {() => Promise<void>} [gather] */
  async function gatherAndPart(gather = () => load.tell("gather")) {
    await gather();
    await load.tell("part");
  }

  /** Two parties; the first warms the caches and does not count. */
  async function gatherTwice() {
    await gatherAndPart();
    await gatherAndPart(() => measure("gather"));
  }

  return {
    label,
    scenario,
    samples,
    close,
    get hasFailed() {
      return failure !== undefined;
    },

    setUp: () =>
      attempt(async () => {
        server = await launchServer(peer.launch(scenario), { node, core: scenario.sharesCores ? "any" : "server" });
        const { ports, pids: serverPids, parts: serverParts } = server;
        const adapterUrl = peer.adapter.href;
        load = await startLoad({ adapterUrl, scenario, ports, serverPids, serverParts }, signal);
        before = await memory();
      }),

    /** Scenarios that are about it do so in their samples. */
    assemble: () =>
      attempt(async () => {
        if (!scenario.isAssembling) joining = await load.tell("assemble", scenario.rooms);
      }),

    /** When all are there. */
    settle: () => attempt(async () => void (settled = await memory())),

    /** @param {number} ms */
    warmUp: (ms) =>
      attempt(async () => {
        if (scenario.isAssembling) return gatherFor(ms);
        await load.tell("start", ms);
        await load.tell("finish");
        return undefined;
      }),

    sample: () =>
      attempt(async () => {
        if (scenario.isAssembling) return gatherTwice();
        await load.tell("start", SETTLE_MS);
        await measure("measure", SAMPLE_MS);
        await load.tell("finish");
        return undefined;
      }),

    /** Measures it without traffic. @param {number} ms */
    rest: (ms) => attempt(() => measure("measure", ms)),

    /** What it found, once it is over. @param {number} rounds that were planned */
    async result(rounds) {
      let report;
      let loopDelay;
      let talking;
      let lostInStall;
      let bareHeap;
      await attempt(async () => {
        report = await load.tell("report", countingSamples(samples, rounds));
        loopDelay = await server.ask("delay");
        talking = await memory();
        if (scenario.crowd?.isWeighed) bareHeap = await heapOfBare();
        if (scenario.stallMs !== undefined) lostInStall = await load.tell("stall", scenario.stallMs);
      });
      if (failure !== undefined) return { failure };
      const { isAssembling } = scenario;
      const perConnection = isAssembling ? undefined : (settled.resident - before.resident) / report.connections;
      return {
        ...report,
        isAssembling,
        rounds,
        samples,
        whole: totalOf(samples),
        ...frameCostOf(samples, rounds),
        usPerFrameOf: partCostsOf(samples, rounds),
        joins: joinsOf(isAssembling ? samples : [joining]),
        memory: {
          ...report.memory,
          perConnection,
          growth: settled.resident - before.resident,
          talkingGrowth: talking.resident - before.resident,
        },
        lostInStall,
        heap: heapPerConnection(before.heap, settled.heap, report.connections),
        crowd: report.crowd && { ...report.crowd, ...(scenario.crowd.isWeighed && weighed(talking, bareHeap)) },
        loopDelay,
        systemCalls,
      };
    },
  };
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** Bytes of JavaScript's own heap, and beside it, for each connection. */
function heapPerConnection(before, after, connections) {
  if (before === undefined || after === undefined) return undefined;
  return {
    heapPerConnection: (after.heapUsed - before.heapUsed) / connections,
    externalPerConnection: (after.external - before.external) / connections,
  };
}
