/** The edge for WebSockets: accepts upgrades, turns sockets into ports, and puts them before a room. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { CloseName } from "../../protocol/close-codes.ts";
import { NetworkLedger } from "../../hub/network-ledger.ts";
import type { MemoryBudget } from "../../room/memory-budget.ts";
import { failure, type Result } from "../../protocol/result.ts";
import { readSubprotocols } from "../../protocol/subprotocols.ts";
import type { ConnectionHandler, PeerIds } from "../../room/ports.ts";
import {
  createAdmission,
  type ConnectRequest,
  type AdmissionOptions,
  type Rejection,
} from "../../admission/admission.ts";
import { Connection } from "./connection.ts";
import { createCodecEngine } from "./codec/codec-engine.ts";
import type { EngineName, Upgrade, WebSocketEngine } from "./engine.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { readUpgradeRequest, type UpgradeTarget } from "./upgrade-request.ts";
import type { WebSocketPort } from "./websocket-port.ts";
import { WriteScheduler } from "./write-scheduler.ts";
import { createWsEngine } from "./ws-engine.ts";

export interface WebSocketTransportOptions extends AdmissionOptions {
  /** Counts what waits for the sockets. */
  readonly budget: MemoryBudget;
  /** What reads and writes the frames. */
  readonly wsEngine: EngineName;
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
  /** Told of exceptions, which are bugs here: the peer whose frame met it is closed, no other notices. */
  readonly onBug: (error: unknown, logContext: PeerIds) => void;
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
  /** Closes all connections with 1012, and resolves when all are gone or were cut after a while. Safe twice. */
  close(): Promise<void>;
}

/** Rejection peers that are waited for at one time, until they have answered their Close. */
const MAX_LINGERING = 1_000;
/** How long peers may take to answer a Close when the server itself ends. */
const DRAIN_TIMEOUT_MS = 2_000;

const ENGINES: Readonly<Record<EngineName, (scheduler: WriteScheduler) => WebSocketEngine>> = {
  codec: createCodecEngine,
  ws: createWsEngine,
};

export function createWebSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  const { onBug, onRefused, now } = options;
  const admission = createAdmission(options);
  const scheduler = new WriteScheduler();
  const engine = ENGINES[options.wsEngine](scheduler);
  const portOptions = { scheduler, now };
  /** Peers that were let in. */
  const connections = new Set<Connection>();
  const heartbeat = createHeartbeat(connections, options);
  /** The same, by network. */
  const ledger = new NetworkLedger<Connection>({
    capacity: options.maxConnections,
    idleRank: (connection, ageMs) => connection.idleRank(ageMs),
    now,
  });
  /** Peers that were not, and have not hung up yet. They take no place. */
  const refused = new Set<Connection>();
  /** Sockets that asked for an upgrade and get a plain answer: Node's HTTP server does not know them any more. */
  const nonUpgradeSockets = new Set<Duplex>();
  let closing: Promise<void> | undefined;
  let onAllGone: (() => void) | undefined;

  const owner = {
    onBug,
    onEnded(connection: Connection): void {
      connections.delete(connection);
      ledger.leave(connection);
      refused.delete(connection);
      if (connections.size + refused.size === 0) onAllGone?.();
    },
  };

  function connect(target: UpgradeTarget, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!socket.readable || !socket.writable) {
      socket.destroy(); // the peer has gone meanwhile
      return;
    }
    const subprotocols = readSubprotocols(request.headers["sec-websocket-protocol"]);
    const connectRequest = {
      query: target.query,
      subprotocols,
      address: options.addressOf(request),
      agent: request.headers["user-agent"] ?? "",
    };
    const maxPayload = target.for === "host" ? options.maxHostPayload : options.maxPayload;
    const upgrade = { request, socket, head, subprotocol: subprotocols.selected, maxPayload };
    const connection = open(upgrade);
    if (connection === undefined) return;
    const refusal = connection.arrive((port) => turnedAway(connectRequest) ?? receive(target, port, connectRequest));
    if (refusal !== undefined) {
      turnAway(connection, refusal);
      return;
    }
    makePlaceFor(connectRequest);
    connections.add(connection);
    ledger.enter(connection, connectRequest.address);
    heartbeat.begin(connection);
  }

  /** Hands a socket to the engine. */
  function open(upgrade: Omit<Upgrade, "memory">): Connection | undefined {
    try {
      return new Connection(owner, portOptions, options.budget, (listener, memory) =>
        engine.accept({ ...upgrade, memory }, listener),
      );
    } catch (error) {
      onBug(error, {});
      upgrade.socket.destroy();
      return undefined;
    }
  }

  function receive(
    target: UpgradeTarget,
    port: WebSocketPort,
    connectRequest: ConnectRequest,
  ): Result<ConnectionHandler, Rejection> {
    return target.for === "host"
      ? admission.host(port, connectRequest)
      : admission.player(port, target.code, connectRequest);
  }

  function turnedAway({ address }: ConnectRequest): Result<ConnectionHandler, Rejection> | undefined {
    if (closing !== undefined) return failure({ name: "restarting" });
    const isFull = !ledger.hasPlaceFor(address) && ledger.idleHoldingFor(address) === undefined;
    return isFull ? failure({ name: "overloaded" }) : undefined;
  }

  /** Ends an idle connection where there is no place without that; for a peer that has been let in, never for one that is refused. */
  function makePlaceFor({ address }: ConnectRequest): void {
    const idle = ledger.hasPlaceFor(address) ? undefined : ledger.idleHoldingFor(address);
    if (idle === undefined) return;
    connections.delete(idle);
    ledger.leave(idle);
    idle.end("overloaded");
    turnAway(idle, { name: "overloaded" });
  }

  /** Tells a peer why it was refused. Of those that then do not hang up, the oldest are cut off. */
  function turnAway(connection: Connection, { name, reason }: Rejection): void {
    refused.add(connection);
    connection.port.close(name, reason);
    onRefused(name);
    const [oldest] = refused;
    if (oldest !== undefined && refused.size > MAX_LINGERING) oldest.port.terminate();
  }

  async function drain(): Promise<void> {
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
    for (const stream of nonUpgradeSockets) stream.destroy();
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
          nonUpgradeSockets.add(stream);
          stream.once("finish", () => stream.destroy()); // the answer has left; the peer may keep its side open for ever
          stream.once("close", () => nonUpgradeSockets.delete(stream));
          return false;
        case "nothing":
          answer(stream, "404 Not Found", "There is no WebSocket here. Hosts connect to /CREATE, players to /CODE.");
          return true;
        case "bad_request":
          answer(stream, "400 Bad Request", asked.why);
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
          connect(asked, request, stream, head);
          return true;
        default:
          return asked satisfies never;
      }
    },

    close() {
      closing ??= drain();
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
