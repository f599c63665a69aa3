/** WebSocket handshakes that arrive as plain requests, because a proxy has stripped the `Upgrade` header. */
import type { IncomingMessage } from "node:http";
import type { RequestHandler, Response } from "express";
import { sendText } from "./answers.ts";

/** The sentence for the log and the answer. The operator of the proxy sees no other hint. */
export const LOST_UPGRADE =
  "A proxy in front of this server drops the Upgrade header, so no WebSocket can be opened. Let it pass Upgrade and Connection on: see “Behind a proxy” in the README.";

/** Reports every such request, and answers those that lost both `Upgrade` and `Connection`, as they do behind proxies. */
export function lostUpgrade(
  isSocketPath: (path: string) => boolean,
  onLost: (request: IncomingMessage) => void,
): RequestHandler {
  return (request, response, next) => {
    const isHandshake = request.method === "GET" && request.get("Sec-WebSocket-Key") !== undefined;
    const hasUpgrade = request.get("Upgrade") !== undefined;
    const isConnectionKept = /\bupgrade\b/i.test(request.get("Connection") ?? "");
    if (!isHandshake || !isSocketPath(request.path) || (hasUpgrade && isConnectionKept)) {
      next();
      return;
    }
    onLost(request);
    // A request with one of the two headers may come from a simple program. It is answered as a plain request (P1.6).
    if (hasUpgrade || isConnectionKept) next();
    else sendUpgradeRequired(response, LOST_UPGRADE);
  };
}

/**
 * Answers 426 with the headers that RFC 9110 requires. `Connection` also says `close`: otherwise a proxy could send its
 * next request on a connection that the server has stopped reading.
 */
export function sendUpgradeRequired(response: Response, text: string): void {
  sendText(response.set({ Upgrade: "websocket", Connection: "Upgrade, close" }), 426, text);
}
