/**
 * A directory in the key-value buckets of NATS. A lease is a key that the server forgets after `leaseMs`; what changes an entry names the revision that it
 * has read, so that of two only one succeeds.
 *
 * Time: the server's clock alone ends leases and entries. The clock of this process only says how often names and aliases are written again, and for how
 * long after a renewal a lease need not be looked up; it may be wrong by days, but not run much slower than the server's.
 */
import { randomUUID } from "node:crypto";
import { CallLane } from "../call-lane.ts";
import { checkedDirectory } from "../checked-directory.ts";
import { directoryTimeoutMs, MAX_ALIASES, MAX_RUNNING_CALLS, noLease } from "../directory-limits.ts";
import { KeyTurns } from "../key-turns.ts";
import type { Directory, DirectoryEntry, DirectoryTerms, NodeId } from "../ports.ts";
import { RecentTimes } from "../recent-times.ts";
import {
  ALIASES_KEPT_FOR,
  isBucketLost,
  NatsBucketOpener,
  unlessChanged,
  valueIn,
  type NatsBuckets,
} from "./nats-buckets.ts";
import type { NatsConnection } from "./nats-connection.ts";
import { decodeAlias, encodeAlias, encodeEntry } from "./nats-entry.ts";
import { entryIn, isAlive, partOf, untilUnchanged, writeEntry, type HeldEntry } from "./nats-steps.ts";

export interface NatsDirectoryOptions extends DirectoryTerms {
  /** Begins the names of all buckets. */
  readonly prefix: string;
}

/** A directory in the NATS of this connection, which stays its maker's to close. */
export function natsDirectory(connection: Pick<NatsConnection, "current">, options: NatsDirectoryOptions): Directory {
  return checkedDirectory(new NatsDirectory(connection, options));
}

/** A lease does not wait behind what phones ask. */
const URGENT: ReadonlySet<string> = new Set(["enrol", "renew", "resign"]);
/** A name of a node is written again after so many leases. */
const NAME_AGAIN_LEASES = 2;
/** No node can be called so: its name has no dots. */
const CLOCK_KEY = "clock.now";
/** Beside a lease that was given up, whose deleted key stays for the time of a lease. */
const RESIGNED = "resigned.";
const NOTHING = new Uint8Array(0);

class NatsDirectory implements Directory {
  readonly #connection: Pick<NatsConnection, "current">;
  readonly #terms: DirectoryTerms;
  readonly #opener: NatsBucketOpener;
  readonly #lane: CallLane;
  /** What one client does with one entry happens one after the other, so that saves arrive in order. */
  readonly #turns = new KeyTurns();
  /** Revisions of the leases that this client has renewed. */
  readonly #revisions = new Map<NodeId, number>();
  /** When the last renewal that succeeded was asked for. */
  readonly #renewed = new RecentTimes();
  /** When the name of each node was written. */
  readonly #named = new RecentTimes();
  /** When the aliases of each entry were written, by its birth. */
  readonly #aliased = new RecentTimes();
  #isClosed = false;

  constructor(connection: Pick<NatsConnection, "current">, options: NatsDirectoryOptions) {
    const timeoutMs = directoryTimeoutMs(options.leaseMs);
    this.#connection = connection;
    this.#terms = options;
    // The lane notices first that NATS is away, and rejects what waits as well.
    this.#opener = new NatsBucketOpener({ ...options, timeoutMs: 2 * timeoutMs });
    this.#lane = new CallLane({ name: "NATS", maxRunning: MAX_RUNNING_CALLS, timeoutMs });
  }

