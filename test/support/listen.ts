import { once } from "node:events";
import type { Server } from "node:net";

/** Lets a server listen where only this machine can reach it, and returns the port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It listens on a port.");
  return address.port;
}
