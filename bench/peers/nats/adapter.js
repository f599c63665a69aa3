/** The client's side of NATS: text commands in binary WebSocket frames, whose borders mean nothing. */
import { websocketWire } from "../../load/websocket-wire.js";
import { NatsReader } from "./nats-reader.js";

const LINE_END = "\r\n";
const CONNECT = `CONNECT ${JSON.stringify({ verbose: false, pedantic: false, lang: "bench", version: "1", protocol: 1 })}`;

const command = (...lines) => ({ bytes: Buffer.from(lines.map((line) => line + LINE_END).join("")) });

function publication(subject, payload) {
  const start = Buffer.from(`PUB ${subject} ${payload.length}${LINE_END}`);
  return [{ bytes: Buffer.concat([start, payload, Buffer.from(LINE_END)]) }];
}

let nextRoom = 1;

/** What the reader says of a subject that ends in no number, such as that of votes. */
const NO_NUMBER = -1;

export const adapter = {
  wire: websocketWire,
  payload: "binary",

  async openRoom(open) {
    const code = nextRoom;
    nextRoom += 1;
    const connection = await connect(open, [`room.${code}.input.*`]);
    return { connection, code, joined: 0, reader: new NatsReader(connection) };
  },

  joinRoom,
  crowd: createCrowd(),

  input: ({ room, id }, payload) => publication(`room.${room.code}.input.${id}`, payload),
  toOne: (room, { id }, payload) => publication(`room.${room.code}.to.${id}`, payload),
  toAll: (room, payload) => publication(`room.${room.code}.all`, payload),

  readAtHost: (room, bytes, start, end, _isText, take) => room.reader.read(bytes, start, end, take),
  readAtPhone: (phone, bytes, start, end, _isText, take) => phone.reader.read(bytes, start, end, take),
};

/** A crowd: NATS counts nothing, so the host hears each vote and sums them itself. @returns {import("../../load/stage.js").CrowdAdapter} */
function createCrowd() {
  return {
    async openRoom(open) {
      const code = String(nextRoom);
      nextRoom += 1;
      const connection = await connect(open, [`room.${code}.input.*`, `room.${code}.vote`]);
      return { connection, code, joined: 0, reader: new NatsReader(connection) };
    },
    joinPlayer: joinRoom,
    async joinWatcher(open, code) {
      const connection = await connect(open, [`room.${code}.crowd`]);
      return { connection, reader: new NatsReader(connection) };
    },
    openBare: async (open) => ({ connection: await connect(open, []) }),

    vote: (code, text) => publication(`room.${code}.vote`, Buffer.from(text)),
    toCrowd: ({ code }, payload) => publication(`room.${code}.crowd`, payload),

    readAtHost({ reader }, bytes, start, end, _isText, { votes, input }) {
      reader.read(bytes, start, end, (payloads, payloadAt, payloadEnd, from) => {
        if (from === NO_NUMBER) votes(1);
        else input(payloads, payloadAt, payloadEnd, from);
      });
    },
    readAtWatcher: ({ reader }, bytes, start, end, _isText, take) => reader.read(bytes, start, end, take),
  };
}

async function joinRoom(open, room) {
  room.joined += 1;
  const id = room.joined;
  const connection = await connect(open, [`room.${room.code}.to.${id}`, `room.${room.code}.all`]);
  return { connection, id, reader: new NatsReader(connection) };
}

/** Connects and subscribes; the answered ping says that the server has done both. */
async function connect(open, subjects) {
  const connection = await open();
  await connection.conversation.until(({ bytes }) => (bytes.toString().startsWith("INFO ") ? true : undefined));
  connection.say(command(CONNECT, ...subjects.map((subject, index) => `SUB ${subject} ${index + 1}`), "PING"));
  await connection.conversation.until(({ bytes }) => (bytes.toString().includes("PONG") ? true : undefined));
  return connection;
}
