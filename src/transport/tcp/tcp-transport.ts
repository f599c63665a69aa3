/** ghost-sync's wire on a TCP port of its own (P7): accepts sockets, and makes each a connection of the ConnectionManager. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { NOTHING_OFFERED } from "../../protocol/subprotocols.ts";
import type { ConnectionManager } from "../connection-manager.ts";
import type { Transport } from "../transport.ts";
import { TcpConnection, type TcpConnectionOptions } from "./tcp-connection.ts";
import { TcpEncoders } from "./tcp-encoder.ts";
import { TcpPeer, type TcpPeerOptions } from "./tcp-peer.ts";

export interface TcpTransportOptions extends TcpConnectionOptions, Omit<TcpPeerOptions, "encoders"> {
  /** Takes the connections over. */
  readonly connections: ConnectionManager;
  /** 0: any free one. */
  readonly tcpPort: number;
  readonly tcpHost: string;
  /** Makes a name for the log. @default the connection has none */
  readonly newRequestId?: () => string;
  /** Told when the listening socket fails later on. */
  readonly onError: (error: Error) => void;
}

export interface TcpTransport extends Transport {
  /** As every transport's. Once it listens, another call does nothing. */
  listen(): Promise<void>;
  /** The port, once it listens. */
  readonly port: number | undefined;
}

/** Connections that the system queues until the server accepts them. */
const BACKLOG = 4_096;
const NO_QUERY = new URLSearchParams();

export function createTcpTransport(options: TcpTransportOptions): TcpTransport {
  const { connections, tcpPort, tcpHost } = options;
  const peerOptions: TcpPeerOptions = { ...options, encoders: new TcpEncoders() };

  function accept(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined) {
      socket.destroy(); // the peer has gone meanwhile
      return;
    }
    const connection = new TcpConnection(connections, socket, options);
    connections.accept(connection, {
      target: { for: "line", handler: new TcpPeer(connection, address, peerOptions) },
      query: NO_QUERY,
      subprotocols: NOTHING_OFFERED,
      address,
      agent: "",
      transport: "tcp",
      requestId: options.newRequestId?.(),
      headers: {},
      path: "",
    });
  }

  let listening: Promise<void> | undefined;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);

  return {
    get port() {
      const bound: AddressInfo | string | null = server.address();
      return typeof bound === "object" && bound !== null ? bound.port : undefined;
    },

    listen() {
      listening ??= new Promise<void>((resolve, reject) => {
        const fail = (error: Error): void => {
          listening = undefined; // it may be tried again
          reject(error);
        };
        server.once("error", fail);
        server.listen({ port: tcpPort, host: tcpHost, backlog: BACKLOG }, () => {
          server.off("error", fail);
          server.on("error", options.onError);
          resolve();
        });
      });
      return listening;
    },

    /** The connections have ended. */
    async drain() {
      await listening?.catch(() => {}); // its caller was told
      if (server.listening) await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
