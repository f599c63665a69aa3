/** The peers, in the order in which they take turns. */
import { colyseus } from "./colyseus/peer.js";
import { couchwireBun } from "./couchwire-bun/peer.js";
import { couchwire } from "./couchwire/peer.js";
import { naiveBun } from "./naive-bun/peer.js";
import { naive } from "./naive/peer.js";
import { nats } from "./nats/peer.js";
import { rawTcp } from "./raw-tcp/peer.js";
import { socketIoMsgpack } from "./socket-io-msgpack/peer.js";
import { socketIo } from "./socket-io/peer.js";
import { tapaculo, tapaculoNodelay } from "./tapaculo/peer.js";
import { wsJson } from "./ws-json/peer.js";

/**
 * How a peer's server is started. Its process says where it listens in a line on its standard output.
 * @typedef {object} Launch
 * @property {string} [program] what is run, where it is neither of the next
 * @property {import("../run/runtime.js").RuntimeKind} [runtime] Node or Bun, which the run chooses
 * @property {string[]} words
 * @property {Record<string, string>} [environment]
 * @property {(line: string) => number | undefined} portIn the port, if this line of output tells it
 * @property {string} [part] What it is called, where the results tell its share.
 * @property {boolean} [isForking] It starts processes of its own, with the words that Node was started with.
 * @property {() => void} [cleanUp] Removes what it leaves behind.
 */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} what One sentence for readers of the results.
 * @property {readonly string[]} can Abilities that scenarios may need.
 * @property {boolean} [isHostless] It has open rooms, and none with a host.
 * @property {URL} adapter the module with the client's side
 * @property {() => string | undefined} [whyMissing] Says why the peer cannot run on this machine, if it cannot.
 * @property {() => string | undefined} [prepare] Builds what it runs, before a run that it takes part in; says why not, if it cannot.
 * @property {() => string} [versions] What it is made of, for the record.
 * @property {(scenario: import("../scenarios/index.js").Scenario) => Launch | LaunchStep[]} launch one process, or several that are started
 *   one after the other; each may depend on the ports of those before it. All of them count.
 */

/** @typedef {Launch | ((ports: number[]) => Launch | Promise<Launch>)} LaunchStep */

/** @type {readonly Peer[]} */
export const PEERS = [
  couchwire,
  naive,
  couchwireBun,
  naiveBun,
  rawTcp,
  wsJson,
  socketIo,
  socketIoMsgpack,
  colyseus,
  nats,
  tapaculo,
  tapaculoNodelay,
];
