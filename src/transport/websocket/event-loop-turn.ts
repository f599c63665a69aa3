/**
 * What the sockets of one server bring in one turn of the event loop, and what is put off to the turn's end.
 *
 * Nothing is scheduled for a turn in which nothing is put off: that would cost a turn of its own (row `echo`).
 */
import { HeldFrame } from "./held-frame.ts";
import { SharedFrame } from "./shared-frame.ts";

/** A read whose frames are being worked on. */
export interface ReadUnderWay {
  /** It has brought more behind the frame that is being worked on. */
  readonly isMoreAtHand: boolean;
}

/** Something that has put work off. */
export interface Deferring {
  onTurnEnd(): void;
}

export class EventLoopTurn {
  /** Counts what sockets bring, one read one number: so that whoever remembers it knows whether it is still the same. */
  event = 0;
  #read: ReadUnderWay | undefined;
  /** What it sends to many. */
  readonly sharedFrame = new SharedFrame();
  readonly heldFrame = new HeldFrame();
  #deferring: Deferring[] = [];
  /** One function for all turns. */
  readonly #end = (): void => {
    const deferring = this.#deferring;
    this.#deferring = [];
    this.event += 1;
    for (const one of deferring) one.onTurnEnd();
  };

  /** Whether what is sent now may be followed by more from the same read. */
  get isMoreAtHand(): boolean {
    return this.#read?.isMoreAtHand === true;
  }

  beginRead(read: ReadUnderWay): void {
    this.event += 1;
    this.#read = read;
  }

  /** All that the read has brought is worked off. */
  endRead(): void {
    this.#read = undefined;
    this.heldFrame.release();
  }

  /** Calls when this turn ends. */
  atEnd(deferring: Deferring): void {
    if (this.#deferring.push(deferring) === 1) setImmediate(this.#end);
  }
}
