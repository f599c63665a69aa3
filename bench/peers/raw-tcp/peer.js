import { nodeServer } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const rawTcp = {
  name: "raw-tcp",
  what: "The same routing on bare TCP in Node, with a length before each message and no WebSocket: the floor.",
  can: [],
  adapter: new URL("adapter.js", import.meta.url),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
