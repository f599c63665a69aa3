/** The server's half of the opening handshake (RFC 6455, section 4.2.2). */
import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { readSubprotocols, type OfferedSubprotocols } from "../../protocol/subprotocols.ts";

/** RFC 6455, section 1.3: what proves that the key was read by somebody who speaks WebSocket. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/** The subprotocols that the client offers, with the secrets among them. */
export function subprotocolsOf(request: IncomingMessage): OfferedSubprotocols {
  return readSubprotocols(request.headers["sec-websocket-protocol"]);
}

/** The answer that makes a WebSocket of the connection. No extension is ever agreed to. */
export function acceptance(request: IncomingMessage, { selected }: OfferedSubprotocols): Buffer {
  const accept = hash("sha1", `${request.headers["sec-websocket-key"] ?? ""}${GUID}`, "base64");
  const choice = selected === undefined ? "" : `Sec-WebSocket-Protocol: ${selected}\r\n`;
  return Buffer.from(`${ACCEPTED}Sec-WebSocket-Accept: ${accept}\r\n${choice}\r\n`, "latin1");
}
