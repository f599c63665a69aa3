/**
 * `node examples/tcp-bot/bot.js [port]` opens a room with a page for phones, and sends a bot into it: over TCP, as a program on another machine would come.
 * `node examples/tcp-bot/bot.js --join HOST:PORT ROOM` sends the bot alone, into a room of a server that runs already.
 */
import process from "node:process";
import { connect } from "couchwire/tcp";
import { runKitchenBot } from "./kitchen-bot.js";
import { openKitchen, ROOM } from "./room.js";

async function main([first = "8081", where = "127.0.0.1:7777", room = ROOM]) {
  const kitchen = first === "--join" ? undefined : await openKitchen({ port: Number(first) });
  const [host, port] = kitchen === undefined ? where.split(":") : ["127.0.0.1", kitchen.tcpPort];
  const client = await connect({ host, port: Number(port) });
  await client.join(kitchen === undefined ? room : ROOM, { name: "Rob" });
  console.log(
    kitchen === undefined
      ? `Rob is in ${room}.`
      : `Rob is in the kitchen. Open ${kitchen.url} on the TV, and ${kitchen.joinUrl} on phones.`,
  );

  const close = async () => {
    await client.close();
    await kitchen?.close();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void close().then(() => process.exit(0)));
  await runKitchenBot(client);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
