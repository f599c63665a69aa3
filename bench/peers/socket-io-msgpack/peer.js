import { nodeServer, versionsOf } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const socketIoMsgpack = {
  name: "socket-io-msgpack",
  what: "Socket.IO 4 with its MessagePack parser: binary data travels in its event, as one frame.",
  can: ["volatile"],
  adapter: new URL("adapter.js", import.meta.url),
  versions: () => versionsOf("socket.io", "socket.io-msgpack-parser"),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
