/** The edge for WebSockets: accepts upgrades, turns sockets into ports, and puts them before a room. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { Hub } from "../../hub/hub.ts";
import { fitCloseReason, type CloseName } from "../../protocol/close-codes.ts";
import { createHostEncoder, type HostBytes } from "../../protocol/host-encoder.ts";
import { parseHostQuery } from "../../protocol/host-query.ts";
import type { DepartureReason } from "../../room/ports.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { readUpgradeRequest } from "./upgrade-request.ts";
import { WebSocketPort } from "./websocket-port.ts";

export interface WebSocketTransportOptions {
  readonly hub: Hub;
  /** Sockets at one time, of hosts and players; past them a socket is closed with 1013. */
  readonly maxConnections: number;
  /** Bytes in one frame of a player, of a host; over it 1009, before the frame is read. */
  readonly maxPayload: number;
  readonly maxHostPayload: number;
  /** How `from.data` is written for hosts that ask for nothing. */
  readonly bytes: HostBytes;
  readonly pingMs: number;
  readonly idleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told of exceptions, which are bugs here: the peer whose frame met it is closed, nobody else notices. */
  readonly onBug: (error: unknown) => void;
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
/** The same when the server itself ends. */
const DRAIN_TIMEOUT_MS = 2_000;

/** What a connection does with what it hears; who it is, is decided once, when it arrives. */
interface Listener {
  readonly onFrame: (data: Uint8Array, isText: boolean) => void;
  /** The connection has ended, or is as good as ended. May be called twice. */
  readonly onGone: (why: DepartureReason) => void;
  /** What was queued for the peer has left this process. */
  readonly onDrain?: () => void;
}

export function createWebSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  const { hub, onBug } = options;
  const hostSockets = createSocketServer(options.maxHostPayload);
  const playerSockets = createSocketServer(options.maxPayload);
  const connections = new Set<WebSocketPort>();
  /** Sockets that came for an upgrade and get a plain answer: Node's HTTP server knows them no more. */
  const strangers = new Set<Duplex>();
  let closing: Promise<void> | undefined;
  let onAllGone: (() => void) | undefined;

  const heartbeat = createHeartbeat(options);

  function connect(socket: WebSocket, arrive: (port: WebSocketPort) => Listener | undefined): void {
    const port = new WebSocketPort(socket);
    connections.add(port);
    let listener: Listener | undefined;

    /** Only bugs throw, and a bug met by one peer's frame is not the others' business. */
    const guard = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        onBug(error);
        port.close("internal_error");
      }
    };

    heartbeat.watch(port, () => {
      // Told at once: a peer that answers nothing would hold its seat for as long as its Close may take.
      port.close("timeout");
      guard(() => listener?.onGone("timeout"));
    });
    // A broken frame: `ws` closes with the right code by itself. Nobody waits until the peer has answered that.
    socket.on("error", () => guard(() => listener?.onGone("left")));
    socket.on("close", () => {
      connections.delete(port);
      heartbeat.forget(port);
      guard(() => listener?.onGone("left"));
      if (connections.size === 0) onAllGone?.();
    });
    socket.on("message", (data, isBinary) => {
      port.wasHeard = true;
      if (!port.isClosing) guard(() => listener?.onFrame(asBytes(data), !isBinary));
    });
    guard(() => {
      listener = closing !== undefined || connections.size > options.maxConnections ? turnAway(port) : arrive(port);
    });
    if (listener?.onDrain !== undefined) {
      const { onDrain } = listener;
      port.onDrained = () => guard(onDrain);
    }
  }

  function turnAway(port: WebSocketPort): undefined {
    port.close(closing !== undefined ? "restarting" : "overloaded");
  }

  function arriveAsHost(port: WebSocketPort, query: URLSearchParams): Listener | undefined {
    const asked = parseHostQuery(query, options.bytes);
    if (!asked.ok) return refuse(port, "bad_request", asked.failure);
    const room = hub.createRoom(port, createHostEncoder(asked.value.format, asked.value.bytes));
    return {
      onFrame: (data, isText) => room.fromHost(data, isText),
      onGone: () => room.hostLeft(),
      onDrain: () => room.hostDrained(),
    };
  }

  function arriveAsPlayer(port: WebSocketPort, code: string): Listener | undefined {
    const room = hub.find(code);
    const joined = room?.join(port);
    if (room === undefined || joined === undefined) return refuse(port, "room_not_found");
    if (!joined.ok) return refuse(port, joined.failure);
    const seat = joined.value;
    return {
      onFrame: (data, isText) => room.fromPlayer(seat, data, isText),
      onGone: (why) => room.playerLeft(seat, why),
    };
  }

  async function sayGoodbye(): Promise<void> {
    if (connections.size > 0) {
      for (const port of connections) port.close("restarting");
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => {
          for (const port of connections) port.terminate();
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
            connect(socket, (port) => arriveAsHost(port, asked.query));
          });
          return true;
        case "player":
          playerSockets.handleUpgrade(request, stream, head, (socket) => {
            connect(socket, (port) => arriveAsPlayer(port, asked.code));
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

function refuse(port: WebSocketPort, name: CloseName, reason?: string): undefined {
  port.close(name, reason === undefined ? undefined : fitCloseReason(reason));
}

function createSocketServer(maxPayload: number): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    closeTimeout: CLOSE_TIMEOUT_MS, // known to `ws` since 8.19, not to its types yet
    handleProtocols: () => false as const, // none is spoken here; WMBP offers none either
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
