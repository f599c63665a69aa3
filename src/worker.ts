/** The program of one worker: a server whose sockets its primary hands it. Started by `serve-with-workers.ts` alone. */
import { PrimaryLine } from "./cluster/workers/primary-line.ts";
import type { PrimaryAddress } from "./cluster/workers/worker-messages.ts";
import { describeStartFailure } from "./cli/start-failure.ts";
import { OptionsError, parseOptions, type Options, type OptionsInput } from "./config.ts";
import { createLogger } from "./log/logger.ts";
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
    server?.listen().then((about) => line.say({ is: "serving", about }), fail);
  },

  close(drainMs) {
    const closing = server?.close(drainMs === undefined ? {} : { drainMs }) ?? Promise.resolve();
    closing.then(
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

function createWorker(input: OptionsInput, index: number): WorkerServer {
  const logger = createLogger(input.logLevel ?? "info").child({ worker: index });
  const made = createWorkerServer(
    input,
    { logger, bus: line.bus, directory: line.directory },
    { source, askOthers: (what) => line.askOthers(what) },
  );
  let said = "";
  setInterval(() => {
    const load = {
      rooms: made.hub.roomCount,
      runningRooms: made.hub.runningRoomCount,
      connections: made.connectionCount,
    };
    const text = JSON.stringify(load);
    if (text !== said) line.sayLoad(load);
    said = text;
  }, LOAD_EVERY_MS).unref();
  return made;
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
