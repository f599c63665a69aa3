/**
 * One limit on the bytes that a whole process holds in queues and buffers. Each holder has an account; over the limit the
 * largest account is cut. It counts and decides only: what a cut means is the holder's business.
 */
import { NO_SLOT, SlotSet, type SlotSetMember } from "./slot-set.ts";

/** What holds bytes: a connection, a seat, a host, an HTTP response. */
export interface MemoryHolder {
  /**
   * The budget is used up and this holder has the most: it lets go of what it can, or stops growing. What it still holds
   * afterwards is taken to go within seconds (a socket that is being closed); it is cut once more only where too much goes so slowly, and
   * has to let go of everything then. A holder that goes on holding returns `"stays"`, and the next overflow may cut it once more.
   */
  cut(): void | "stays";
}

/** What one holder holds. After `close` every call does nothing. */
export interface MemoryAccount {
  /** All that this holder holds, shared buffers included. */
  readonly bytes: number;
  /** Counts bytes that only this holder has; a negative number gives them back. */
  add(bytes: number): void;
  /**
   * Counts a buffer that other holders may hold as well, and `ownBytes` that are this account's alone. Each `hold` is ended by one `release` of the
   * same bytes.
   */
  hold(data: Uint8Array, ownBytes?: number): void;
  release(data: Uint8Array, ownBytes?: number): void;
  /** Gives everything back. Safe twice. */
  close(): void;
}

export interface MemoryBudgetOptions {
  /** Bytes. */
  readonly limit: number;
  /** Calls `action` later in the same turn of the event loop, or in the next one: never at once. */
  readonly schedule: (action: () => void) => void;
  /** A holder of so many bytes was cut. */
  readonly onCut?: ((bytes: number) => void) | undefined;
}

/** A buffer of this size is counted once in the total, however many accounts hold it. A smaller one costs less than to know that. */
const SHARED_BYTES = 4_096;
/** Holders that one look at all accounts cuts; the next look takes the rest. */
const MAX_CUTS = 1_024;
/** Cutting frees this part of the limit besides what is over it, so that the next frame is not over it again. */
const HEADROOM = 1 / 16;
/** Bytes that are about to go still fill the memory: past this part of the limit their holders are cut once more, and let go of them at once. */
const MAX_LEAVING = 1 / 4;

interface SharedBuffer {
  holds: number;
  /** As it was when it was counted: a buffer that is detached meanwhile has none. */
  readonly bytes: number;
}

export class MemoryBudget {
  readonly limit: number;
  readonly #options: MemoryBudgetOptions;
  readonly #accounts = new SlotSet<Account>();
  readonly #shared = new Map<ArrayBufferLike, SharedBuffer>();
  /** Holders that were cut and have not gone, the earliest first. */
  readonly #leavers = new Set<Account>();
  #used = 0;
  #leaving = 0;
  /** Of those: bytes whose holders were cut once more, which are free when the turn is over. */
  #hurried = 0;
  #cuts = 0;
  #isScheduled = false;
  /** One for all accounts, of which most idle. */
  readonly #totals: BudgetTotals = {
    count: (bytes) => this.#count(bytes),
    hold: (buffer) => this.#hold(buffer),
    release: (buffer) => this.#release(buffer),
    leave: (bytes) => (this.#leaving += bytes),
    hurry: (bytes) => (this.#hurried += bytes),
    forget: (account) => {
      this.#accounts.delete(account);
      this.#leavers.delete(account);
    },
  };

  constructor(options: MemoryBudgetOptions) {
    this.limit = options.limit;
    this.#options = options;
  }

  /** Bytes that all accounts hold together. */
  get used(): number {
    return this.#used;
  }

  /** Holders that were cut so far. */
  get cuts(): number {
    return this.#cuts;
  }

  open(holder: MemoryHolder): MemoryAccount {
    const account = new Account(holder, this.#totals);
    this.#accounts.add(account);
    return account;
  }

  /** What counts against the limit: all but what is about to go, as far as that may fill the memory. */
  get #pressing(): number {
    return this.#used - this.#hurried - Math.min(this.#leaving - this.#hurried, this.limit * MAX_LEAVING);
  }

  /** Cutting ends here. */
  get #goal(): number {
    return this.limit * (1 - HEADROOM);
  }

  #count(bytes: number): void {
    this.#used += bytes;
    if (this.#pressing > this.limit) this.#scheduleCuts();
  }

