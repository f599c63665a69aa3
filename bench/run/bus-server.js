/** What stands between two nodes: Debian's Redis or NATS, as a process of the trial on a free port. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram, whyNoProgram } from "./programs.js";

/** Nothing is written to disk but what NATS itself wants to. */
const BUSES = {
  redis: {
    program: "redis-server",
    words: (port, folder) =>
      [
        ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
        ["--save", "", "--appendonly", "no"],
      ].flat(),
    readyLine: "Ready to accept connections",
  },
  nats: {
    program: "nats-server",
    words: (port, folder) => ["--port", String(port), "--addr", "127.0.0.1", "--jetstream", "--store_dir", folder],
    readyLine: "Server is ready",
  },
};

/** @typedef {keyof typeof BUSES} BusName */

/** Why a scenario cannot run here, if it needs a bus that is not installed. @param {{ between?: BusName }} scenario @returns {string | undefined} */
export const whyNoBus = ({ between }) => (between === undefined ? undefined : whyNoProgram(BUSES[between].program));

/** As COUCHWIRE_BUS has it. @param {BusName} name @param {number} port */
export const busAddress = (name, port) => `${name}://127.0.0.1:${port}`;

/** @param {BusName} name @param {string} part what it is called in the results @returns {Promise<import("../peers/index.js").Launch>} */
export async function busServer(name, part) {
  const { program, words, readyLine } = BUSES[name];
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "couchwire-bench-bus-"));
  return {
    part,
    program: findProgram(program) ?? program,
    words: words(port, folder),
    portIn: (line) => (line.includes(readyLine) ? port : undefined),
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Redis does not say which port it was given, so it is not asked to choose one. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
