/**
 * The stage of a crowd: the host of a room and its players, in a process of their own, so that what the host uses and what the players feel is not mixed with
 * the work of thousands of watchers. It tells of itself when it is asked.
 */
import { setPriority } from "node:os";
import { openConnection } from "./load-connection.js";
import { PAYLOAD_KINDS, preparePayload } from "./payload.js";
import { PreparedFrame } from "./prepared-frame.js";
import { sharedClock } from "./shared-clock.js";
import { Stream } from "./stream.js";

/** Nicer than that is the load, which has the same core: the stage needs little of it, and its times are not to be those of the load. */
const PRIORITY = -10;

/** The only host there is. */
const HOST = 0;
/** What the streams are called, in other files too. */
export const BROADCAST = "host to everybody";
export const PLAYER_AND_BACK = "player and back";

/** Places in the room beside those of watchers that stay: newcomers are limited by the size of an audience, which is not what is measured. */
const SPARE_PLACES = 5;

/**
 * What a server's adapter has for a crowd.
 * @typedef {object} CrowdAdapter
 * @property {(open: Function, places: { players: number, watchers: number }) => Promise<object>} openRoom the host's connection, and the code of its room
 * @property {(open: Function, room: object) => Promise<object>} joinPlayer
 * @property {(open: Function, code: string) => Promise<object>} joinWatcher
 * @property {(open: Function) => Promise<object>} [openBare] a connection that is in no room and stays, of servers that have such
 * @property {(code: string, text: string) => import("./websocket-wire.js").Message[]} vote
 * @property {(room: object, payload: Buffer) => import("./websocket-wire.js").Message[]} toCrowd
 * @property {(room: object, bytes: Buffer, start: number, end: number, isText: boolean, hear: HostEars) => void} readAtHost calls one of these once for
 *   each message
 * @property {Function} readAtWatcher as `readAtPhone`
 */

/** @typedef {{ votes: (count: number) => void, input: (bytes: Buffer, start: number, end: number, from: unknown) => void, other: () => void }} HostEars */

function goFirst() {
  try {
    setPriority(PRIORITY);
  } catch {
    // Only root may; without it the stage waits for the load at times.
  }
}

/** @param {string} name @returns {(reason: string) => void} */
const cut = (name) => (reason) => {
  throw new Error(`The server closed the connection of ${name}: ${reason}`);
};

/** @param {{ adapterUrl: string, scenario: import("../scenarios/index.js").Scenario, port: number }} task */
export async function createStage({ adapterUrl, scenario, port }) {
  goFirst();
  const { adapter } = await import(adapterUrl);
  const { wire } = adapter;
  /** @type {CrowdAdapter} */
  const crowd = adapter.crowd;
  const { broadcast, phones } = scenario;
  const { players: count, bytes, perSecond, joinsPerSecond = 0 } = scenario.crowd;
  const kind = PAYLOAD_KINDS[adapter.payload];
  const counts = { kind, now: sharedClock(kind), senders: count, receivers: count };
  const up = new Stream({ ...counts, name: "player to host", bytes });
  const back = new Stream({ ...counts, name: PLAYER_AND_BACK, bytes });
  const down = broadcast && new Stream({ ...counts, name: BROADCAST, bytes: broadcast.bytes });
  /** What the host has heard: votes, and the messages that told of them or of the crowd. */
  const heard = { votes: 0, messages: 0 };
  let broadcasts = 0;
  let host;
  /** @type {PreparedFrame} */
  let said;
  /** @type {{ connection: import("./load-connection.js").LoadConnection, input: PreparedFrame, answer: PreparedFrame }[]} */
  const players = [];
  /** @type {NodeJS.Timeout[]} */
  let timers = [];
  let begun;

  const open = (request) => openConnection(wire, port, request);

  function prepare(stream, sender, encode) {
    const payload = preparePayload(kind, sender, stream.body);
    return new PreparedFrame(wire, kind, encode(payload), payload);
  }

  function hearHost(numbers) {
    const ears = {
      votes(more) {
        heard.votes += more;
        heard.messages += 1;
      },
      other() {
        heard.messages += 1;
      },
      input(data, start, end, from) {
        const number = numbers.get(from);
        up.accept(number, number, data, start, end);
        const { answer } = players[number];
        back.answer(answer, number, data, start);
        host.connection.send(answer);
      },
    };
    host.connection.onCut = cut("the host");
    host.connection.onMessage = (data, start, end, isText) => crowd.readAtHost(host, data, start, end, isText, ears);
  }

  function hearPlayer(player, number) {
    const { connection } = player;
    const take = (data, start, end) => back.accept(number, number, data, start, end);
    connection.onCut = cut(`player ${number}`);
    connection.onMessage = (data, start, end, isText) => adapter.readAtPhone(player, data, start, end, isText, take);
  }

  function sendInput(number) {
    const { connection, input } = players[number];
    up.stamp(input, number);
    connection.send(input);
  }

  function sendBroadcast() {
    down.stamp(said, HOST);
    broadcasts += 1;
    host.connection.send(said);
  }

  /** Frames of players, and answers to them. */
  const delivered = () => up.delivered + back.delivered;
  const missing = () => players.reduce((sum, _, number) => sum + back.missing(number, number), 0);

  return {
    /** The room and its players. @returns {Promise<unknown>} its code, which is all that a watcher needs */
    async open() {
      host = await crowd.openRoom(open, { players: count, watchers: phones + SPARE_PLACES * joinsPerSecond });
      const numbers = new Map();
      for (let number = 0; number < count; number += 1) {
        const player = { ...(await crowd.joinPlayer(open, host)), room: host, number };
        numbers.set(player.id, number);
        player.input = prepare(up, number, (payload) => adapter.input(player, payload));
        player.answer = prepare(back, number, (payload) => adapter.toOne(host, player, payload));
        players.push(player);
        hearPlayer(player, number);
      }
      if (down) said = prepare(down, HOST, (payload) => crowd.toCrowd(host, payload));
      hearHost(numbers);
      return host.code;
    },

    /** The host speaks, and the players one after the other: few timers, so that they are not what the host costs. */
    async start() {
      let next = 0;
      const speak = () => {
        sendInput(next);
        next = (next + 1) % count;
      };
      timers = [setInterval(speak, 1000 / (count * perSecond))];
      if (broadcast) timers.push(setInterval(sendBroadcast, 1000 / broadcast.perSecond));
    },

    async stop() {
      for (const timer of timers) clearInterval(timer);
      timers = [];
    },

    /** What there was in all so far. */
    async look() {
      return { ...heard, broadcasts, delivered: delivered(), missing: missing() };
    },

    /** Waits no longer for what the players miss. */
    async writeOff() {
      for (const [number] of players.entries()) back.writeOff(number, number);
    },

    async begin() {
      back.isTimed = true;
      begun = { ...heard, delivered: delivered(), cpu: process.cpuUsage(), at: performance.now() };
    },

    /** What there was since it began. */
    async end() {
      back.isTimed = false;
      const { user, system } = process.cpuUsage(begun.cpu);
      return {
        cpuMs: (user + system) / 1000,
        ms: performance.now() - begun.at,
        messages: heard.messages - begun.messages,
        votes: heard.votes - begun.votes,
        delivered: delivered() - begun.delivered,
        latency: back.takeLatency().content(),
        wrong: up.wrong + back.wrong,
        problems: [...up.problems, ...back.problems],
      };
    },

    /** All of them go. */
    async leave() {
      for (const { connection } of [...players, host]) connection.end();
    },
  };
}
