/** A server that lies, for the tests of those who check servers: it passes everything on but what it is told to change. */
import { createServer } from "node:http";
import { listen } from "../support/listen.ts";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import { onTestEnd } from "../support/clean-up.ts";

/** One frame as the relay passes it on, or `undefined` where it keeps it. */
export type Lie = (frame: string | Buffer) => string | Buffer | undefined;

export interface LyingRelay {
  readonly url: string;
}

/** Relays every WebSocket to `target`, and what the server says to players through `lie`. */
export async function startLyingRelay(target: string, lie: Lie): Promise<LyingRelay> {
  const http = createServer((_, response) => response.writeHead(404).end());
  const front = new WebSocketServer({
    server: http,
    handleProtocols: (offered) => (offered.has("couchwire.v1") ? "couchwire.v1" : ([...offered][0] ?? false)),
  });
  front.on("connection", (client, request) => {
    // All that were offered: the session is one of them (P5.9.9).
    const offered = request.headers["sec-websocket-protocol"] ?? "";
    const protocols = offered === "" ? [] : offered.split(",").map((protocol) => protocol.trim());
    const server = new WebSocket(`${target.replace(/^http/, "ws")}${request.url}`, protocols);
    const isHost = request.url?.startsWith("/CREATE") ?? false;
    const early: (readonly [RawData, boolean])[] = [];
    client.on("message", (data, isBinary) => {
      if (server.readyState === WebSocket.OPEN) server.send(asBuffer(data), { binary: isBinary });
      else early.push([data, isBinary]);
    });
    server.on("open", () => {
      for (const [data, isBinary] of early.splice(0)) server.send(asBuffer(data), { binary: isBinary });
    });
    server.on("message", (data, isBinary) => {
      const frame = isBinary ? asBuffer(data) : asBuffer(data).toString();
      const said = isHost ? frame : lie(frame);
      if (said !== undefined) client.send(said);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on("error", () => undefined); // `close` follows
      one.on("close", (code, reason) => {
        if (code === 1005 || code === 1006) other.terminate();
        else other.close(code, reason);
      });
    }
  });
  const port = await listen(http);
  onTestEnd(() => {
    for (const client of front.clients) client.terminate();
    http.close();
  });
  return { url: `http://127.0.0.1:${port}` };
}

function asBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
