/** Holds the lease of this node in the directory, and takes up a new life where it was over. */
import { nanoid } from "nanoid";
import type { Cancel, Clock } from "../room/ports.ts";
import type { Directory, DirectoryTerms, NodeId } from "./ports.ts";

export interface NodeLeaseOptions {
  readonly directory: Pick<Directory, "enrol" | "renew" | "resign">;
  readonly terms: Pick<DirectoryTerms, "leaseMs">;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Draws the name of a life. @default nanoid */
  readonly draw?: () => NodeId;
  /**
   * A life has begun: what was at home in the one before is to be claimed again. Where that fails, it is called again after the next renewal. It is called for one
   * life at a time.
   */
  readonly onLife: (node: NodeId) => Promise<void>;
  /** The directory could not be reached; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** A lease is renewed so many times before it would be over. */
const RENEWALS_PER_LEASE = 3;

export class NodeLease {
  readonly #options: NodeLeaseOptions;
  #node: NodeId | undefined;
  /** Until when the lease stands for certain, in milliseconds of the clock. */
  #standsUntil = -Infinity;
  #cancel: Cancel | undefined;
  /** The life for which `onLife` has done its work. */
  #settled: NodeId | undefined;
  /** Its work, while that is under way: it may take longer than a lease, which is renewed meanwhile. */
  #settling: Promise<void> | undefined;
  #isOver = false;
  /** The round that is under way may have asked too early: another one follows at once. */
  #isAskedAgain = false;
  /** The round that is under way. */
  #round: Promise<void> = Promise.resolve();

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
  }

  /** The name of the life that this node has now; `undefined` before the first. */
  get node(): NodeId | undefined {
    return this.#node;
  }

  /** Whether the lease stands for certain: no other node may take over what is at home here. */
  get isStanding(): boolean {
    return this.#options.clock.now() < this.#standsUntil;
  }

  /** Begins. Fulfilled after the first round and what `onLife` does in it, whether the directory could be reached or not. */
  async start(): Promise<void> {
    await this.#tick();
    await this.#settling;
  }

  /** Looks at once whether the lease still stands, such as when the bus is back. */
  check(): void {
    this.#isAskedAgain = this.#cancel === undefined; // a round is under way, or all is over
    if (this.#cancel === undefined) return;
    this.#cancel();
    void this.#tick();
  }

  /** Gives the lease up: what was at home here may be taken over at once. It does not wait for `onLife`, whose bus may be away for long. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#round;
    const node = this.#node;
    if (node === undefined) return;
    this.#standsUntil = -Infinity;
    try {
      await this.#options.directory.resign(node);
    } catch (error) {
      this.#options.onFailure(error); // then the lease ends by itself
    }
  }

  #tick(): Promise<void> {
    this.#cancel = undefined;
    this.#round = this.#takeRound();
    return this.#round;
  }

  async #takeRound(): Promise<void> {
    const { clock, terms, onFailure } = this.#options;
    this.#isAskedAgain = false;
    try {
      await this.#renewOrBegin();
    } catch (error) {
      onFailure(error);
    }
    if (this.#isOver) return;
    const waitMs = this.#isAskedAgain ? 0 : terms.leaseMs / RENEWALS_PER_LEASE;
    this.#cancel = clock.after(waitMs, () => void this.#tick());
  }

  async #renewOrBegin(): Promise<void> {
    const { directory, clock, terms, draw = () => nanoid() } = this.#options;
    let node = this.#node;
    let askedAt = clock.now(); // the lease counts from later than this
    if (node === undefined || !(await directory.renew(node))) {
      if (this.#isOver) return;
      this.#standsUntil = -Infinity;
      node = draw();
      askedAt = clock.now();
      if (!(await directory.enrol(node))) throw new Error("A new name of this node was taken already.");
      this.#node = node;
    }
    this.#standsUntil = askedAt + terms.leaseMs;
    if (this.#settled === node || this.#isOver) return;
    this.#settling ??= this.#settle().finally(() => (this.#settling = undefined));
  }

  /** Has `onLife` do its work, and again where another life has begun meanwhile. */
  async #settle(): Promise<void> {
    const { onLife, onFailure } = this.#options;
    for (let life = this.#node; life !== undefined && life !== this.#settled && !this.#isOver; life = this.#node) {
      try {
        await onLife(life);
        this.#settled = life;
      } catch (error) {
        onFailure(error);
        if (life === this.#node) return; // the next renewal begins it again
      }
    }
  }
}
