/** Opens a row's rooms and lets its phones in: many rooms at once, the phones of one room one after the other. */
import { openLine } from "./line.js";

/** Rooms that assemble at the same time: enough to keep the server busy, too few to overrun its accept queue. */
const AT_ONCE = 48;

/** @typedef {{ line: import("./line.js").Line, id: unknown, number: number, room: Room }} Phone */
/** @typedef {{ line: import("./line.js").Line, number: number, phones: Phone[] }} Room */

/** @param {{ dialect: object, row: import("../rows/index.js").Row, ports: number[] }} options */
export function createParty({ dialect, row, ports }) {
  let lines = 0;
  let assembled = 0;
  const open = ({ port = ports[0], ...request } = {}) => {
    lines += 1;
    return openLine(dialect.wire, port, request);
  };

  /** @param {number} number @returns {Promise<Room>} */
  async function assembleRoom(number) {
    const room = { ...(await dialect.openRoom(open, row, ports)), number, phones: [] };
    for (let index = 0; index < row.phones; index += 1) {
      const joined = await dialect.joinRoom(open, room, row, ports);
      room.phones.push({ ...joined, room, number: number * row.phones + index });
    }
    return room;
  }

  return {
    /** How many were opened so far. */
    get lines() {
      return lines;
    },

    /** The next so many rooms, in their order. @param {number} count @returns {Promise<Room[]>} */
    assemble(count) {
      const first = assembled;
      assembled += count;
      return inParallel(count, (index) => assembleRoom(first + index));
    },
  };
}

/** @template T @param {number} count @param {(number: number) => Promise<T>} make @returns {Promise<T[]>} in order */
async function inParallel(count, make) {
  const made = Array.from({ length: count });
  let next = 0;
  const work = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      made[number] = await make(number);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
  return made;
}