  #hold(buffer: ArrayBufferLike): void {
    const known = this.#shared.get(buffer);
    if (known !== undefined) {
      known.holds += 1;
      return;
    }
    this.#shared.set(buffer, { holds: 1, bytes: buffer.byteLength });
    this.#count(buffer.byteLength);
  }

  #release(buffer: ArrayBufferLike): void {
    const known = this.#shared.get(buffer);
    if (known === undefined) return;
    known.holds -= 1;
    if (known.holds > 0) return;
    this.#shared.delete(buffer);
    this.#count(-known.bytes);
  }

  #scheduleCuts(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.schedule(() => {
      this.#isScheduled = false;
      this.#cutLargest();
    });
  }

  /** One look at all accounts, largest first, until enough is free. */
  #cutLargest(): void {
    if (this.#pressing <= this.limit) return;
    this.#hurryLeaving();
    const largest = [...this.#accounts].filter(({ staying }) => staying > 0);
    largest.sort((one, other) => other.staying - one.staying);
    // A holder that stays was asked to stop growing: no other pays for what it holds, and the next overflow cuts it again.
    let excused = 0;
    let cuts = 0;
    for (const account of largest.slice(0, MAX_CUTS)) {
      if (this.#pressing - excused <= this.#goal) return;
      if (account.staying === 0) continue; // gone with one that was cut before it
      const { bytes } = account;
      this.#cuts += 1;
      cuts += 1;
      if (account.cut()) excused += account.bytes;
      else if (account.staying < account.bytes) this.#leavers.add(account);
      this.#options.onCut?.(bytes);
      this.#hurryLeaving();
    }
    // A look that found no holder to cut is the last one: the next byte that is counted asks again.
    if (cuts > 0 && this.#pressing - excused > this.limit) this.#scheduleCuts();
  }

  /** Cuts those once more that have been about to go for longest, where the memory needs it. */
  #hurryLeaving(): void {
    for (const account of this.#leavers) {
      if (this.#pressing <= this.#goal || this.#leaving - this.#hurried <= this.limit * MAX_LEAVING) return;
      this.#leavers.delete(account);
      account.hurry();
    }
  }
}

/** What an account tells its budget. */
interface BudgetTotals {
  count(bytes: number): void;
  hold(buffer: ArrayBufferLike): void;
  release(buffer: ArrayBufferLike): void;
  /** So many more bytes are about to go. */
  leave(bytes: number): void;
  /** So many more of them go when the turn is over. */
  hurry(bytes: number): void;
  forget(account: Account): void;
}

class Account implements MemoryAccount, SlotSetMember {
  slot = NO_SLOT;
  readonly #holder: MemoryHolder;
  readonly #totals: BudgetTotals;
  #bytes = 0;
  /** Bytes that are this account's alone. */
  #own = 0;
  /** How often it holds each shared buffer. Made for the first one, since most accounts hold none. */
  #shared: Map<ArrayBufferLike, number> | undefined;
  /** Bytes that are about to go since the account was cut. */
  #leaving = 0;
  #isHurried = false;
  #isClosed = false;

  constructor(holder: MemoryHolder, totals: BudgetTotals) {
    this.#holder = holder;
    this.#totals = totals;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What another cut could free. */
  get staying(): number {
    return this.#bytes - this.#leaving;
  }

  add(bytes: number): void {
    if (this.#isClosed) return;
    this.#own += bytes;
    this.#change(bytes);
    this.#totals.count(bytes);
  }

  hold(data: Uint8Array, ownBytes = 0): void {
    if (data.length < SHARED_BYTES) return this.add(data.length + ownBytes);
    this.add(ownBytes);
    if (this.#isClosed) return;
    const { buffer } = data;
    const shared = (this.#shared ??= new Map<ArrayBufferLike, number>());
    shared.set(buffer, (shared.get(buffer) ?? 0) + 1);
    this.#change(data.length);
    this.#totals.hold(buffer);
  }

  release(data: Uint8Array, ownBytes = 0): void {
    if (data.length < SHARED_BYTES) return this.add(-data.length - ownBytes);
    this.add(-ownBytes);
    const { buffer } = data;
    const holds = this.#shared?.get(buffer);
    if (this.#isClosed || holds === undefined) return;
    if (holds > 1) this.#shared?.set(buffer, holds - 1);
    else this.#shared?.delete(buffer);
    this.#change(-data.length);
    this.#totals.release(buffer);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#change(-this.#bytes);
    this.#totals.count(-this.#own);
    for (const [buffer, holds] of this.#shared ?? []) {
      for (let hold = 0; hold < holds; hold++) this.#totals.release(buffer);
    }
    this.#shared = undefined;
    this.#totals.forget(this);
  }

  /** Returns whether the holder goes on holding. */
  cut(): boolean {
    const isStaying = this.#holder.cut() === "stays";
    if (!isStaying) this.#setLeaving(this.#bytes);
    return isStaying;
  }

  /** The holder that was cut has to let go of everything now. */
  hurry(): void {
    this.#isHurried = true;
    this.#totals.hurry(this.#leaving);
    this.#holder.cut();
  }

  #change(bytes: number): void {
    this.#bytes += bytes;
    if (this.#leaving > this.#bytes) this.#setLeaving(this.#bytes);
  }

  #setLeaving(bytes: number): void {
    const more = bytes - this.#leaving;
    this.#totals.leave(more);
    if (this.#isHurried) this.#totals.hurry(more);
    this.#leaving = bytes;
  }
}
