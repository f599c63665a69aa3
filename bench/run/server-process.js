/** A peer's server: started, waited for, and stopped whatever happens. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { pinned } from "./cores.js";
import { ending } from "./ending.js";
import { bunPath } from "./runtime.js";

const START_WITHIN_MS = 20_000;
const LAST_WORDS_BYTES = 4000;
const PROBE = fileURLToPath(new URL("server-probe.js", import.meta.url));

/**
 * All processes of a peer, or none.
 * @param {import("../peers/index.js").Launch | import("../peers/index.js").LaunchStep[]} launch
 * @param {{ node: string, core?: "server" | "any" }} how the binary of Node servers, and where all run
 * @returns {Promise<Server>}
 * @typedef {object} Server
 * @property {number[]} ports of its processes, in their order
 * @property {number[]} pids
 * @property {(string | undefined)[]} parts what each of them is called
 * @property {(question: string) => Promise<object | undefined>} ask the first process that has a probe, if one has
 * @property {Promise<never>} broken rejects when one of them has ended
 * @property {() => Promise<unknown>} close
 */
export async function launchServer(launch, { node, core = "server" }) {
  /** @type {Awaited<ReturnType<typeof startProcess>>[]} */
  const started = [];
  const close = () => Promise.all(started.map((one) => one.close()));
  try {
    for (const step of [launch].flat()) {
      const next = typeof step === "function" ? await step(started.map(({ port }) => port)) : step;
      started.push(await startProcess(next, { node, core }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const broken = Promise.race(started.map((one) => one.broken));
  broken.catch(() => {}); // it may end while no promise waits for it
  return {
    ports: started.map(({ port }) => port),
    pids: started.map(({ pid }) => pid),
    parts: started.map(({ part }) => part),
    ask: (started.find(({ hasProbe }) => hasProbe) ?? started[0]).ask,
    broken,
    close,
  };
}

/** @param {import("../peers/index.js").Launch} launch @param {{ node: string, core: "server" | "any" }} how */
async function startProcess({ program, runtime, words, environment = {}, portIn, part, isForking, cleanUp }, how) {
  // Forked processes inherit the words of Node, and the probe would speak into the pipe between them and their parent.
  const hasProbe = runtime === "node" && !isForking;
  const binary = runtime === "node" ? how.node : runtime === "bun" ? bunPath() : program;
  const [command, all] = pinned(how.core, binary, hasProbe ? ["--import", PROBE, ...words] : words);
  // Only a server with a probe has the third pipe: it is what the probe answers through.
  const child = spawn(command, all, {
    stdio: hasProbe ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
  });
  let lastWords = "";
  child.stderr.on("data", (chunk) => (lastWords = (lastWords + chunk).slice(-LAST_WORDS_BYTES)));
  const broken = new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`The server ended (${code}): ${lastWords}`)));
  });
  broken.catch(() => {}); // it also rejects at the regular end
  async function close() {
    await ending(child);
    cleanUp?.();
  }
  try {
    const port = await Promise.race([broken, portOf(child, portIn)]);
    return { port, pid: child.pid, part, hasProbe, ask: asking(child), broken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Its output is read to the end, or a server that logs would stop at a full pipe; but not looked at any more once it has
 * said its port, or those that log would be slowed down by how we read.
 */
function portOf(child, portIn) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The server did not say where it listens.")), START_WITHIN_MS);
    const streams = [child.stdout, child.stderr];
    const readers = streams.map((stream) => createInterface({ input: stream }));
    const settle = (end, value) => {
      clearTimeout(timer);
      for (const reader of readers) reader.close();
      for (const stream of streams) stream.resume();
      end(value);
    };
    for (const reader of readers) {
      reader.on("line", (line) => {
        const port = portIn(line);
        if (port !== undefined) settle(resolve, port);
      });
    }
    for (const event of ["error", "exit"]) child.on(event, () => clearTimeout(timer));
  });
}

/**
 * Asks the probe in a Node server. Others have none, and no answer; nor has one that ends meanwhile.
 * @param {import("node:child_process").ChildProcess} child
 */
function asking(child) {
  return (question) =>
    new Promise((resolve) => {
      if (!child.connected) return resolve(undefined);
      const settle = (answer) => {
        child.off("message", hear);
        child.off("disconnect", settle);
        resolve(answer);
      };
      const hear = (message) => message?.question === question && settle(message.answer);
      child.on("message", hear);
      child.on("disconnect", settle);
      child.send(question);
      return undefined;
    });
}
