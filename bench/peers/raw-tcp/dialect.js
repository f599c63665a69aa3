/** The client's side of the floor. */
import { lengthPrefixWire } from "../../load/length-prefix-wire.js";
import { KIND, numbered } from "./messages.js";

export const dialect = {
  wire: lengthPrefixWire,
  payload: "binary",

  async openRoom(open) {
    const line = await open();
    line.say({ bytes: Uint8Array.of(KIND.open) });
    return { line, code: await numberSaid(line, KIND.open) };
  },

  async joinRoom(open, room) {
    const line = await open();
    line.say({ bytes: numbered(KIND.join, room.code) });
    return { line, id: await numberSaid(room.line, KIND.join) };
  },

  input: (_phone, payload) => [{ bytes: Buffer.concat([Uint8Array.of(KIND.data), payload]) }],
  toOne: (_room, { id }, payload) => [{ bytes: numbered(KIND.to, id, payload) }],
  toAll: (_room, payload) => [{ bytes: numbered(KIND.to, 0, payload) }],

  readAtHost(_room, bytes, start, end, _isText, take) {
    if (bytes[start] === KIND.from) take(bytes, start + 5, end, bytes.readUInt32BE(start + 1));
  },
  readAtPhone: (_phone, bytes, start, end, _isText, take) => take(bytes, start + 1, end),
};

/** @param {import("../../load/line.js").Line} line @param {number} kind */
function numberSaid(line, kind) {
  return line.conversation.until(({ bytes }) => (bytes[0] === kind ? bytes.readUInt32BE(1) : undefined));
}
