/** Plays a scenario of open rooms, as `traffic.js` plays one of hosts and phones: each member talks to the others of its room. */
import { drained } from "./draining.js";
import { isHello } from "./open-rooms.js";
import { createPacer } from "./pacer.js";
import { PAYLOAD_KINDS, preparePayload } from "./payload.js";
import { PreparedFrame } from "./prepared-frame.js";
import { Stream } from "./stream.js";

const SEED = 20_261_129;

/** What this file needs of a member. @typedef {{ number: number, room: TalkingRoom, connection: Pick<import("./load-connection.js").LoadConnection, "onMessage" | "onCut" | "send"> }} TalkingMember */
/** @typedef {{ number: number, phones: TalkingMember[] }} TalkingRoom */

/** @param {{ adapter: object, scenario: import("../scenarios/index.js").Scenario }} options */
export function createRelayTraffic({ adapter, scenario }) {
  const { relay, rooms, phones: perRoom } = scenario;
  const { members: wire } = adapter;
  const kind = PAYLOAD_KINDS[wire.payload];
  const now = () => Math.floor(performance.now() * 1000) % kind.times;
  const count = rooms * perRoom;
  /** Each pair of a receiver and a seat of its room is a way, on which every frame has to arrive in order. */
  const wayOf = (receiver, sender) => receiver * perRoom + (sender % perRoom);
  const stream = new Stream({
    name: "member to member",
    kind,
    now,
    bytes: relay.bytes,
    senders: count,
    receivers: count * perRoom,
    allowsGaps: true, // a frame that a server drops is counted as lost, however many come after it
  });
  let skippedBefore = 0;

  /** By their numbers. @type {TalkingMember[]} */
  const members = [];
  /** @type {PreparedFrame[]} */
  const frames = [];
  /** @type {string[]} */
  const cuts = [];
  const pacer = createPacer({ count, perSecond: relay.perSecond, seed: SEED, send });

  /** @param {number} number */
  function send(number) {
    stream.stamp(frames[number], number);
    members[number].connection.send(frames[number]);
  }

  /** @param {TalkingMember} member */
  function admit(member) {
    const { number, room, connection } = member;
    const first = room.number * perRoom;
    members[number] = member;
    const payload = preparePayload(kind, number, stream.body);
    frames[number] = new PreparedFrame(adapter.wire, kind, wire.say(member, payload), payload);
    const take = (bytes, start, end, from) => {
      if (isHello(end - start)) return;
      if (from < first || from >= first + perRoom || from === number) {
        throw new Error(`Member ${number} was sent what ${from} said, who is not one of the others in its room.`);
      }
      stream.accept(wayOf(number, from), from, bytes, start, end);
    };
    connection.onMessage = (bytes, start, end, isText) => wire.read(member, bytes, start, end, isText, take);
    connection.onCut = (reason) => cuts.push(`The server closed the connection of member ${number}: ${reason}`);
  }

  function* ways() {
    for (const { number, room } of members) {
      for (const sender of room.phones)
        if (sender.number !== number) yield [wayOf(number, sender.number), sender.number];
    }
  }

  const missing = () => {
    let sum = 0;
    for (const [way, sender] of ways()) sum += stream.missing(way, sender);
    return sum;
  };

  return {
    streams: [stream],
    /** What connections the server has closed that it should not have. */
    cuts,
    get delivered() {
      return stream.delivered;
    },
    takeWorstDelayMs: () => pacer.takeWorstDelayMs(),

    /** Rooms that have assembled: from now on their connections are heard here. @param {TalkingRoom[]} assembled */
    admit(assembled) {
      for (const room of assembled) for (const member of room.phones) admit(member);
    },

    /** Whether latencies count. @param {boolean} isTimed */
    setTimed(isTimed) {
      stream.isTimed = isTimed;
    },

    start: () => pacer.start(),

    /** Sends nothing more and waits until nothing comes. @returns {Promise<number>} how many frames never came */
    async finish() {
      pacer.stop();
      const late = await drained({ missing, delivered: () => stream.delivered });
      if (late > 0) for (const [way, sender] of ways()) stream.writeOff(way, sender);
      const skipped = stream.skipped - skippedBefore;
      skippedBefore = stream.skipped;
      return skipped + late;
    },
  };
}