  async enrol(node: NodeId): Promise<boolean> {
    return this.#run("enrol", NOTHING, async ({ leases, names }) => {
      const askedAt = performance.now();
      if ((await unlessChanged(names.create(node, NOTHING))) === undefined) return false;
      const revision = await unlessChanged(leases.create(node, NOTHING));
      if (revision === undefined) return false;
      this.#revisions.set(node, revision);
      this.#renewed.set(node, askedAt);
      this.#named.set(node, askedAt);
      return true;
    });
  }

  async renew(node: NodeId): Promise<boolean> {
    return this.#run("renew", NOTHING, (buckets) =>
      this.#turns.take(`lease ${node}`, () => this.#renew(buckets, node)),
    );
  }

  async resign(node: NodeId): Promise<void> {
    await this.#run("resign", NOTHING, ({ leases }) =>
      this.#turns.take(`lease ${node}`, async () => {
        this.#forgetNode(node);
        const lease = await valueIn(leases, node);
        if (lease === undefined) return;
        await unlessChanged(leases.delete(node, { previousSeq: lease.revision }));
        await leases.put(RESIGNED + node, NOTHING);
      }),
    );
  }

  async nodes(): Promise<readonly NodeId[]> {
    return this.#run("list nodes", NOTHING, async ({ leaseKeys }) => {
      const keys = new Set(await leaseKeys());
      return [...keys].filter((key) => !key.startsWith(RESIGNED) && !keys.has(RESIGNED + key));
    });
  }

  async claim(
    node: NodeId,
    entries: readonly { readonly key: string; readonly record: Uint8Array }[],
  ): Promise<readonly string[]> {
    await this.#requireLease(node);
    const claimed = await Promise.all(
      entries.map(({ key, record }) =>
        this.#step("claim", key, record, async (buckets) => (await this.#add(buckets, key, node, 1, record)) && key),
      ),
    );
    return claimed.filter((key) => key !== undefined);
  }

  async find(key: string): Promise<DirectoryEntry | undefined> {
    return this.#run("find", NOTHING, async (buckets) => {
      const held = await entryIn(buckets, key);
      if (held === undefined) return undefined;
      const { home, fence, record } = held;
      return { home, isAlive: await isAlive(buckets, home), fence, record };
    });
  }

  async takeOver(node: NodeId, key: string, seenFence: number): Promise<DirectoryEntry | undefined> {
    await this.#requireLease(node);
    return this.#step("take over", key, NOTHING, (buckets) =>
      untilUnchanged(async () => {
        const held = await entryIn(buckets, key);
        if (held === undefined) return { answer: undefined };
        if (held.fence !== seenFence) return { answer: undefined };
        // A lease that is over never stands again, so that it is still over when the entry is written; and the entry is as it was read.
        if (await isAlive(buckets, held.home)) return { answer: undefined };
        return this.#moveTo(buckets, key, node, held);
      }),
    );
  }

  async reclaim(
    node: NodeId,
    {
      key,
      record,
      fence,
      formerly,
    }: { readonly key: string; readonly record: Uint8Array; readonly fence: number; readonly formerly: NodeId },
  ): Promise<DirectoryEntry | undefined> {
    await this.#requireLease(node);
    return this.#step("reclaim", key, record, (buckets) =>
      untilUnchanged(async () => {
        const held = await entryIn(buckets, key);
        if (held === undefined) {
          const isAdded = await this.#add(buckets, key, node, fence + 1, record);
          return isAdded && { answer: { home: node, isAlive: true, fence: fence + 1, record } };
        }
        if (held.home === node && held.fence === fence + 1) {
          return { answer: { home: node, isAlive: true, fence: held.fence, record: held.record } }; // the first answer was lost
        }
        if (held.home !== formerly || held.fence !== fence) return { answer: undefined };
        return this.#moveTo(buckets, key, node, { ...held, record });
      }),
    );
  }

  async save(node: NodeId, key: string, fence: number, record: Uint8Array): Promise<boolean> {
    return this.#step("save", key, record, (buckets) =>
      untilUnchanged(async () => {
        const held = await entryIn(buckets, key);
        if (held?.home !== node || held.fence !== fence) return { answer: false };
        const isWritten = await writeEntry(buckets, key, { ...held, record });
        if (!isWritten) return undefined;
        await this.#keepAliases(buckets, key, held);
        return { answer: true };
      }),
    );
  }

  async release(node: NodeId, key: string, fence: number): Promise<void> {
    await this.#step("release", key, NOTHING, (buckets) =>
      untilUnchanged(async () => {
        const held = await entryIn(buckets, key);
        if (held?.home !== node || held.fence !== fence) return { answer: undefined };
        this.#aliased.delete(held.birth);
        const deleting = buckets.entries.delete(partOf(key), { previousSeq: held.revision });
        return unlessChanged(deleting.then(() => ({ answer: undefined })));
      }),
    );
  }

  async alias(alias: string, key: string): Promise<void> {
    await this.#step("alias", key, NOTHING, (buckets) =>
      untilUnchanged(async () => {
        const held = await entryIn(buckets, key);
        if (held === undefined) return { answer: undefined };
        const aliases = [...held.aliases.filter((other) => other !== alias), alias].slice(-MAX_ALIASES);
        if (!(await writeEntry(buckets, key, { ...held, aliases }))) return undefined;
        await buckets.aliases.put(partOf(alias), encodeAlias({ key, birth: held.birth }));
        return { answer: undefined };
      }),
    );
  }

  async unalias(alias: string, key: string): Promise<void> {
    await this.#step("unalias", key, NOTHING, async ({ aliases }) => {
      const found = await valueIn(aliases, partOf(alias));
      if (found === undefined || decodeAlias(alias, found.value).key !== key) return;
      await unlessChanged(aliases.delete(partOf(alias), { previousSeq: found.revision }));
    });
  }

  async resolve(alias: string): Promise<string | undefined> {
    return this.#run("resolve", NOTHING, async (buckets) => {
      const found = await valueIn(buckets.aliases, partOf(alias));
      if (found === undefined) return undefined;
      const { key, birth } = decodeAlias(alias, found.value);
      const held = await entryIn(buckets, key);
      return held?.birth === birth && held.aliases.includes(alias) ? key : undefined;
    });
  }

  async age(): Promise<number> {
    return this.#run("tell its age", NOTHING, async ({ names, beganAt }) => {
      // The server says the time only by what it stores.
      await names.put(CLOCK_KEY, NOTHING);
      const clock = await names.get(CLOCK_KEY);
      return Math.max((clock?.created.getTime() ?? beganAt) - beganAt, 0);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async #renew({ leases, names }: NatsBuckets, node: NodeId): Promise<boolean> {
    const askedAt = performance.now();
    let revision = this.#revisions.get(node);
    if (revision !== undefined) revision = await unlessChanged(leases.update(node, NOTHING, revision));
    if (revision === undefined) {
      // Only the node itself renews its lease: where it stands, the answer to an earlier renewal was lost.
      const lease = await valueIn(leases, node);
      if (lease !== undefined) revision = await unlessChanged(leases.update(node, NOTHING, lease.revision));
    }
    if (revision === undefined) {
      this.#forgetNode(node);
      return false;
    }
    this.#revisions.set(node, revision);
    this.#renewed.set(node, askedAt);
    if (!this.#named.isWithin(node, NAME_AGAIN_LEASES * this.#terms.leaseMs)) {
      await names.put(node, NOTHING);
      this.#named.set(node, askedAt);
    }
    return true;
  }

  #forgetNode(node: NodeId): void {
    this.#revisions.delete(node);
    this.#renewed.delete(node);
    this.#named.delete(node);
  }

  async #requireLease(node: NodeId): Promise<void> {
    if (this.#renewed.isWithin(node, this.#terms.leaseMs)) return;
    if (!(await this.#run("look up a lease", NOTHING, (buckets) => isAlive(buckets, node)))) throw noLease(node);
  }

  /** `undefined` where there is an entry. */
  async #add(
    { entries }: NatsBuckets,
    key: string,
    home: NodeId,
    fence: number,
    record: Uint8Array,
  ): Promise<true | undefined> {
    const data = encodeEntry({ home, fence, birth: randomUUID(), aliases: [], record });
    return (await unlessChanged(entries.create(partOf(key), data))) === undefined ? undefined : true;
  }

  async #moveTo(
    buckets: NatsBuckets,
    key: string,
    node: NodeId,
    held: HeldEntry,
  ): Promise<{ answer: DirectoryEntry } | undefined> {
    const fence = held.fence + 1;
    if (!(await writeEntry(buckets, key, { ...held, home: node, fence }))) return undefined;
    await this.#keepAliases(buckets, key, held);
    return { answer: { home: node, isAlive: true, fence, record: held.record } };
  }

  /** Writes the aliases of an entry again, so that they are kept for as long as it is. */
  async #keepAliases({ aliases }: NatsBuckets, key: string, { birth, aliases: names }: HeldEntry): Promise<void> {
    if (names.length === 0 || this.#aliased.isWithin(birth, ALIASES_KEPT_FOR * this.#terms.keepMs)) return;
    const startedAt = performance.now();
    for (const alias of names) {
      const found = await valueIn(aliases, partOf(alias));
      if (found === undefined) continue;
      const stored = decodeAlias(alias, found.value);
      if (stored.key !== key || stored.birth !== birth) continue; // it leads to another entry by now
      await unlessChanged(aliases.update(partOf(alias), found.value, found.revision));
    }
    this.#aliased.set(birth, startedAt);
  }

  /** Something that changes one entry. */
  #step<T>(what: string, key: string, record: Uint8Array, step: (buckets: NatsBuckets) => Promise<T>): Promise<T> {
    return this.#run(what, record, (buckets) => this.#turns.take(`entry ${key}`, () => step(buckets)));
  }

  #run<T>(what: string, record: Uint8Array, step: (buckets: NatsBuckets) => Promise<T>): Promise<T> {
    const call = async (): Promise<T> => {
      try {
        return await this.#withBuckets(step);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`The directory in NATS did not ${what}: ${reason}`, { cause: error });
      }
    };
    return this.#lane.run(record.length, call, { isUrgent: URGENT.has(what) });
  }

  async #withBuckets<T>(step: (buckets: NatsBuckets) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error("it was closed.");
    const connection = this.#connection.current?.connection;
    if (connection === undefined) throw new Error("NATS cannot be reached; it is tried again.");
    const opening = this.#opener.open(connection);
    try {
      return await step(await opening);
    } catch (error) {
      if (!isBucketLost(error)) throw error;
      this.#opener.drop(opening);
      return step(await this.#opener.open(connection));
    }
  }
}
