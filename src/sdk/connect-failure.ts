/** Why a line does not come about. A WebSocket tells a page nothing of that, so the server is asked over HTTP. */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { CUT, type Retry } from "./reconnecting-socket.ts";
import { closeNameOf } from "./couchwire-error.ts";

/**
 * `unreachable`: nothing answers there, or something else than a Couchwire server; `websockets_blocked`: it answers over
 * HTTP, and a proxy or a firewall lets no WebSocket through; `refused`: the server itself says why not now.
 */
export type ConnectCause = "unreachable" | "websockets_blocked" | "refused";

/** An attempt to connect that failed; the next follows by itself. */
export interface ConnectFailure {
  /** 1-based number of the attempt since the line was last up. */
  readonly attempt: number;
  /** The server's address. */
  readonly address: string;
  readonly cause: ConnectCause;
  /** The cause as a sentence for people. */
  readonly reason: string;
  /** The close code; 1006 where there was none. */
  readonly code: number;
}

/** What a server says over HTTP: whether it is one of ours, or the status of something else that stands there. */
type Answer = "couchwire" | number | undefined;

/** How long the question over HTTP may take. */
export const PROBE_TIMEOUT_MS = 3_000;

export interface ConnectFailuresOptions {
  /** The server's address, as `http` or `https`. */
  readonly address: string;
  readonly tell: (failure: ConnectFailure) => void;
  /** Is given one sentence for each cause, and not for each attempt. */
  readonly warn: (sentence: string) => void;
}

export class ConnectFailures {
  readonly #options: ConnectFailuresOptions;
  readonly #warned = new Set<string>();
  /** The newest attempt that waits for the answer over HTTP. */
  #asking: { retry: Retry; readonly abort: AbortController } | undefined;

  constructor(options: ConnectFailuresOptions) {
    this.#options = options;
  }

  /** An attempt failed. It is told when the cause is known. */
  failed(retry: Retry): void {
    if (retry.code === CUT.code && retry.reason === "") void this.#ask(retry);
    else this.#tell(retry, "refused", refusalOf(retry));
  }

  /** The line is up, or given up: what is still being found out is of no interest any more. */
  end(): void {
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.abort.abort();
  }

  async #ask(retry: Retry): Promise<void> {
    if (this.#asking !== undefined) {
      this.#asking.retry = retry; // one question at a time
      return;
    }
    const asking = { retry, abort: new AbortController() };
    this.#asking = asking;
    const { cause, reason } = await findCause(this.#options.address, asking.abort);
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.#tell(asking.retry, cause, reason);
  }

  #tell({ attempt, code }: Retry, cause: ConnectCause, reason: string): void {
    const { address, tell, warn } = this.#options;
    if (!this.#warned.has(reason) && this.#warned.size < MAX_WARNINGS) {
      this.#warned.add(reason);
      warn(`Couchwire: ${reason} It is tried again.`);
    }
    tell({ attempt, address, cause, reason, code });
  }
}

/** Sentences of a server may differ each time, as with a number of seconds. */
const MAX_WARNINGS = 20;

/** Asks the server over HTTP why no WebSocket to it comes about. Never throws. */
export async function findCause(
  address: string,
  abort = new AbortController(),
): Promise<Pick<ConnectFailure, "cause" | "reason">> {
  const answer = await ask(address, abort);
  if (answer === "couchwire") {
    return {
      cause: "websockets_blocked",
      reason: `The server answers at ${address}, but WebSockets are blocked: a proxy on the way has to pass on the header Upgrade.`,
    };
  }
  return {
    cause: "unreachable",
    reason:
      answer === undefined
        ? `The server does not answer at ${address}.`
        : `There is no Couchwire server at ${address}: the answer is HTTP ${answer}.`,
  };
}

async function ask(address: string, abort: AbortController): Promise<Answer> {
  const timer = setTimeout(() => abort.abort(), PROBE_TIMEOUT_MS);
  abort.signal.addEventListener("abort", () => clearTimeout(timer));
  try {
    const response = await fetch(`${address}/healthz`, { signal: abort.signal, cache: "no-store" });
    if (!response.ok) return response.status;
    const health: unknown = await response.json().catch(() => undefined);
    const isOurs = typeof health === "object" && health !== null && typeof Reflect.get(health, "status") === "string";
    return isOurs ? "couchwire" : response.status;
  } catch {
    return undefined; // refused, timed out, or something that lets no page of another site read its answer
  } finally {
    clearTimeout(timer);
  }
}

function refusalOf({ code, reason }: Retry): string {
  if (reason !== "") return reason;
  const name = closeNameOf(code);
  return (name && CLOSE_CODES[name].reason) || `The connection was closed with code ${code}.`;
}
