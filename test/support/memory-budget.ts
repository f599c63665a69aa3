/** A memory budget for tests that are not about memory. */
import { MemoryBudget } from "../../src/room/memory-budget.ts";

export function unlimitedMemory(): MemoryBudget {
  return new MemoryBudget({ limit: Infinity, schedule: queueMicrotask });
}
