/** A WebSocket's handshake that arrives as a plain request, because a proxy on its way has taken the `Upgrade` header off. */
import type { IncomingMessage } from "node:http";
import type { RequestHandler, Response } from "express";
import { sendText } from "./answers.ts";
import { ROOM_PATH } from "./room-route.ts";

/** What the log and the answer say; nothing else tells the person who set the proxy up. */
export const LOST_UPGRADE =
  "A proxy in front of this server drops the Upgrade header, so no WebSocket can be opened. Let it pass Upgrade and Connection on: see “Behind a proxy” in the README.";

/** Tells of every such request, and answers those that lost both headers, as proxies have it. */
export function lostUpgrade(onLost: (request: IncomingMessage) => void): RequestHandler {
  return (request, response, next) => {
    const isHandshake = request.method === "GET" && request.get("Sec-WebSocket-Key") !== undefined;
    const hasUpgrade = request.get("Upgrade") !== undefined;
    const isConnectionKept = /\bupgrade\b/i.test(request.get("Connection") ?? "");
    const isForUs = request.path === "/CREATE" || ROOM_PATH.test(request.path);
    if (!isHandshake || !isForUs || (hasUpgrade && isConnectionKept)) {
      next();
      return;
    }
    onLost(request);
    // With one of the two it may be a program that knows no better: that is answered as the request that it is (P1.6).
    if (hasUpgrade || isConnectionKept) next();
    else sendUpgradeRequired(response, LOST_UPGRADE);
  };
}

/**
 * 426 with what RFC 9110 wants beside it. The connection ends: a proxy that has asked for that, and is told of the upgrade
 * alone, sends its next request on a connection that reads no more.
 */
export function sendUpgradeRequired(response: Response, text: string): void {
  sendText(response.set({ Upgrade: "websocket", Connection: "Upgrade, close" }), 426, text);
}
