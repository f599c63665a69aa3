/**
 * What a directory holds, and every rule of it, in one process: each call is one step, and time comes from outside. `MemoryDirectory` answers with it;
 * the model of claims and fences in test/unit/cluster searches all orders of its calls.
 */
import { CALL_CHECKS } from "../checked-directory.ts";
import { MAX_ALIASES, NAME_KEPT_LEASES, noLease } from "../directory-limits.ts";
import type { DirectoryEntry, DirectoryTerms, NodeId } from "../ports.ts";

/** Entries of one directory: as many as there are room codes, and as many channels and open rooms again, several times. */
const MAX_ENTRIES = 500_000;
/** Bytes of all records and keys. */
const MAX_BYTES = 256 * 1_024 * 1_024;
/** What an entry or an alias costs besides its text and its record. */
const EACH_BYTES = 256;

interface Entry {
  readonly key: string;
  home: NodeId;
  fence: number;
  record: Uint8Array;
  /** Forgotten from then on. */
  keptUntil: number;
  /** The oldest first. */
  readonly aliases: Set<string>;
}

export class DirectoryTable {
  readonly #terms: DirectoryTerms;
  readonly #now: () => number;
  readonly #beganAt: number;
  /** Until when the lease of each node stands. Those renewed last are last; the name of one that is over stays for a while. */
  readonly #leases = new Map<NodeId, number>();
  /** Those saved last are last. */
  readonly #entries = new Map<string, Entry>();
  /** An alias holds the entry itself: a later entry of the same key is not meant. */
  readonly #aliases = new Map<string, Entry>();
  #bytes = 0;

  constructor(terms: DirectoryTerms, now: () => number) {
    this.#terms = terms;
    this.#now = now;
    this.#beganAt = now();
  }

