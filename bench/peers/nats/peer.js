/** nats-server, in Go: another kind of thing, but the quickest that many would think of for moving messages. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const CONFIGURATION = fileURLToPath(new URL("nats-server.conf", import.meta.url));

/** Debian puts it where only root looks. */
const PROGRAMS = ["nats-server", "/usr/sbin/nats-server"];

/** @param {string} program @returns {string | undefined} "nats-server: v2.9.10" */
function versionOf(program) {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

const findProgram = () => PROGRAMS.find((name) => versionOf(name) !== undefined);

/** @type {import("../index.js").Peer} */
export const nats = {
  name: "nats",
  what: "nats-server, in Go, over WebSocket: a subject for each host and each phone.",
  can: [],
  adapter: new URL("adapter.js", import.meta.url),
  whyMissing: () =>
    findProgram() === undefined ? "nats-server is not installed (on Debian: apt-get install nats-server)" : undefined,
  versions: () => versionOf(findProgram() ?? "")?.replace(": v", " ") ?? "",
  launch: () => ({
    program: findProgram() ?? PROGRAMS[0],
    words: ["-c", CONFIGURATION],
    portIn(line) {
      const [, port] = /Listening for websocket clients on wss?:\/\/[^\s]*:(\d+)/.exec(line) ?? [];
      return port === undefined ? undefined : Number(port);
    },
  }),
};
