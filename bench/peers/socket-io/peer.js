import { nodeServer, versionsOf } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const socketIo = {
  name: "socket-io",
  what: "Socket.IO 4 with its default parser: binary data travels as a second frame beside its event.",
  can: ["volatile", "relay", "crowd"],
  adapter: new URL("adapter.js", import.meta.url),
  versions: () => versionsOf("socket.io"),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
