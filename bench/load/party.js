/** Opens a scenario's rooms and lets its phones in: many rooms at once, the phones of one room one after the other. */
import { openConnection } from "./load-connection.js";
import { assembleOpenRoom } from "./open-rooms.js";

/** Rooms that assemble at the same time: enough to keep the server busy, few enough for its accept queue. */
const AT_ONCE = 48;

/** @typedef {{ connection: import("./load-connection.js").LoadConnection, id?: unknown, number: number, room: Room }} Phone */
/** An open room has no connection of its own. @typedef {{ connection?: import("./load-connection.js").LoadConnection, number: number, phones: Phone[] }} Room */

/** @param {{ adapter: object, scenario: import("../scenarios/index.js").Scenario, ports: number[] }} options */
export function createParty({ adapter, scenario, ports }) {
  let connections = 0;
  let assembled = 0;
  const open = ({ port = ports[0], ...request } = {}) => {
    connections += 1;
    return openConnection(adapter.wire, port, request);
  };

  /** @param {number} number @returns {Promise<Room>} */
  async function assembleRoom(number) {
    if (scenario.relay !== undefined) return assembleOpenRoom(adapter.members, open, number, scenario.phones, ports);
    const room = { ...(await adapter.openRoom(open, scenario, ports)), number, phones: [] };
    for (let index = 0; index < scenario.phones; index += 1) {
      const joined = await adapter.joinRoom(open, room, scenario, ports);
      room.phones.push({ ...joined, room, number: number * scenario.phones + index });
    }
    return room;
  }

  return {
    /** How many were opened so far. */
    get connections() {
      return connections;
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
