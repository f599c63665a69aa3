/** Does one thing after another, at once where nothing is under way. */
import { isLater, type Eventually } from "../protocol/eventually.ts";

/** Its promise is never rejected. */
export type Task = () => Eventually<unknown>;

export class TaskQueue {
  readonly #waiting: Task[] = [];
  #isBusy = false;
  readonly #onDone: (() => void) | undefined;
  readonly #onBug: ((error: unknown) => void) | undefined;

  /** `onDone`: a task that others waited for is done. `onBug`: a task that had to wait has thrown; those behind it go on. */
  constructor(onDone?: () => void, onBug?: (error: unknown) => void) {
    this.#onDone = onDone;
    this.#onBug = onBug;
  }

  get isIdle(): boolean {
    return !this.#isBusy;
  }

  /** Tasks that have not begun. */
  get length(): number {
    return this.#waiting.length;
  }

  /** A task that another adds while it runs comes after that one. */
  add(task: Task): void {
    if (this.#isBusy) {
      this.#waiting.push(task);
      return;
    }
    let done: Eventually<unknown>;
    this.#isBusy = true;
    try {
      done = task();
    } finally {
      this.#isBusy = false;
    }
    this.#follow(done);
    if (!this.#isBusy && this.#waiting.length > 0) this.#next();
  }

  /** What comes next waits until this is done. Only while the queue is idle. */
  #follow(done: Eventually<unknown>): void {
    if (!isLater(done)) return;
    this.#isBusy = true;
    done.then(() => this.#next());
  }

  #next(): void {
    this.#isBusy = false;
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      // A task that is done at once may have added others: they come after those that wait already.
      this.#isBusy = true;
      const done = this.#run(task);
      this.#isBusy = false;
      this.#follow(done);
      if (this.#isBusy) break;
    }
    this.#onDone?.();
  }

  #run(task: Task): Eventually<unknown> {
    try {
      return task();
    } catch (error) {
      return this.#onBug?.(error);
    }
  }
}
