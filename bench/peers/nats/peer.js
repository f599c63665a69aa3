/** nats-server, in Go: another kind of thing, but the quickest that many would think of for moving messages. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const CONFIGURATION = fileURLToPath(new URL("nats-server.conf", import.meta.url));

/** @type {import("../index.js").Peer} */
export const nats = {
  name: "nats",
  what: "nats-server, in Go, over WebSocket: a subject for each host and each phone.",
  can: [],
  dialect: new URL("dialect.js", import.meta.url),
  whyMissing() {
    if (spawnSync("nats-server", ["--version"]).status === 0) return undefined;
    return "nats-server is not installed (on Debian: apt-get install nats-server)";
  },
  launch: () => ({
    program: "nats-server",
    words: ["-c", CONFIGURATION],
    portIn(line) {
      const [, port] = /Listening for websocket clients on wss?:\/\/[^\s]*:(\d+)/.exec(line) ?? [];
      return port === undefined ? undefined : Number(port);
    },
  }),
};
