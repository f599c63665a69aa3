/**
 * Servers in a process of their own, on whatever runtime this file is started with: `test/support/target.ts` asks for them. Each line of standard input
 * is a request, each line of standard output its answer. The process ends with its standard input, so it never outlives the tests.
 */
import { createInterface } from "node:readline";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "../../dist/index.js";
import { createLogger } from "../../dist/log/logger.js";

const { COUCHWIRE_TEST_LOGS: folder } = process.env;
/** As `runLogger` of test/support/logs-of-run.ts. */
const extras = folder === undefined ? {} : { logger: createLogger("trace", { write: keepLine }) };

/** @param {string} line */
function keepLine(line) {
  appendFileSync(join(String(folder), `log-${process.pid}.txt`), line);
}

/** @type {Map<number, import("../../dist/index.js").CouchwireServer>} */
const servers = new Map();

const requests = createInterface({ input: process.stdin });
requests.on("line", (line) => {
  const { id, ...request } = JSON.parse(line);
  answer(request).then(
    (result) => say({ id, result }),
    (error) => say({ id, error: String(error) }),
  );
});
requests.on("close", () => process.exit(0));

/** @param {{ do: "start", options: object } | { do: "close", server: number }} request */
async function answer(request) {
  if (request.do === "start") {
    const server = createServer(request.options, extras);
    const { port, url, tcpPort, adminUrl } = await server.listen();
    const number = servers.size;
    servers.set(number, server);
    return { server: number, port, url, tcpPort, adminUrl };
  }
  await servers.get(request.server)?.close();
  return {};
}

/** @param {object} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
