/** The client's side of Colyseus: seats are reserved over HTTP, and messages are a letter, a name and MessagePack or bytes. */
import { websocketWire } from "../../load/websocket-wire.js";
import { msgpackHead, readHead } from "../read-msgpack.js";
import { members } from "./members.js";
import { ROOM_DATA, nameOf, reserve, sit } from "./seats.js";

const ROOM_DATA_BYTES = 17;

const NAME_AT = 1;
const INPUT_NAME = nameOf("input");
const DATA_AT = 1 + nameOf("data").length;
const INPUT_AT = 1 + INPUT_NAME.length;

/** An array of a number and bytes, in MessagePack. */
function pair(number, payload) {
  const numberBytes = Buffer.alloc(5, 0xce);
  numberBytes.writeUInt32BE(number, 1);
  const lengthBytes = Buffer.alloc(5, 0xc6);
  lengthBytes.writeUInt32BE(payload.length, 1);
  return Buffer.concat([Uint8Array.of(0x92), numberBytes, lengthBytes, payload]);
}

const bytesMessage = (name, payload) => [
  { bytes: Buffer.concat([Uint8Array.of(ROOM_DATA_BYTES), nameOf(name), payload]) },
];

export const adapter = {
  wire: websocketWire,
  payload: "binary",
  members,

  async openRoom(open, _scenario, [port]) {
    const seat = await reserve(port, "create/relay");
    return { connection: await sit(open, seat), code: seat.room.roomId };
  },

  async joinRoom(open, room, _scenario, [port]) {
    const connection = await sit(open, await reserve(port, `joinById/${room.code}`));
    return { connection, id: await joined(room.connection) };
  },

  input: (_phone, payload) => bytesMessage("input", payload),
  toOne: (_room, { id }, payload) => [
    { bytes: Buffer.concat([Uint8Array.of(ROOM_DATA), nameOf("to"), pair(id, payload)]) },
  ],
  toAll: (_room, payload) => bytesMessage("to_all", payload),

  readAtHost(_room, bytes, start, _end, _isText, take) {
    if (
      bytes[start] !== ROOM_DATA ||
      bytes.compare(INPUT_NAME, 0, INPUT_NAME.length, start + NAME_AT, start + INPUT_AT) !== 0
    )
      return;
    const numberAt = readHead(bytes, start + INPUT_AT);
    const bytesAt = readHead(bytes, numberAt);
    const from = msgpackHead.value;
    const dataAt = readHead(bytes, bytesAt);
    take(bytes, dataAt, dataAt + msgpackHead.value, from);
  },
  readAtPhone(_phone, bytes, start, end, _isText, take) {
    if (bytes[start] === ROOM_DATA_BYTES) take(bytes, start + DATA_AT, end);
  },
};

/** @param {import("../../load/load-connection.js").LoadConnection} connection */
function joined(connection) {
  const name = nameOf("joined");
  return connection.conversation.until(({ bytes }) => {
    if (bytes[0] !== ROOM_DATA || !bytes.subarray(NAME_AT).subarray(0, name.length).equals(name)) return undefined;
    readHead(bytes, NAME_AT + name.length);
    return msgpackHead.value;
  });
}
