/** Frames as a session sends and keeps them. */
import type { WindowFrame } from "../protocol/reliable/send-window.ts";
import { costOf } from "../room/frame-memory.ts";
import type { Message } from "../room/ports.ts";

/** A frame that is kept: of one part, or of two that are not joined yet. */
export interface KeptFrame extends Message, WindowFrame {
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
  return { head, data, isText, expiresAt, cost: costOf(head, data) };
}

/** A larger frame is not remembered: it would stay in memory until the next one. */
const REMEMBERED_BYTES = 4_096;

/** Makes kept frames of what is sent to many: one for all of them, as long as nothing else is sent in between. */
export class SharedFrames {
  #last: KeptFrame | undefined;

  /** The bytes never change from now on. */
  of(data: Uint8Array, isText: boolean): KeptFrame {
    const last = this.#last;
    if (last?.data === data && last.isText === isText) return last;
    const frame = toKept(undefined, data, isText);
    this.#last = data.length <= REMEMBERED_BYTES ? frame : undefined;
    return frame;
  }
}
