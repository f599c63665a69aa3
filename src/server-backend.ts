/** What stands between this server and others: as the options name it, or as the program has given it. */
import type { Logger } from "pino";
import { connectBackend } from "./cluster/connect-backend.ts";
import { DeferredBus, deferredDirectory, type Backend } from "./cluster/deferred-backend.ts";
import type { Bus, Directory, DirectoryTerms } from "./cluster/ports.ts";
import { OptionsError, type Options } from "./config.ts";

/** What a program may put between its servers. */
export interface BackendExtras {
  /** Carries messages between servers. The program closes it, after its servers. @default what the option `bus` names */
  readonly bus?: Bus;
  /** Knows which server each room is at home at. Without it, `bus` carries channels only. @default none */
  readonly directory?: Directory;
}

export interface OpenBackend {
  readonly between: Backend;
  /** Rejects where it cannot be had, such as for a library that is not installed. */
  readonly whenLoaded: Promise<unknown>;
  close(): Promise<void>;
}

/** `undefined`: the server is by itself. Throws where the options and the program contradict each other. */
export function openBackend(
  options: Options,
  { bus, directory }: BackendExtras,
  logger: Logger,
): OpenBackend | undefined {
  const isNamed = options.bus !== "memory";
  if (isNamed && bus !== undefined)
    throw new OptionsError("The option bus names a bus, and the program has given one: only one of them is possible.");
  if (bus === undefined && directory !== undefined)
    throw new OptionsError(
      "A directory was given without a bus: servers that know of each other have to reach each other.",
    );
  if (bus !== undefined) return { between: { bus, directory }, whenLoaded: Promise.resolve(), close: async () => {} };
  return isNamed ? openNamed(options, logger) : undefined;
}

function openNamed(options: Options, logger: Logger): OpenBackend {
  const { bus: address, busPrefix: prefix } = options;
  const loading = connectBackend(address, { prefix, ...directoryTerms(options), log: logger });
  loading.catch(() => {}); // `whenLoaded` tells of it
  const bus = new DeferredBus(loading.then((backend) => backend.bus));
  const directory = deferredDirectory(loading.then((backend) => backend.directory));
  return {
    between: { bus, directory },
    whenLoaded: loading,
    async close() {
      const backend = await loading.catch(() => undefined);
      await backend?.directory.close();
      await backend?.bus.close();
    },
  };
}

/** Milliseconds for which what a lost node has left waits for its peers, at least: longer than rooms wait for their hosts. */
const MIN_KEEP_MS = 600_000;

export function directoryTerms({ leaseMs, hostGraceMs, seatGraceMs }: Options): DirectoryTerms {
  return { leaseMs, keepMs: Math.max(MIN_KEEP_MS, 2 * hostGraceMs, 2 * seatGraceMs) };
}
