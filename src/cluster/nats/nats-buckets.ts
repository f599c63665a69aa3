/**
 * The buckets of a directory in NATS (JetStream key-value), each with the time for which it keeps a key: a server before 2.11 takes a time for one key in
 * silence and never keeps it. They are opened on each new connection, and made again where the server has lost them.
 */
import type { KV, KvEntry } from "@nats-io/kv";
import { NAME_KEPT_LEASES } from "../directory-limits.ts";
import type { DirectoryTerms } from "../ports.ts";
import type { NatsConnection } from "./nats-connection.ts";

type Connection = NonNullable<NatsConnection["current"]>["connection"];

export interface NatsBuckets {
  /** A key for each node whose lease stands. Its time is the lease. */
  readonly leases: KV;
  /** Names of nodes, also of those whose lease was over a moment ago. */
  readonly names: KV;
  readonly entries: KV;
  /** An alias outlives its entry, so that not every save has to write it too. */
  readonly aliases: KV;
  /** When the entries began, by the clock of the server. */
  readonly beganAt: number;
  /** The keys of the leases, deleted ones too, in one question: a listing by a consumer waits for keys that are forgotten meanwhile. */
  readonly leaseKeys: () => Promise<readonly string[]>;
}

type BucketName = "leases" | "names" | "entries" | "aliases";

/** Part of `keepMs` for which the aliases of an entry need not be written again. */
export const ALIASES_KEPT_FOR = 1 / 4;

export interface NatsBucketOptions extends DirectoryTerms {
  readonly prefix: string;
  /** Milliseconds that NATS has for one answer. */
  readonly timeoutMs: number;
}

interface OpenedBucket {
  readonly bucket: KV;
  readonly stream: string;
  readonly beganAt: number;
}

const SMALLEST_TIME_MS = 100;
const NOT_FOR_BUCKETS = /[^A-Za-z0-9-]/g;

export class NatsBucketOpener {
  readonly #options: NatsBucketOptions;
  #opened: { readonly connection: Connection; readonly buckets: Promise<NatsBuckets> } | undefined;

  constructor(options: NatsBucketOptions) {
    this.#options = options;
  }

  /** Opens the buckets on this connection, or gives those that were opened there. */
  open(connection: Connection): Promise<NatsBuckets> {
    if (this.#opened?.connection === connection) return this.#opened.buckets;
    const buckets = this.#openAll(connection).catch((error: unknown): never => {
      throw isBucketLost(error)
        ? new Error("it runs without JetStream: nats-server --jetstream", { cause: error })
        : error;
    });
    const opened = { connection, buckets };
    this.#opened = opened;
    buckets.catch((): void => {
      if (this.#opened === opened) this.#opened = undefined; // The next call tries again.
    });
    return buckets;
  }

  /** Forgets that these were opened, as the server has lost them. */
  drop(lost: Promise<NatsBuckets>): void {
    if (this.#opened?.buckets === lost) this.#opened = undefined;
  }

  async #openAll(connection: Connection): Promise<NatsBuckets> {
    const { leaseMs, keepMs, timeoutMs } = this.#options;
    const [{ jetstream, jetstreamManager }, { Kvm }] = await Promise.all([
      import("@nats-io/jetstream"),
      import("@nats-io/kv"),
    ]);
    const manager = new Kvm(jetstream(connection, { timeout: timeoutMs }));
    const { streams } = await jetstreamManager(connection, { timeout: timeoutMs });
    const opening = (name: BucketName, ttl: number): Promise<OpenedBucket> => {
      const bucketName = `${this.#options.prefix.replaceAll(NOT_FOR_BUCKETS, escaped)}_${name}`;
      return this.#openOne(manager, bucketName, Math.max(Math.ceil(ttl), SMALLEST_TIME_MS));
    };
    const [leases, names, entries, aliases] = await Promise.all([
      opening("leases", leaseMs),
      opening("names", (NAME_KEPT_LEASES + 1) * leaseMs),
      opening("entries", keepMs),
      opening("aliases", (1 + ALIASES_KEPT_FOR) * keepMs),
    ]);
    return {
      leases: leases.bucket,
      names: names.bucket,
      entries: entries.bucket,
      aliases: aliases.bucket,
      beganAt: entries.beganAt,
      async leaseKeys() {
        const { state } = await streams.info(leases.stream, { subjects_filter: ">" });
        // A key stands behind "$KV", the bucket's name and two dots.
        return Object.keys(state.subjects ?? {}).map((subject) => subject.split(".").slice(2).join("."));
      },
    };
  }

  async #openOne(
    manager: { create(name: string, options: object): Promise<KV> },
    name: string,
    ttl: number,
  ): Promise<OpenedBucket> {
    // Every answer comes from the leader of the bucket: what another replica does not know yet would look as if a lease was over.
    const bucket = await madeOnce(() => manager.create(name, { ttl, history: 1, allow_direct: false }));
    const { ttl: kept, streamInfo } = await bucket.status();
    if (Math.round(kept) !== ttl) {
      throw new Error(
        `The bucket ${name} in NATS keeps its keys for ${kept} ms, but this node needs ${ttl} ms: all nodes of a cluster have one COUCHWIRE_LEASE_MS. To change it, stop them all and remove the bucket (nats kv del ${name}).`,
      );
    }
    return { bucket, stream: streamInfo.config.name, beganAt: timeOf(streamInfo.created) };
  }
}

/**
 * The server refuses a bucket whose subjects are those of another, and while two nodes make the same one at the same time it takes them for two. The later node
 * finds what the first has made when it asks again.
 */
async function madeOnce<Bucket>(make: () => Promise<Bucket>): Promise<Bucket> {
  for (let tries = 1; ; tries++) {
    try {
      return await make();
    } catch (error) {
      if (tries === MAX_TRIES || codeOf(error) !== SUBJECTS_OVERLAP) throw error;
    }
  }
}

/** A bucket's name has no dots. Two prefixes that differ give two names. */
function escaped(character: string): string {
  return `_${(character.codePointAt(0) ?? 0).toString(36)}_`;
}

function timeOf(created: Date | string): number {
  return new Date(created).getTime();
}

/** What the key holds, unless it was deleted. */
export async function valueIn(bucket: KV, key: string): Promise<KvEntry | undefined> {
  const found = await bucket.get(key);
  return found === null || found.operation !== "PUT" ? undefined : found;
}

/** The answer of a step that only works where nothing has changed since; `undefined` where something has. */
export async function unlessChanged<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (isChanged(error)) return undefined;
    throw error;
  }
}

/** JetStream's codes for another sequence than the expected one. */
const WRONG_LAST_SEQUENCES = new Set([10_071, 10_164]);
const STREAM_NOT_FOUND = 10_059;
const SUBJECTS_OVERLAP = 10_065;
/** Times that a bucket is asked for, which another node may be making. */
const MAX_TRIES = 5;
/** What the library says where nothing listens, be it that there is no JetStream or no such bucket. */
const NO_ANSWER_AT_ALL = "JetStreamNotEnabled";

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error ? Number(error.code) : undefined;

function isChanged(error: unknown): boolean {
  return WRONG_LAST_SEQUENCES.has(codeOf(error) ?? 0);
}

/** Whether the server has no such bucket. What was asked of it was not done. */
export function isBucketLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === STREAM_NOT_FOUND) return true;
  return error.name === NO_ANSWER_AT_ALL;
}
