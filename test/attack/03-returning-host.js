/** A host for which much waits returns again and again and reads nothing. */
import { openSocket, mebibytes, MEBIBYTE, serverMemory, openJsonRoom, pause, sendPaced, watchMemory } from "./peers.js";

/** 8 MiB wait; the lines that a return leaves behind may hold some of it for a moment. */
const MAX_GROWTH = 128 * MEBIBYTE;
const PLAYERS = 9;
const SESSION = "the-session-of-a-host";
/** The code for a host that returns too often. */
const RATE_LIMITED = 4029;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 3,
  title: "A host for which 8 MiB wait returns 400 times and never reads",
  async run({ scale, startServer }) {
    const server = await startServer();
    const { host, code } = await openJsonRoom(server.ws, { session: SESSION });
    const players = [];
    for (let index = 0; index < PLAYERS; index++) players.push(await openSocket(`${server.ws}/${code}`));
    host.terminate();
    await pause(100);
    for (const player of players) await sendPaced(player, "x".repeat(MEBIBYTE - 100));
    while ((await serverMemory(server)).used < 7 * MEBIBYTE) await pause(20);

    const returns = Math.round(Math.max(100, 400 * scale));
    let refused = 0;
    /** @type {import("ws").WebSocket[]} */
    const lines = [];
    const { grownBytes } = await watchMemory(server, async () => {
      for (let count = 0; count < returns; count++) {
        const line = await openSocket(`${server.ws}/CREATE?format=json&session=${SESSION}`);
        line.on("close", (closeCode) => (refused += closeCode === RATE_LIMITED ? 1 : 0));
        line.pause();
        lines.push(line);
      }
      await pause(200);
    });
    for (const line of lines) line.resume();
    await pause(200);
    const broken = [];
    if (grownBytes > MAX_GROWTH) broken.push(`The server grew by ${mebibytes(grownBytes)} MiB.`);
    if (refused === 0) broken.push(`None of ${returns} returns was refused with ${RATE_LIMITED}.`);
    for (const socket of [...lines, ...players]) socket.terminate();
    return { figures: { returns, "refused with 4029": refused, "memory grew by, MiB": mebibytes(grownBytes) }, broken };
  },
};
