/** Both ends of a real connection. */
import { connect, createServer, type ServerOpts, type Socket } from "node:net";
import { onTestEnd } from "../clean-up.ts";
import { listen } from "../listen.ts";

export interface SocketEnds {
  readonly ours: Socket;
  readonly theirs: Socket;
}

/** `options` are those of our end. */
export async function connectedSockets(options: ServerOpts = {}): Promise<SocketEnds> {
  const server = createServer(options);
  onTestEnd(() => server.close());
  const port = await listen(server);
  const arriving = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const theirs = connect({ port, host: "127.0.0.1" });
  const ours = await arriving;
  for (const socket of [ours, theirs]) {
    socket.on("error", () => socket.destroy());
    onTestEnd(() => socket.destroy());
  }
  return { ours, theirs };
}
