/** Idle sockets, and idle rooms, of one address: they filled the house for all others. */
import { inParallel, knock, openRoomFrom } from "./clients.js";

const CONNECTIONS = 10_000;
const ROOMS = 1_000;
const WIDTH = 50;
const HONEST_TVS = 5;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 6,
  title: "Idle /CREATE sockets, and idle rooms, of one address",
  async run({ scale, startServer }) {
    /** @type {string[]} */
    const broken = [];
    /** @type {{ terminate(): void }[]} */
    const sockets = [];
    /** TVs from elsewhere, each with a phone, while the house is full for the attacker. @param {string} ws */
    const honestParties = async (ws) => {
      let parties = 0;
      for (let tv = 0; tv < HONEST_TVS; tv++) {
        const { socket, code, why } = await openRoomFrom(ws, `127.0.1.${tv + 1}`);
        sockets.push(socket);
        if (code === undefined) {
          broken.push(`A TV elsewhere got no room: ${why}`);
          continue;
        }
        const phone = await knock(`${ws}/${code}`, { localAddress: `127.0.1.${tv + 1}` });
        sockets.push(phone.socket);
        if (phone.isIn) parties += 1;
        else broken.push(`Its phone was closed with ${phone.closeCode}.`);
      }
      return parties;
    };

    const maxConnections = Math.round(CONNECTIONS * scale);
    const first = await startServer({ maxConnections });
    await inParallel(maxConnections, WIDTH, async () => {
      sockets.push((await knock(`${first.ws}/CREATE`)).socket);
    });
    // Asked of the server: at full size the attacker's own newcomers have taken the places of its oldest ones.
    const { connections: idle } = await (await fetch(`${first.url}/healthz`)).json();
    if (idle > 0.9 * maxConnections) broken.push(`The attacker holds ${idle} of ${maxConnections} connections.`);
    const besideSockets = await honestParties(first.ws);

    const maxRooms = Math.round(ROOMS * scale);
    const second = await startServer({ maxRooms, networkRooms: 0 });
    let rooms = 0;
    await inParallel(maxRooms, WIDTH, async () => {
      const { socket, code } = await openRoomFrom(second.ws);
      sockets.push(socket);
      if (code !== undefined) rooms += 1;
    });
    if (rooms > 0.9 * maxRooms) broken.push(`The attacker holds ${rooms} of ${maxRooms} rooms.`);
    const besideRooms = await honestParties(second.ws);
    for (const socket of sockets) socket.terminate();
    return {
      figures: {
        "idle connections of the attacker": `${idle} of ${maxConnections}`,
        "parties beside them": `${besideSockets} of ${HONEST_TVS}`,
        "idle rooms of the attacker": `${rooms} of ${maxRooms}`,
        "parties beside those": `${besideRooms} of ${HONEST_TVS}`,
      },
      broken,
    };
  },
};
