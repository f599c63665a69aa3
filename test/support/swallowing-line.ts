/**
 * A line between a node and its bus that can be cut off without a word: a TCP proxy that takes all bytes and passes none on, on connections that there are
 * and on new ones, until it is mended. Bytes it took meanwhile are gone, so what lost some is reset then.
 */
import { connect, createServer, type Socket } from "node:net";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";

export interface SwallowingLine {
  readonly port: number;
  /** The server as seen through the line. */
  readonly url: string;
  /** From now on nothing gets through, in either direction, and nothing is closed. */
  swallow(): void;
  /** From now on connections are reset, those that there are and new ones, so that each try to connect fails at once. */
  refuse(): void;
  mend(): void;
}

export async function swallowingLine(serverUrl: string): Promise<SwallowingLine> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  let isRefusing = false;

  const carry = (from: Socket, to: Socket | undefined): void => {
    sockets.add(from);
    from.on("data", (chunk: Buffer) => void (isSwallowing || to?.write(chunk)));
    from.on("end", () => void (isSwallowing || to?.end()));
    from.on("error", () => {}); // Its `close` follows.
    from.on("close", () => {
      sockets.delete(from);
      if (!isSwallowing) to?.destroy();
    });
  };
  const proxy = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const { hostname: host } = target;
    const server = isSwallowing
      ? undefined
      : connect({ port: Number(target.port), host, allowHalfOpen: true, noDelay: true });
    carry(client, server);
    if (server !== undefined) carry(server, client);
  });
  const endAll = (): void => {
    for (const socket of sockets) reset(socket);
  };
  const port = await listen(proxy);
  onTestEnd(async () => {
    endAll();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return {
    port,
    url: `${target.protocol}//127.0.0.1:${port}`,
    swallow() {
      isSwallowing = true;
    },
    refuse() {
      isRefusing = true;
      endAll();
    },
    mend() {
      [isSwallowing, isRefusing] = [false, false];
      endAll();
    },
  };
}

/** Node does not close the handle of a socket that is reset while it is being ended, and a process with one of those never exits. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
