/** Keeps so many workers running: starts one anew where one ends by itself, and ends all in the end. */
import type { ChildProcess } from "node:child_process";
import { WorkerProcess, type WorkerEnd } from "./worker-process.ts";
import type { FromWorker } from "./worker-messages.ts";

export interface WorkerPoolOptions {
  readonly count: number;
  readonly fork: () => ChildProcess;
  /** What each worker is told first. */
  readonly planOf: (index: number) => unknown;
  readonly now: () => number;
  readonly onMessage: (worker: WorkerProcess, message: FromWorker) => void;
  /** A worker is gone. `restartMs`: when the next takes its place; `undefined`: none does. */
  readonly onEnd: (worker: WorkerProcess, end: WorkerEnd, restartMs: number | undefined) => void;
  /** No process could be made for this place; another try follows after `restartMs`. */
  readonly onNotForked: (index: number, error: unknown, restartMs: number) => void;
}

/** A worker that runs for so long is sound: when it ends, the next is started at once. */
const SOUND_AFTER_MS = 30_000;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 5_000;
const FNV_PRIME = 0x01000193;

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Map<number, WorkerProcess>();
  /** How often in a row the worker of each place has ended soon after its start. */
  readonly #failures = new Map<number, number>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  #isEnding = false;
  readonly #whenEmpty = new Set<() => void>();
  #turn = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  start(): void {
    for (let index = 0; index < this.#options.count; index++) this.#start(index);
  }

  get all(): readonly WorkerProcess[] {
    return [...this.#workers.values()];
  }

  /** Those that take sockets, in order. */
  get serving(): readonly WorkerProcess[] {
    return this.all.filter(({ isServing }) => isServing).toSorted((one, other) => one.index - other.index);
  }

  /** The worker that is this node. */
  ofLife(node: string): WorkerProcess | undefined {
    return this.serving.find(({ lives }) => lives.has(node));
  }

  /** One after the other. */
  next(): WorkerProcess | undefined {
    const { serving } = this;
    return serving[this.#turn++ % Math.max(1, serving.length)];
  }

  /** The one with the fewest rooms; of equals that with the fewest connections, in turn. */
  leastLoaded(): WorkerProcess | undefined {
    const { serving } = this;
    const first = this.#turn++;
    let best: WorkerProcess | undefined;
    for (let step = 0; step < serving.length; step++) {
      const worker = serving[(first + step) % serving.length];
      if (worker !== undefined && (best === undefined || isFreer(worker, best))) best = worker;
    }
    return best;
  }

  /** The same for the same key, as long as the workers are the same: those that look for one room meet there. */
  byKey(key: string): WorkerProcess | undefined {
    const { serving } = this;
    let hash = 0;
    for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), FNV_PRIME);
    hash ^= hash >>> 16; // the lowest bits alone would tell little of the key
    return serving[(hash >>> 0) % Math.max(1, serving.length)];
  }

  /** Starts none any more. */
  stopStarting(): void {
    this.#isEnding = true;
    for (const restart of this.#restarts) clearTimeout(restart);
    this.#restarts.clear();
  }

  /** Resolves when all have ended. */
  async ended(): Promise<void> {
    this.stopStarting();
    if (this.#workers.size > 0) await new Promise<void>((resolve) => this.#whenEmpty.add(resolve));
  }

  #start(index: number): void {
    const { fork, planOf, now, onMessage, onNotForked } = this.#options;
    let child: ChildProcess;
    try {
      child = fork();
    } catch (error) {
      const waitMs = Math.max(FIRST_WAIT_MS, this.#waitMs({ index, startedAt: now() }));
      this.#startLater(index, waitMs);
      return onNotForked(index, error, waitMs);
    }
    const worker = new WorkerProcess({
      child,
      index,
      now,
      onMessage,
      onEnd: (ended, end) => this.#ended(ended, end),
    });
    this.#workers.set(index, worker);
    worker.say({ is: "start", index, plan: planOf(index) });
  }

  #ended(worker: WorkerProcess, end: WorkerEnd): void {
    const { index } = worker;
    this.#workers.delete(index);
    const restartMs = this.#isEnding ? undefined : this.#waitMs(worker);
    this.#options.onEnd(worker, end, restartMs);
    if (this.#workers.size === 0) for (const resolve of this.#whenEmpty) resolve();
    if (restartMs === undefined || this.#isEnding) return;
    if (restartMs === 0) this.#start(index);
    else this.#startLater(index, restartMs);
  }

  #startLater(index: number, waitMs: number): void {
    const restart = setTimeout(() => {
      this.#restarts.delete(restart);
      this.#start(index);
    }, waitMs);
    this.#restarts.add(restart);
  }

  /** At once the first time; longer each time that one ends again soon. */
  #waitMs({ index, startedAt }: Pick<WorkerProcess, "index" | "startedAt">): number {
    const isSound = this.#options.now() - startedAt >= SOUND_AFTER_MS;
    const failures = isSound ? 0 : (this.#failures.get(index) ?? 0);
    this.#failures.set(index, failures + 1);
    return failures === 0 ? 0 : Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  }
}

function isFreer(one: WorkerProcess, other: WorkerProcess): boolean {
  if (one.expectedRooms !== other.expectedRooms) return one.expectedRooms < other.expectedRooms;
  return one.load.connections < other.load.connections;
}
