/** `node examples/overlay/server.js [port]` serves the game and its overlay. */
import process from "node:process";
import { createShow } from "./show.js";

async function main() {
  const server = createShow({ port: Number(process.argv[2] ?? 8081) });
  const { url } = await server.listen();
  console.log(`Open ${url} on the TV, start the game, and follow the link to its overlay.`);
  const close = () => void server.close().then(() => process.exit(0));
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
