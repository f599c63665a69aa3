/**
 * A line that can die without a word: a TCP proxy before the server which, once it is deaf, takes everything that comes
 * and passes nothing on, the end of a connection included. So a phone looks that has left the house.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { listen } from "./listen.ts";
import { onTestEnd } from "./clean-up.ts";
import type { TestServer } from "./server.ts";

export interface DeafProxy extends TestServer {
  /** From now on nothing gets through the connections that there are. New ones are not touched. */
  goDeaf(): void;
}

/** The server as seen through the proxy: connect to this one. */
export async function deafProxy(server: TestServer): Promise<DeafProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const proxy: Server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on("data", (chunk: Buffer) => void (pairs.has(pair) && to.write(chunk)));
      from.on("end", () => void (pairs.has(pair) && to.end()));
      from.on("error", () => void (pairs.has(pair) && to.destroy()));
    }
    onTestEnd(() => {
      client.destroy();
      upstream.destroy();
    });
  });
  const port = await listen(proxy);
  onTestEnd(() => new Promise((resolve) => proxy.close(resolve)));
  return {
    ...server,
    port,
    url: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    goDeaf: () => pairs.clear(),
  };
}
