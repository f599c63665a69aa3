/**
 * What is at home at this node: claims it in the directory, keeps its records there up to date, finds the home of the rest, and takes over what a lost node
 * has left. Knows keys and records, not what they stand for.
 */
import type { Cancel, Clock } from "../room/ports.ts";
import { digestOf, NOTHING, newHolding, recordOf, type Holding, type Tenant } from "./holding.ts";
import type { Directory, DirectoryEntry, DirectoryTerms, NodeId } from "./ports.ts";
import { Releases } from "./releases.ts";

/** Where something is at home. */
export type Whereabouts =
  | { readonly at: "here"; readonly tenant: Tenant | undefined }
  /** `record`: what the directory keeps of it. */
  | { readonly at: "elsewhere"; readonly home: NodeId; readonly record?: Uint8Array }
  /** Its home was lost, and it is this node's now: with this record it can go on. `settle` gives it its tenant. */
  | { readonly at: "orphaned"; readonly record: Uint8Array }
  /** Its home was lost, and it was left there: this node cannot go on with it, or it is not to. Another node may. */
  | { readonly at: "lost"; readonly home: NodeId; readonly record: Uint8Array }
  /** Its home was lost, and it goes with what is under this key, which is to be found first. */
  | { readonly at: "with"; readonly key: string }
  | { readonly at: "nowhere" }
  /** The directory has begun anew, and may not know it yet; or its home may be about to come back. */
  | { readonly at: "unknown" };

export interface HomesOptions {
  readonly directory: Directory;
  readonly terms: DirectoryTerms;
  readonly clock: Pick<Clock, "now" | "after">;
  /** The life that this node has now. */
  readonly node: () => NodeId | undefined;
  /** The key that a record says this goes with, if it says one. */
  readonly companionOf: (record: Uint8Array) => string | undefined;
  readonly onFailure: (error: unknown) => void;
}

/** The directory cannot be asked now. */
export class DirectoryAwayError extends Error {
  override readonly name = "DirectoryAwayError";
}

/** Milliseconds between two writes of one record. */
const SAVE_GAP_MS = 200;
/** Milliseconds before a record is written again that could not be. */
const SAVE_AGAIN_MS = 1_000;
/** Each record is written so often within the time for which the directory keeps it. */
const TOUCHES = 3;
/** Tries to find something that changes its home meanwhile. */
const MAX_TRIES = 3;
const MAX_UNANSWERED = 10_000;
const MAY_BE_ANOTHERS =
  "The directory has begun anew, and other nodes have the time of a lease to write there what they have.";
const MAY_COME_BACK = "Its home may have been cut off as this node was, and has the time of a lease to come back.";
/** Holdings that are claimed again at one time in a new life. */
const AT_ONCE = 64;

export class Homes {
  readonly #options: HomesOptions;
  readonly #holdings = new Map<string, Holding>();
  /** Claims under way, by key. */
  readonly #claiming = new Map<string, number>();
  /** Take-overs under way, by key. */
  readonly #finding = new Map<string, Promise<Whereabouts>>();
  /** Keys that this node may have taken over, by a call whose answer was lost. */
  readonly #unanswered = new Set<string>();
  /** The directory is certain to know all that there is; until then it is asked. */
  #isSettled = false;
  /** Until then nothing is taken over, in milliseconds of the clock. */
  #takesOverFrom = -Infinity;
  #stopTouching: Cancel | undefined;
  readonly #releases: Releases;
  #isClosed = false;

