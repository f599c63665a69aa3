/** The client's side of the floor. */
import { lengthPrefixWire } from "../../load/length-prefix-wire.js";
import { KIND, numbered } from "./messages.js";

export const adapter = {
  wire: lengthPrefixWire,
  payload: "binary",

  async openRoom(open) {
    const connection = await open();
    connection.say({ bytes: Uint8Array.of(KIND.open) });
    return { connection, code: await numberSaid(connection, KIND.open) };
  },

  async joinRoom(open, room) {
    const connection = await open();
    connection.say({ bytes: numbered(KIND.join, room.code) });
    return { connection, id: await numberSaid(room.connection, KIND.join) };
  },

  input: (_phone, payload) => [{ bytes: Buffer.concat([Uint8Array.of(KIND.data), payload]) }],
  toOne: (_room, { id }, payload) => [{ bytes: numbered(KIND.to, id, payload) }],
  toAll: (_room, payload) => [{ bytes: numbered(KIND.to, 0, payload) }],

  readAtHost(_room, bytes, start, end, _isText, take) {
    if (bytes[start] === KIND.from) take(bytes, start + 5, end, bytes.readUInt32BE(start + 1));
  },
  readAtPhone: (_phone, bytes, start, end, _isText, take) => take(bytes, start + 1, end),
};

/** @param {import("../../load/load-connection.js").LoadConnection} connection @param {number} kind */
function numberSaid(connection, kind) {
  return connection.conversation.until(({ bytes }) => (bytes[0] === kind ? bytes.readUInt32BE(1) : undefined));
}
