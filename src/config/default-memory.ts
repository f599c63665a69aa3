/** What the queues and buffers of a server may hold where no option says it. */
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

const MAX_DEFAULT_BYTES = 512 * 2 ** 20;

/** What this process may have, as the system, its container and its heap limit it. */
export interface MemoryBounds {
  readonly machineBytes: number;
  /** 0 or more than the machine has: the process is in no container, or in one without a limit. */
  readonly containerBytes: number;
  /** Small frames live in V8's heap, so its limit counts as well. 0: the runtime has none. */
  readonly heapBytes: number;
}

/** The smaller of 512 MiB and half of what the process may have. */
export function defaultMemoryBytes(bounds: MemoryBounds = boundsOfProcess()): number {
  const known = Object.values(bounds).filter((bytes) => Number.isFinite(bytes) && bytes > 0);
  return Math.min(MAX_DEFAULT_BYTES, Math.floor(Math.min(...known) / 2));
}

function boundsOfProcess(): MemoryBounds {
  return {
    machineBytes: totalmem(),
    containerBytes: process.constrainedMemory(),
    // Bun's heap has no limit of its own; what it reports here is the size of today.
    heapBytes: process.versions["bun"] === undefined ? getHeapStatistics().heap_size_limit : 0,
  };
}
