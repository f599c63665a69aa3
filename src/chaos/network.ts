/** One device's way to the server: WebSockets whose bytes pass through a cutting proxy of its own. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import type { WebSocketClass } from "../sdk/node.ts";
import { createCuttingProxy, type CuttingProxy } from "./cutting-proxy.ts";

export interface Network {
  /** What goes wrong on the way. */
  readonly proxy: CuttingProxy;
  /** For the SDK's `WebSocket` option. The addresses, and a server's certificate, stay those of the server itself. */
  readonly WebSocket: WebSocketClass;
  /** Cuts what is left. Safe twice. */
  close(): Promise<void>;
}

export async function createNetwork(server: URL, seed: number): Promise<Network> {
  const isSecure = server.protocol === "https:";
  const host = server.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = server.port === "" ? (isSecure ? 443 : 80) : Number(server.port);
  const proxy = await createCuttingProxy({ target: { host, port }, seed });

  const createConnection = (): Socket => {
    const socket = connect({ host: proxy.host, port: proxy.port, noDelay: true });
    return isSecure ? connectTls({ socket, servername: isIP(host) === 0 ? host : "" }) : socket;
  };

  class NetworkWebSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { perMessageDeflate: false, createConnection });
    }
  }

  return { proxy, WebSocket: NetworkWebSocket, close: () => proxy.close() };
}
