/** What a row's hosts and phones say to each other, as the row's data has it: paced input, echo, broadcasts, a closed loop. */
import { createPacer } from "./pacer.js";
import { PAYLOAD_KINDS, preparePayload } from "./payload.js";
import { PreparedFrame } from "./prepared-frame.js";
import { PROBLEMS_TOLD, Stream } from "./stream.js";

const SEED = 20_260_901;
/** How long nothing may arrive any more before what is missing counts as lost. */
const DRAINED_AFTER_MS = 1500;
const LOOK_EVERY_MS = 50;

/**
 * @param {{ dialect: object, row: import("../rows/index.js").Row, party: Awaited<ReturnType<import("./party.js").assembleParty>> }} options
 */
export function createTraffic({ dialect, row, party }) {
  const { rooms, phones } = party;
  const kind = PAYLOAD_KINDS[dialect.payload];
  const now = () => Math.floor(performance.now() * 1000) % kind.times;
  const counts = { senders: phones.length, receivers: phones.length, kind, now };
  const { input, broadcast } = row;

  const up = input && new Stream({ ...counts, name: "phone to host", bytes: input.bytes });
  const echo = row.answers ? new Stream({ ...counts, name: "host to phone", bytes: input.bytes }) : undefined;
  const down =
    broadcast &&
    new Stream({
      ...counts,
      name: "host to everybody",
      bytes: broadcast.bytes,
      senders: rooms.length,
      allowsGaps: broadcast.isVolatile,
    });
  const streams = [up, echo, down].filter((stream) => stream !== undefined);

  const inputs = up && phones.map((phone) => prepare(up, phone.number, (data) => dialect.input(phone, data)));
  const answers =
    echo && phones.map((phone) => prepare(echo, phone.number, (data) => dialect.toOne(phone.room, phone, data)));
  const broadcasts =
    down && rooms.map((room) => prepare(down, room.number, (data) => dialect.toAll(room, data, broadcast)));

  /** @type {string[]} */
  const cuts = [];
  /** Those who do not read, and of whom nothing is expected. */
  const isDeaf = (phone) => row.deafEvery !== undefined && phone.number % row.deafEvery === 0;
  let isSending = false;
  const pacers = [];

  for (const room of rooms) hearHost(room);
  for (const phone of phones) hearPhone(phone);

  function prepare(stream, sender, encode) {
    const payload = preparePayload(kind, sender, stream.body);
    return new PreparedFrame(dialect.wire, kind, encode(payload), payload);
  }

  function hearHost(room) {
    const numbers = new Map(room.phones.map((phone) => [phone.id, phone.number]));
    const take = (bytes, start, end, from) => {
      const number = numbers.get(from);
      up.accept(number, number, bytes, start, end);
      if (echo === undefined) return;
      const answer = answers[number];
      echo.answer(answer, number, bytes, start);
      room.line.send(answer);
    };
    listen(room, `the host of room ${room.number}`, dialect.readAtHost, take);
  }

  function hearPhone(phone) {
    const { number } = phone;
    const stream = echo ?? down;
    const sender = echo === undefined ? phone.room.number : number;
    const take = (bytes, start, end) => {
      stream.accept(number, sender, bytes, start, end);
      if (input?.window !== undefined && isSending) sendInput(number);
    };
    listen(phone, `phone ${number}`, dialect.readAtPhone, take);
    if (isDeaf(phone)) {
      phone.line.onCut = () => {}; // what the row is about
      phone.line.stopReading();
    }
  }

  function listen(member, name, read, take) {
    member.line.isBatching = row.isBatching === true;
    member.line.onMessage = (bytes, start, end, isText) => read(member, bytes, start, end, isText, take);
    member.line.onCut = (reason) => cuts.push(`The server closed the line of ${name}: ${reason}`);
  }

  function sendInput(number) {
    up.stamp(inputs[number], number);
    phones[number].line.send(inputs[number]);
  }

  function sendBroadcast(number) {
    down.stamp(broadcasts[number], number);
    rooms[number].line.send(broadcasts[number]);
  }

  const missing = () => {
    let sum = 0;
    for (const phone of phones) {
      sum += up?.missing(phone.number, phone.number) ?? 0;
      if (isDeaf(phone)) continue;
      sum += echo?.missing(phone.number, phone.number) ?? 0;
      if (!broadcast?.isVolatile) sum += down?.missing(phone.number, phone.room.number) ?? 0;
    }
    return sum;
  };

  return {
    streams,
    get delivered() {
      let sum = 0;
      for (const stream of streams) sum += stream.delivered;
      return sum;
    },
    problems: () => [...cuts.slice(0, PROBLEMS_TOLD), ...streams.flatMap(({ problems }) => problems)],
    wrong: () => streams.reduce((sum, { wrong }) => sum + wrong, cuts.length),
    takeWorstDelayMs: () => Math.max(0, ...pacers.map((pacer) => pacer.takeWorstDelayMs())),

    start() {
      isSending = true;
      if (input?.perSecond !== undefined) {
        pacers.push(createPacer({ count: phones.length, perSecond: input.perSecond, seed: SEED, send: sendInput }));
      }
      if (broadcast !== undefined) {
        const { perSecond } = broadcast;
        pacers.push(createPacer({ count: rooms.length, perSecond, seed: SEED + 1, send: sendBroadcast }));
      }
      if (input?.window === undefined) return;
      for (const phone of phones) {
        for (let count = 0; count < input.window; count += 1) sendInput(phone.number);
        phone.line.flush();
      }
    },

    /** Sends nothing more and waits for what is under way. @returns {Promise<number>} how many frames never came */
    async finish() {
      isSending = false;
      for (const pacer of pacers) pacer.close();
      let left = missing();
      for (let quietMs = 0; left > 0 && quietMs < DRAINED_AFTER_MS; quietMs += LOOK_EVERY_MS) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        const still = missing();
        if (still < left) quietMs = 0;
        left = still;
      }
      return left;
    },

    close() {
      for (const { line } of [...phones, ...rooms]) line.end();
    },
  };
}
