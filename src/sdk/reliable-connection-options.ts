/** The options that a room and a phone share. */
import type { ConnectFailure } from "./connect-failure.ts";
import { invalid, quote } from "./invalid-argument.ts";
import type { KnownOptions } from "./known-options.ts";
import type { ReliableConnectionPlan } from "./reliable-connection.ts";
import type { SessionStorage } from "./session.ts";
import { checkTokenSource, type TokenSource } from "./token-source.ts";
import type { WebSocketClass } from "./client-socket.ts";

/** What `createRoom` and `joinRoom` let their caller choose in the same way. */
export interface ReliableConnectionOptions {
  /**
   * Where the secret is kept by which a reloaded page gets its room, or its seat, back. `"frame"`: a session for each frame of a page,
   * for pages that show several phones side by side. Or a storage of your own: of two pages that share one, the later takes over.
   * @default the page's `sessionStorage`, and for a phone `localStorage` as well, so that a tab that is closed and opened again has
   * its seat; where there is no page, memory
   */
  readonly storage?: SessionStorage | "frame";
  /**
   * Keeps the screen on for as long as this lasts, where the browser can: over https or on localhost. Elsewhere it does
   * nothing, and there is no substitute; a page may loop a silent video of its own.
   * @default true
   */
  readonly keepAwake?: boolean;
  /** Bytes that are kept until they have arrived. @default 1 MiB for a phone, 8 MiB for a room */
  readonly outboxBytes?: number;
  /**
   * Bytes that the server takes in one frame (`COUCHWIRE_MAX_PAYLOAD`, `COUCHWIRE_MAX_HOST_PAYLOAD`); more is refused here, for it
   * would end the connection there. @default 1 MiB for a phone, 4 MiB for a room
   */
  readonly maxFrameBytes?: number;
  /**
   * What becomes of a frame for which `outboxBytes` has no room left: `refuse` throws `queue_full` and keeps what waited;
   * `drop_oldest` lets go of the oldest, and both sides are told by `gap`. @default "refuse"
   */
  readonly whenFull?: "refuse" | "drop_oldest";
  /**
   * The token that a server with `COUCHWIRE_REQUIRE_TOKEN` asks for. A function is asked before each attempt to connect, and again before the token of an open
   * connection expires: the newer one is shown to the server, and the connection stays. @default none
   */
  readonly token?: TokenSource;
  /** Milliseconds the server may take to answer where the connection seems to be dead. @default 5000 */
  readonly pongTimeoutMs?: number;
  /** Told of each attempt to connect that failed, and why; the same as the event `connecting`, and from the first attempt on. */
  readonly onConnecting?: (failure: ConnectFailure) => void;
  /** Where the SDK says what a developer should know. @default `console.warn` */
  readonly warn?: (sentence: string) => void;
  /** A WebSocket class to use. @default the platform's own */
  readonly WebSocket?: WebSocketClass;
}

export const CONNECTION_OPTIONS: KnownOptions<ReliableConnectionOptions> = {
  storage: true,
  keepAwake: true,
  outboxBytes: true,
  maxFrameBytes: true,
  whenFull: true,
  token: true,
  pongTimeoutMs: true,
  onConnecting: true,
  warn: true,
  WebSocket: true,
};

const DEFAULT_PONG_TIMEOUT_MS = 5_000;
const MAX_PONG_TIMEOUT_MS = 3_600_000;

export interface ConnectionDefaults {
  readonly outboxBytes: number;
  readonly maxFrameBytes: number;
}

/** The connection's own options, with their defaults. @throws {CouchwireError} `invalid_argument` */
export function connectionOptions(
  options: ReliableConnectionOptions,
  defaults: ConnectionDefaults,
): Omit<ReliableConnectionPlan, "server" | "target"> {
  const {
    outboxBytes: limitBytes = defaults.outboxBytes,
    whenFull = "refuse",
    pongTimeoutMs = DEFAULT_PONG_TIMEOUT_MS,
  } = options;
  const { maxFrameBytes = defaults.maxFrameBytes, warn = warnOnConsole, storage, onConnecting } = options;
  for (const [name, value] of Object.entries({ outboxBytes: limitBytes, maxFrameBytes, pongTimeoutMs })) {
    if (!(value > 0)) throw invalid(`\`${name}\` has to be more than 0; this is ${quote(value)}.`);
  }
  if (pongTimeoutMs > MAX_PONG_TIMEOUT_MS) {
    throw invalid(`\`pongTimeoutMs\` may be ${MAX_PONG_TIMEOUT_MS} at most; this is ${quote(pongTimeoutMs)}.`);
  }
  if (whenFull !== "refuse" && whenFull !== "drop_oldest") {
    throw invalid(`\`whenFull\` has to be "refuse" or "drop_oldest"; this is ${quote(whenFull)}.`);
  }
  if (storage !== undefined && storage !== "frame" && !isStorage(storage)) {
    throw invalid(`\`storage\` has to be "frame" or a storage such as \`localStorage\`; this is ${quote(storage)}.`);
  }
  for (const [name, value] of Object.entries({ onConnecting, warn })) {
    if (value !== undefined && typeof value !== "function") {
      throw invalid(`\`${name}\` has to be a function; this is ${quote(value)}.`);
    }
  }
  checkTokenSource(options.token);
  return { limitBytes, maxFrameBytes, whenFull, pongTimeoutMs, warn, token: options.token };
}

/** What lacks one of the functions would keep nothing, and silently. */
function isStorage(storage: unknown): boolean {
  if (typeof storage !== "object" || storage === null) return false;
  return ["getItem", "setItem", "removeItem"].every((name) => typeof Reflect.get(storage, name) === "function");
}

/** @throws {CouchwireError} `invalid_argument` at what is neither text nor left out */
export function checkText(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "string") {
    throw invalid(`\`${name}\` has to be text; this is ${quote(value)}.`);
  }
}

function warnOnConsole(sentence: string): void {
  console.warn(sentence);
}
