/** Finds out why a connection fails. Browsers hide the cause from pages, so the server is asked over HTTP. */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { CUT, type LostCause, type Retry } from "./reconnecting-socket.ts";
import { closeNameOf } from "./couchwire-error.ts";

/**
 * `unreachable`: nothing answers, or not a Couchwire server. `websockets_blocked`: the server answers over HTTP, but a proxy
 * or firewall blocks WebSockets. `refused`: the server refuses the connection for now. `no_token`: the page's own function `token` threw, gave
 * no token, or did not answer, so there is nothing to show the server.
 */
export type ConnectCause = "unreachable" | "websockets_blocked" | "refused" | "no_token";

/** A failed attempt to connect. The SDK tries again by itself. */
export interface ConnectFailure {
  /** 1-based number of the attempt since the connection was last up. */
  readonly attempt: number;
  /** The server's address. */
  readonly address: string;
  /** The cause, for programs. */
  readonly cause: ConnectCause;
  /** The cause as a sentence for people. */
  readonly reason: string;
  /** The close code; 1006 if there was none. */
  readonly code: number;
}

/** The answer over HTTP: from a Couchwire server, the status of another server, or none. */
type Answer = "couchwire" | number | undefined;

/** Time limit of the request over HTTP. */
const PROBE_TIMEOUT_MS = 3_000;

export interface ConnectFailuresOptions {
  /** The server's address, as `http` or `https`. */
  readonly address: string;
  readonly tell: (failure: ConnectFailure) => void;
  /** Called with one sentence per cause, not per attempt. */
  readonly warn: (sentence: string) => void;
}

export class ConnectFailures {
  readonly #options: ConnectFailuresOptions;
  readonly #warned = new Set<string>();
  /** The newest attempt that waits for an answer over HTTP. */
  #asking: { retry: Retry; readonly abort: AbortController } | undefined;

  constructor(options: ConnectFailuresOptions) {
    this.#options = options;
  }

  /** Records a failed attempt. Listeners are told once the cause is known. */
  failed(retry: Retry, cause: LostCause | "refused" = "refused"): void {
    if (retry.code === CUT.code && retry.reason === "") void this.ask(retry);
    else this.tell(retry, cause, refusalOf(retry));
  }

  /** The connection is open or given up: pending requests are dropped. */
  end(): void {
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.abort.abort();
  }

  private async ask(retry: Retry): Promise<void> {
    if (this.#asking !== undefined) {
      this.#asking.retry = retry; // one request at a time
      return;
    }
    const asking = { retry, abort: new AbortController() };
    this.#asking = asking;
    const { cause, reason } = await findCause(this.#options.address, asking.abort);
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.tell(asking.retry, cause, reason);
  }

  private tell({ attempt, code }: Retry, cause: ConnectCause, reason: string): void {
    const { address, tell, warn } = this.#options;
    if (!this.#warned.has(reason) && this.#warned.size < MAX_WARNINGS) {
      this.#warned.add(reason);
      warn(`Couchwire: ${reason} It is tried again.`);
    }
    tell({ attempt, address, cause, reason, code });
  }
}

/** A server's sentences may differ each time, for instance in a number of seconds. */
const MAX_WARNINGS = 20;

/** Asks the server over HTTP why its WebSocket fails. Never throws. */
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
    return undefined; // The request was refused or timed out, or the answer forbids cross-origin reads.
  } finally {
    clearTimeout(timer);
  }
}

function refusalOf({ code, reason }: Retry): string {
  if (reason !== "") return reason;
  const name = closeNameOf(code);
  return (name && CLOSE_CODES[name].reason) || `The connection was closed with code ${code}.`;
}
