/** A text that begins with U+0000, which `couchwire.v1` escapes, to phones that do not read. */
import { openSocket, mebibytes, MEBIBYTE, openJsonRoom, untilAnswered, watchMemory } from "./peers.js";

/** What the server may grow by: the frame and its parse, some copies of garbage, but no copy a phone. */
const MAX_GROWTH = 96 * MEBIBYTE;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 2,
  title: "A host sends 4 MiB of text that begins with U+0000 to 250 phones of couchwire.v1 that do not read",
  async run({ scale, startServer }) {
    const server = await startServer();
    const { host, code } = await openJsonRoom(server.ws);
    const phones = Math.round(Math.max(60, 250 * scale));
    const sockets = [];
    for (let index = 0; index < phones; index++) {
      const session = `made-up-session-${index}`;
      const options = { subprotocol: "couchwire.v1", isReading: false };
      sockets.push(await openSocket(`${server.ws}/${code}?session=${session}`, options));
    }
    await untilAnswered(host);
    const data = `\0${"x".repeat(4 * MEBIBYTE - 100)}`;
    const { grownBytes } = await watchMemory(server, async () => {
      host.send(JSON.stringify({ cmd: "to_str", to: [], data }));
      await untilAnswered(host);
    });
    const broken = [];
    if (grownBytes > MAX_GROWTH) broken.push(`The server grew by ${mebibytes(grownBytes)} MiB for ${phones} phones.`);
    for (const socket of [host, ...sockets]) socket.terminate();
    return { figures: { phones, "memory grew by, MiB": mebibytes(grownBytes) }, broken };
  },
};
