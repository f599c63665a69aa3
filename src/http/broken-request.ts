/** Answers requests that Node's HTTP server cannot read: as it would itself, but that a token which is too long is told so. */
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { TOKEN_TOO_LONG } from "../auth/token-signatures.ts";

/** What Node says of a request that it cannot read. */
interface RequestFault extends Error {
  readonly code?: string;
  /** What was read last. */
  readonly rawPacket?: Buffer;
}

const STATUS = new Map([
  ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large"],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "413 Payload Too Large"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "408 Request Timeout"],
]);
const BAD_REQUEST = "400 Bad Request";
/** A head that is too long for Node is so for the token in it, if there is one. */
const TOKEN = /^GET \S*[?&]token=|^authorization: *bearer |couchwire\.token\./im;
/** How long a client may take to read its answer while it goes on sending: a connection that is cut at once takes the answer with it. */
const LINGER_MS = 1_000;

/** `isAnswering`: an earlier request of the connection is being answered, into which nothing may be written. */
export function answerBrokenRequests(server: Server, isAnswering: (socket: Duplex) => boolean): void {
  server.on("clientError", (error: RequestFault, socket: Duplex) => {
    if (socket.writableEnded) return; // it is answered, and sends on
    if (!socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    socket.end(answerTo(error));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

function answerTo({ code = "", rawPacket }: RequestFault): string {
  const status = STATUS.get(code) ?? BAD_REQUEST;
  const head = rawPacket?.toString("latin1") ?? "";
  if (code !== "HPE_HEADER_OVERFLOW" || !TOKEN.test(head)) return `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`;
  const isApi = /^[A-Z]+ \S*\/api\//.test(head);
  const body = isApi ? JSON.stringify({ error: { code: "unauthorized", message: TOKEN_TOO_LONG } }) : TOKEN_TOO_LONG;
  return [
    "HTTP/1.1 401 Unauthorized",
    "Connection: close",
    "WWW-Authenticate: Bearer",
    `Content-Type: ${isApi ? "application/json" : "text/plain"}; charset=utf-8`,
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}
