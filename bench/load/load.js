/** What a load generator can be told to do. Each command is one message of its parent (`run/load-process.js`). */
import { createCrowd } from "./crowd.js";
import { Histogram } from "./histogram.js";
import { createParty } from "./party.js";
import { createRelayTraffic } from "./relay-traffic.js";
import { cpuNanoseconds, createMeter, memoryBytes, processTree } from "./server-watch.js";
import { PLAYER_AND_BACK } from "./stage.js";
import { PROBLEMS_TOLD } from "./stream.js";
import { createTraffic } from "./traffic.js";

/** A server that uses no more than that in so long has done all that it was given to do. */
const IDLE_NS = 1_000_000;
const LOOK_EVERY_MS = 25;
const IDLE_WITHIN_MS = 10_000;

/** Traffic before and after a server stands still. */
const AROUND_STALL_MS = 300;

/** @param {number} ms @returns {Promise<void>} */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {object[]} saw of each measurement @param {number[]} counting their numbers */
const backLatency = (saw, counting) => Histogram.sum(counting.map((measurement) => saw[measurement].latency)).summary();

/** What the host heard and used, and how many watchers came, a second. @param {object[]} saw */
function stageReport(saw) {
  const sum = (figure) => saw.reduce((all, one) => all + one[figure], 0);
  const eachSecond = (figure) => (sum(figure) / sum("ms")) * 1000;
  return {
    hostMessagesPerSecond: eachSecond("messages"),
    votesPerSecond: eachSecond("votes"),
    hostCpuShare: sum("cpuMs") / sum("ms"),
    joinsPerSecond: eachSecond("joined"),
  };
}

