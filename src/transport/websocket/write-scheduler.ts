/**
 * Decides which frames leave in one write: those that one turn of the event loop causes for one socket. Schedules nothing for a turn that defers
 * no frame.
 */
import { compact } from "../../room/borrowed-buffer.ts";
import { wholeFrame } from "./codec/frame.ts";

/** A read whose frames are being handled. */
export interface ReadUnderWay {
  /** The read has brought more behind the frame that is being handled. */
  readonly isMoreAtHand: boolean;
}

/** What has work to do when the turn ends. */
export interface Deferring {
  onTurnEnd(): void;
}

export class WriteScheduler {
  /** The number of the current read, or turn. Code that stores it can tell later whether it is still the same. */
  event = 0;
  #read: ReadUnderWay | undefined;
  readonly preparedFrame = new PreparedFrame();
  readonly deferredFrame = new DeferredFrame();
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

  /** All frames of the read are handled. */
  endRead(): void {
    this.#read = undefined;
    this.deferredFrame.release();
  }

  /** Calls `onTurnEnd` when this turn ends. */
  atEnd(deferring: Deferring): void {
    if (this.#deferring.push(deferring) === 1) setImmediate(this.#end);
  }
}

const NOTHING = new Uint8Array(0);

/** The last message and its frame, so that a message to many sockets is framed once, and copied at most once. */
class PreparedFrame {
  #frame: Buffer = Buffer.alloc(0);
  #payload: Uint8Array | undefined;
  #opcode = 0;
  #event = -1;
  #owned: Uint8Array = NOTHING;
  #ownedPayload: Uint8Array | undefined;
  #ownedEvent = -1;

  /** The same bytes in a buffer of about their size, to be stored until a socket takes them. */
  owned(payload: Uint8Array, event: number): Uint8Array {
    if (payload !== this.#ownedPayload || event !== this.#ownedEvent) {
      this.#owned = compact(payload);
      this.#ownedPayload = payload;
      this.#ownedEvent = event;
    }
    return this.#owned;
  }

  /** The frame of this payload; the same buffer while payload and event are the same. Later the payload's owner may have changed it. */
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

/** Whose frame is deferred. */
export interface FrameOwner {
  /** Writes the deferred frame, since no other for the same socket follows it. */
  writeDeferred(frame: Uint8Array): void;
}

/**
 * The first frame that a read brings for a socket is written at once. Where the read has brought more, the frame is deferred until it is known whether the
 * next one is for the same socket: then both are gathered and leave together when the turn ends. At most one frame is deferred, and none after the read.
 */
class DeferredFrame {
  #owner: FrameOwner | undefined;
  #frame: Uint8Array = NOTHING;

  /** Defers a whole frame. Writes the one that was deferred before. */
  defer(owner: FrameOwner, frame: Uint8Array): void {
    this.release();
    this.#owner = owner;
    this.#frame = frame;
  }

  /** The deferred frame, if it is this owner's. */
  takeBack(owner: FrameOwner): Uint8Array | undefined {
    return owner === this.#owner ? this.#take() : undefined;
  }

  /** Writes the deferred frame, if there is one. */
  release(): void {
    const owner = this.#owner;
    if (owner !== undefined) owner.writeDeferred(this.#take());
  }

  #take(): Uint8Array {
    const frame = this.#frame;
    this.#owner = undefined;
    this.#frame = NOTHING;
    return frame;
  }
}
