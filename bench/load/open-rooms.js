/** Lets the members of open rooms in: many rooms at once, the members of one room one after the other. */

const HELLO = Buffer.from("hello");
/** Until it is heard: who came before may not be in either. */
const HELLO_EVERY_MS = 250;

/** Whether a payload is a hello, of which one too many may come when the traffic has begun. @param {number} bytes */
export const isHello = (bytes) => bytes === HELLO.length;

/**
 * What this file needs of a connection.
 * @typedef {object} MemberConnection
 * @property {(message: import("./websocket-wire.js").Message) => void} say
 * @property {{ until: <T>(read: (heard: import("./conversation.js").Heard) => T | undefined) => Promise<T> }} conversation
 */

/** @typedef {{ connection: MemberConnection, number: number }} Member */

/**
 * What an adapter has for open rooms.
 * @typedef {object} MemberAdapter
 * @property {"binary" | "text"} payload
 * @property {(open: Function, room: { number: number, code?: string }, number: number, ports: number[]) => Promise<{ connection: MemberConnection }>} join
 *   the room may be given a code there
 * @property {(member: object, payload: Buffer) => import("./websocket-wire.js").Message[]} say to the others
 * @property {(member: object, bytes: Buffer, start: number, end: number, isText: boolean, take: Function) => void} read
 *   calls `take(bytes, start, end, from)` with the payload and the number of the member that the server names as its sender
 */

/**
 * An open room with all its members. Each newcomer says hello and is heard by those who were there before: many servers answer a
 * handshake before they have let the newcomer in.
 * @param {MemberAdapter} adapter @param {Function} open @param {number} number of the room @param {number} members @param {number[]} ports
 */
export async function assembleOpenRoom(adapter, open, number, members, ports) {
  const room = { number, phones: [] };
  for (let seat = 0; seat < members; seat += 1) {
    const own = number * members + seat;
    const newcomer = { ...(await adapter.join(open, room, own, ports)), room, number: own };
    const sayHello = () => adapter.say(newcomer, HELLO).forEach((message) => newcomer.connection.say(message));
    sayHello();
    const again = setInterval(sayHello, HELLO_EVERY_MS);
    await Promise.all(room.phones.map((member) => heardFrom(adapter, member, own))).finally(() => clearInterval(again));
    room.phones.push(newcomer);
  }
  return room;
}

/** @param {MemberAdapter} adapter @param {Member} member @param {number} sender */
function heardFrom(adapter, member, sender) {
  return member.connection.conversation.until(({ bytes, isText }) => {
    let isHeard;
    adapter.read(member, bytes, 0, bytes.length, isText, (_bytes, _start, _end, from) => {
      if (from === sender) isHeard = true;
    });
    return isHeard;
  });
}
