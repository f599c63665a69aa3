/** The opening handshake (RFC 6455, section 4.2): what an HTTP request for an upgrade asks for (P1.1, P1.2, P1.6; WMBP A2, A9), and the answer that accepts it. */
import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { QueryParameters } from "../../protocol/peer-query.ts";
import { isDrawnCode, parseRoomCode } from "../../protocol/room-code.ts";

/** What a WebSocket is asked for. */
export type UpgradeTarget =
  | { readonly for: "host"; readonly query: QueryParameters }
  | { readonly for: "player"; readonly code: string; readonly query: QueryParameters }
  | { readonly for: "member"; readonly query: QueryParameters };

export type UpgradeRequest =
  | UpgradeTarget
  /** A WebSocket on a path that has none: 404. */
  | { readonly for: "nothing" }
  /** A WebSocket of another version: 426. */
  | { readonly for: "other_version" }
  /** No server can upgrade this: 400 with this sentence. */
  | { readonly for: "bad_request"; readonly why: string }
  /** An upgrade to something else, or half a handshake: to be answered as the plain request that it also is. */
  | { readonly for: "plain_http" };

/** RFC 6455, section 4.2.1: 16 bytes in base64. */
const WEBSOCKET_KEY = /^[+/0-9A-Za-z]{22}==$/;
const WEBSOCKET_VERSION = "13";
/** RFC 6455, section 1.3: the answer proves with it that the server speaks WebSocket. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
/** What the phones of WMBP's games ask: nothing. */
const NO_QUERY: QueryParameters = { get: () => null };

/** Where members with a token connect (P6.0). */
export const MEMBERS_PATH = "/ws";

/** The path alone decides what a WebSocket is for. `hasTokens`: there are members with tokens, so there is a path for them. */
export function readUpgradeRequest(request: IncomingMessage, hasTokens = false): UpgradeRequest {
  const { method, url = "/", headers } = request;
  const why = flawOf(request);
  if (why !== undefined) return { for: "bad_request", why };
  const key = headers["sec-websocket-key"];
  const isWebSocket = headers.upgrade?.toLowerCase() === "websocket";
  if (method !== "GET" || !isWebSocket || key === undefined || !WEBSOCKET_KEY.test(key)) return { for: "plain_http" };
  if (headers["sec-websocket-version"] !== WEBSOCKET_VERSION) return { for: "other_version" };

  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = queryAt === -1 ? NO_QUERY : new URLSearchParams(url.slice(queryAt + 1));
  if (path === "/CREATE") return { for: "host", query };
  if (hasTokens && path === MEMBERS_PATH) return { for: "member", query };
  const code = parseRoomCode(path.slice(1));
  return code === undefined ? { for: "nothing" } : { for: "player", code, query };
}

/** Whether this path opens a room, is a code that a room may have, or is that of members with tokens. On an HTTP server of another program all other paths are that program's. */
export function isWebSocketPath(url: string, hasTokens = false): boolean {
  const [path = ""] = url.split("?", 1);
  return (hasTokens && path === MEMBERS_PATH) || path === "/CREATE" || isDrawnCode(path.slice(1).toUpperCase());
}

/** What is wrong with a request that asks for an upgrade, whatever it is for. */
function flawOf({ httpVersion, headers }: IncomingMessage): string | undefined {
  if (httpVersion !== "1.1") return `An upgrade needs HTTP/1.1; this is HTTP/${httpVersion}.`;
  if (headers.host === undefined) return "An HTTP/1.1 request needs a Host header.";
  const length = headers["content-length"];
  const hasBody = headers["transfer-encoding"] !== undefined || (length !== undefined && Number(length) !== 0);
  return hasBody
    ? "A request for an upgrade has no body: no Transfer-Encoding, and Content-Length 0 or none."
    : undefined;
}

/** The answer that makes a WebSocket of the connection. No extension is ever agreed to. */
export function acceptance(request: IncomingMessage, subprotocol: string | undefined): Buffer {
  const accept = hash("sha1", `${request.headers["sec-websocket-key"] ?? ""}${GUID}`, "base64");
  const choice = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  return Buffer.from(`${ACCEPTED}Sec-WebSocket-Accept: ${accept}\r\n${choice}\r\n`, "latin1");
}
