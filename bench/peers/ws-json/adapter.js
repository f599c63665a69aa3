/** The client's side of `ws-json`. */
import { websocketWire } from "../../load/websocket-wire.js";
import { members } from "./members.js";

const QUOTE = '"'.charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** What stands before the parts that change, as `JSON.stringify` writes it on the server. */
const BEFORE_ID = '{"type":"input","from":'.length;
const BEFORE_DATA = ',"data":"'.length;
const AROUND_DATA = '{"type":"data","data":"'.length;
const AFTER_DATA = '"}'.length;

const TYPE_AT = '{"type":"'.length;
const INPUT_LETTER = "i".charCodeAt(0);

export const adapter = {
  wire: websocketWire,
  payload: "text",
  members,

  async openRoom(open) {
    const connection = await open();
    connection.say(message({ type: "open" }));
    return { connection, code: await said(connection, ({ type, code }) => (type === "opened" ? code : undefined)) };
  },

  async joinRoom(open, room) {
    const connection = await open();
    connection.say(message({ type: "join", code: room.code }));
    return { connection, id: await said(room.connection, ({ type, id }) => (type === "joined" ? id : undefined)) };
  },

  input: (_phone, payload) => [message({ type: "input", data: payload.toString() })],
  toOne: (_room, { id }, payload) => [message({ type: "to", to: id, data: payload.toString() })],
  toAll: (_room, payload) => [message({ type: "to_all", data: payload.toString() })],

  readAtHost(_room, bytes, start, end, _isText, take) {
    if (bytes[start + TYPE_AT] !== INPUT_LETTER) return;
    let from = 0;
    let at = start + BEFORE_ID;
    for (; bytes[at] >= ZERO; at += 1) from = from * 10 + bytes[at] - ZERO; // up to the comma, which is below the digits
    const dataAt = at + BEFORE_DATA;
    if (bytes[dataAt - 1] !== QUOTE) throw new Error("The server's JSON is not laid out as expected.");
    take(bytes, dataAt, end - AFTER_DATA, from);
  },
  readAtPhone: (_phone, bytes, start, end, _isText, take) => take(bytes, start + AROUND_DATA, end - AFTER_DATA),
};

/** @param {object} content */
function message(content) {
  return { bytes: Buffer.from(JSON.stringify(content)), isText: true };
}

/** @param {import("../../load/load-connection.js").LoadConnection} connection @param {(event: Record<string, unknown>) => unknown} read */
function said(connection, read) {
  return connection.conversation.until(({ bytes }) => read(JSON.parse(bytes.toString())));
}
