/** What both parsers have in common on the client's side: Engine.IO's handshake and its pings. */
import { websocketWire } from "../../load/websocket-wire.js";

const PATH = "/socket.io/?EIO=4&transport=websocket";
const PING = "2".charCodeAt(0);
const PONG = { bytes: Buffer.from("3"), isText: true };

/** Whether a frame is the server's ping, which is answered. */
function isPing(connection, bytes, start, end, isText) {
  if (!isText || end - start !== 1 || bytes[start] !== PING) return false;
  connection.say(PONG);
  return true;
}

/**
 * @param {object} parser
 * @param {(words: unknown[]) => import("../../load/websocket-wire.js").Message[]} parser.event an event, as frames
 * @param {import("../../load/websocket-wire.js").Message} parser.hello
 * @param {(heard: import("../../load/conversation.js").Heard) => unknown[] | undefined} parser.decode an event's words, while a party assembles
 * @param {(member: object, bytes: Buffer, start: number, end: number, isText: boolean, take: Function) => void} parser.read
 *   finds the payload, and at a host the number before it
 * @param {typeof import("./members.js").createSocketIoMembers} [parser.createMembers] the client's side of open rooms
 * @param {typeof import("./crowd.js").createSocketIoCrowd} [parser.createCrowd] the client's side of a crowd
 */
export function createSocketIoAdapter({ event, hello, decode, read, createMembers, createCrowd }) {
  const connect = async (open) => {
    const connection = await open({ path: PATH });
    await connection.conversation.until(({ bytes }) => (bytes[0] === "0".charCodeAt(0) ? true : undefined));
    connection.say(hello);
    await connection.conversation.until((heard) => decode(heard) !== undefined || undefined);
    return connection;
  };
  const say = (connection, ...words) => event(words).forEach((message) => connection.say(message));
  const said = (connection, name) =>
    connection.conversation.until((heard) => {
      const [word, value] = decode(heard) ?? [];
      return word === name ? value : undefined;
    });
  const hear = (member, bytes, start, end, isText, take) => {
    if (!isPing(member.connection, bytes, start, end, isText)) read(member, bytes, start, end, isText, take);
  };

  async function openRoom(open) {
    const connection = await connect(open);
    say(connection, "open");
    return { connection, code: await said(connection, "opened") };
  }

  async function joinRoom(open, room) {
    const connection = await connect(open);
    say(connection, "join", room.code);
    return { connection, id: await said(room.connection, "joined") };
  }

  return {
    wire: websocketWire,
    payload: "binary",
    members: createMembers?.(connect, ({ connection }, ...frame) => isPing(connection, ...frame)),
    crowd: createCrowd?.({ connect, say, said, event, openRoom, joinRoom, hear }),
    openRoom,
    joinRoom,
    input: (_phone, payload) => event(["input", payload]),
    toOne: (_room, { id }, payload) => event(["to", id, payload]),
    toAll: (_room, payload, { isVolatile }) => event([isVolatile ? "to_all_volatile" : "to_all", payload]),
    readAtHost: hear,
    readAtPhone: hear,
  };
}
