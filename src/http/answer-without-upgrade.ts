/** A request that asks for an upgrade that is not offered is still a request (RFC 9110, section 7.8). */
import { ServerResponse, type IncomingMessage, type RequestListener } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { STALLED_AFTER_MS } from "./http-server.ts";

export function answerWithoutUpgrade(answer: RequestListener, request: IncomingMessage, stream: Duplex): void {
  stream.on("error", () => stream.destroy()); // Node has let go of this socket; the peer may leave before its answer
  if (!(stream instanceof Socket)) {
    stream.destroy();
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(stream);
  response.once("finish", () => stream.end());
  stream.setTimeout(STALLED_AFTER_MS, () => stream.destroy());
  answer(request, response);
}
