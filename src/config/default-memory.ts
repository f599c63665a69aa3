/** The default of `COUCHWIRE_MEMORY`. */
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

const MAX_DEFAULT_BYTES = 512 * 2 ** 20;

/** The limits of this process's memory: the machine's, the container's, the heap's. */
export interface MemoryBounds {
  readonly machineBytes: number;
  /** 0, or more than the machine has, if there is no container limit. */
  readonly containerBytes: number;
  /** The heap limit counts too, since small frames live in V8's heap. 0: the runtime has no limit. */
  readonly heapBytes: number;
}

/** The smaller of 512 MiB and half of the process's limit, in bytes. */
export function defaultMemoryBytes(bounds: MemoryBounds = boundsOfProcess()): number {
  const known = Object.values(bounds).filter((bytes) => Number.isFinite(bytes) && bytes > 0);
  return Math.min(MAX_DEFAULT_BYTES, Math.floor(Math.min(...known) / 2));
}

function boundsOfProcess(): MemoryBounds {
  return {
    machineBytes: totalmem(),
    containerBytes: process.constrainedMemory(),
    // Bun's heap has no limit; Bun reports the current size here.
    heapBytes: process.versions["bun"] === undefined ? getHeapStatistics().heap_size_limit : 0,
  };
}
