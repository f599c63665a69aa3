/** Which worker had a room when the directory said so last. It counts while the directory cannot be asked: a worker may have lost the room since, and passes peers on then. */
import type { WorkerProcess } from "./worker-process.ts";

/** Names of rooms that are remembered. One more takes the place of the one that was asked for longest ago. */
const MAX_REMEMBERED = 100_000;

export class LastHomes {
  readonly #workers = new Map<string, WorkerProcess>();

  /** The directory says that this worker has what is found by this name. */
  remember(name: string, worker: WorkerProcess): void {
    this.#workers.delete(name);
    this.#workers.set(name, worker);
    const [oldest] = this.#workers.keys();
    if (oldest !== undefined && this.#workers.size > MAX_REMEMBERED) this.#workers.delete(oldest);
  }

  /** The worker of the first of these names that is known and takes sockets. */
  find(names: readonly string[]): WorkerProcess | undefined {
    return names.map((name) => this.#workers.get(name)).find((worker) => worker?.isServing === true);
  }
}
