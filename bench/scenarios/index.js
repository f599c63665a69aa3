/** The scenarios, in the order in which they are run and shown. Each is data; `load/traffic.js` plays it. */
import { ARENA } from "./arena.js";
import { ARRAY } from "./array.js";
import { AUDIENCE } from "./audience.js";
import { CHANNELS } from "./channels.js";
import { CHURN, CHURN_SILENT, CROWD, CROWD_2000, CROWD_500 } from "./crowd.js";
import { DRAWING } from "./drawing.js";
import { ECHO } from "./echo.js";
import { FLOOD_BATCHING, FLOOD_SINGLE } from "./flood.js";
import { HOP_NATS, HOP_REDIS } from "./hop.js";
import { IDLE } from "./idle.js";
import { INPUT } from "./input.js";
import { JOINS } from "./joins.js";
import { RELAY } from "./relay.js";
import { ROOMS } from "./rooms.js";
import { SESSIONS } from "./sessions.js";
import { SLOW } from "./slow.js";
import { TICK } from "./tick.js";
import { WORKERS_BUSY, WORKERS_ECHO, WORKERS_FLOOD } from "./workers.js";

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} what One sentence for readers of the results.
 * @property {number} rooms
 * @property {number} phones in each room
 * @property {{ bytes: number, perSecond?: number, window?: number }} [input] What each phone sends to its host: so many frames a second,
 *   or one frame for each answer with `window` frames under way.
 * @property {boolean} [answers] The host sends each frame back to its phone.
 * @property {{ bytes: number, perSecond: number, isVolatile?: boolean }} [broadcast] What each host sends to all its phones.
 * @property {{ bytes: number, perSecond: number }} [relay] Rooms without a host: what each phone, a member there, says to the others.
 * @property {number} [stallMs] After all samples the servers stand still for so long while members talk; what is lost of it is counted apart.
 * @property {string} [base] The peer whose figures count as 1, where that is not the usual one.
 * @property {boolean} [isBatching] Clients write once for all frames that one read has caused; else once a frame.
 * @property {number} [deafEvery] One phone in this many stops reading.
 * @property {string[]} [needs] Abilities without which a peer cannot run the scenario.
 * @property {boolean} [isLimitless] Phones and hosts send more than a server may allow by default; couchwire is started with higher rates.
 * @property {boolean} [isReliable] Connections have sessions and count their frames.
 * @property {"array" | "string"} [hostBytes] How hosts want the data of their phones.
 * @property {boolean} [isPublished] What is broadcast is published on a channel, and lines follow it in place of phones.
 * @property {Crowd} [crowd] The phones only watch one room, and what they send are votes; `load/crowd.js` plays it.
 * @property {"redis" | "nats"} [between] What stands between two nodes: hosts arrive at one of them, phones at the other.
 * @property {number} [workers] Processes of one server, where these are several.
 * @property {boolean} [sharesCores] The processes of the server and the load generator run on all cores, and wait for each other.
 * @property {boolean} [isQuiet] No frames are sent; memory is measured.
 * @property {boolean} [isAssembling] No frames are sent; phones join and leave, and the joins are measured.
 * @property {number} [leastMeasureMs] The shortest useful measurement. A quick run ignores it.
 * @property {number} [leastWarmUpMs] The time until V8 has compiled the code. A quick run ignores it.
 * @property {Scenario} [besides] What each peer runs next to this scenario, to be compared with it.
 */

/**
 * Those on the stage, and who comes and goes before it.
 * @typedef {object} Crowd
 * @property {number} players beside the host, which answers each of their frames
 * @property {number} bytes of a player's frame
 * @property {number} perSecond frames of each player
 * @property {boolean} [isWeighed] What a watcher takes of the server's memory is measured.
 * @property {number} [joinsPerSecond] Watchers that join, and as many that leave, beside those that stay.
 */

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  INPUT,
  ECHO,
  TICK,
  ARENA,
  DRAWING,
  AUDIENCE,
  CROWD_500,
  CROWD_2000,
  CROWD,
  CHURN,
  CHURN_SILENT,
  CHANNELS,
  FLOOD_BATCHING,
  FLOOD_SINGLE,
  SLOW,
  SESSIONS,
  ARRAY,
  ROOMS,
  RELAY,
  HOP_REDIS,
  HOP_NATS,
  WORKERS_ECHO,
  WORKERS_BUSY,
  WORKERS_FLOOD,
  JOINS,
  IDLE,
];
