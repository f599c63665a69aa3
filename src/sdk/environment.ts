/** What the SDK needs of the world around it: a page, Node, or a test. */
import { invalid } from "./invalid-argument.ts";
import { keepAwake } from "./wake-lock.ts";
import { isVisible, onWake, type Wake } from "./page-lifecycle.ts";
import type { WebSocketClass } from "./client-socket.ts";

export interface Environment {
  readonly WebSocket: WebSocketClass;
  /** Runs this as soon as the caller's own code has run to its end. */
  readonly soon: (start: () => void) => void;
  /** Calls back whenever waiting longer makes no sense; returns what ends that. */
  readonly onWake: (wake: Wake) => () => void;
  /** Whether anybody looks at the page. */
  readonly isVisible: () => boolean;
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  /** Keeps the screen on; returns what ends that. */
  readonly keepAwake: () => () => void;
}

export function surroundingsOf(choice: {
  readonly WebSocket?: WebSocketClass;
  readonly keepAwake?: boolean;
}): Environment {
  return {
    WebSocket: choice.WebSocket ?? platformWebSocket(),
    soon: (start) => void Promise.resolve().then(start),
    onWake,
    isVisible,
    random: () => Math.random(),
    keepAwake: choice.keepAwake === false ? () => () => undefined : keepAwake,
  };
}

/** @throws {CouchwireError} `invalid_argument` where the platform has none */
function platformWebSocket(): WebSocketClass {
  if (typeof WebSocket === "function") return WebSocket;
  throw invalid("There is no `WebSocket` here: pass one as an option, on Node 20 that of the package `ws`.");
}
