/**
 * The load generator, a process of its own. It is told what to do as one message, and tells its parent how far it is:
 * `started`, `joined`, `measuring`, `measured`, and at last `result` or `failed`. It goes on when the parent has answered.
 */
import { once } from "node:events";
import { assembleParty } from "./party.js";
import { cpuNanoseconds, createSampler, memoryBytes, processTree } from "./server-watch.js";
import { createTraffic } from "./traffic.js";

const SLICE_MS = 400;

process.on("disconnect", () => process.exit()); // without a parent nobody wants the result
// A frame that cannot be read ends the turn, not the benchmark.
process.on("uncaughtException", (error) => process.send?.({ phase: "failed", reason: error.stack ?? String(error) }));

const [task] = await once(process, "message");
try {
  await tell({ phase: "result", result: await run(task) });
} catch (error) {
  await tell({ phase: "failed", reason: error instanceof Error ? (error.stack ?? "") : String(error) });
}
process.exit();

/** @param {object} message */
async function tell(message) {
  process.send?.(message);
  await once(process, "message");
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {import("../run/load-process.js").Task} task */
async function run({ dialectUrl, row, ports, serverPids, warmUpMs, measureMs, firstAddress }) {
  const { dialect } = await import(dialectUrl);
  const pids = processTree(serverPids); // workers are there by now: the server listens
  await tell({ phase: "started" });
  const before = { memory: memoryBytes(pids), ns: cpuNanoseconds(pids) };
  const party = await assembleParty({ dialect, row, ports, firstAddress });
  const joinNs = cpuNanoseconds(pids) - before.ns;
  await tell({ phase: "joined" });
  const settled = memoryBytes(pids);

  const traffic = createTraffic({ dialect, row, party });
  traffic.start();
  await wait(warmUpMs);
  await tell({ phase: "measuring" });
  const measured = await measure({ pids, traffic, measureMs });
  await tell({ phase: "measured" });

  const lost = await traffic.finish();
  const connections = party.rooms.length + party.phones.length;
  const result = {
    ...measured,
    connections,
    joins: { perSecond: party.joinsPerSecond, cpuUs: joinNs / connections / 1000 },
    memory: { ...measured.memory, perConnection: (settled.now - before.memory.now) / connections },
    lost,
    skipped: traffic.streams.reduce((sum, { skipped }) => sum + skipped, 0),
    wrong: traffic.wrong(),
    problems: traffic.problems(),
  };
  traffic.close();
  return result;
}

async function measure({ pids, traffic, measureMs }) {
  for (const { latency } of traffic.streams) latency.reset();
  traffic.takeWorstDelayMs();
  const ownCpu = process.cpuUsage();
  const sampler = createSampler({ pids, delivered: () => traffic.delivered, sliceMs: SLICE_MS });
  await wait(measureMs);
  const { slices, whole } = sampler.finish();
  const own = process.cpuUsage(ownCpu);
  return {
    slices,
    whole,
    latency: Object.fromEntries(traffic.streams.map((stream) => [stream.name, stream.latency.summary()])),
    memory: memoryBytes(pids),
    load: { cpuShare: (own.user + own.system) / 1000 / whole.ms, worstDelayMs: traffic.takeWorstDelayMs() },
  };
}
