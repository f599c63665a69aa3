/**
 * The handler of a peer whose admission is undecided. Its connection is not read meanwhile; just before a place is taken it is read for a moment, to see
 * whether the peer has hung up. The frames that come wait here, in order, for the handler that the admission gives.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { MemoryAccount } from "../room/memory-budget.ts";
import type { ConnectionHandler, PeerIds } from "../room/ports.ts";

/** Bytes of frames after which reading stops. */
const STOP_BYTES = 65_536;
/** Bytes of frames that may still come then, from the read that is under way. Where a runtime cannot stop reading, this ends it. */
const REST_BYTES = 65_536;
/** What a frame takes up here besides its bytes, about; and what it took up on its way, at least. */
const FRAME_BYTES = 64;
const HEAD_BYTES = 6;

interface EarlyFrame {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

export interface EarlyFramesOwner {
  /** Stops reading from the peer. */
  stop(): void;
  /** Closes the connection of a peer that sends more than may wait. */
  end(name: CloseName, reason: string): void;
}

/** Takes what has waited, and never throws. */
export interface EarlyFramesTaker {
  readonly drained: () => void;
  readonly message: (data: Uint8Array, isText: boolean) => void;
}

export class EarlyFrames implements ConnectionHandler {
  readonly #owner: EarlyFramesOwner;
  readonly #memory: MemoryAccount;
  #frames: EarlyFrame[] = [];
  /** Bytes that all frames take up here, and bytes on the way of those that came after reading was stopped. */
  #bytes = 0;
  #restBytes = 0;
  #hasDrained = false;

  constructor(memory: MemoryAccount, owner: EarlyFramesOwner) {
    this.#memory = memory;
    this.#owner = owner;
  }

  get ids(): PeerIds {
    return {};
  }

  message(data: Uint8Array, isText: boolean): void {
    if (this.#bytes >= STOP_BYTES) this.#restBytes += HEAD_BYTES + data.length;
    if (this.#restBytes > REST_BYTES) return this.#owner.end("rate_limited", "Too much came before you were let in.");
    const bytes = data.length + FRAME_BYTES;
    this.#bytes += bytes;
    this.#memory.add(bytes);
    this.#frames.push({ data: toOwned(data), isText });
    if (this.#bytes >= STOP_BYTES) this.#owner.stop();
  }

  part(): void {}

  drained(): void {
    this.#hasDrained = true;
  }

  confirmed(): void {}

  gone(): void {
    this.#take();
  }

  ban(): undefined {}

  /** A peer that is undecided has a deadline of its own. */
  idleRank(): undefined {}

  /** Hands over what has waited. */
  passOn({ drained, message }: EarlyFramesTaker): void {
    if (this.#hasDrained) drained();
    for (const { data, isText } of this.#take()) message(data, isText);
  }

  #take(): readonly EarlyFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#memory.add(-this.#bytes);
    this.#bytes = 0;
    return frames;
  }
}
