/** The server's half of the opening handshake (RFC 6455, section 4.2.2). */
import { hash } from "node:crypto";
import { EXACT_SUBPROTOCOL } from "../../protocol/exact.ts";
import { headerOf, type RequestHead } from "./request-header.ts";

/** RFC 6455, section 1.3: what proves that the key was read by somebody who speaks WebSocket. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
const CHOSE_EXACT = `Sec-WebSocket-Protocol: ${EXACT_SUBPROTOCOL}\r\n`;

/** Whether the client offers `couchwire.v1`. WMBP chooses none, so whoever offers another one is refused by itself, as it was there. */
export function offersExact(request: RequestHead): boolean {
  const offered = headerOf(request, "sec-websocket-protocol");
  return offered !== undefined && offered.split(",").some((name) => name.trim() === EXACT_SUBPROTOCOL);
}

/** The answer that makes a WebSocket of the connection. No extension is ever agreed to. */
export function acceptance(request: RequestHead, isExact: boolean): Buffer {
  const accept = hash("sha1", `${headerOf(request, "sec-websocket-key") ?? ""}${GUID}`, "base64");
  return Buffer.from(`${ACCEPTED}Sec-WebSocket-Accept: ${accept}\r\n${isExact ? CHOSE_EXACT : ""}\r\n`, "latin1");
}
