/**
 * The load generator, a process of its own. It is told what to do as one message, and tells its parent how far it is:
 * `joined`, `measuring`, `measured`, and at last `result` or `failed`.
 */
import { createSampler, memoryBytes, processTree } from "./server-watch.js";
import { assembleParty } from "./party.js";
import { createTraffic } from "./traffic.js";

const SLICE_MS = 400;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tell = (message) => new Promise((resolve) => process.send?.(message, resolve));

process.once("message", (task) => {
  run(task)
    .then((result) => tell({ phase: "result", result }))
    .catch((error) => tell({ phase: "failed", reason: error instanceof Error ? (error.stack ?? "") : String(error) }))
    .finally(() => process.exit());
});

/** @param {import("../run/load-process.js").Task} task */
async function run({ dialectUrl, row, port, serverPids, warmUpMs, measureMs, firstAddress }) {
  const { dialect } = await import(dialectUrl);
  const pids = processTree(serverPids);
  const before = memoryBytes(pids);
  const party = await assembleParty({ dialect, row, port, firstAddress });
  await tell({ phase: "joined" });
  const traffic = createTraffic({ dialect, row, party });
  traffic.start();
  await wait(warmUpMs);

  await tell({ phase: "measuring" });
  for (const { latency } of traffic.streams) latency.reset();
  traffic.takeWorstDelayMs();
  const ownCpu = process.cpuUsage();
  const sampler = createSampler({ pids, delivered: () => traffic.delivered, sliceMs: SLICE_MS });
  await wait(measureMs);
  const { slices, whole } = sampler.finish();
  const own = process.cpuUsage(ownCpu);
  const latency = Object.fromEntries(traffic.streams.map((stream) => [stream.name, stream.latency.summary()]));
  const memory = memoryBytes(pids);
  await tell({ phase: "measured" });

  const lost = await traffic.finish();
  const result = {
    connections: party.rooms.length + party.phones.length,
    joinsPerSecond: party.joinsPerSecond,
    slices,
    whole,
    latency,
    memory: { before: before.now, now: memory.now, peak: memory.peak },
    lost,
    skipped: traffic.streams.reduce((sum, { skipped }) => sum + skipped, 0),
    wrong: traffic.wrong(),
    problems: traffic.problems(),
    load: { cpuShare: (own.user + own.system) / 1000 / whole.ms, worstDelayMs: traffic.takeWorstDelayMs() },
  };
  traffic.close();
  return result;
}
