import { nodeServer, versionsOf } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const colyseus = {
  name: "colyseus",
  what: "A Colyseus 0.16 room that relays between its host and its phones. 0.17 and later want Node 22.",
  can: ["relay"],
  adapter: new URL("adapter.js", import.meta.url),
  versions: () => versionsOf("@colyseus/core", "@colyseus/ws-transport"),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
