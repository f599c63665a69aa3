/** WebSockets as a transport: reads what an HTTP upgrade asks for, and makes a connection of its socket. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { readSubprotocols } from "../../protocol/subprotocols.ts";
import type { ConnectionManager } from "../connection-manager.ts";
import type { Transport } from "../transport.ts";
import { createCodecEngine } from "./codec/codec-engine.ts";
import type { EngineName, Upgrade, WebSocketEngine } from "./engine.ts";
import { readUpgradeRequest, type UpgradeTarget } from "./handshake.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import { WriteScheduler } from "./write-scheduler.ts";
import { createWsEngine } from "./ws-engine.ts";

export interface WebSocketTransportOptions {
  /** Takes the connections over. */
  readonly connections: ConnectionManager;
  /** What reads and writes the frames. */
  readonly wsEngine: EngineName;
  /** Bytes in one frame of a player, of a host; over it 1009, before the frame is read. */
  readonly maxPayload: number;
  readonly maxHostPayload: number;
  /** Whether there are members with tokens, so that `/ws` is there. @default false */
  readonly hasTokens?: boolean;
  /** Where a request comes from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** What the log calls a request. @default it has no name */
  readonly requestIdOf?: (request: IncomingMessage) => string;
  /** Whether the page that sent this request may connect. @default every page may */
  readonly isOriginAllowed?: (request: IncomingMessage) => boolean;
  /** Told of upgrades that were refused. @default no function is called */
  readonly onRefused?: (upgrade: RefusedUpgrade) => void;
}

/** An upgrade that was answered with an HTTP status. The path is without the query. */
export interface RefusedUpgrade {
  readonly requestId: string | undefined;
  readonly path: string;
  readonly status: number;
}

export interface WebSocketTransport extends Transport {
  /** Resolves at once: the HTTP server listens, and its owner hands each `upgrade` to `handleUpgrade`. */
  listen(): Promise<void>;
  /**
   * Takes over an HTTP server's `upgrade`, or gives back `false`: then it is no WebSocket's and is to be answered as
   * the plain request that it also is.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

const ENGINES: Readonly<Record<EngineName, (scheduler: WriteScheduler) => WebSocketEngine>> = {
  codec: createCodecEngine,
  ws: createWsEngine,
};

export function createWebSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  const { connections } = options;
  const scheduler = new WriteScheduler();
  const engine = ENGINES[options.wsEngine](scheduler);
  /** Sockets that asked for an upgrade and get a plain answer: Node's HTTP server does not know them any more. */
  const nonUpgradeSockets = new Set<Duplex>();

  function connect(target: UpgradeTarget, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!socket.readable || !socket.writable) {
      socket.destroy(); // the peer has gone meanwhile
      return;
    }
    const subprotocols = readSubprotocols(request.headers["sec-websocket-protocol"]);
    const isHost = target.for === "host" && target.query.get("kind") === null;
    const maxPayload = isHost ? options.maxHostPayload : options.maxPayload;
    const connection = open({ request, socket, head, subprotocol: subprotocols.selected, maxPayload });
    if (connection === undefined) return;
    connections.accept(connection, {
      target,
      query: target.query,
      subprotocols,
      address: options.addressOf(request),
      agent: request.headers["user-agent"] ?? "",
      transport: "websocket",
      requestId: options.requestIdOf?.(request),
      headers: request.headers,
      path: pathOf(request),
    });
  }

  /** Hands a socket to the engine. */
  function open(upgrade: Omit<Upgrade, "memory">): WebSocketConnection | undefined {
    try {
      return new WebSocketConnection(connections, scheduler, (listener, memory) =>
        engine.accept({ ...upgrade, memory }, listener),
      );
    } catch (error) {
      connections.onBug(error, {});
      upgrade.socket.destroy();
      return undefined;
    }
  }

  /** Answers a request that will not become a WebSocket. */
  function refuse(request: IncomingMessage, stream: Duplex, status: string, text: string, ...headers: string[]): true {
    const requestId = options.requestIdOf?.(request);
    answer(stream, status, text, ...headers, ...(requestId === undefined ? [] : [`X-Request-Id: ${requestId}`]));
    options.onRefused?.({ requestId, path: pathOf(request), status: Number.parseInt(status, 10) });
    return true;
  }

  return {
    async listen() {},

    handleUpgrade(request, stream, head) {
      const asked = readUpgradeRequest(request, options.hasTokens);
      const isPlain = asked.for === "plain_http" || asked.for === "bad_request";
      if (!isPlain && options.isOriginAllowed?.(request) === false) {
        return refuse(request, stream, "403 Forbidden", FOREIGN_ORIGIN);
      }
      switch (asked.for) {
        case "plain_http":
          nonUpgradeSockets.add(stream);
          stream.once("finish", () => stream.destroy()); // the answer has left; the peer may keep its side open for ever
          stream.once("close", () => nonUpgradeSockets.delete(stream));
          return false;
        case "nothing":
          return refuse(request, stream, "404 Not Found", NO_WEBSOCKET);
        case "bad_request":
          return refuse(request, stream, "400 Bad Request", asked.why);
        case "other_version":
          return refuse(request, stream, "426 Upgrade Required", OTHER_VERSION, "Sec-WebSocket-Version: 13");
        case "host":
        case "player":
        case "member":
          connect(asked, request, stream, head);
          return true;
        default:
          return asked satisfies never;
      }
    },

    /** The connections have ended: what is left are plain requests that were not answered in time. */
    async drain() {
      for (const stream of nonUpgradeSockets) stream.destroy();
    },
  };
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

const NO_WEBSOCKET = "There is no WebSocket here. Hosts connect to /CREATE, players to /CODE.";
const OTHER_VERSION = "This server speaks WebSocket version 13.";
/** What a script reads of it is nothing; it is for people who look into their browser's tools. */
const FOREIGN_ORIGIN =
  "Pages of this origin may not connect here. The server's option COUCHWIRE_ORIGINS lists those that may.";

/** Answers a request that will not become a WebSocket, and is done with its connection. */
function answer(stream: Duplex, status: string, text: string, ...headers: readonly string[]): void {
  const lines = [
    `HTTP/1.1 ${status}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(text)}`,
    "Access-Control-Allow-Origin: *",
    ...headers,
  ];
  stream.on("error", () => stream.destroy()); // the peer may be gone before it has its answer
  stream.once("finish", () => stream.destroy());
  stream.end(`${lines.join("\r\n")}\r\n\r\n${text}`);
}
