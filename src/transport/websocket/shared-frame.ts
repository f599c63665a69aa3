/** A message as a server's frame in one piece: what one event sends to many is framed once, for all of them (rows `tick` and `audience`). */
import { headBytes, put } from "./frame.ts";

const NOTHING = new Uint8Array(0);

/** The frame whose content is `lead` and then `payload`. */
export function wholeFrame(opcode: number, lead: Uint8Array, payload: Uint8Array): Buffer {
  const bytes = lead.length + payload.length;
  const frame = Buffer.allocUnsafe(headBytes(bytes) + bytes);
  put(frame, 0, opcode, lead, payload);
  return frame;
}

/** Remembers the last frame, which it keeps from being freed until there is another. */
export class SharedFrame {
  #frame: Buffer = Buffer.alloc(0);
  #payload: Uint8Array | undefined;
  #opcode = 0;
  #event = -1;

  /** The frame of this payload, the same one again while it is the same payload in the same event: later its owner may have changed it. */
  of(opcode: number, payload: Uint8Array, event: number): Buffer {
    if (payload !== this.#payload || opcode !== this.#opcode || event !== this.#event) {
      this.#frame = wholeFrame(opcode, NOTHING, payload);
      this.#payload = payload;
      this.#opcode = opcode;
      this.#event = event;
    }
    return this.#frame;
  }
}
