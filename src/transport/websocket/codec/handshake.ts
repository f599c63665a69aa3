/** The server's half of the opening handshake (RFC 6455, section 4.2.2). */
import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** RFC 6455, section 1.3: the answer proves with it that the server speaks WebSocket. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/** The answer that makes a WebSocket of the connection. No extension is ever agreed to. */
export function acceptance(request: IncomingMessage, subprotocol: string | undefined): Buffer {
  const accept = hash("sha1", `${request.headers["sec-websocket-key"] ?? ""}${GUID}`, "base64");
  const choice = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  return Buffer.from(`${ACCEPTED}Sec-WebSocket-Accept: ${accept}\r\n${choice}\r\n`, "latin1");
}
