/**
 * Counts by network what is limited: connections, rooms. While little is left, the network that holds the most gets no more, so that the last
 * tenth is for others; and what it holds idle gives way to them.
 */
import { NO_SLOT, SlotSet, type SlotSetMember } from "../room/slot-set.ts";
import { siteOf } from "./ip-prefix.ts";

export interface NetworkLedgerOptions<Holding> {
  /** How many there are. */
  readonly capacity: number;
  /** In which order holdings give way, 0 first; `undefined` for one that is in use. `heldMs` says how long it has been held. */
  readonly idleRank: (holding: Holding, heldMs: number) => number | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** One holding in a ledger, which its holder keeps to leave by. */
export class LedgerEntry<Holding> implements SlotSetMember {
  readonly holding: Holding;
  readonly network: string;
  readonly address: string;
  readonly enteredAt: number;
  /** A later one has a larger number. */
  readonly number: number;
  slot = NO_SLOT;

  constructor(holding: Holding, address: string, enteredAt: number, number: number) {
    this.holding = holding;
    this.network = siteOf(address);
    this.address = address;
    this.enteredAt = enteredAt;
    this.number = number;
  }

  get isIn(): boolean {
    return this.slot !== NO_SLOT;
  }
}

/** What is kept for others once a network holds the most of all, as a share of the capacity. */
const RESERVE_SHARE = 10;
/** A network that holds less than this share, or less than two, is never held back and gives nothing up. */
const SMALL_SHARE = 100;
/** Idle holdings that one search finds, and how long its result is used, so that many refused newcomers cost little. */
const MAX_FOUND = 1_000;
const SEARCH_EVERY_MS = 1_000;

export class NetworkLedger<Holding extends object> {
  readonly #options: NetworkLedgerOptions<Holding>;
  #size = 0;
  #entered = 0;
  /** Of networks (of IPv6 the largest, `siteOf`), in the order in which they came. */
  readonly #byNetwork = new Map<string, SlotSet<LedgerEntry<Holding>>>();
  /** What the last search found; the one that gives way first stands last. */
  #idle: LedgerEntry<Holding>[] = [];
  #searchedAt = Number.NEGATIVE_INFINITY;

  constructor(options: NetworkLedgerOptions<Holding>) {
    this.#options = options;
  }

  /** Whether one more may be held from this address, as things are. */
  hasPlaceFor(address: string): boolean {
    const { capacity } = this.#options;
    const free = capacity - this.#size;
    if (free <= 0) return false;
    if (free > Math.floor(capacity / RESERVE_SHARE)) return true;
    const held = this.#countOf(siteOf(address));
    if (held < this.#smallCount) return true;
    for (const entries of this.#byNetwork.values()) if (entries.size > held) return true;
    return false;
  }

  /**
   * What gives way to this address where it has no place: what is idle in the largest network, or in the next one that is no
   * smaller than the address's own. The caller ends it and takes its entry out (`leave`).
   */
  idleHoldingFor(address: string): Holding | undefined {
    const own = this.#countOf(siteOf(address));
    if (this.#idle.length === 0) this.#search();
    for (let entry = this.#idle.at(-1); entry !== undefined; entry = this.#idle.at(-1)) {
      if (this.#countOf(entry.network) < own) return undefined;
      if (entry.isIn && this.#rankOf(entry) !== undefined) return entry.holding;
      this.#idle.pop();
    }
    return undefined;
  }

  /** All that is held from addresses that match. */
  heldFrom(matches: (address: string) => boolean): readonly Holding[] {
    const found: Holding[] = [];
    for (const entries of this.#byNetwork.values()) {
      for (const { holding, address } of entries) if (matches(address)) found.push(holding);
    }
    return found;
  }

  /** @returns what it leaves by */
  enter(holding: Holding, address: string): LedgerEntry<Holding> {
    this.#entered += 1;
    const entry = new LedgerEntry(holding, address, this.#options.now(), this.#entered);
    let entries = this.#byNetwork.get(entry.network);
    if (entries === undefined) this.#byNetwork.set(entry.network, (entries = new SlotSet()));
    entries.add(entry);
    this.#size += 1;
    return entry;
  }

  /** Safe twice, and for none. */
  leave(entry: LedgerEntry<Holding> | undefined): void {
    if (entry === undefined) return;
    const entries = this.#byNetwork.get(entry.network);
    if (entries?.delete(entry) !== true) return;
    this.#size -= 1;
    if (entries.size === 0) this.#byNetwork.delete(entry.network);
  }

  get #smallCount(): number {
    return Math.max(2, Math.ceil(this.#options.capacity / SMALL_SHARE));
  }

  #countOf(network: string): number {
    return this.#byNetwork.get(network)?.size ?? 0;
  }

  #rankOf({ holding, enteredAt }: LedgerEntry<Holding>): number | undefined {
    return this.#options.idleRank(holding, this.#options.now() - enteredAt);
  }

  /** Looks for what is idle in the largest networks, once a second at most. */
  #search(): void {
    const now = this.#options.now();
    if (now - this.#searchedAt < SEARCH_EVERY_MS) return;
    this.#searchedAt = now;
    const networks = [...this.#byNetwork.values()].filter(({ size }) => size >= this.#smallCount);
    const found: LedgerEntry<Holding>[] = [];
    for (const entries of networks.toSorted((one, other) => other.size - one.size)) {
      found.push(...this.#idleOf(entries, MAX_FOUND - found.length));
      if (found.length >= MAX_FOUND) break;
    }
    this.#idle = found.toReversed();
  }

  /** The idle ones of one network, those of the lowest rank first, of each rank those that came first. */
  #idleOf(entries: Iterable<LedgerEntry<Holding>>, most: number): readonly LedgerEntry<Holding>[] {
    const ranks: LedgerEntry<Holding>[][] = [];
    for (const entry of entries) {
      const rank = this.#rankOf(entry);
      if (rank !== undefined) (ranks[rank] ??= []).push(entry);
    }
    for (const rank of ranks) rank?.sort((one, other) => one.number - other.number);
    return ranks.flat().slice(0, most);
  }
}
