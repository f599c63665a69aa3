/** nats-server, in Go: another kind of thing, but the quickest that many would think of for moving messages. */
import { fileURLToPath } from "node:url";
import { findProgram, versionSaidBy, whyNoProgram } from "../../run/programs.js";

const CONFIGURATION = fileURLToPath(new URL("nats-server.conf", import.meta.url));

const PROGRAM = "nats-server";

/** @type {import("../index.js").Peer} */
export const nats = {
  name: "nats",
  what: "nats-server, in Go, over WebSocket: a subject for each host and each phone.",
  can: ["crowd"],
  adapter: new URL("adapter.js", import.meta.url),
  whyMissing: () => whyNoProgram(PROGRAM),
  versions: () => versionSaidBy(findProgram(PROGRAM) ?? "")?.replace(": v", " ") ?? "", // it says "nats-server: v2.9.10"
  launch: () => ({
    program: findProgram(PROGRAM) ?? PROGRAM,
    words: ["-c", CONFIGURATION],
    portIn(line) {
      const [, port] = /Listening for websocket clients on wss?:\/\/[^\s]*:(\d+)/.exec(line) ?? [];
      return port === undefined ? undefined : Number(port);
    },
  }),
};
