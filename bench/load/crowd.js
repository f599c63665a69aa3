/**
 * Plays a crowd: watchers that vote and hear what the host says to them all. The host and its players are in a process of their own (`stage.js`).
 * In place of `party.js` and `traffic.js`.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toldProcess } from "../run/told-process.js";
import { drained } from "./draining.js";
import { Histogram } from "./histogram.js";
import { openConnection } from "./load-connection.js";
import { createPacer } from "./pacer.js";
import { PAYLOAD_KINDS } from "./payload.js";
import { sharedClock } from "./shared-clock.js";
import { BROADCAST } from "./stage.js";
import { Stream } from "./stream.js";
import { Votes } from "./votes.js";

const MAIN = fileURLToPath(new URL("main.js", import.meta.url));
const SEED = 20_261_130;
const HOST = 0;

/** Watchers that come and go stay until so many others have come. */
const STAY = 200;

/** Handshakes at one time while bare connections open. */
const AT_ONCE = 16;

/** @param {{ adapter: object, adapterUrl: string, scenario: import("../scenarios/index.js").Scenario, ports: number[] }} options */
export function createCrowd({ adapter, adapterUrl, scenario, ports }) {
  const { wire } = adapter;
  /** @type {import("./stage.js").CrowdAdapter} */
  const crowd = adapter.crowd;
  const { phones, input, broadcast } = scenario;
  const { joinsPerSecond } = scenario.crowd;
  const kind = PAYLOAD_KINDS[adapter.payload];
  const down =
    broadcast &&
    new Stream({
      name: BROADCAST,
      kind,
      now: sharedClock(kind),
      bytes: broadcast.bytes,
      senders: 1,
      receivers: phones,
    });
  /** @type {import("../run/told-process.js").ToldProcess} */
  let stage;
  let code;
  /** @type {{ connection: import("./load-connection.js").LoadConnection }[]} */
  const watchers = [];
  /** Those that come and go, the earliest first. @type {typeof watchers} */
  const visitors = [];
  let arriving = 0;
  let joined = 0;
  /** @type {Votes | undefined} */
  let votes;
  /** What the stage has said last. */
  let seen = { votes: 0, messages: 0, broadcasts: 0, delivered: 0, missing: 0 };
  let lostVotes = 0;
  let connections = 0;
  /** @type {string[]} */
  const cuts = [];

  const pacers = [];
  if (input !== undefined) pacers.push(createPacer({ count: phones, ...input, seed: SEED, send: vote }));
  if (joinsPerSecond !== undefined) {
    pacers.push(createPacer({ count: joinsPerSecond, perSecond: 1, seed: SEED + 1, send: () => void comeAndGo() }));
  }

  const open = (request) => {
    connections += 1;
    return openConnection(wire, ports[0], request);
  };

  /** @param {number} number */
  function vote(number) {
    watchers[number].connection.send(votes.next(number));
  }

  /** No more than those of a second are on their way: a server that is behind is not buried. */
  async function comeAndGo() {
    if (arriving >= joinsPerSecond) return;
    arriving += 1;
    try {
      const watcher = await crowd.joinWatcher(open, code);
      visitors.push(watcher);
      listen(watcher, "a watcher that had come", () => {});
      joined += 1;
      if (visitors.length > STAY) visitors.shift().connection.end();
    } catch (error) {
      cuts.push(`A watcher did not get in: ${error.message}`);
    } finally {
      arriving -= 1;
    }
  }

  function listen(watcher, name, take) {
    const { connection } = watcher;
    connection.onMessage = (bytes, start, end, isText) => crowd.readAtWatcher(watcher, bytes, start, end, isText, take);
    connection.onCut = (reason) => cuts.push(`The server closed the connection of ${name}: ${reason}`);
  }

  async function look() {
    seen = await stage.tell("look");
    down?.hasSent(HOST, seen.broadcasts);
  }

  const lost = () => {
    let sum = seen.missing + arriving + (votes?.sent ?? 0) - seen.votes - lostVotes;
    if (down) for (let number = 0; number < phones; number += 1) sum += down.missing(number, HOST);
    return sum;
  };

  return {
    streams: down === undefined ? [] : [down],
    cuts,
    get connections() {
      return connections;
    },
    /** Frames that the server has passed on, votes among them; of those of the players the stage knows. */
    get delivered() {
      return (down?.delivered ?? 0) + (votes?.sent ?? 0);
    },
    /** Watchers that have come beside those that stay. */
    get joined() {
      return joined;
    },
    takeWorstDelayMs: () => Math.max(0, ...pacers.map((pacer) => pacer.takeWorstDelayMs())),

    /** The stage, and all watchers that stay. */
    async assemble() {
      const task = { isStage: true, adapterUrl, scenario, port: ports[0] };
      stage = await toldProcess(fork(MAIN), task, { name: "The stage" });
      code = await stage.tell("open");
      connections += scenario.crowd.players + 1;
      if (input !== undefined) votes = new Votes((text) => crowd.vote(code, text), wire);
      for (let number = 0; number < phones; number += 1) {
        const watcher = await crowd.joinWatcher(open, code);
        watchers.push(watcher);
        listen(watcher, `watcher ${number}`, (bytes, start, end) => down.accept(number, HOST, bytes, start, end));
      }
      return [];
    },
    admit() {},

    /** Whether latencies count. @param {boolean} isTimed */
    setTimed(isTimed) {
      if (down) down.isTimed = isTimed;
    },

    /** The host and the players begin. */
    startStage: () => stage.tell("start"),

    /** The crowd begins. */
    start() {
      for (const pacer of pacers) pacer.start();
    },

    begin: () => stage.tell("begin"),

    /** What the stage saw since then; its latency as a histogram. */
    async end() {
      const { latency, ...stageSaw } = await stage.tell("end");
      return { ...stageSaw, latency: Histogram.of(latency) };
    },

    /** Sends nothing more, and waits until nothing comes. @returns {Promise<number>} how many frames never came */
    async finish() {
      for (const pacer of pacers) pacer.stop();
      await stage.tell("stop");
      await look();
      const missing = await drained({
        missing: lost,
        delivered: () => (down?.delivered ?? 0) + seen.delivered + seen.votes - arriving,
        look,
      });
      if (missing === 0) return 0;
      lostVotes = (votes?.sent ?? 0) - seen.votes;
      if (down) for (let number = 0; number < phones; number += 1) down.writeOff(number, HOST);
      await stage.tell("writeOff");
      return missing;
    },

    /** All of them go, the host too. */
    async leave() {
      await stage.tell("leave");
      for (const { connection } of [...watchers, ...visitors]) connection.end();
    },

    /** As many connections as there were watchers, which are in no room. @returns {Promise<boolean>} whether the server has such connections */
    async openBare() {
      if (crowd.openBare === undefined) return false;
      let left = phones;
      const work = async () => {
        while (left > 0) {
          left -= 1;
          await crowd.openBare(open);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return true;
    },
  };
}
