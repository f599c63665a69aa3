/** Frames as a session sends and keeps them. */
import type { WindowFrame } from "../protocol/reliable/send-window.ts";
import { FRAME_OVERHEAD_BYTES } from "../room/frame-memory.ts";

/** A frame as its peer reads it, before what `couchwire.v1` may add. */
export interface EncodedFrame {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

/** A frame that is kept: of one part, or of two that are not joined yet. */
export interface KeptFrame extends EncodedFrame, WindowFrame {
  /** What comes before `data` in the same frame. */
  readonly head: Uint8Array | undefined;
}

/** `expiresAt`: when it is dropped if it was never sent by then, in milliseconds of the room's clock. */
export function toKept(
  head: Uint8Array | undefined,
  data: Uint8Array,
  isText: boolean,
  expiresAt = Infinity,
): KeptFrame {
  const cost = (head === undefined ? 0 : head.length) + data.length + FRAME_OVERHEAD_BYTES;
  return { head, data, isText, expiresAt, cost };
}
