/** What the primary and its workers say to each other over the channel of `node:child_process`. Both are of one build. */
import type { Directory, NodeId } from "../ports.ts";

/** What the directory is asked for over the channel. */
export type DirectoryMethod = Exclude<keyof Directory, "close">;

export type DirectoryCall = {
  readonly [Method in DirectoryMethod]: {
    readonly method: Method;
    readonly given: Parameters<Directory[Method]>;
  };
}[DirectoryMethod];

/** The address of the port that the primary has. */
export interface PrimaryAddress {
  readonly address: string;
  readonly port: number;
}

/** What a worker has to do. */
export interface WorkerLoad {
  readonly rooms: number;
  /** Rooms that it has opened since its start, those included that are over. */
  readonly openedRooms: number;
  /** Those that are being played. */
  readonly runningRooms: number;
  readonly connections: number;
}

/** How a question ended. */
export type IpcAnswer =
  | { readonly is: "answer"; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly is: "answer"; readonly id: number; readonly ok: false; readonly why: string };

export type ToWorker =
  /** The first message: what the worker is to be. `plan` is for the program that the worker runs. */
  | { readonly is: "start"; readonly index: number; readonly plan: unknown }
  /** The primary has its port: sockets may come. */
  | ({ readonly is: "serve" } & PrimaryAddress)
  /**
   * A socket comes with this message, and these bytes were read from it. `id`: the primary keeps it too until it is told that it is closed, and takes it
   * back.
   */
  | { readonly is: "socket"; readonly head: Uint8Array; readonly id: number | undefined }
  | { readonly is: "bus"; readonly subject: string; readonly data: Uint8Array }
  /** What another worker asks all others. */
  | { readonly is: "ask"; readonly id: number; readonly what: string }
  | IpcAnswer
  | { readonly is: "close"; readonly drainMs: number | undefined };

export type FromWorker =
  /** It is made, and waits for sockets. */
  | { readonly is: "ready" }
  /** It cannot be made. */
  | { readonly is: "failed"; readonly sentence: string; readonly isUsage: boolean }
  /** It takes sockets. `about` is for the program that started the primary. */
  | { readonly is: "serving"; readonly about: unknown }
  | ({ readonly is: "load" } & WorkerLoad)
  /** This life of a node is that worker's. */
  | { readonly is: "life"; readonly node: NodeId }
  /** The next request on this socket may be another worker's: these bytes of it were read. */
  | { readonly is: "return"; readonly id: number; readonly head: Uint8Array }
  | { readonly is: "closed"; readonly id: number }
  | { readonly is: "publish"; readonly subject: string; readonly data: Uint8Array }
  | { readonly is: "subscribe"; readonly id: number; readonly subject: string }
  | { readonly is: "unsubscribe"; readonly subject: string }
  | { readonly is: "call"; readonly id: number; readonly call: DirectoryCall }
  /** Asks all other workers. */
  | { readonly is: "ask_others"; readonly id: number; readonly what: string }
  | IpcAnswer;

/** Whether a message is one of these, and not something of Node or of a debugger. */
export function isToWorker(message: unknown): message is ToWorker {
  return typeof message === "object" && message !== null && "is" in message;
}

export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === "object" && message !== null && "is" in message;
}