  enrol(node: NodeId): boolean {
    CALL_CHECKS.enrol(node);
    this.#forgetOldNames();
    if (this.#leases.has(node)) return false;
    this.#prolong(node);
    return true;
  }

  renew(node: NodeId): boolean {
    CALL_CHECKS.renew(node);
    this.#forgetOldNames();
    if (!this.#isAlive(node)) return false;
    this.#prolong(node);
    return true;
  }

  resign(node: NodeId): void {
    CALL_CHECKS.resign(node);
    if (this.#isAlive(node)) this.#leases.set(node, this.#now());
  }

  nodes(): readonly NodeId[] {
    return [...this.#leases.keys()].filter((node) => this.#isAlive(node));
  }

  claim(node: NodeId, entries: readonly { readonly key: string; readonly record: Uint8Array }[]): readonly string[] {
    CALL_CHECKS.claim(node, entries);
    this.#requireLease(node);
    this.#forgetOldEntries();
    const claimed: string[] = [];
    for (const { key, record } of entries) {
      if (this.#entries.has(key)) continue;
      this.#add(key, node, 1, record);
      claimed.push(key);
    }
    return claimed;
  }

  find(key: string): DirectoryEntry | undefined {
    CALL_CHECKS.find(key);
    const entry = this.#entry(key);
    return entry && this.#seen(entry);
  }

  takeOver(node: NodeId, key: string, seenFence: number): DirectoryEntry | undefined {
    CALL_CHECKS.takeOver(node, key, seenFence);
    this.#requireLease(node);
    const entry = this.#entry(key);
    if (entry === undefined) return undefined;
    if (entry.fence !== seenFence) return undefined;
    if (this.#isAlive(entry.home)) return undefined;
    return this.#moveTo(node, entry, entry.record);
  }

  reclaim(
    node: NodeId,
    {
      key,
      record,
      fence,
      formerly,
    }: { readonly key: string; readonly record: Uint8Array; readonly fence: number; readonly formerly: NodeId },
  ): DirectoryEntry | undefined {
    CALL_CHECKS.reclaim(node, { key, record, fence, formerly });
    this.#requireLease(node);
    const entry = this.#entry(key);
    if (entry === undefined) return this.#seen(this.#add(key, node, fence + 1, record));
    // The answer to the first of two such calls was lost.
    if (entry.home === node && entry.fence === fence + 1) return this.#seen(entry);
    if (entry.home !== formerly) return undefined;
    if (entry.fence !== fence) return undefined;
    return this.#moveTo(node, entry, record);
  }

  save(node: NodeId, key: string, fence: number, record: Uint8Array): boolean {
    CALL_CHECKS.save(node, key, fence, record);
    const entry = this.#owned(node, key, fence);
    if (entry === undefined) return false;
    this.#write(entry, record);
    return true;
  }

  release(node: NodeId, key: string, fence: number): void {
    CALL_CHECKS.release(node, key, fence);
    const entry = this.#owned(node, key, fence);
    if (entry !== undefined) this.#forget(entry);
  }

  alias(alias: string, key: string): void {
    CALL_CHECKS.alias(alias, key);
    const entry = this.#entry(key);
    if (entry === undefined) return;
    this.#dropAlias(alias);
    this.#count(costOf(alias));
    this.#aliases.set(alias, entry);
    entry.aliases.add(alias);
    const [oldest] = entry.aliases;
    if (entry.aliases.size > MAX_ALIASES && oldest !== undefined) this.#dropAlias(oldest);
  }

  unalias(alias: string, key: string): void {
    CALL_CHECKS.unalias(alias, key);
    if (this.#aliases.get(alias)?.key === key) this.#dropAlias(alias);
  }

  resolve(alias: string): string | undefined {
    CALL_CHECKS.resolve(alias);
    const key = this.#aliases.get(alias)?.key;
    return key === undefined || this.#entry(key) === undefined ? undefined : key;
  }

  age(): number {
    return this.#now() - this.#beganAt;
  }

  /** Milliseconds that each lease has left, of those that stand. */
  leases(): ReadonlyMap<NodeId, number> {
    return new Map(this.nodes().map((node) => [node, (this.#leases.get(node) ?? 0) - this.#now()]));
  }

  #isAlive(node: NodeId): boolean {
    const until = this.#leases.get(node);
    return until !== undefined && this.#now() < until;
  }

  #requireLease(node: NodeId): void {
    if (!this.#isAlive(node)) throw noLease(node);
  }

  #prolong(node: NodeId): void {
    this.#leases.delete(node);
    this.#leases.set(node, this.#now() + this.#terms.leaseMs);
  }

  #forgetOldNames(): void {
    const before = this.#now() - NAME_KEPT_LEASES * this.#terms.leaseMs;
    for (const [node, until] of this.#leases) {
      if (until > before) return;
      this.#leases.delete(node);
    }
  }

  #forgetOldEntries(): void {
    for (const entry of this.#entries.values()) {
      if (this.#now() < entry.keptUntil) return;
      this.#forget(entry);
    }
  }

  #entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#now() < entry.keptUntil) return entry;
    this.#forget(entry);
    return undefined;
  }

  /** The entry, if it is this node's with that fence. Its lease may be over: until another takes it, what it writes is the newest. */
  #owned(node: NodeId, key: string, fence: number): Entry | undefined {
    const entry = this.#entry(key);
    if (entry?.home !== node) return undefined;
    if (entry.fence !== fence) return undefined;
    return entry;
  }

  #add(key: string, home: NodeId, fence: number, record: Uint8Array): Entry {
    if (this.#entries.size >= MAX_ENTRIES) throw new Error(`The directory is full: it holds ${MAX_ENTRIES} entries.`);
    this.#count(costOf(key) + record.length);
    const entry = { key, home, fence, record: record.slice(), keptUntil: 0, aliases: new Set<string>() };
    this.#keep(entry);
    return entry;
  }

  #moveTo(node: NodeId, entry: Entry, record: Uint8Array): DirectoryEntry {
    this.#write(entry, record);
    entry.home = node;
    entry.fence += 1;
    return this.#seen(entry);
  }

  #write(entry: Entry, record: Uint8Array): void {
    this.#count(record.length - entry.record.length);
    entry.record = record.slice();
    this.#keep(entry);
  }

  #keep(entry: Entry): void {
    entry.keptUntil = this.#now() + this.#terms.keepMs;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
  }

  #forget(entry: Entry): void {
    this.#count(-costOf(entry.key) - entry.record.length);
    this.#entries.delete(entry.key);
    for (const alias of entry.aliases) this.#dropAlias(alias);
  }

  #dropAlias(alias: string): void {
    const entry = this.#aliases.get(alias);
    if (entry === undefined) return;
    this.#count(-costOf(alias));
    this.#aliases.delete(alias);
    entry.aliases.delete(alias);
  }

  #seen({ home, fence, record }: Entry): DirectoryEntry {
    return { home, isAlive: this.#isAlive(home), fence, record: record.slice() };
  }

  #count(bytes: number): void {
    if (bytes > 0 && this.#bytes + bytes > MAX_BYTES) {
      throw new Error(`The directory is full: its records fill ${MAX_BYTES} bytes.`);
    }
    this.#bytes += bytes;
  }
}

function costOf(text: string): number {
  return EACH_BYTES + 2 * text.length;
}
