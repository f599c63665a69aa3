/** What the playground's page and the agents in its frames say to each other by `postMessage`. */

/** The names of the frames begin with it. The SDK and the agent know a frame of the playground by its `window.name`. */
export const FRAME_NAME = "couchwire-playground";

/** Towards the server, or towards the page. */
export type Direction = "up" | "down";

/** How a network delays what passes, in each direction. */
export interface NetworkDelay {
  /** Milliseconds that each frame takes. */
  readonly delayMs: number;
  /** Up to so many milliseconds more, at random. Frames stay in order. */
  readonly jitterMs: number;
  /** Bytes a second; 0: as many as come. */
  readonly bytesPerSecond: number;
}

export const NO_DELAY: NetworkDelay = { delayMs: 0, jitterMs: 0, bytesPerSecond: 0 };

/** A frame as it passed. */
export interface PassedFrame {
  readonly type: "frame";
  /** Number of the socket in its page. */
  readonly socket: number;
  readonly direction: Direction;
  /** Milliseconds since 1970, with fractions. */
  readonly at: number;
  /** The frame, or its beginning where it is long. */
  readonly data: string | ArrayBuffer;
  /** Bytes of the whole frame. */
  readonly size: number;
}

/** What became of a socket. */
export interface SocketChange {
  readonly type: "socket";
  readonly socket: number;
  readonly at: number;
  readonly is: "connecting" | "open" | "closed";
  readonly url: string;
  /** Of a closed one. */
  readonly code?: number;
  readonly reason?: string;
}

/** Agent to page. */
export type AgentMessage =
  /** The agent is there. A page that is loaded again says so again. */
  | { readonly type: "hello"; readonly url: string }
  | PassedFrame
  | SocketChange
  /** The person pressed the shortcut of a frame: 0 is the TV. */
  | { readonly type: "select"; readonly frame: number }
  /** The page has the keyboard. */
  | { readonly type: "focused" }
  /** The page has an SDK that answers when the latency is measured. */
  | { readonly type: "sdk" }
  /** Milliseconds from the phone to the TV and back. */
  | { readonly type: "latency"; readonly ms: number }
  /** Why there is no link that gives this seat away. Where there is one, the host's `rescue_reply` says it. */
  | { readonly type: "no_rescue"; readonly player: number; readonly problem: string };

/** Page to agent. */
export type PageMessage =
  /** Answers `hello`. `measureEveryMs` 0: the latency is not measured. */
  | { readonly type: "welcome"; readonly measureEveryMs: number }
  | ({ readonly type: "network" } & NetworkDelay)
  /** All sockets are cut, and for so long none opens. */
  | { readonly type: "drop"; readonly forMs: number }
  /** The sockets stay open, and nothing passes. */
  | { readonly type: "half_open"; readonly isOn: boolean }
  /** The page is hidden and frozen, as a phone does when its screen is locked. */
  | { readonly type: "lock"; readonly isOn: boolean }
  | { readonly type: "reload" }
  /** Gives the seat up, and forgets what the page has stored. */
  | { readonly type: "forget" }
  /** Takes the keyboard. */
  | { readonly type: "focus" }
  | { readonly type: "measure"; readonly everyMs: number }
  /** To the TV: asks for the link that gives this player's seat to another phone. */
  | { readonly type: "rescue"; readonly player: number };

/** Each message travels in an object with this key, so that it is not taken for one of the game's. */
const ENVELOPE = "couchwirePlayground";

export function wrap(message: AgentMessage | PageMessage): object {
  return { [ENVELOPE]: message };
}

/** The agent's message in what came by `postMessage`; `undefined` for all else. Its sender is to be checked before. */
export function agentMessage(data: unknown): AgentMessage | undefined {
  return typeof data === "object" && data !== null ? Reflect.get(data, ENVELOPE) : undefined;
}

/** The page's message in what came by `postMessage`, as `agentMessage`. */
export function pageMessage(data: unknown): PageMessage | undefined {
  return typeof data === "object" && data !== null ? Reflect.get(data, ENVELOPE) : undefined;
}
