/** The edge for WebSockets: accepts upgrades, turns sockets into ports, and puts them before a room. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { CloseName } from "../../protocol/close-codes.ts";
import { EXACT_SUBPROTOCOL } from "../../protocol/exact.ts";
import { failure, type Result } from "../../protocol/result.ts";
import {
  createReception,
  type Arrival,
  type Listener,
  type PeerIds,
  type ReceptionOptions,
  type Refused,
} from "../reception.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { readUpgradeRequest } from "./upgrade-request.ts";
import { WebSocketPort } from "./websocket-port.ts";

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

/** How long a peer may take to answer a Close. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Refused peers that may take that long at one time. */
const MAX_LINGERING = 1_000;
/** What a page sends that closes on purpose; one that is reloaded or navigates away says 1001 or nothing. */
const LEFT_ON_PURPOSE = 1000;
/** The same when the server itself ends. */
const DRAIN_TIMEOUT_MS = 2_000;

export function createWebSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  const { onBug, onRefused } = options;
  const reception = createReception(options);
  const hostSockets = createSocketServer(options.maxHostPayload);
  const playerSockets = createSocketServer(options.maxPayload);
  /** Those who were let in. */
  const connections = new Set<WebSocketPort>();
  /** Those who were not, and have not hung up yet. They take nobody's place. */
  const refused = new Set<WebSocketPort>();
  /** Sockets that came for an upgrade and get a plain answer: Node's HTTP server knows them no more. */
  const strangers = new Set<Duplex>();
  let closing: Promise<void> | undefined;
  let onAllGone: (() => void) | undefined;

  const heartbeat = createHeartbeat(options);

  function connect(
    socket: WebSocket,
    stream: Duplex,
    arrive: (port: WebSocketPort) => Result<Listener, Refused>,
  ): void {
    const port = new WebSocketPort(socket, stream, options.now);
    let listener: Listener | undefined;

    /** Only bugs throw, and a bug met by one peer's frame is not the others' business. */
    const guard = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        onBug(error, listener?.about() ?? {});
        port.close("internal_error");
      }
    };

    heartbeat.watch(port, () => {
      // Told at once: a peer that answers nothing would hold its seat for as long as its Close may take.
      port.close("timeout");
      guard(() => listener?.onGone("timeout"));
    });
    // A broken frame: `ws` closes with the right code by itself. Nobody waits until the peer has answered that.
    socket.on("error", () => guard(() => listener?.onGone("cut")));
    socket.on("close", (code) => {
      connections.delete(port);
      refused.delete(port);
      heartbeat.forget(port);
      guard(() => listener?.onGone(code === LEFT_ON_PURPOSE ? "left" : "cut"));
      if (connections.size + refused.size === 0) onAllGone?.();
    });
    socket.on("message", (data, isBinary) => {
      port.wasHeard = true;
      if (!port.isClosing) guard(() => listener?.onFrame(asBytes(data), !isBinary));
    });
    port.onDrained = () => guard(() => listener?.onDrain());
    port.onConfirmed = (count) => guard(() => listener?.onConfirmed(count));
    guard(() => {
      const received = turnedAway() ?? arrive(port);
      if (received.ok) {
        listener = received.value;
        connections.add(port);
      } else {
        turnAway(port, received.failure);
      }
    });
  }

  /** Tells a peer why it may not come in. Of those who then do not hang up, the oldest are cut off. */
  function turnAway(port: WebSocketPort, { name, reason }: Refused): void {
    refused.add(port);
    port.close(name, reason);
    onRefused(name);
    const [oldest] = refused;
    if (oldest !== undefined && refused.size > MAX_LINGERING) oldest.terminate();
  }

  function turnedAway(): Result<Listener, Refused> | undefined {
    if (closing !== undefined) return failure({ name: "restarting" });
    return connections.size >= options.maxConnections ? failure({ name: "overloaded" }) : undefined;
  }

  function arrivalOf(request: IncomingMessage, socket: WebSocket, query: URLSearchParams): Arrival {
    return {
      query,
      isExact: socket.protocol === EXACT_SUBPROTOCOL,
      address: options.addressOf(request),
      agent: request.headers["user-agent"] ?? "",
    };
  }

  async function sayGoodbye(): Promise<void> {
    if (connections.size + refused.size > 0) {
      for (const port of connections) port.close("restarting");
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => {
          for (const port of [...connections, ...refused]) port.terminate();
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
          hostSockets.handleUpgrade(request, stream, head, (socket) => {
            connect(socket, stream, (port) => reception.host(port, arrivalOf(request, socket, asked.query)));
          });
          return true;
        case "player":
          playerSockets.handleUpgrade(request, stream, head, (socket) => {
            connect(socket, stream, (port) =>
              reception.player(port, asked.code, arrivalOf(request, socket, asked.query)),
            );
          });
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

function createSocketServer(maxPayload: number): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: false,
    autoPong: false, // the port answers pings, within limits
    perMessageDeflate: false,
    maxPayload,
    closeTimeout: CLOSE_TIMEOUT_MS, // known to `ws` since 8.19, not to its types yet
    // WMBP selects none, so a browser that asked for another one is refused by itself, as it was there.
    handleProtocols: (offered: Set<string>) => (offered.has(EXACT_SUBPROTOCOL) ? EXACT_SUBPROTOCOL : (false as const)),
  };
  return new WebSocketServer(options);
}

/** With the default `binaryType` a message is always one Buffer; the type allows for the others. */
function asBytes(data: RawData): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
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
