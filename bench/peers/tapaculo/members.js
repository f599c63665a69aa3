/** The client's side of Tapaculo's wire, which Couchwire's open rooms speak too (docs/PROTOCOL.md, part 6). */
import { createHmac, randomUUID } from "node:crypto";

/** Of all tokens of the benchmark. */
export const SECRET = "the-benchmark-signs-all-its-tokens-with-this";

const TOKEN_SECONDS = 86_400;
const HEADER = { alg: "HS256", typ: "JWT" };

/** What stands around the parts that change. A server's own sentences begin otherwise. */
const BEFORE_FROM = Buffer.from('{"from":"m');
const BEFORE_DATA = '","data":"'.length;
const AFTER_DATA = '"}'.length;
const QUOTE = '"'.charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** @param {object} part */
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** @param {string} sub @param {string} room @returns {string} a JWT */
export function tokenFor(sub, room) {
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
  const signed = `${encoded(HEADER)}.${encoded({ sub, room, session_id: randomUUID(), exp, iss: null, aud: null })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** @type {import("../../load/open-rooms.js").MemberAdapter} */
export const members = {
  payload: "text",

  async join(open, room, number) {
    return { connection: await open({ path: `/ws?token=${tokenFor(`m${number}`, `room${room.number}`)}` }) };
  },

  say: ({ number }, payload) => [
    { bytes: Buffer.from(JSON.stringify({ from: `m${number}`, data: payload.toString() })), isText: true },
  ],

  read(_member, bytes, start, end, _isText, take) {
    for (let index = 0; index < BEFORE_FROM.length; index += 1) {
      if (bytes[start + index] !== BEFORE_FROM[index])
        throw new Error(`A member was told ${bytes.toString("utf8", start, end)}`);
    }
    let from = 0;
    let at = start + BEFORE_FROM.length;
    for (; bytes[at] !== QUOTE && at < end; at += 1) from = from * 10 + bytes[at] - ZERO;
    const dataAt = at + BEFORE_DATA;
    if (bytes[dataAt - 1] !== QUOTE) throw new Error("The server's JSON is not laid out as expected.");
    take(bytes, dataAt, end - AFTER_DATA, from);
  },
};
