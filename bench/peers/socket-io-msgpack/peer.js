import { nodeServer } from "../node-server.js";

/** @type {import("../index.js").Peer} */
export const socketIoMsgpack = {
  name: "socket-io-msgpack",
  what: "Socket.IO 4 with its MessagePack parser, which its documentation recommends for binary data.",
  can: ["volatile"],
  dialect: new URL("dialect.js", import.meta.url),
  launch: () => nodeServer(new URL("server.js", import.meta.url)),
};
