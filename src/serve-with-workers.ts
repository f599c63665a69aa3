/** A server of several processes: a primary, which has the port, and workers, which have the rooms. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { basePathOf, withoutBasePath } from "./base-path.ts";
import { MemoryDirectory } from "./cluster/memory/memory-directory.ts";
import { Primary, WorkerStartError } from "./cluster/workers/primary.ts";
import type { Directory } from "./cluster/ports.ts";
import { OptionsError, type Options, type OptionsInput } from "./config.ts";
import { BACKLOG, type ServerAddress } from "./server.ts";
import { directoryTerms, openBackend } from "./server-backend.ts";
import { now } from "./server-core.ts";
import type { WorkerPlan } from "./worker.ts";

export interface WorkersOptions {
  readonly options: Options;
  readonly count: number;
  readonly logger: Logger;
  /** The name under which the option `host` was given. */
  readonly hostName: string;
  /** The program of a worker. @default the built one beside this file */
  readonly program?: string;
}

/** All processes of one server. */
export interface ServerOfWorkers {
  /** Starts all. Rejects with `OptionsError` or a sentence where one cannot start. */
  listen(): Promise<ServerAddress>;
  readonly workers: number;
  /** The part that has the port. */
  readonly primary: Primary;
  /** What the workers know of each other's rooms. */
  readonly directory: Directory;
  /** Whether its end waits for rooms with players, as the workers have last said. */
  isWaitedFor(): boolean;
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

type OwnPorts = Pick<ServerAddress, "tcpPort" | "adminUrl">;

const WORKER = fileURLToPath(new URL("./worker.js", import.meta.url));
const MIN_WORKER_MEMORY = 2 ** 20;

export function createServerOfWorkers({
  options,
  count,
  logger,
  hostName,
  program = WORKER,
}: WorkersOptions): ServerOfWorkers {
  const basePath = basePathOf(options.publicUrl);
  /** Ports that the first worker has got where any would do: the one that takes its place is to have the same. */
  let ports: OwnPorts = {};
  const planOf = (index: number): WorkerPlan => ({ options: optionsOf(options, { index, count, ports }), hostName });
  const backend = openBackend(options, {}, logger);
  const directory = backend?.between.directory ?? new WorkersDirectory(directoryTerms(options), { now });
  const primary = new Primary({
    count,
    fork: () => fork(program, [], { serialization: "advanced" }),
    planOf,
    port: options.port,
    host: options.host,
    backlog: BACKLOG,
    directory,
    withoutBasePath: (url) => withoutBasePath(url, basePath),
    hasTokens: options.jwtSecret !== undefined || options.jwksUrl !== undefined,
    now,
    log: logger,
  });
  return {
    workers: count,
    primary,
    directory,

    async listen() {
      try {
        await backend?.whenLoaded;
        const about = await primary.start();
        if (!isAddress(about)) throw new Error("The first worker has not said where it is.");
        ports = about;
        return about;
      } catch (error) {
        primary.abort();
        throw error instanceof WorkerStartError && error.isUsage ? new OptionsError(error.message) : error;
      }
    },

    isWaitedFor: () => primary.runningRoomCount > 0,

    async close({ drainMs = options.drainMs } = {}) {
      await primary.close({ drainMs });
      await backend?.close();
    },
  };
}

/** What is found in the directory is all that there is: it begins with the workers, and ends with them. */
class WorkersDirectory extends MemoryDirectory {
  override async age(): Promise<number> {
    return Infinity;
  }
}

/** The options of one worker: ports of their own are those of the first one. */
function optionsOf(
  options: Options,
  { index, count, ports }: { readonly index: number; readonly count: number; readonly ports: OwnPorts },
): OptionsInput {
  const { tcpPort, adminPort, ...common } = options;
  const memory = Math.max(MIN_WORKER_MEMORY, Math.floor(options.memory / count));
  const own = {
    ...(tcpPort !== undefined && { tcpPort: ports.tcpPort ?? tcpPort }),
    ...(adminPort !== undefined && { adminPort: portOf(ports.adminUrl) ?? adminPort }),
  };
  return { ...common, workers: 1, memory, ...(index === 0 && own) };
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : Number(new URL(url).port);
}

function isAddress(about: unknown): about is ServerAddress {
  return typeof about === "object" && about !== null && "publicUrl" in about && "port" in about;
}
