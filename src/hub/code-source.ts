/** Where the hub gets room codes from: an allocator of its own (`RoomCodeAllocator`), or one that all nodes share. */
import type { Eventually } from "../protocol/eventually.ts";

export interface CodeSource {
  /** Takes a code that is free now. `undefined` where there is none. */
  take(): string | undefined;
  /** As `take`, and waits where a code can be had soon. @default `take` */
  takeLater?(): Eventually<string | undefined>;
  /** Takes this code, of a room that is reopened; `false` where it is another room's. */
  claim(code: string): boolean;
  /** Frees a code; it cools down first. Codes that are not taken are ignored. */
  release(code: string): void;
}
