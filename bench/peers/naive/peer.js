import { nodeServer, versionsOf } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const naive = {
  name: "naive",
  what: "The same wire in a hundred lines of ws and cbor-x, as a good engineer would write it first: no limits, sessions or pings.",
  can: ["array bytes", "crowd"],
  adapter: new URL("adapter.js", import.meta.url),
  versions: () => versionsOf("ws", "cbor-x"),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
