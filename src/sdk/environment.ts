/** What the SDK needs from its environment: a page, Node, or a test. */
import { invalid } from "./invalid-argument.ts";
import { keepAwake } from "./wake-lock.ts";
import { isVisible, onWake, type Wake } from "./page-lifecycle.ts";
import type { WebSocketClass } from "./client-socket.ts";

export interface Environment {
  readonly WebSocket: WebSocketClass;
  /** Runs `start` once the caller's synchronous code has finished. */
  readonly soon: (start: () => void) => void;
  /** Calls back when the page wakes up or the network returns. Returns a function that unsubscribes. */
  readonly onWake: (wake: Wake) => () => void;
  /** Whether the page is visible. */
  readonly isVisible: () => boolean;
  /** A number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  /** Keeps the screen on. Returns a function that ends it. */
  readonly keepAwake: () => () => void;
}

export function environmentOf(choice: {
  readonly WebSocket?: WebSocketClass;
  readonly keepAwake?: boolean;
}): Environment {
  const { WebSocket: chosen } = choice;
  if (chosen === undefined) platformWebSocket(); // the caller hears at once that there is none
  return {
    // Looked up for each connection: the playground's agent may put its own there before the first.
    get WebSocket() {
      return chosen ?? platformWebSocket();
    },
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
