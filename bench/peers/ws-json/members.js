/** The client's side of an open room of `ws-json`: `{"type":"said","from":17,"data":"…"}`. */

const BEFORE_FROM = Buffer.from('{"type":"said","from":');
const BEFORE_DATA = ',"data":"'.length;
const AFTER_DATA = '"}'.length;
const QUOTE = '"'.charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** @param {object} content */
const message = (content) => ({ bytes: Buffer.from(JSON.stringify(content)), isText: true });

/** @type {import("../../load/open-rooms.js").MemberAdapter} */
export const members = {
  payload: "text",

  async join(open, room, number) {
    const connection = await open();
    connection.say(message({ type: "enter", code: `room${room.number}`, id: number }));
    return { connection };
  },

  say: (_member, payload) => [message({ type: "say", data: payload.toString() })],

  read(_member, bytes, start, end, _isText, take) {
    let from = 0;
    let at = start + BEFORE_FROM.length;
    for (; bytes[at] >= ZERO; at += 1) from = from * 10 + bytes[at] - ZERO; // up to the comma, which is below the digits
    const dataAt = at + BEFORE_DATA;
    if (bytes[dataAt - 1] !== QUOTE) throw new Error("The server's JSON is not laid out as expected.");
    take(bytes, dataAt, end - AFTER_DATA, from);
  },
};
