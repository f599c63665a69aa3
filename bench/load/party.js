/** Opens a row's rooms and lets its phones in: many rooms at once, the phones of one room one after the other. */
import { openLine } from "./line.js";

/** Rooms that assemble at the same time: enough to keep the server busy, too few to overrun its accept queue. */
const AT_ONCE = 48;

/** One loopback address has some 28,000 ports for us, and gives a used one back only after a minute. */
const LINES_PER_ADDRESS = 8000;

/** @typedef {{ line: import("./line.js").Line, id: unknown, number: number, room: Room }} Phone */
/** @typedef {{ line: import("./line.js").Line, number: number, phones: Phone[] }} Room */

/**
 * @param {{ dialect: object, row: object, ports: number[], firstAddress: number }} options
 * @returns {Promise<{ rooms: Room[], phones: Phone[], joinsPerSecond: number }>} phones by their number
 */
export async function assembleParty({ dialect, row, ports, firstAddress }) {
  let lines = 0;
  const open = ({ port = ports[0], ...request } = {}) => {
    const address = firstAddress + Math.floor(lines / LINES_PER_ADDRESS);
    lines += 1;
    return openLine(dialect.wire, { port, localAddress: `127.0.0.${address}` }, request);
  };

  const startedAt = performance.now();
  const rooms = await inParallel(row.rooms, async (number) => {
    const room = { ...(await dialect.openRoom(open, row, ports)), number, phones: [] };
    for (let index = 0; index < row.phones; index += 1) {
      const joined = await dialect.joinRoom(open, room, row, ports);
      room.phones.push({ ...joined, room, number: number * row.phones + index });
    }
    return room;
  });
  const seconds = (performance.now() - startedAt) / 1000;
  return { rooms, phones: rooms.flatMap(({ phones }) => phones), joinsPerSecond: lines / seconds };
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
