/** The client's side of Couchwire's channels (docs/PROTOCOL.md, part 8), for hosts that publish and lines that follow. */
import { createHmac } from "node:crypto";
import { Encoder } from "cbor-x";
import { SECRET } from "../tapaculo/members.js";

const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });
const CHANNEL = "score";
const TOKEN_SECONDS = 86_400;
const OPEN_DATA = '"data":"';
const AFTER_DATA = Buffer.from('","offset":');

/** @param {object} part */
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** @param {string} channel @returns {string} a JWT */
function tokenFor(channel) {
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
  const signed = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded({ sub: "line", exp, channels: [channel] })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** In place of the phones of a room: lines that follow its channel. */
export const channels = {
  payload: "text",

  async joinRoom(open, room) {
    const channel = `room:${room.code}:${CHANNEL}`;
    const connection = await open({ path: "/ws" });
    const call = async (id, method, params) => {
      connection.say({ bytes: Buffer.from(JSON.stringify({ id, method, params })), isText: true });
      await connection.conversation.until(({ bytes }) => {
        const answer = JSON.parse(bytes.toString());
        if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
        return answer.id === id ? answer : undefined;
      });
    };
    await call(1, "connect", { token: tokenFor(channel) });
    await call(2, "subscribe", { channel });
    const dataAt = `{"method":"publication","params":{"channel":${JSON.stringify(channel)},${OPEN_DATA}`.length;
    return { connection, dataAt };
  },

  toAll: (_room, payload) => [
    { bytes: cbor.encode({ cmd: "publish", channel: CHANNEL, data: payload.toString("latin1") }) },
  ],

  readAtPhone({ dataAt }, bytes, start, end, _isText, take) {
    const dataEnd = bytes.lastIndexOf(AFTER_DATA, end - 1);
    if (dataEnd < start) throw new Error(`A line was told ${bytes.toString("utf8", start, end)}`);
    take(bytes, start + dataAt, dataEnd);
  },
};