/** @param {import("../run/load-process.js").Task} task */
export async function createLoad({ adapterUrl, scenario, ports, serverPids, serverParts }) {
  const { adapter: whole } = await import(adapterUrl);
  const adapter = scenario.isPublished ? { ...whole, ...whole.channels } : whole;
  // Workers are there by now: the server listens.
  const parts = serverPids.map((pid, index) => ({
    part: serverParts[index] ?? undefined, // it has come as JSON
    pids: processTree([pid]),
  }));
  const pids = parts.flatMap((one) => one.pids);
  const crowd = scenario.crowd && createCrowd({ adapter, adapterUrl, scenario, ports });
  const party = crowd ?? createParty({ adapter, scenario, ports });
  const traffic = crowd ?? (scenario.relay === undefined ? createTraffic : createRelayTraffic)({ adapter, scenario });
  const joinMeter = createMeter(parts, () => party.connections);
  const frameMeter = createMeter(parts, () => traffic.delivered);
  /** Of each measurement that was measured, for each stream. @type {import("./histogram.js").Histogram[][]} */
  const latencies = [];
  let lost = 0;
  /** Rooms that have assembled and are about to part. @type {import("./party.js").Room[]} */
  let gathered = [];
  /** The load generator's own, over all that was measured. */
  const own = { cpuMs: 0, measuredMs: 0, worstDelayMs: 0 };
  /** What the stage of a crowd saw of each measurement, and how many watchers came in it. @type {object[]} */
  const stageSaw = [];

  /**
   * What the server does while this goes on, and, as the load generator's own, what it takes here.
   * @template T @param {ReturnType<typeof createMeter>} meter @param {() => Promise<T>} action
   */
  async function measured(meter, action) {
    const cpu = process.cpuUsage();
    const measurement = meter.begin();
    const result = await action();
    const cost = measurement.end();
    const { user, system } = process.cpuUsage(cpu);
    own.cpuMs += (user + system) / 1000;
    own.measuredMs += cost.ms;
    return { cost, result };
  }

  /** Resolves when the server is idle, so that its remaining work is not measured in the next sample. */
  async function serverRests() {
    const deadline = performance.now() + IDLE_WITHIN_MS;
    for (let before = cpuNanoseconds(pids); performance.now() < deadline;) {
      await wait(LOOK_EVERY_MS);
      const now = cpuNanoseconds(pids);
      if (now - before <= IDLE_NS) return;
      before = now;
    }
    throw new Error(`The server was still at work ${IDLE_WITHIN_MS / 1000} seconds after all had gone.`);
  }

  /** A connection that is gone makes this party another one than its peers'. */
  function requireAllConnections() {
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

    /** Lets a whole party assemble that is to part again. */
    async gather() {
      const { cost, result } = await measured(joinMeter, () => party.assemble(scenario.rooms));
      gathered = result;
      return cost;
    },

    /** All of them go, after it was seen that they are still there, and the server has come to rest. */
    async part() {
      const connections = gathered.flatMap(({ connection, phones }) =>
        [connection].concat(phones.map((phone) => phone.connection)),
      );
      gathered = [];
      for (const { conversation } of connections) conversation.requireConnection();
      for (const connection of connections) connection.end();
      await serverRests();
    },

    /** Bytes that the server has in memory. */
    async memory() {
      return memoryBytes(pids).now;
    },

    /** Begins to send, and goes on for so long before it answers. @param {number} ms */
    async start(ms) {
      await crowd?.startStage();
      traffic.start();
      await wait(ms);
    },

    /** What the server does in the time to come. @param {number} ms */
    async measure(ms) {
      traffic.takeWorstDelayMs();
      traffic.setTimed(true);
      await crowd?.begin();
      const joined = crowd?.joined ?? 0;
      const { cost } = await measured(frameMeter, () => wait(ms));
      if (crowd !== undefined) {
        const saw = await crowd.end();
        cost.done += saw.delivered;
        stageSaw.push({ joined: crowd.joined - joined, ...saw });
      }
      traffic.setTimed(false);
      latencies.push(traffic.streams.map((stream) => stream.takeLatency()));
      own.worstDelayMs = Math.max(own.worstDelayMs, traffic.takeWorstDelayMs());
      requireAllConnections();
      return cost;
    },

    /** Sends nothing more, and waits for what is under way. */
    async finish() {
      lost += await traffic.finish();
      requireAllConnections();
    },

    /** Lets the server stand still for so long amid traffic. @param {number} ms @returns {Promise<number>} how many frames were lost of it */
    async stall(ms) {
      traffic.start();
      await wait(AROUND_STALL_MS);
      for (const pid of pids) process.kill(pid, "SIGSTOP");
      await wait(ms);
      for (const pid of pids) process.kill(pid, "SIGCONT");
      await wait(AROUND_STALL_MS);
      const lostOfIt = await traffic.finish();
      requireAllConnections();
      return lostOfIt;
    },

    /** The crowd goes, and the stage. Resolves when the server has noticed. */
    async leave() {
      await crowd.leave();
      await serverRests();
    },

    /** As many connections as there were watchers, in no room. @returns {Promise<boolean>} whether a server has such connections */
    async openBare() {
      const hasOpened = await crowd.openBare();
      await serverRests();
      return hasOpened;
    },

    /** All that was found; latency in those measurements that count. @param {number[]} counting their numbers */
    async report(counting) {
      const { streams } = traffic;
      const latencyOf = (index) =>
        Histogram.sum(counting.map((measurement) => latencies[measurement][index])).summary();
      const latency = Object.fromEntries(streams.map(({ name }, index) => [name, latencyOf(index)]));
      return {
        latency: crowd === undefined ? latency : { [PLAYER_AND_BACK]: backLatency(stageSaw, counting), ...latency },
        memory: memoryBytes(pids),
        load: { cpuShare: own.cpuMs / own.measuredMs, worstDelayMs: own.worstDelayMs },
        crowd: crowd && stageReport(stageSaw),
        connections: party.connections,
        lost,
        skipped: streams.reduce((sum, { skipped }) => sum + skipped, 0),
        wrong: streams.reduce((sum, { wrong }) => sum + wrong, stageSaw.at(-1)?.wrong ?? 0),
        problems: [...streams.flatMap(({ problems }) => problems), ...(stageSaw.at(-1)?.problems ?? [])],
      };
    },
  };
}
