/**
 * What the sockets of one server bring in one turn of the event loop, what is put off to the turn's end, and the frame that
 * was built last, since what a turn sends to many is one frame.
 *
 * Nothing is scheduled for a turn in which nothing is put off: that would cost a turn of its own (row `echo`).
 */

import { headBytes, put } from "./frame.ts";

/** Something that has put work off. */
export interface Deferring {
  onTurnEnd(): void;
}

export class EventLoopTurn {
  /** Counts what sockets bring, one read one number: so that whoever remembers it knows whether it is still the same. */
  event = 0;
  /** What was framed last, in which event, and of which kind. */
  #payload: Uint8Array | undefined;
  #frame: Buffer = Buffer.alloc(0);
  #framedIn = -1;
  #opcode = 0;
  #deferring: Deferring[] = [];
  /** One function for all turns. */
  readonly #end = (): void => {
    const deferring = this.#deferring;
    this.#deferring = [];
    this.event += 1;
    for (const one of deferring) one.onTurnEnd();
  };

  /**
   * A server's frame in one piece, whose content is `lead` and then `payload`. What one event sends to many is the same frame
   * for all of them, and is built for the first (rows `tick` and `audience`).
   */
  frameOf(opcode: number, lead: Uint8Array, payload: Uint8Array): Buffer {
    if (lead.length > 0) return wholeFrame(opcode, lead, payload);
    if (payload !== this.#payload || opcode !== this.#opcode || this.event !== this.#framedIn) {
      this.#frame = wholeFrame(opcode, lead, payload);
      this.#payload = payload;
      this.#opcode = opcode;
      this.#framedIn = this.event;
    }
    return this.#frame;
  }

  /** Calls when this turn ends. */
  atEnd(deferring: Deferring): void {
    if (this.#deferring.push(deferring) === 1) setImmediate(this.#end);
  }
}

function wholeFrame(opcode: number, lead: Uint8Array, payload: Uint8Array): Buffer {
  const bytes = lead.length + payload.length;
  const frame = Buffer.allocUnsafe(headBytes(bytes) + bytes);
  put(frame, 0, opcode, lead, payload);
  return frame;
}
