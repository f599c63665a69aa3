/**
 * Plays a scenario between hosts and phones: paced input, echo, broadcasts, a closed loop. It can be started and finished repeatedly;
 * frame numbers and phases continue.
 */
import { drained } from "./draining.js";
import { createPacer } from "./pacer.js";
import { PAYLOAD_KINDS, preparePayload } from "./payload.js";
import { PreparedFrame } from "./prepared-frame.js";
import { Stream } from "./stream.js";

const SEED = 20_260_901;

/** @param {{ adapter: object, scenario: import("../scenarios/index.js").Scenario }} options */
export function createTraffic({ adapter, scenario }) {
  /** @type {import("./party.js").Room[]} */
  const rooms = [];
  /** @type {import("./party.js").Phone[]} */
  const phones = [];
  const kind = PAYLOAD_KINDS[adapter.payload];
  const now = () => Math.floor(performance.now() * 1000) % kind.times;
  const phoneCount = scenario.rooms * scenario.phones;
  const counts = { senders: phoneCount, receivers: phoneCount, kind, now };
  const { input, broadcast } = scenario;

  const up = input && new Stream({ ...counts, name: "phone to host", bytes: input.bytes });
  const echo = scenario.answers ? new Stream({ ...counts, name: "host to phone", bytes: input.bytes }) : undefined;
  const down =
    broadcast &&
    new Stream({
      ...counts,
      name: "host to everybody",
      bytes: broadcast.bytes,
      senders: scenario.rooms,
      allowsGaps: broadcast.isVolatile,
    });
  const streams = [up, echo, down].filter((stream) => stream instanceof Stream);

  /** By the number of the sender. @type {PreparedFrame[]} */
  const inputs = [];
  /** @type {PreparedFrame[]} */
  const answers = [];
  /** @type {PreparedFrame[]} */
  const broadcasts = [];

  const pacers = [];
  if (input?.perSecond !== undefined) {
    pacers.push(createPacer({ count: phoneCount, perSecond: input.perSecond, seed: SEED, send: sendInput }));
  }
  if (broadcast !== undefined) {
    const { perSecond } = broadcast;
    pacers.push(createPacer({ count: scenario.rooms, perSecond, seed: SEED + 1, send: sendBroadcast }));
  }

  /** @type {string[]} */
  const cuts = [];
  /** Whether the phone does not read; no frame is expected to arrive there. */
  const isDeaf = (phone) => scenario.deafEvery !== undefined && phone.number % scenario.deafEvery === 0;
  let isSending = false;

  function prepare(stream, sender, encode) {
    const payload = preparePayload(kind, sender, stream.body);
    return new PreparedFrame(adapter.wire, kind, encode(payload), payload);
  }

  function admitRoom(room) {
    const { number } = room;
    rooms[number] = room;
    if (down) broadcasts[number] = prepare(down, number, (data) => adapter.toAll(room, data, broadcast));
    hearHost(room);
    for (const phone of room.phones) admitPhone(phone);
  }

  function admitPhone(phone) {
    const { number, room } = phone;
    phones[number] = phone;
    if (up) inputs[number] = prepare(up, number, (data) => adapter.input(phone, data));
    if (echo) answers[number] = prepare(echo, number, (data) => adapter.toOne(room, phone, data));
    hearPhone(phone);
  }

  function hearHost(room) {
    const numbers = new Map(room.phones.map((phone) => [phone.id, phone.number]));
    const take = (bytes, start, end, from) => {
      const number = numbers.get(from);
      up.accept(number, number, bytes, start, end);
      if (echo === undefined) return;
      const answer = answers[number];
      echo.answer(answer, number, bytes, start);
      room.connection.send(answer);
    };
    listen(room, `the host of room ${room.number}`, adapter.readAtHost, take);
  }

  function hearPhone(phone) {
    const { number } = phone;
    const stream = echo ?? down;
    const sender = echo === undefined ? phone.room.number : number;
    const take = (bytes, start, end) => {
      stream.accept(number, sender, bytes, start, end);
      if (input?.window !== undefined && isSending) sendInput(number);
    };
    listen(phone, `phone ${number}`, adapter.readAtPhone, take);
    if (isDeaf(phone)) {
      phone.connection.onCut = () => {}; // what the scenario is about
      phone.connection.stopReading();
    }
  }

  function listen(member, name, read, take) {
    member.connection.isBatching = scenario.isBatching === true;
    member.connection.onMessage = (bytes, start, end, isText) => read(member, bytes, start, end, isText, take);
    member.connection.onCut = (reason) => cuts.push(`The server closed the connection of ${name}: ${reason}`);
  }

  function sendInput(number) {
    up.stamp(inputs[number], number);
    phones[number].connection.send(inputs[number]);
  }

  function sendBroadcast(number) {
    down.stamp(broadcasts[number], number);
    rooms[number].connection.send(broadcasts[number]);
  }

  /** Each way that every frame has to arrive on, as stream, receiver and sender. */
  function* ways() {
    for (const phone of phones) {
      const { number } = phone;
      if (up) yield [up, number, number];
      if (isDeaf(phone)) continue;
      if (echo) yield [echo, number, number];
      if (down && !broadcast.isVolatile) yield [down, number, phone.room.number];
    }
  }

  const missing = () => {
    let sum = 0;
    for (const [stream, receiver, sender] of ways()) sum += stream.missing(receiver, sender);
    return sum;
  };

  const delivered = () => {
    let sum = 0;
    for (const stream of streams) sum += stream.delivered;
    return sum;
  };

  return {
    streams,
    /** What connections the server has closed that it should not have. */
    cuts,
    get delivered() {
      return delivered();
    },
    takeWorstDelayMs: () => Math.max(0, ...pacers.map((pacer) => pacer.takeWorstDelayMs())),

    /** Rooms that have assembled, in the order of their numbers: from now on their connections are heard here. @param {import("./party.js").Room[]} assembled */
    admit(assembled) {
      for (const room of assembled) admitRoom(room);
    },

    /** Whether latencies count. @param {boolean} isTimed */
    setTimed(isTimed) {
      for (const stream of streams) stream.isTimed = isTimed;
    },

    start() {
      isSending = true;
      for (const pacer of pacers) pacer.start();
      if (input?.window === undefined) return;
      for (const phone of phones) {
        for (let count = 0; count < input.window; count += 1) sendInput(phone.number);
        phone.connection.flush();
      }
    },

    /**
     * Sends nothing more and waits until nothing comes: frames that may be skipped are not waited for by number.
     * @returns {Promise<number>} how many frames never came
     */
    async finish() {
      isSending = false;
      for (const pacer of pacers) pacer.stop();
      const lost = await drained({ missing, delivered });
      if (lost > 0) for (const [stream, receiver, sender] of ways()) stream.writeOff(receiver, sender);
      for (const member of [...rooms, ...phones]) adapter.rest?.(member);
      return lost;
    },
  };
}
