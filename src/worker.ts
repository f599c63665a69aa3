/** The program of one worker: a server whose sockets its primary hands it. Started by `serve-with-workers.ts` alone. */
import type { Logger } from "pino";
import type { Bus, Directory } from "./cluster/ports.ts";
import { PrimaryLine } from "./cluster/workers/primary-line.ts";
import type { PrimaryAddress } from "./cluster/workers/worker-messages.ts";
import { describeStartFailure } from "./cli/start-failure.ts";
import { OptionsError, parseOptions, type Options, type OptionsInput } from "./config.ts";
import { createLogger } from "./log/logger.ts";
import { openBackend, type OpenBackend } from "./server-backend.ts";
import { createWorkerServer, type ConnectionSource, type WorkerServer } from "./server.ts";

/** What the primary wants of a worker. */
export interface WorkerPlan {
  readonly options: OptionsInput;
  /** The name under which the option `host` was given. */
  readonly hostName: string;
}

/** How often the primary is told how much there is to do here. */
const LOAD_EVERY_MS = 250;
const EXIT_FAILURE = 1;

let server: WorkerServer | undefined;
/** What the options name; `undefined`: the primary is between the workers. */
let backend: OpenBackend | undefined;
let plan: WorkerPlan | undefined;
let bound: PrimaryAddress | undefined;

const line = new PrimaryLine(process, {
  start(index, given) {
    if (!isPlan(given)) return fail(new Error("This program is a part of couchwire and is started by it."));
    plan = given;
    try {
      server = createWorker(given.options, index);
    } catch (error) {
      return fail(error);
    }
    line.say({ is: "ready" });
  },

  serve(address) {
    bound = address;
    void serve().catch(fail);
  },

  close(drainMs) {
    end(drainMs).then(
      () => process.exit(),
      () => process.exit(EXIT_FAILURE),
    );
  },

  answer: async (what) => server?.answerWorker(what),
});

const source: ConnectionSource = {
  feed: (httpServer) => line.feed(httpServer),
  passOn: (request, stream, head) => line.passOn(request, stream, head),
  get bound() {
    if (bound === undefined) throw new Error("The primary has no port yet.");
    return bound;
  },
};

// The primary says when to end: a terminal and a process manager signal all processes.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// Without the primary no connection would come any more.
process.on("disconnect", () => process.exit(EXIT_FAILURE));

async function serve(): Promise<void> {
  await backend?.whenLoaded;
  const about = await server?.listen();
  line.say({ is: "serving", about });
}

async function end(drainMs: number | undefined): Promise<void> {
  await server?.close(drainMs === undefined ? {} : { drainMs });
  await backend?.close();
}

function createWorker(input: OptionsInput, index: number): WorkerServer {
  const logger = createLogger(input.logLevel ?? "info").child({ worker: index });
  const { bus, directory } = betweenNodes(input, logger);
  const extras = { logger, bus, directory };
  // The bus is given, whatever the options name.
  const made = createWorkerServer({ ...input, bus: "memory" }, extras, {
    source,
    askOthers: (what) => line.askOthers(what),
  });
  let said = "";
  setInterval(() => {
    const load = {
      rooms: made.hub.roomCount,
      openedRooms: made.hub.openedRoomCount,
      runningRooms: made.hub.runningRoomCount,
      connections: made.connectionCount,
    };
    const text = JSON.stringify(load);
    if (text !== said) line.sayLoad(load);
    said = text;
  }, LOAD_EVERY_MS).unref();
  return made;
}

/** What is between this worker and the other nodes: its primary, or what the options name. */
function betweenNodes(input: OptionsInput, logger: Logger): { readonly bus: Bus; readonly directory: Directory } {
  const options = parseOptions(input);
  backend = options.ok ? openBackend(options.value, {}, logger) : undefined;
  const directory = backend?.between.directory;
  if (backend === undefined || directory === undefined) return { bus: line.bus, directory: line.directory };
  return {
    bus: backend.between.bus,
    directory: {
      ...directory,
      // The primary is to know which worker a node is.
      async enrol(node) {
        const isEnrolled = await directory.enrol(node);
        if (isEnrolled) line.sayLife(node);
        return isEnrolled;
      },
    },
  };
}

function fail(error: unknown): void {
  const isUsage = error instanceof OptionsError;
  line.sayLast({ is: "failed", sentence: sentenceOf(error), isUsage }, () => process.exit(EXIT_FAILURE));
}

function sentenceOf(error: unknown): string {
  const options = plan === undefined ? undefined : parsed(plan.options);
  if (error instanceof OptionsError || plan === undefined || options === undefined)
    return error instanceof Error ? error.message : String(error);
  return describeStartFailure(error, options, plan.hostName);
}

function parsed(input: OptionsInput): Options | undefined {
  const read = parseOptions(input);
  return read.ok ? read.value : undefined;
}

function isPlan(given: unknown): given is WorkerPlan {
  return typeof given === "object" && given !== null && "options" in given && "hostName" in given;
}
