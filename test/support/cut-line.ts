/** A line that can be cut and mended: a TCP proxy before a server. */
import { connect, createServer, type Socket } from "node:net";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";

export interface CutLine {
  /** The server as seen through the line, without a slash at the end. */
  readonly url: string;
  /** Ends all connections, and every new one, until `mend`. */
  cut(): void;
  mend(): void;
}

export async function cutLine(serverUrl: string): Promise<CutLine> {
  const { port: serverPort, hostname } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(serverPort), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  const port = await listen(proxy);
  onTestEnd(async () => {
    destroyAll();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    cut() {
      isCut = true;
      destroyAll();
    },
    mend() {
      isCut = false;
    },
  };
}
