/** Says why a server cannot be several processes with these options, and what to do. */
import { availableParallelism } from "node:os";
import type { OptionName, Options } from "../config.ts";

export interface WorkersQuestion {
  readonly options: Options;
  /** The name under which an option was given. */
  readonly nameOf: (field: OptionName) => string;
  readonly isSelfSigned: boolean;
  readonly isBun: boolean;
}

/** The number of workers; 1: no others. */
export function workerCount({ workers }: Pick<Options, "workers">): number {
  return workers === "auto" ? availableParallelism() : workers;
}

/** `undefined` where it can. */
export function problemOfWorkers({ options, nameOf, isSelfSigned, isBun }: WorkersQuestion): string | undefined {
  const { workers } = options;
  if (workers === 1) return undefined;
  const name = nameOf("workers");
  if (isBun)
    return `${name} is ${workers}, but Bun loses bytes of a socket that one process hands to another. Run the command with Node, or start several processes on ports of their own.`;
  if (options.tlsCert !== undefined || isSelfSigned)
    return `${name} is ${workers}, and ${isSelfSigned ? "--tls-self-signed" : nameOf("tlsCert")} asks for https, but an encrypted connection cannot be handed to another process. Let a proxy speak https in front (docs/DEPLOY.md), or leave ${name} at 1.`;
  if (options.dev) return `${name} is ${workers}, but couchwire dev is one process. Leave ${name} at 1.`;
  return undefined;
}
