/** `node examples/chess/server.js [port]` serves chess: the TV opens the start page, the phones scan its code. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createServer } from "couchwire";
import { defineChess } from "./room.js";

async function main() {
  const port = Number(process.argv[2] ?? 8081);
  const pages = fileURLToPath(new URL(".", import.meta.url));
  const server = createServer({ port, games: pages, openRooms: "chess" }, { rooms: [defineChess()] });
  const { url, publicUrl } = await server.listen();
  console.log(`Open ${url}/games/chess/ on the TV, and scan its code with the phones (${publicUrl}).`);
  const close = () => void server.close().then(() => process.exit(0));
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
