/** What both parsers have in common on the client's side: Engine.IO's handshake and its pings. */
import { websocketWire } from "../../load/websocket-wire.js";

const PATH = "/socket.io/?EIO=4&transport=websocket";
const PING = "2".charCodeAt(0);
const PONG = { bytes: Buffer.from("3"), isText: true };

/** Whether a frame is the server's ping, which is answered. */
function isPing(line, bytes, start, end, isText) {
  if (!isText || end - start !== 1 || bytes[start] !== PING) return false;
  line.say(PONG);
  return true;
}

/**
 * @param {object} parser
 * @param {(words: unknown[]) => import("../../load/websocket-wire.js").Message[]} parser.event an event, as frames
 * @param {import("../../load/websocket-wire.js").Message} parser.hello
 * @param {(heard: import("../../load/conversation.js").Heard) => unknown[] | undefined} parser.decode an event's words, while a party assembles
 * @param {(member: object, bytes: Buffer, start: number, end: number, isText: boolean, take: Function) => void} parser.read
 *   finds the payload, and at a host the number before it
 */
export function createSocketIoDialect({ event, hello, decode, read }) {
  const connect = async (open) => {
    const line = await open({ path: PATH });
    await line.conversation.until(({ bytes }) => (bytes[0] === "0".charCodeAt(0) ? true : undefined));
    line.say(hello);
    await line.conversation.until((heard) => decode(heard) !== undefined || undefined);
    return line;
  };
  const say = (line, ...words) => event(words).forEach((message) => line.say(message));
  const said = (line, name) =>
    line.conversation.until((heard) => {
      const [word, value] = decode(heard) ?? [];
      return word === name ? value : undefined;
    });
  const hear = (member, bytes, start, end, isText, take) => {
    if (!isPing(member.line, bytes, start, end, isText)) read(member, bytes, start, end, isText, take);
  };

  return {
    wire: websocketWire,
    payload: "binary",
    async openRoom(open) {
      const line = await connect(open);
      say(line, "open");
      return { line, code: await said(line, "opened") };
    },
    async joinRoom(open, room) {
      const line = await connect(open);
      say(line, "join", room.code);
      return { line, id: await said(room.line, "joined") };
    },
    input: (_phone, payload) => event(["input", payload]),
    toOne: (_room, { id }, payload) => event(["to", id, payload]),
    toAll: (_room, payload, { isVolatile }) => event([isVolatile ? "to_all_volatile" : "to_all", payload]),
    readAtHost: hear,
    readAtPhone: hear,
  };
}
