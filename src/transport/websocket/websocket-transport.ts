/** The edge for WebSockets: accepts upgrades, turns sockets into ports, and puts them before a room. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { CloseName } from "../../protocol/close-codes.ts";
import type { QueryParameters } from "../../protocol/peer-query.ts";
import { failure, type Result } from "../../protocol/result.ts";
import type { Listener, PeerIds } from "../listener.ts";
import { createReception, type Arrival, type ReceptionOptions, type Refused } from "../reception.ts";
import { Connection } from "./connection.ts";
import { EventLoopTurn } from "./event-loop-turn.ts";
import { acceptance, subprotocolsOf } from "./handshake.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { readUpgradeRequest, type Knock } from "./upgrade-request.ts";
import type { WebSocketPort } from "./websocket-port.ts";

export interface WebSocketTransportOptions extends ReceptionOptions {
  /** Sockets at one time, of hosts and players; past them a socket is closed with 1013. */
  readonly maxConnections: number;
  /** Bytes in one frame of a player, of a host; over it 1009, before the frame is read. */
  readonly maxPayload: number;
  readonly maxHostPayload: number;
  readonly pingMs: number;
  readonly idleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Where a request comes from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Told of exceptions, which are bugs here: the peer whose frame met it is closed, nobody else notices. */
  readonly onBug: (error: unknown, about: PeerIds) => void;
  /** Told of connections that were turned away when they arrived. */
  readonly onRefused: (why: CloseName) => void;
}

export interface WebSocketTransport {
  /**
   * Takes over an HTTP server's `upgrade`, or gives back `false`: then it is no WebSocket's and is to be answered as
   * the plain request that it also is.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  readonly connectionCount: number;
  /** Says goodbye to everybody with 1012 and resolves when all are gone, or were cut after a while. Safe twice. */
  close(): Promise<void>;
}

/** Refused peers that are waited for at one time, until they have answered their Close. */
const MAX_LINGERING = 1_000;
/** How long peers may take to answer a Close when the server itself ends. */
const DRAIN_TIMEOUT_MS = 2_000;

type Receive = (port: WebSocketPort, arrival: Arrival) => Result<Listener, Refused>;

export function createWebSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  const { onBug, onRefused, now } = options;
  const reception = createReception(options);
  const turn = new EventLoopTurn();
  const hostOptions = { maxPayload: options.maxHostPayload, turn, now };
  const playerOptions = { maxPayload: options.maxPayload, turn, now };
  /** Those who were let in. */
  const connections = new Set<Connection>();
  const heartbeat = createHeartbeat(connections, options);
  /** Those who were not, and have not hung up yet. They take nobody's place. */
  const refused = new Set<Connection>();
  /** Sockets that came for an upgrade and get a plain answer: Node's HTTP server knows them no more. */
  const strangers = new Set<Duplex>();
  let closing: Promise<void> | undefined;
  let onAllGone: (() => void) | undefined;

  const owner = {
    onBug,
    onEnded(connection: Connection): void {
      connections.delete(connection);
      refused.delete(connection);
      if (connections.size + refused.size === 0) onAllGone?.();
    },
  };

  function welcome(asked: Knock, request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { query } = asked;
    if (asked.for === "host") {
      connect(request, stream, head, hostOptions, query, (port, arrival) => reception.host(port, arrival));
    } else {
      const { code } = asked;
      connect(request, stream, head, playerOptions, query, (port, arrival) => reception.player(port, code, arrival));
    }
  }

  function connect(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    portOptions: typeof hostOptions,
    query: QueryParameters,
    receive: Receive,
  ): void {
    const subprotocols = subprotocolsOf(request);
    const arrival = {
      query,
      subprotocols,
      address: options.addressOf(request),
      agent: request.headers["user-agent"] ?? "",
    };
    const connection = new Connection(stream, head, owner, portOptions);
    connection.port.open(acceptance(request, subprotocols));
    const refusal = connection.arrive((port) => turnedAway() ?? receive(port, arrival));
    if (refusal !== undefined) {
      turnAway(connection, refusal);
      return;
    }
    connections.add(connection);
    heartbeat.begin(connection);
  }

  function turnedAway(): Result<Listener, Refused> | undefined {
    if (closing !== undefined) return failure({ name: "restarting" });
    return connections.size >= options.maxConnections ? failure({ name: "overloaded" }) : undefined;
  }

  /** Tells a peer why it may not come in. Of those who then do not hang up, the oldest are cut off. */
  function turnAway(connection: Connection, { name, reason }: Refused): void {
    refused.add(connection);
    connection.port.close(name, reason);
    onRefused(name);
    const [oldest] = refused;
    if (oldest !== undefined && refused.size > MAX_LINGERING) oldest.port.terminate();
  }

  async function sayGoodbye(): Promise<void> {
    if (connections.size + refused.size > 0) {
      for (const { port } of connections) port.close("restarting");
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => {
          for (const { port } of [...connections, ...refused]) port.terminate();
        }, DRAIN_TIMEOUT_MS);
        onAllGone = () => {
          clearTimeout(deadline);
          resolve();
        };
      });
    }
    for (const stream of strangers) stream.destroy();
    heartbeat.close();
  }

  return {
    get connectionCount() {
      return connections.size;
    },

    handleUpgrade(request, stream, head) {
      const asked = readUpgradeRequest(request);
      switch (asked.for) {
        case "plain_http":
          strangers.add(stream);
          stream.once("finish", () => stream.destroy()); // it was answered; whether it hangs up is not waited for
          stream.once("close", () => strangers.delete(stream));
          return false;
        case "nothing":
          answer(stream, "404 Not Found", "There is no WebSocket here. Hosts connect to /CREATE, players to /CODE.");
          return true;
        case "other_version":
          answer(
            stream,
            "426 Upgrade Required",
            "This server speaks WebSocket version 13.",
            "Sec-WebSocket-Version: 13",
          );
          return true;
        case "host":
        case "player":
          welcome(asked, request, stream, head);
          return true;
        default:
          return asked satisfies never;
      }
    },

    close() {
      closing ??= sayGoodbye();
      return closing;
    },
  };
}

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
