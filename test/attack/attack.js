/**
 * What an attack on a server is, and the server that it is tried on: the real command in a process of its own, whose memory and
 * processor time can be asked for. `npm run attack` runs all of them at full size, `test/contract/attacks.test.ts` in a small form.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Attack
 * @property {number} row The number that `npm run attack -- 4` takes. Two attacks may share one.
 * @property {string} title What the attacker does.
 * @property {(context: AttackContext) => Promise<AttackResult>} run
 */

/**
 * @typedef {object} AttackContext
 * @property {number} scale 1 at full size; counts and times shrink with it.
 * @property {(options?: Readonly<Record<string, string | number>>) => Promise<AttackedServer>} startServer With default options but for these fields.
 */

/**
 * @typedef {object} AttackResult
 * @property {Readonly<Record<string, string | number>>} figures What is printed: `"event loop stood, ms": 12`.
 * @property {readonly string[]} broken What did not hold, a sentence each; empty where the defence held.
 */

/**
 * @typedef {object} AttackedServer
 * @property {string} url
 * @property {string} ws
 * @property {number} port
 * @property {number} pid
 * @property {() => number} rss Bytes of memory that the process takes up now.
 * @property {() => number} cpuMs Processor time that the process has used, in milliseconds.
 * @property {() => Promise<void>} stop
 */

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const HERE = new URL("./", import.meta.url);
/** Linux counts processor time in hundredths of a second (`sysconf(_SC_CLK_TCK)`). */
const MS_PER_TICK = 10;

/** All attacks, in the order of their rows. @returns {Promise<Attack[]>} */
export async function loadAttacks() {
  const names = readdirSync(HERE).filter((name) => /^\d\d-.*\.js$/.test(name));
  const attacks = [];
  // One after the other: jest's loader of modules loses its way where several load one package at once.
  for (const name of names.toSorted()) attacks.push((await import(new URL(name, HERE).href)).attack);
  return attacks;
}

/**
 * Runs one attack and stops every server that it started.
 * @param {Attack} attack
 * @param {number} scale
 * @returns {Promise<AttackResult>}
 */
export async function runAttack(attack, scale) {
  /** @type {AttackedServer[]} */
  const servers = [];
  const startServer = async (options = {}) => {
    const server = await startCommand(options);
    servers.push(server);
    return server;
  };
  try {
    return await attack.run({ scale, startServer });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** @param {Readonly<Record<string, string | number>>} options @returns {Promise<AttackedServer>} */
async function startCommand(options) {
  const flags = Object.entries({ port: 0, host: "127.0.0.1", ...options }).map(
    ([field, value]) => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`,
  );
  const child = spawn(process.execPath, [CLI, ...flags], { env: {}, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-4_000)));
  const port = await new Promise((resolve, reject) => {
    // Reading goes on after the line that is waited for: a pipe that nothing reads would stop the server.
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes('"msg":"listening"')) resolve(JSON.parse(line).port);
    });
    void ended.then(() => reject(new Error(`couchwire ended before it listened: ${said}`)));
  });
  const pid = child.pid ?? 0;
  return {
    url: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    port,
    pid,
    rss: () => Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024,
    cpuMs: () => processorTicks(pid) * MS_PER_TICK,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** User and system time of a process (proc(5), fields 14 and 15 of `stat`). @param {number} pid */
function processorTicks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the command's name in parentheses, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
