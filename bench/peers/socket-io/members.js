/** The client's side of an open room on Socket.IO: `42["said",17,"…"]`, all of it text. */

const SAID = Buffer.from('42["said",');
const BEFORE_DATA = ',"'.length;
const AFTER_DATA = '"]'.length;
const QUOTE = '"'.charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** @param {unknown[]} words */
const event = (...words) => ({ bytes: Buffer.from(`42${JSON.stringify(words)}`), isText: true });

/**
 * @param {(open: Function) => Promise<import("../../load/load-connection.js").LoadConnection>} connect
 * @param {(member: object, bytes: Buffer, start: number, end: number, isText: boolean) => boolean} isOwn whether a frame is Engine.IO's and not the room's
 * @returns {import("../../load/open-rooms.js").MemberAdapter}
 */
export function createSocketIoMembers(connect, isOwn) {
  return {
    payload: "text",

    async join(open, room, number) {
      const connection = await connect(open);
      connection.say(event("enter", `room${room.number}`, number));
      return { connection };
    },

    say: (_member, payload) => [event("say", payload.toString())],

    read(member, bytes, start, end, isText, take) {
      if (isOwn(member, bytes, start, end, isText)) return;
      let from = 0;
      let at = start + SAID.length;
      for (; bytes[at] >= ZERO; at += 1) from = from * 10 + bytes[at] - ZERO; // up to the comma, which is below the digits
      const dataAt = at + BEFORE_DATA;
      if (bytes[dataAt - 1] !== QUOTE) throw new Error("The server's JSON is not laid out as expected.");
      take(bytes, dataAt, end - AFTER_DATA, from);
    },
  };
}
