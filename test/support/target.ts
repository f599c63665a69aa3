/**
 * Where the server under test runs: in the test's own process, or as a child process on another runtime. The contract suites
 * ask `startServer` alone and do not know which it is. `COUCHWIRE_TEST_TARGET` chooses (`here`, or the path of a Node or Bun),
 * `COUCHWIRE_TEST_ENGINE` the WebSocket engine. `COUCHWIRE_TEST_CLUSTER` (`memory`, `redis`, `nats`) makes two nodes of it, hosts at one and phones at the
 * other; `workers` makes two workers behind one port.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, test } from "@jest/globals";
import { z } from "zod";
import type { OptionsInput } from "../../src/config.ts";
import { startBackend, startSplitCluster } from "./split-cluster.ts";
import { startWorkers } from "./workers/rooms-of-workers.ts";
import { createServer, type CouchwireServer, type ServerExtras } from "../../src/server.ts";

export interface RunningServer {
  readonly port: number;
  readonly url: string;
  /** The other of two nodes. */
  readonly edgeUrl?: string;
  readonly tcpPort: number | undefined;
  readonly adminUrl: string | undefined;
  /** Only where the server is in this process. */
  readonly server: CouchwireServer | undefined;
  readonly close: () => Promise<void>;
}

export interface Target {
  /** Whether a test can look into the server, count its timers and give it functions. */
  readonly isInProcess: boolean;
  start(options: OptionsInput, extras: ServerExtras): Promise<RunningServer>;
}

const {
  COUCHWIRE_TEST_TARGET: runtime = "here",
  COUCHWIRE_TEST_ENGINE: engine,
  COUCHWIRE_TEST_CLUSTER: clusterBackend,
} = process.env;

/** The engine that was asked for; none: the runtime's own choice. */
export const engineOptions = engine === undefined ? {} : { wsEngine: z.enum(["codec", "ws"]).parse(engine) };

export const target: Target = clusterBackend === undefined ? targetOn(runtime) : cluster(clusterBackend);

/**
 * Behind the engine `ws` of Bun are Bun's own sockets. They tell of a peer's Close when the connection is over, repeat its reason, and show
 * nothing of a message before it is whole (docs/ARCHITECTURE.md, the table of engines).
 */
export const isBunNative = runtime.split("/").at(-1) === "bun" && engine !== "codec";

/** The server under test runs on Bun. */
export const isOnBun = runtime.split("/").at(-1) === "bun";

/** A test of what can only be seen from within the server's process; it does not exist for other targets. */
export function testInProcess(name: string, run: () => Promise<void>): void {
  if (target.isInProcess) test(name, run);
}

/** A server in this process (`here`), or in a process of the Node or Bun at this path. To be called where a test file begins. */
export function targetOn(path: string): Target {
  return path === "here" ? inProcess() : childProcess(path);
}

function inProcess(): Target {
  return {
    isInProcess: true,
    async start(options, extras) {
      const server = createServer(options, extras);
      const { port, url, tcpPort, adminUrl } = await server.listen();
      return { port, url, tcpPort, adminUrl, server, close: () => server.close() };
    },
  };
}

/** Two workers behind one port: the primary in this process, the workers in their own. */
function twoWorkers(): Target {
  return {
    isInProcess: false,
    async start(options, extras) {
      if (Object.keys(extras).length > 0) throw new Error("Workers take no functions.");
      const { port, tcpPort, adminUrl, url, close } = await startWorkers(options);
      return { port, url, tcpPort, adminUrl, server: undefined, close };
    },
  };
}

/** Two nodes with that between them. */
function cluster(name: string): Target {
  if (name === "workers") return twoWorkers();
  const kind = z.enum(["memory", "redis", "nats"]).parse(name);
  let backend: ReturnType<typeof startBackend> | undefined;
  afterAll(async () => (await backend)?.close());
  return {
    isInProcess: false,
    async start(options, extras) {
      if (Object.keys(extras).length > 0) throw new Error("The servers of a cluster take no functions.");
      const { url } = await (backend ??= startBackend(kind));
      const nodes = await startSplitCluster(options, url);
      const { port, edgePort, tcpPort, adminUrl } = nodes;
      return {
        port,
        url: `http://127.0.0.1:${port}`,
        edgeUrl: `http://127.0.0.1:${edgePort}`,
        tcpPort,
        adminUrl,
        server: undefined,
        close: () => nodes.close(),
      };
    },
  };
}

const CHILD_SERVER = fileURLToPath(new URL("child-server.js", import.meta.url));
const STARTED = z.object({
  server: z.number(),
  port: z.number(),
  url: z.string(),
  tcpPort: z.number().optional(),
  adminUrl: z.string().optional(),
});
const ANSWER = z.object({ id: z.number(), result: z.unknown(), error: z.string().optional() });

/** One process for all servers of a test file, since starting a runtime takes longer than most tests. */
function childProcess(path: string): Target {
  let child: Child | undefined;
  afterAll(() => child?.end());
  return {
    isInProcess: false,
    async start(options, extras) {
      if (Object.keys(extras).length > 0) throw new Error("A server in another process takes no functions.");
      child ??= new Child(path);
      const process = child;
      const { server, port, url, tcpPort, adminUrl } = STARTED.parse(await process.ask({ do: "start", options }));
      return {
        port,
        url,
        tcpPort,
        adminUrl,
        server: undefined,
        close: async () => void (await process.ask({ do: "close", server })),
      };
    },
  };
}

interface Question {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<void>;
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #said = "";
  #hasEnded = false;

  constructor(path: string) {
    this.#process = spawn(path, [CHILD_SERVER], { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-8_000);
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#take(line));
    this.#process.stdin.on("error", () => {}); // the end of the process says why
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#hasEnded = true;
        for (const { reject } of this.#questions.values()) reject(new Error(why));
        this.#questions.clear();
        resolve();
      };
      this.#process.once("error", (error) => end(`${path} could not be started: ${error.message}`));
      this.#process.once("close", (code) => end(`${path} ended with ${code}: ${this.#said}`));
    });
  }

  ask(request: object): Promise<unknown> {
    if (this.#hasEnded) return Promise.reject(new Error(`The server's process has ended: ${this.#said}`));
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      this.#process.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  #take(line: string): void {
    const { id, result, error } = ANSWER.parse(JSON.parse(line));
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    if (error === undefined) question?.resolve(result);
    else question?.reject(new Error(error));
  }
}
