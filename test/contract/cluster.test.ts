import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** Forks this twice, as PM2 does in cluster mode, and tells how the two ended and what they said. */
const PRIMARY = `
  import cluster from "node:cluster";
  cluster.setupPrimary({ exec: process.argv[1], args: ["--port=0", "--host=127.0.0.1"], execArgv: [], silent: true });
  for (let count = 0; count < 2; count++) {
    const worker = cluster.fork();
    let said = "";
    worker.process.stderr.on("data", (text) => (said += text));
    worker.process.on("close", (code) => console.log(JSON.stringify([code, said])));
  }
`;

test("workers of node:cluster, half of whose right codes would be a final 4504, do not start: one sentence, exit code 2", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", PRIMARY, CLI]);
  const ending = [
    2,
    "couchwire: This process is a worker of node:cluster: workers share a port but not their rooms. Start one process by itself (PM2: exec_mode fork); COUCHWIRE_WORKERS lets it share the cores.\n",
  ];
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([ending, ending]);
});
