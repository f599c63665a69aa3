/** One worker as its primary sees it: a process, what is said to it, and what it has. */
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { NodeId } from "../ports.ts";
import { IpcSender } from "./ipc-sender.ts";
import { isFromWorker, type FromWorker, type ToWorker, type WorkerLoad } from "./worker-messages.ts";

/** A socket that a worker answers requests on, and may give back. */
interface KeptSocket {
  readonly socket: Socket;
}

/** How a worker ended. */
export interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why there was no process at all. */
  readonly error?: Error;
}

export interface WorkerProcessOptions {
  readonly child: ChildProcess;
  readonly index: number;
  readonly now: () => number;
  readonly onMessage: (worker: WorkerProcess, message: FromWorker) => void;
  readonly onEnd: (worker: WorkerProcess, end: WorkerEnd) => void;
}

/** A page that was sent to a worker, and opens no room there, counts as one for so long. */
const MAX_OPENING_MS = 10_000;
/** Pages at one time that may open a room there; more of them do not count. */
const MAX_OPENING = 10_000;
const NO_LOAD: WorkerLoad = { rooms: 0, openedRooms: 0, runningRooms: 0, connections: 0 };
/** Sockets of plain requests that one worker answers and this process keeps too. Past it they are given away for good. */
const MAX_KEPT = 20_000;

export class WorkerProcess {
  readonly index: number;
  readonly #options: WorkerProcessOptions;
  readonly #sender: IpcSender<ToWorker>;
  /** The lives of the node that it is. */
  readonly lives = new Set<NodeId>();
  readonly startedAt: number;
  /** Whether it takes sockets. */
  isServing = false;
  #load = NO_LOAD;
  readonly #kept = new Map<number, KeptSocket>();
  #lastKept = 0;
  /** When each page was sent there that may open a room, and has not as far as the worker has said; the oldest first. */
  #openersAt: number[] = [];

  constructor(options: WorkerProcessOptions) {
    const { child, index, now, onMessage, onEnd } = options;
    this.#options = options;
    this.index = index;
    this.startedAt = now();
    this.#sender = new IpcSender(child);
    child.on("message", (message: unknown) => {
      if (isFromWorker(message)) onMessage(this, message);
    });
    let isOver = false;
    const end = (how: WorkerEnd): void => {
      if (isOver) return;
      isOver = true;
      this.isServing = false;
      this.#sender.abandon();
      for (const { socket } of this.#kept.values()) socket.destroy();
      this.#kept.clear();
      onEnd(this, how);
    };
    child.once("exit", (exitCode, signal) => end({ exitCode, signal }));
    // Where its channel broke, `exit` follows. One that could not be started has none.
    child.on("error", (error) => {
      if (child.pid === undefined) end({ exitCode: null, signal: null, error });
    });
  }

  get pid(): number | undefined {
    return this.#options.child.pid;
  }

  /** Sockets that it may give back. */
  get keptCount(): number {
    return this.#kept.size;
  }

  /** What it has to do, as it has last said. */
  get load(): WorkerLoad {
    return this.#load;
  }

  /**
   * The worker says what it has to do. Of the pages on their way, as many are there as it has opened rooms since it said so last: however late it says it, no room counts twice. A room that
   * opens without a page, by the API or by being taken over, passes for one: a page that is still on its way counts only once its room is open then.
   */
  takeLoad(load: WorkerLoad): void {
    this.#openersAt = this.#openersAt.slice(load.openedRooms - this.#load.openedRooms);
    this.#load = load;
  }

  /** Rooms that it has, those that pages are about to open included. */
  get expectedRooms(): number {
    const since = this.#options.now() - MAX_OPENING_MS;
    const first = this.#openersAt.findIndex((at) => at >= since);
    if (first !== 0) this.#openersAt = first === -1 ? [] : this.#openersAt.slice(first);
    return this.#load.rooms + this.#openersAt.length;
  }

  say(message: ToWorker, byteLength = 0): void {
    this.#sender.send(message, byteLength);
  }

  /** What may be lost where the worker does not keep up. */
  sayLossy(message: ToWorker, byteLength: number): boolean {
    return this.#sender.sendLossy(message, byteLength);
  }

  /** Hands a socket over with what was read of it. `mayComeBack`: its next request may be another worker's. */
  hand(socket: Socket, head: Buffer, mayComeBack: boolean): void {
    const isKept = mayComeBack && this.#kept.size < MAX_KEPT;
    const id = isKept ? ++this.#lastKept : undefined;
    if (id !== undefined) this.#kept.set(id, { socket });
    const isSent = this.#sender.sendSocket({ is: "socket", head, id }, socket, { isKept, byteLength: head.length });
    if (isSent) return;
    if (id !== undefined) this.#kept.delete(id);
    socket.destroy();
  }

  /** A page that may open a room is on its way there. */
  countOpener(): void {
    if (this.#openersAt.length < MAX_OPENING) this.#openersAt.push(this.#options.now());
  }

  /** The worker has closed it, or gives it back. */
  release(id: number): Socket | undefined {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    return kept?.socket;
  }

  kill(): void {
    this.#options.child.kill("SIGKILL");
  }
}
