import { nodeServer, versionsOf } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const wsJson = {
  name: "ws-json",
  what: "`ws` with JSON messages, the first chapter of every tutorial. Its data is text of the same length.",
  can: ["relay"],
  adapter: new URL("adapter.js", import.meta.url),
  versions: () => versionsOf("ws"),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
