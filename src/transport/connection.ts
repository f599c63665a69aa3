/** One peer from its arrival to its end: the port that a room sends to, and the place from which the room is told what the peer says. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { MemoryAccount, MemoryBudget, MemoryHolder } from "../room/memory-budget.ts";
import type { ConnectionHandler, DepartureReason, PeerIds, PlayerPort } from "../room/ports.ts";
import type { HeartbeatTarget } from "./heartbeat.ts";

/** What a connection gets from its manager, and tells it. */
export interface ConnectionOwner {
  /** Counts what waits for the peers. */
  readonly budget: MemoryBudget;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** An exception, which is a bug here: the peer whose frame met it is closed, no other notices. */
  onBug(error: unknown, peer: PeerIds): void;
  /** There is no connection any more. Called once, at last. */
  onEnded(connection: Connection): void;
}

/**
 * A transport extends this class by how its wire sends, pings and closes, and calls the `tell` methods for what comes. They call the
 * handler that the admission returned, with nothing between. A connection is one object, since most connections idle.
 */
export abstract class Connection implements PlayerPort, MemoryHolder, HeartbeatTarget {
  /** What becomes of what the peer says; `undefined` until the peer is let in, and for one that is refused. */
  handler: ConnectionHandler | undefined;
  /** The bytes that wait to be written, and those of a message that is not over. */
  protected readonly memory: MemoryAccount;
  readonly #owner: ConnectionOwner;
  #isCut = false;

  /** The server has let go of this peer: what the peer still says is not passed on. */
  isClosing = false;
  isPaused = false;
  wasHeard = true;
  bytesHeard = 0;
  isPingStuck = false;
  unanswered = 0;
  heardAt = 0;
  pingAt = 0;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    this.memory = owner.budget.open(this);
  }

  abstract readonly queued: number;
  abstract readonly isBusy: boolean;
  abstract readonly rtt: number | undefined;
  abstract send(data: Uint8Array, isText: boolean): void;
  abstract sendParts(head: Uint8Array, data: Uint8Array, isText?: boolean): void;
  abstract close(name: CloseName, reason?: string): void;
  abstract confirm(count: number): void;
  abstract probe(): void;
  abstract pause(): void;
  abstract resume(): void;
  /** Cuts the connection without a Close, for a peer that would not read it. */
  abstract terminate(): void;

  /** A transport that cannot put two frames into one write sends the first one at once. */
  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  /** As `close`, for a peer whose queue takes up too much memory: drops what still waits, as far as the transport can. */
  closeAndDrop(name: CloseName): void {
    this.close(name);
  }

  ping(intervalMs: number): void {
    this.notePing(intervalMs);
    this.probe();
    this.isPingStuck = this.queued > 0;
  }

  /** Nothing: the ping leaves by itself when it is due. */
  pingWithNext(_intervalMs: number): void {}

  /** Closes the connection, and does not wait for the peer to agree. */
  end(name: CloseName, reason?: string): void {
    this.close(name, reason);
    this.tellGone(name);
  }

  /** The memory of the process is used up, and this connection has the most of it. The second time even what the socket has not taken has to go. */
  cut(): void {
    if (this.#isCut) return this.terminate();
    this.#isCut = true;
    this.closeAndDrop("slow_consumer");
    this.tellGone("slow_consumer");
  }

  /** Notes that a ping leaves. One that leaves before it is due does not make the next one due any sooner. */
  protected notePing(intervalMs: number): void {
    this.pingAt = Math.max(this.pingAt, Math.round(this.#owner.now())) + intervalMs;
    this.unanswered += 1;
    this.bytesHeard = 0;
  }

  /** So many bytes have come from the peer, whether they make a whole message or not. */
  protected tellBytes(count: number): void {
    this.wasHeard = true;
    this.bytesHeard += count;
  }

  protected tellMessage(data: Uint8Array, isText: boolean): void {
    if (this.isClosing) return;
    try {
      this.handler?.message(data, isText);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** A read is over in the middle of a message: more of the message is on its way. */
  protected tellPart(): void {
    if (this.isClosing) return;
    try {
      this.handler?.part();
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** All that was sent has left this process, after some of it had to wait. */
  protected tellDrained(): void {
    try {
      this.handler?.drained();
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** The peer has confirmed that so many frames arrived. */
  protected tellConfirmed(count: number): void {
    try {
      this.handler?.confirmed(count);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** The peer has left, was cut, or has broken the protocol. May be called twice. */
  protected tellGone(why: DepartureReason): void {
    try {
      this.handler?.gone(why);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** There is no connection any more. A transport calls this once, last. */
  protected tellEnded(): void {
    this.memory.close();
    this.#owner.onEnded(this);
  }

  #meetBug(error: unknown): void {
    this.#owner.onBug(error, this.handler?.ids ?? {});
    this.close("internal_error");
  }
}
