/**
 * Open rooms over TCP, for programs and bots on Node: ghost-sync's wire, as a server with `COUCHWIRE_TCP_PORT` speaks it. The client answers pings, comes back
 * after a lost connection, and goes back into its room. A chat in twenty lines, for `node chat.js lobby Ada`:
 *
 * ```js
 * import { createInterface } from "node:readline";
 * import { connect } from "couchwire/tcp";
 *
 * const [room = "lobby", name = "somebody"] = process.argv.slice(2);
 * const client = await connect({ port: Number(process.env.COUCHWIRE_TCP_PORT ?? 7777) });
 * await client.join(room, { name });
 * console.log(`You are in ${room}. Say something, or end with Ctrl+D.`);
 *
 * createInterface({ input: process.stdin })
 *   .on("line", (line) => client.broadcast(`${name}: ${line}`))
 *   .on("close", () => client.close());
 *
 * for await (const event of client) {
 *   if (event.type === "message") console.log(event.text);
 *   if (event.type === "join") console.log("Somebody joined.");
 *   if (event.type === "leave") console.log("Somebody left.");
 *   if (event.type === "disconnected") console.log(`${event.reason} Trying again …`);
 *   if (event.type === "reconnected") console.log("You are back.");
 * }
 * ```
 * @module
 */
import { TcpClient, type TcpClientOptions } from "./tcp-client.ts";

export type { TcpClient, TcpClientOptions, TcpJoinOptions } from "./tcp-client.ts";
export { TcpError, type TcpErrorCode } from "./tcp-error.ts";
export type { TcpEvent } from "./tcp-events.ts";

/** Connects to a server. Rejects with a `TcpError` where it cannot be reached now; later it comes back by itself. */
export function connect(options: TcpClientOptions): Promise<TcpClient> {
  return TcpClient.connect(options);
}
