/** The options that a room and a phone share. */
import { invalid, quote } from "./invalid-argument.ts";
import type { LinePlan } from "./line.ts";
import type { SessionStorage } from "./session.ts";
import type { WebSocketClass } from "./web-socket-port.ts";

/** What `createRoom` and `joinRoom` let their caller choose in the same way. */
export interface LineOptions {
  /**
   * Where the secret is kept by which a reloaded page gets its room, or its seat, back. `localStorage` outlives the
   * closing of a tab. Every page that runs at the same time needs its own: of two that share one, the later takes over.
   * @default the page's `sessionStorage`; where there is none, the page's own memory
   */
  readonly storage?: SessionStorage;
  /**
   * Keeps the screen on for as long as this lasts, where the browser can: over https or on localhost. Elsewhere it does
   * nothing, and there is no substitute; a page may loop a silent video of its own.
   * @default true
   */
  readonly keepAwake?: boolean;
  /** Bytes that are kept until they have arrived. @default 1 MiB for a phone, 8 MiB for a room */
  readonly outboxBytes?: number;
  /**
   * What becomes of a frame for which `outboxBytes` has no room left: `refuse` throws `queue_full` and keeps what waited;
   * `drop_oldest` lets go of the oldest, and both sides are told by `gap`. @default "refuse"
   */
  readonly whenFull?: "refuse" | "drop_oldest";
  /** Milliseconds the server may take to answer where the line seems to be dead. @default 5000 */
  readonly answerMs?: number;
  /** A WebSocket class to use. @default the platform's own */
  readonly WebSocket?: WebSocketClass;
}

const DEFAULT_ANSWER_MS = 5_000;

/** The line's own options, with their defaults. @throws {CouchwireError} `invalid_argument` */
export function lineOptions(options: LineOptions, defaultBytes: number): Omit<LinePlan, "address"> {
  const { outboxBytes: limitBytes = defaultBytes, whenFull = "refuse", answerMs = DEFAULT_ANSWER_MS } = options;
  if (!(limitBytes > 0)) throw invalid(`\`outboxBytes\` has to be more than 0; this is ${quote(limitBytes)}.`);
  if (!(answerMs > 0)) throw invalid(`\`answerMs\` has to be more than 0; this is ${quote(answerMs)}.`);
  return { limitBytes, whenFull, answerMs };
}
