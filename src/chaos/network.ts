/** The network of one device: its WebSockets pass through a cutting proxy of their own. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import type { WebSocketClass } from "../sdk/node.ts";
import { createCuttingProxy, type CuttingProxy } from "./cutting-proxy.ts";

export interface Network {
  /** Injects the faults. */
  readonly proxy: CuttingProxy;
  /** For the SDK's `WebSocket` option. Addresses and certificate stay those of the server. */
  readonly WebSocket: WebSocketClass;
  /** Closes the proxy and its connections. A second call does nothing. */
  close(): Promise<void>;
}

/** How long a server may take to accept a connection. */
const ANSWER_WITHIN_MS = 10_000;

/** Tests whether the server accepts connections; later, a refused connection would look like an injected fault. */
export async function isReachable(server: URL): Promise<boolean> {
  const socket = connect({ ...targetOf(server), timeout: ANSWER_WITHIN_MS });
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("timeout", () => resolve(false));
      socket.on("error", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

export async function createNetwork(server: URL, seed: number): Promise<Network> {
  const isSecure = isTls(server);
  const target = targetOf(server);
  const { host } = target;
  const proxy = await createCuttingProxy({ target, seed });

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

function isTls({ protocol }: URL): boolean {
  return protocol === "https:";
}

function targetOf(server: URL): { readonly host: string; readonly port: number } {
  const host = server.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: server.port === "" ? (isTls(server) ? 443 : 80) : Number(server.port) };
}
