/** When the next thing of a recording is due: its distance from what came before it, divided by the speed. */

export class Pace {
  readonly #speed: number;
  /** A moment of the recording, and when it was here. */
  #anchor: { readonly recorded: number; readonly here: number };

  constructor(speed: number) {
    this.#speed = speed;
    this.#anchor = { recorded: 0, here: performance.now() };
  }

  /** Resolves when this moment of the recording is due, or the replay is stopped. */
  async until(recorded: number, signal: AbortSignal): Promise<void> {
    const due = this.#anchor.here + (recorded - this.#anchor.recorded) / this.#speed;
    await pause(due - performance.now(), signal);
  }

  /** What is due now had to wait for something else: all that follows is as much later. */
  restart(recorded: number): void {
    this.#anchor = { recorded, here: performance.now() };
  }
}

/** Resolves after so many milliseconds, or when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (!(ms > 0) || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
