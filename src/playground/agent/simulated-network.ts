/** The network of one frame: what its sockets pass through, and what becomes of them. */
import { NO_DELAY, type NetworkDelay } from "../messages.ts";
import type { NativeTimers } from "./frame-queue.ts";

/** A socket as its network sees it. */
export interface NetworkSocket {
  /** The connection is gone without a Close frame. */
  cut(): void;
  /** Nothing passes, but the socket stays open. */
  stall(): void;
  /** Ends `stall`: what was held passes, late. */
  resume(): void;
  /** What comes is held, since the page is frozen. */
  freeze(): void;
  thaw(): void;
  /** Gives the seat up: closes with 1000. */
  leave(): void;
  /** Sends a command over a host's socket that does not count frames, and keeps its answer from the page. */
  askHost(command: string): boolean;
}

export class SimulatedNetwork {
  readonly timers: NativeTimers;
  delay: NetworkDelay = NO_DELAY;
  readonly #sockets = new Set<NetworkSocket>();
  #isOffline = false;
  #isHalfOpen = false;
  #isFrozen = false;
  /** Sockets that are to be connected once the network is back. */
  #waiting: (() => void)[] = [];
  readonly #onOnline: (isOnline: boolean) => void;

  /** `onOnline` is told when the network goes and comes back. */
  constructor(timers: NativeTimers, onOnline: (isOnline: boolean) => void) {
    this.timers = timers;
    this.#onOnline = onOnline;
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  get isHalfOpen(): boolean {
    return this.#isHalfOpen;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  add(socket: NetworkSocket): void {
    this.#sockets.add(socket);
    if (this.#isHalfOpen) socket.stall();
    if (this.#isFrozen) socket.freeze();
  }

  delete(socket: NetworkSocket): void {
    this.#sockets.delete(socket);
  }

  /** Calls back once packets pass again. */
  whenPassing(connect: () => void): void {
    if (this.#isHalfOpen) this.#waiting.push(connect);
    else connect();
  }

  /** Cuts all sockets; for so long none opens. */
  drop(forMs: number): void {
    this.cutAll();
    if (this.#isOffline) return;
    this.#isOffline = true;
    this.#onOnline(false);
    this.timers.after(forMs, () => {
      this.#isOffline = false;
      this.#onOnline(true);
    });
  }

  cutAll(): void {
    for (const socket of this.sockets()) socket.cut();
  }

  leaveAll(): void {
    for (const socket of this.sockets()) socket.leave();
  }

  /** Whether there is a host's socket that took the command. */
  askHost(command: string): boolean {
    return this.sockets().some((socket) => socket.askHost(command));
  }

  setHalfOpen(isHalfOpen: boolean): void {
    if (isHalfOpen === this.#isHalfOpen) return;
    this.#isHalfOpen = isHalfOpen;
    for (const socket of this.sockets()) {
      if (isHalfOpen) socket.stall();
      else socket.resume();
    }
    if (isHalfOpen) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connect of waiting) connect();
  }

  setFrozen(isFrozen: boolean): void {
    if (isFrozen === this.#isFrozen) return;
    this.#isFrozen = isFrozen;
    for (const socket of this.sockets()) {
      if (isFrozen) socket.freeze();
      else socket.thaw();
    }
  }

  /** Those of now: what happens to one may make the page open another. */
  private sockets(): NetworkSocket[] {
    return [...this.#sockets];
  }
}
