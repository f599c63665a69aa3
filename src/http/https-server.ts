/** Node's HTTPS server, which also answers those who ask it in plain HTTP. */
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer, type Server } from "node:https";
import { Socket } from "node:net";
import type { KeyPair } from "./key-pair.ts";
import type { KeyPairWatch } from "./key-pair-watch.ts";
import { HOST } from "./request-origin.ts";

export interface HttpsServer {
  readonly server: Server;
  /** Ends all connections at once: also those that are not encrypted yet, which Node's HTTP server does not know. */
  closeAllConnections(): void;
}

/** How long a client may take to say its first byte, and then for the TLS handshake; or for a request in plain HTTP. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The first byte of a TLS handshake (RFC 8446, section 5.1). A request in plain HTTP begins with a letter. */
const TLS_HANDSHAKE = 22;
/** Bun's server reads its sockets itself, so nothing can be read before it; and it keeps the certificate that it began with. */
const IS_BUN = "bun" in process.versions;

/** While the server listens it looks for a new certificate, and uses that from the next handshake on. Connections that are open go on. */
export function createHttpsServer(
  keyPairs: KeyPairWatch,
  options: ServerOptions,
  answer: RequestListener,
  isForAnyOrigin = true,
): HttpsServer {
  const { current } = keyPairs;
  const server = createServer(
    { ...options, cert: current.cert, key: current.key, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    answer,
  );
  const sockets = new Set<Socket>();
  if (!IS_BUN) answerPlainHttp(server, sockets, isForAnyOrigin);
  const useNext = ({ cert, key }: KeyPair): void => server.setSecureContext({ cert, key });
  let stopWatch: (() => void) | undefined;
  server.on("listening", () => {
    stopWatch = keyPairs.start(IS_BUN ? {} : { onRenewed: useNext });
  });
  server.on("close", () => stopWatch?.());
  return {
    server,
    closeAllConnections() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Reads the first byte of each new connection. One that begins a handshake is given to the HTTPS server, any other to a server for plain HTTP: Node documents
 * that `connection` may be emitted for that. `emit` is replaced, since the event of the listening socket would reach the HTTPS server at once.
 */
function answerPlainHttp(server: Server, sockets: Set<Socket>, isForAnyOrigin: boolean): void {
  const plain = createPlainServer((request, response) => {
    if (isForAnyOrigin) response.setHeader("Access-Control-Allow-Origin", "*");
    leadToHttps(request, response);
  });
  const emit = server.emit.bind(server);
  const offer = (event: string, ...details: readonly unknown[]): boolean => {
    const [socket] = details;
    if (event !== "connection" || !(socket instanceof Socket)) return emit(event, ...details);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    onFirstByte(socket, (byte) => {
      if (byte === TLS_HANDSHAKE) emit("connection", socket);
      else {
        setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT_MS).unref();
        plain.emit("connection", socket);
      }
    });
    return true;
  };
  server.emit = offer;
}

/** Calls `take` with the first byte, which stays unread. A connection that says nothing for too long is cut. */
function onFirstByte(socket: Socket, take: (byte: number) => void): void {
  const deadline = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT_MS).unref();
  const cut = (): void => void socket.destroy();
  const onReadable = (): void => {
    const first: unknown = socket.read(1);
    if (!Buffer.isBuffer(first)) return; // the peer has ended without a word
    clearTimeout(deadline);
    socket.off("readable", onReadable).off("error", cut).off("end", cut);
    socket.unshift(first);
    take(first[0] ?? 0);
  };
  socket.on("readable", onReadable).on("error", cut).on("end", cut);
  socket.once("close", () => clearTimeout(deadline));
}

/** Answers every request in plain HTTP: a page is sent to the same address with https. */
function leadToHttps(request: IncomingMessage, response: ServerResponse): void {
  const { headers, url = "/" } = request;
  const { host = "" } = headers;
  const address = HOST.test(host) && url.startsWith("/") ? `https://${host}${url}` : undefined;
  const isHandshake = headers["sec-websocket-key"] !== undefined;
  const common = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    Connection: "close",
  };
  if (address === undefined) {
    response.writeHead(400, common).end("This port speaks https. Open its address with https:// in front.\n");
  } else if (isHandshake) {
    const wss = address.replace(/^https/, "wss").replace(/\?.*$/s, "");
    response.writeHead(426, { ...common, Upgrade: "TLS/1.2" }).end(`This port speaks https. Open ${wss}\n`);
  } else {
    // Temporary: the port may speak plain http tomorrow, and browsers remember a permanent redirect.
    response.writeHead(307, { ...common, Location: address }).end("This port speaks https.\n");
  }
}
