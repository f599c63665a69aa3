/** Starts a server with this kind of room and these pages: `node examples/big-two/server.js [PORT]`. */
import { fileURLToPath } from "node:url";
import { createServer } from "couchwire";
import { bigTwo } from "./room.js";

async function main() {
  const port = Number(process.argv[2] || 8081);
  const games = fileURLToPath(new URL(".", import.meta.url));
  const server = createServer({ port, games, openRooms: bigTwo.kind }, { rooms: [bigTwo] });
  const { url, publicUrl } = await server.listen();
  console.log(`Big Two: open ${url}/games/big-two/ on the TV, and scan its code with the phones (${publicUrl}).`);
  const close = () => void server.close().then(() => process.exit(0));
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