  constructor(options: HomesOptions) {
    this.#options = options;
    this.#releases = new Releases({
      ...options,
      isHeld: (key) => this.#holdings.has(key),
      isClaimed: (key) => this.#claiming.has(key),
    });
    this.#touchLater();
  }

  /** Keys that are kept here. */
  get size(): number {
    return this.#holdings.size;
  }

  /** Claims these keys; returns those that nothing had. Rejects with `DirectoryAwayError` where the directory may not know yet what others have. */
  async claim(
    keys: readonly string[],
    tenantOf: (key: string) => Tenant | undefined = () => undefined,
  ): Promise<readonly string[]> {
    if (this.#mayComeBack && !(await this.isCertain())) throw new DirectoryAwayError(MAY_BE_ANOTHERS);
    const life = this.#life();
    const entries = keys.map((key) => ({ key, record: tenantOf(key)?.record() ?? NOTHING }));
    for (const key of keys) this.#claiming.set(key, (this.#claiming.get(key) ?? 0) + 1);
    let isAnswered = false;
    try {
      const claimed = await this.#options.directory.claim(life, entries);
      isAnswered = true;
      for (const key of claimed) this.#hold(key, life, 1, tenantOf(key));
      return claimed;
    } finally {
      for (const key of keys) this.#claimed(key);
      // It may have been done: a key that is this node's in the directory alone would be nowhere, and no node could have it.
      if (!isAnswered) for (const key of keys) this.#releases.releaseUnlessHeld({ life, key, fence: 1 });
    }
  }

  /** Makes the key this node's, for this tenant, also where a lost node has left it. `false`: it is another's. */
  async obtain(key: string, tenant?: Tenant): Promise<boolean> {
    await this.#releases.answered(key); // until then the directory has it as this node's
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (this.#holdings.has(key) || (await this.claim([key], () => tenant)).length > 0) return true;
      const life = this.#life();
      const entry = await this.#options.directory.find(key);
      if (this.#holdings.has(key)) return true;
      if (entry === undefined) continue; // it was let go meanwhile
      if (entry.isAlive && entry.home !== life) return false;
      if (!entry.isAlive && this.#mayComeBack) throw new DirectoryAwayError(MAY_COME_BACK);
      // An entry of this life that is not held is one whose claim, taking over or release was not answered.
      const taken = entry.isAlive ? entry : await this.#takeOver(life, key, entry.fence);
      if (taken === undefined) continue;
      this.#hold(key, life, taken.fence, tenant);
      return true;
    }
    return false;
  }

  /** What is behind this key from now on; it is kept here already. */
  settle(key: string, tenant: Tenant): void {
    const holding = this.#holdings.get(key);
    if (holding === undefined) return;
    holding.tenant = tenant;
    holding.inherited = undefined;
    this.changed(key);
  }

  /** Another name under which what is behind this key is found, for as long as something is. Safe twice. */
  alias(key: string, alias: string): void {
    const holding = this.#holdings.get(key);
    if (holding !== undefined) this.#addAlias(holding, alias);
  }

  /** Nothing is behind this key any more, but it is kept. */
  vacate(key: string): void {
    const holding = this.#holdings.get(key);
    if (holding === undefined) return;
    holding.tenant = undefined;
    holding.inherited = undefined;
    this.#dropAliases(holding);
    this.changed(key);
  }

  /** What is behind it has changed: its record is written soon. */
  changed(key: string): void {
    const holding = this.#holdings.get(key);
    if (holding === undefined) return;
    holding.isChanged = true;
    this.#saveSoon(holding);
  }

  has(key: string): boolean {
    return this.#holdings.has(key);
  }

  /** Whether the key is kept here, and nothing is behind it. */
  isVacant(key: string): boolean {
    const holding = this.#holdings.get(key);
    return holding !== undefined && holding.tenant === undefined && holding.inherited === undefined;
  }

  /** What is behind this key, if anything is. */
  tenantOf(key: string): Tenant | undefined {
    return this.#holdings.get(key)?.tenant;
  }

  /** Lets go of a key: any node may claim it. */
  release(key: string): void {
    if (this.#isClosed) return; // what is here by now is for other nodes to take over
    const holding = this.#forget(key);
    if (holding === undefined) return;
    this.#dropAliases(holding);
    this.#releases.release({ key, life: holding.life, fence: holding.fence });
  }

  /** One claim of this key is answered. */
  #claimed(key: string): void {
    const left = (this.#claiming.get(key) ?? 1) - 1;
    if (left > 0) this.#claiming.set(key, left);
    else this.#claiming.delete(key);
  }

  /**
   * Where this is at home. What a lost node has left is taken over, where `mayTake` says that this node can go on with it. Rejects with `DirectoryAwayError` where
   * the directory cannot say.
   */
  find(key: string, mayTake: (record: Uint8Array) => boolean = () => true): Promise<Whereabouts> {
    const under = this.#finding.get(key);
    if (under !== undefined) return under;
    const finding = this.#find(key, mayTake).finally(() => this.#finding.delete(key));
    this.#finding.set(key, finding);
    return finding;
  }

  /** The key that this alias stands for. */
  resolve(alias: string): Promise<string | undefined> {
    return this.#options.directory.resolve(alias);
  }

  /** The directory was away, or this node has a new life: it may have lost what it knew. */
  doubt(): void {
    this.#isSettled = false;
  }

  /**
   * This node was cut off from the directory, and other homes may have been as well, so their leases may be over though they play on. They get the time of a lease to
   * come back: until then this node takes nothing over, and claims nothing where the directory has begun anew.
   */
  awaitHomes(): void {
    const { clock, terms } = this.#options;
    this.#takesOverFrom = clock.now() + terms.leaseMs;
  }

  get #mayComeBack(): boolean {
    return this.#options.clock.now() < this.#takesOverFrom;
  }

  /** Whether what the directory does not know is nowhere. */
  async isCertain(): Promise<boolean> {
    if (this.#isSettled) return true;
    const { directory, terms } = this.#options;
    this.#isSettled = (await directory.age()) >= terms.leaseMs;
    return this.#isSettled;
  }

  /** In a new life of this node: claims again what was at home here. What is another's by now ends. It stops where that life is over, too: the next one claims all of it. */
  async reclaim(): Promise<void> {
    this.doubt();
    const life = this.#life();
    const isOver = (): boolean => this.#isClosed || this.#options.node() !== life;
    const all = [...this.#holdings.values()];
    for (let first = 0; first < all.length && !isOver(); first += AT_ONCE)
      await Promise.all(all.slice(first, first + AT_ONCE).map((holding) => this.#reclaimOrLater(holding)));
  }

  /** One that cannot be claimed now does not keep the others from it: it is tried again as a record that has changed. */
  async #reclaimOrLater(holding: Holding): Promise<void> {
    try {
      await this.#reclaim(holding);
    } catch (error) {
      this.#options.onFailure(error);
      holding.savedAt = this.#options.clock.now() + SAVE_AGAIN_MS - SAVE_GAP_MS;
      holding.isChanged = true;
      this.#saveSoon(holding);
    }
  }

  /** Writes what has not been written, and stops. What is at home here stays in the directory, for other nodes to take over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTouching?.();
    this.#releases.close();
    const all = [...this.#holdings.values()];
    for (const holding of all) holding.cancelSave?.();
    await Promise.all(all.filter(({ isChanged }) => isChanged).map((holding) => this.#save(holding)));
  }

  async #find(key: string, mayTake: (record: Uint8Array) => boolean): Promise<Whereabouts> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const own = this.#holdings.get(key);
      if (own !== undefined) return hereOf(own);
      const { directory } = this.#options;
      const life = this.#life();
      const entry = await directory.find(key);
      if (entry === undefined) return { at: (await this.isCertain()) ? "nowhere" : "unknown" };
      // Whether something is behind an entry its home knows best. One of this life that is not held is being released.
      if (entry.isAlive && entry.home !== life) return { at: "elsewhere", home: entry.home, record: entry.record };
      if (!entry.isAlive && this.#mayComeBack) return { at: "unknown" };
      const isOwn = entry.isAlive && this.#unanswered.has(key);
      if ((entry.isAlive && !isOwn) || entry.record.length === 0) return { at: "nowhere" };
      const companion = this.#options.companionOf(entry.record);
      if (companion !== undefined) return { at: "with", key: companion };
      if (!isOwn && !mayTake(entry.record)) return { at: "lost", home: entry.home, record: entry.record };
      const taken = isOwn ? entry : await this.#takeOver(life, key, entry.fence);
      if (taken === undefined) continue;
      const holding = this.#hold(key, life, taken.fence, undefined);
      holding.inherited = taken.record;
      return hereOf(holding);
    }
    return { at: "unknown" };
  }

  async #takeOver(life: NodeId, key: string, fence: number): Promise<DirectoryEntry | undefined> {
    try {
      return await this.#options.directory.takeOver(life, key, fence);
    } catch (error) {
      if (this.#unanswered.size < MAX_UNANSWERED) this.#unanswered.add(key);
      throw error;
    }
  }

  #life(): NodeId {
    const life = this.#options.node();
    if (life === undefined) throw new DirectoryAwayError("This node has not reached the directory yet.");
    return life;
  }

  #hold(key: string, life: NodeId, fence: number, tenant: Tenant | undefined): Holding {
    const known = this.#holdings.get(key);
    if (known?.life === life && known.fence === fence) {
      known.tenant ??= tenant; // two calls have found the same
      return known;
    }
    const holding = newHolding({ key, life, fence, tenant, now: this.#options.clock.now() });
    this.#holdings.set(key, holding);
    this.#unanswered.delete(key);
    // The answer came so late that this node has another life by now.
    if (life !== this.#options.node()) this.changed(key);
    return holding;
  }

  #forget(key: string): Holding | undefined {
    const holding = this.#holdings.get(key);
    holding?.cancelSave?.();
    this.#holdings.delete(key);
    return holding;
  }

  #addAlias(holding: Holding, alias: string): void {
    if (holding.aliases.has(alias)) return;
    holding.aliases.add(alias);
    this.#options.directory.alias(alias, holding.key).catch((error: unknown) => {
      holding.aliases.delete(alias);
      this.#options.onFailure(error);
    });
  }

  #dropAliases(holding: Holding): void {
    const { directory, onFailure } = this.#options;
    for (const alias of holding.aliases) directory.unalias(alias, holding.key).catch(onFailure);
    holding.aliases.clear();
  }

  #saveSoon(holding: Holding): void {
    if (holding.cancelSave !== undefined || holding.isSaving || this.#isClosed) return;
    const { clock } = this.#options;
    const waitMs = Math.max(0, holding.savedAt + SAVE_GAP_MS - clock.now());
    holding.cancelSave = clock.after(waitMs, () => {
      holding.cancelSave = undefined;
      void this.#save(holding);
    });
  }

  async #save(holding: Holding): Promise<void> {
    const { clock, onFailure } = this.#options;
    const { key, life, fence } = holding;
    holding.isChanged = false;
    holding.isSaving = true;
    holding.savedAt = clock.now();
    let isOurs = true;
    try {
      // What is of a life that is over belongs to any node that is faster, until it is claimed again.
      if (life === this.#options.node()) isOurs = await this.#write(holding);
      else {
        await this.#reclaim(holding);
        holding.written = undefined;
        holding.isChanged = true; // another claim of it may have been under way, with an older record
      }
      if (!isOurs && life === this.#options.node()) isOurs = await this.#putBack(holding);
    } catch (error) {
      onFailure(error);
      holding.isChanged = true;
      holding.savedAt = clock.now() + SAVE_AGAIN_MS - SAVE_GAP_MS;
    }
    holding.isSaving = false;
    if (this.#holdings.get(key) !== holding) return;
    const isOfThisLife = holding.life === life && holding.fence === fence;
    if (!isOurs && isOfThisLife && life === this.#options.node()) return this.#lose(holding);
    if (!isOurs) holding.isChanged = true; // the node is about to claim it again
    if (holding.isChanged) this.#saveSoon(holding);
  }

  /** Gives the directory the record, unless it has it. `false`: the key is another's by now. */
  async #write(holding: Holding): Promise<boolean> {
    const { directory, clock } = this.#options;
    const { key, life, fence } = holding;
    const record = recordOf(holding);
    const digest = digestOf(record);
    if (digest === holding.written) return true;
    holding.written = undefined; // if the answer is lost, it may have either
    const isOurs = await directory.save(life, key, fence, record);
    if (!isOurs || holding.life !== life || holding.fence !== fence) return isOurs;
    holding.writtenAt = clock.now();
    holding.written = digest;
    return true;
  }

  /** The directory has lost the entry alone, as one that may evict keys does: it is this node's still, unless it is another's by now. */
  async #putBack(holding: Holding): Promise<boolean> {
    const { key, life, fence } = holding;
    const entry = { key, record: recordOf(holding), fence, formerly: life };
    const back = await this.#options.directory.reclaim(life, entry);
    if (back === undefined || this.#holdings.get(key) !== holding) return back !== undefined;
    holding.fence = back.fence;
    holding.written = undefined;
    return true;
  }

  #lose(holding: Holding): void {
    this.#forget(holding.key);
    holding.tenant?.lost();
  }

  async #reclaim(holding: Holding): Promise<void> {
    const life = this.#life();
    const { key, fence, life: formerly } = holding;
    if (formerly === life || this.#holdings.get(key) !== holding) return;
    const entry = { key, record: recordOf(holding), fence, formerly };
    const reclaimed = await this.#options.directory.reclaim(life, entry);
    if (this.#holdings.get(key) !== holding) {
      // It was released meanwhile, under its former life.
      if (reclaimed !== undefined) await this.#options.directory.release(life, key, reclaimed.fence);
      return;
    }
    if (reclaimed === undefined) return this.#lose(holding);
    holding.life = life;
    holding.fence = reclaimed.fence;
    holding.written = undefined;
    const aliases = [...holding.aliases];
    holding.aliases.clear();
    for (const alias of aliases) this.#addAlias(holding, alias);
  }

  /** Writes each record from time to time, though it has not changed: the directory forgets what is never written. */
  #touchLater(): void {
    const { clock, terms } = this.#options;
    const everyMs = terms.keepMs / TOUCHES;
    this.#stopTouching = clock.after(everyMs, () => {
      const now = clock.now();
      for (const holding of this.#holdings.values()) {
        if (now - holding.writtenAt < everyMs / 2) continue;
        if (holding.inherited !== undefined) {
          // No room has come of it for so long.
          if (now - holding.writtenAt >= terms.keepMs) this.release(holding.key);
          continue;
        }
        holding.written = undefined;
        const aliases = [...holding.aliases];
        holding.aliases.clear();
        for (const alias of aliases) this.#addAlias(holding, alias);
        this.changed(holding.key);
      }
      if (!this.#isClosed) this.#touchLater();
    });
  }
}

function hereOf({ tenant, inherited }: Holding): Whereabouts {
  return inherited === undefined ? { at: "here", tenant } : { at: "orphaned", record: inherited };
}
