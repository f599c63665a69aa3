/** What a test opened is closed when the test ends, last opened first, whether it passed or not. */
import { afterEach, jest } from "@jest/globals";
import { budget } from "./seeded-random.ts";

/** No test is judged by the clock: this only ends one that hangs, on however slow a machine. A larger budget takes longer. */
jest.setTimeout(budget(60_000));

const closers: (() => unknown)[] = [];

export function onTestEnd(close: () => unknown): void {
  closers.push(close);
}

afterEach(async () => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
});
