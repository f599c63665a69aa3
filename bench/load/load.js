/** What a load generator can be told to do. Each command is one message of its parent (`run/load-process.js`). */
import { Histogram } from "./histogram.js";
import { createParty } from "./party.js";
import { createMeter, memoryBytes, processTree } from "./server-watch.js";
import { PROBLEMS_TOLD } from "./stream.js";
import { createTraffic } from "./traffic.js";

/** After this a server has noticed that all are gone, so that it does not do so in the next one's turn. */
const PARTED_WITHIN_MS = 150;

/** @param {number} ms @returns {Promise<void>} */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {import("../run/load-process.js").Task} task */
export async function createLoad({ dialectUrl, row, ports, serverPids }) {
  const { dialect } = await import(dialectUrl);
  const pids = processTree(serverPids); // workers are there by now: the server listens
  const party = createParty({ dialect, row, ports });
  const traffic = createTraffic({ dialect, row });
  const joinMeter = createMeter(pids, () => party.lines);
  const frameMeter = createMeter(pids, () => traffic.delivered);
  /** Of each stretch that was measured, for each stream. @type {import("./histogram.js").Histogram[][]} */
  const latencies = [];
  let lost = 0;
  /** The load generator's own, over all that was measured. */
  const own = { cpuMs: 0, measuredMs: 0, worstDelayMs: 0 };

  /** A line that is gone makes this party another one than its peers'. */
  function requireAllLines() {
    if (traffic.cuts.length > 0) throw new Error(traffic.cuts.slice(0, PROBLEMS_TOLD).join("; "));
  }

  return {
    /** Lets so many more rooms assemble. @param {number} rooms */
    async assemble(rooms) {
      const batch = joinMeter.begin();
      const assembled = await party.assemble(rooms);
      const cost = batch.end();
      traffic.admit(assembled);
      return cost;
    },

    /** Lets a whole party assemble, and part again. @returns {Promise<import("./server-watch.js").Stretch>} what its coming cost */
    async gather() {
      const batch = joinMeter.begin();
      const rooms = await party.assemble(row.rooms);
      const cost = batch.end();
      for (const { line, phones } of rooms) for (const one of [line, ...phones.map((phone) => phone.line)]) one.end();
      await wait(PARTED_WITHIN_MS);
      return cost;
    },

    /** Bytes that the server has in memory. */
    async memory() {
      return memoryBytes(pids).now;
    },

    /** Begins to send, and goes on for so long before it answers. @param {number} ms */
    async start(ms) {
      traffic.start();
      await wait(ms);
    },

    /** What the server does in the time to come. @param {number} ms */
    async measure(ms) {
      traffic.takeWorstDelayMs();
      traffic.setTimed(true);
      const cpu = process.cpuUsage();
      const bout = frameMeter.begin();
      await wait(ms);
      const cost = bout.end();
      const { user, system } = process.cpuUsage(cpu);
      traffic.setTimed(false);
      latencies.push(traffic.streams.map((stream) => stream.takeLatency()));
      own.cpuMs += (user + system) / 1000;
      own.measuredMs += cost.ms;
      own.worstDelayMs = Math.max(own.worstDelayMs, traffic.takeWorstDelayMs());
      requireAllLines();
      return cost;
    },

    /** Sends nothing more, and waits for what is under way. */
    async finish() {
      lost += await traffic.finish();
      requireAllLines();
    },

    /** All that was found; latency in those stretches that count. @param {number[]} counting their numbers */
    async report(counting) {
      const { streams } = traffic;
      const latencyOf = (index) => Histogram.sum(counting.map((stretch) => latencies[stretch][index])).summary();
      return {
        latency: Object.fromEntries(streams.map(({ name }, index) => [name, latencyOf(index)])),
        memory: memoryBytes(pids),
        load: { cpuShare: own.cpuMs / own.measuredMs, worstDelayMs: own.worstDelayMs },
        connections: party.lines,
        lost,
        skipped: streams.reduce((sum, { skipped }) => sum + skipped, 0),
        wrong: streams.reduce((sum, { wrong }) => sum + wrong, 0),
        problems: streams.flatMap(({ problems }) => problems),
      };
    },
  };
}
