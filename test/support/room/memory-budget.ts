/** A memory budget for tests that are not about memory. */
import { FrameMemory } from "../../../src/room/frame-memory.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";

export function unlimitedMemory(): MemoryBudget {
  return new MemoryBudget({ limit: Infinity, schedule: queueMicrotask });
}

/** What a test keeps for one peer, up to so many bytes. */
export function memoryOf(limitBytes: number, budget = unlimitedMemory()): FrameMemory {
  return new FrameMemory({ budget, limitBytes, holder: { cut: () => {} } });
}
