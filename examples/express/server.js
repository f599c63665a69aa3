/** `node examples/express/server.js [port]` serves the site. */
import process from "node:process";
import { createSite } from "./site.js";

async function main() {
  const site = createSite();
  const address = await site.listen(Number(process.argv[2] ?? 3000));
  console.log(`Open ${address}`);
  const close = () => void site.close().then(() => process.exit(0));
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
