/**
 * The directory as its server is: the real table (`DirectoryTable`), asked over a network, by one thread that takes its time for each call. Nodes ask through a
 * `DirectoryLine` each, which keeps the rules of `CallLane`: so many calls at once, and none waits for ever.
 */
import { directoryTimeoutMs, MAX_RUNNING_CALLS } from "../src/cluster/directory-limits.ts";
import { DirectoryTable } from "../src/cluster/memory/directory-table.ts";
import type { Directory, DirectoryEntry, DirectoryTerms, NodeId } from "../src/cluster/ports.ts";
import { Rate, Samples } from "./figures.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type DirectoryCallName = Exclude<keyof Directory, "close">;

export interface DirectoryServerOptions {
  readonly clock: VirtualClock;
  readonly terms: DirectoryTerms;
  readonly roundTripMs: number;
  /** Servers that share out the keys. Each has the leases. */
  readonly shards: number;
  readonly callUs: Readonly<Record<DirectoryCallName, number>>;
}

/** One call, as far as it costs something. */
interface Asked {
  readonly name: DirectoryCallName;
  /** Decides the shard; without it, all shards are asked. */
  readonly key?: string;
  /** Codes that a claim asks for. */
  readonly units?: number;
  readonly bytes?: number;
}

/** What was asked in one stretch of time. */
export class DirectoryMeter {
  readonly calls = new Map<DirectoryCallName, number>();
  readonly all = new Rate();
  /** Of questions and answers. */
  readonly bytes = new Rate();
  /** Milliseconds from a question to its answer, the wait in the node included. */
  readonly answerMs = new Samples();
  /** Calls that had no answer in time. */
  unanswered = 0;
  /** Codes that were asked for. */
  claimedCodes = 0;
  /** Milliseconds for which the threads of all shards worked. */
  busyMs = 0;

  count(name: DirectoryCallName): number {
    return this.calls.get(name) ?? 0;
  }
}

/** A script's name, the names of common keys, and the terms. */
const CALL_BYTES = 250;
/** As in `RedisDirectory`. */
const URGENT: ReadonlySet<DirectoryCallName> = new Set(["enrol", "renew", "resign"]);
const MAX_WAITING = 100_000;
const FIRST_SHARD = [0];

export class DirectoryServer {
  readonly table: DirectoryTable;
  readonly options: DirectoryServerOptions;
  meter = new DirectoryMeter();
  /** Answers at once: for filling a world. */
  isInstant = false;
  readonly #busyUntil: number[];

  constructor(options: DirectoryServerOptions) {
    this.options = options;
    this.table = new DirectoryTable(options.terms, () => options.clock.now());
    this.#busyUntil = Array.from({ length: options.shards }, () => 0);
  }

  note({ name, units = 1, bytes = 0 }: Asked): void {
    const { meter } = this;
    const now = this.options.clock.now();
    meter.calls.set(name, meter.count(name) + 1);
    meter.all.add(now);
    meter.bytes.add(now, CALL_BYTES + bytes);
    if (name === "claim") meter.claimedCodes += units;
  }

  /** Does `act` when its turn has come. */
  serve({ name, key, units = 1 }: Asked, act: () => void): void {
    const { clock, callUs, roundTripMs } = this.options;
    const arrivesAt = clock.now() + roundTripMs / 2;
    const costMs = (callUs[name] * units) / 1_000;
    let doneAt = arrivesAt;
    for (const shard of this.#shardsOf(key)) {
      const endsAt = Math.max(arrivesAt, this.#busyUntil[shard] ?? 0) + costMs;
      this.#busyUntil[shard] = endsAt;
      this.meter.busyMs += costMs;
      doneAt = Math.max(doneAt, endsAt);
    }
    clock.after(doneAt - clock.now(), act);
  }

  #shardsOf(key: string | undefined): readonly number[] {
    const { shards } = this.options;
    if (shards === 1) return FIRST_SHARD;
    if (key === undefined) return Array.from({ length: shards }, (_, shard) => shard);
    let sum = 0;
    for (let at = 0; at < key.length; at++) sum = (sum * 31 + key.charCodeAt(at)) % 1_000_003;
    return [sum % shards];
  }
}

interface WaitingCall {
  readonly start: () => void;
  readonly fail: () => void;
}

/** One node's way to the directory. */
export class DirectoryLine implements Directory {
  /** Nothing passes. */
  isCut = false;
  readonly #server: DirectoryServer;
  /** Urgent calls, and the others: each the first that waits. */
  readonly #urgent = new Set<WaitingCall>();
  readonly #waiting = new Set<WaitingCall>();
  readonly #running = new Set<WaitingCall>();
  #unanswered = 0;
  #answeredAt = 0;
  #isWatched = false;

  constructor(server: DirectoryServer) {
    this.#server = server;
  }

  enrol(node: NodeId): Promise<boolean> {
    return this.#ask({ name: "enrol" }, (table) => table.enrol(node));
  }

  renew(node: NodeId): Promise<boolean> {
    return this.#ask({ name: "renew" }, (table) => table.renew(node));
  }

  resign(node: NodeId): Promise<void> {
    return this.#ask({ name: "resign" }, (table) => table.resign(node));
  }

  nodes(): Promise<readonly NodeId[]> {
    return this.#ask({ name: "nodes", key: "" }, (table) => table.nodes());
  }

  claim(
    node: NodeId,
    entries: readonly { readonly key: string; readonly record: Uint8Array }[],
  ): Promise<readonly string[]> {
    const bytes = entries.reduce((sum, { key, record }) => sum + key.length + record.length, 0);
    const [first] = entries;
    const asked = { name: "claim", units: entries.length, bytes, ...(first && { key: first.key }) } as const;
    return this.#ask(asked, (table) => table.claim(node, entries));
  }

  find(key: string): Promise<DirectoryEntry | undefined> {
    return this.#ask({ name: "find", key }, (table) => table.find(key), recordBytes);
  }

  takeOver(node: NodeId, key: string, seenFence: number): Promise<DirectoryEntry | undefined> {
    return this.#ask({ name: "takeOver", key }, (table) => table.takeOver(node, key, seenFence), recordBytes);
  }

  reclaim(
    node: NodeId,
    entry: { readonly key: string; readonly record: Uint8Array; readonly fence: number; readonly formerly: NodeId },
  ): Promise<DirectoryEntry | undefined> {
    const asked = { name: "reclaim", key: entry.key, bytes: entry.record.length } as const;
    return this.#ask(asked, (table) => table.reclaim(node, entry), recordBytes);
  }

  save(node: NodeId, key: string, fence: number, record: Uint8Array): Promise<boolean> {
    return this.#ask({ name: "save", key, bytes: record.length }, (table) => table.save(node, key, fence, record));
  }

  release(node: NodeId, key: string, fence: number): Promise<void> {
    return this.#ask({ name: "release", key }, (table) => table.release(node, key, fence));
  }

  alias(alias: string, key: string): Promise<void> {
    return this.#ask({ name: "alias", key, bytes: alias.length }, (table) => table.alias(alias, key));
  }

  unalias(alias: string, key: string): Promise<void> {
    return this.#ask({ name: "unalias", key, bytes: alias.length }, (table) => table.unalias(alias, key));
  }

  resolve(alias: string): Promise<string | undefined> {
    return this.#ask({ name: "resolve", key: alias, bytes: alias.length }, (table) => table.resolve(alias));
  }

  age(): Promise<number> {
    return this.#ask({ name: "age", key: "" }, (table) => table.age());
  }

  async close(): Promise<void> {}

  #ask<Answer>(
    asked: Asked,
    act: (table: DirectoryTable) => Answer,
    bytesOf: (answer: Answer) => number = () => 0,
  ): Promise<Answer> {
    const server = this.#server;
    const { clock, roundTripMs } = server.options;
    if (this.isCut) return Promise.reject(new Error("The directory cannot be reached."));
    const isStuck = this.#unanswered >= MAX_RUNNING_CALLS && this.#running.size === 0;
    if (isStuck || this.#waiting.size >= MAX_WAITING) {
      server.meter.unanswered += 1;
      return Promise.reject(new Error("Too much waits for the directory to answer."));
    }
    if (server.isInstant) {
      server.note(asked);
      return new Promise((resolve) => resolve(act(server.table)));
    }
    const askedAt = clock.now();
    return new Promise((resolve, reject) => {
      const call: WaitingCall = {
        fail: () => reject(new Error("The directory has not answered in time.")),
        start: () => {
          this.#running.add(call);
          this.#unanswered += 1;
          this.#watch();
          server.note(asked);
          server.serve(asked, () => {
            const answer = new Promise<Answer>((settle) => settle(act(server.table)));
            const tell = (bytes: number): void => {
              server.meter.bytes.add(clock.now(), bytes);
              clock.after(roundTripMs / 2, () => this.#answered(call, askedAt, () => resolve(answer)));
            };
            answer.then(
              (it) => tell(bytesOf(it)),
              () => tell(0),
            );
          });
        },
      };
      (URGENT.has(asked.name) ? this.#urgent : this.#waiting).add(call);
      this.#startNext();
    });
  }

  #startNext(): void {
    for (const calls of [this.#urgent, this.#waiting]) {
      for (const call of calls) {
        if (this.#unanswered >= MAX_RUNNING_CALLS) return;
        calls.delete(call);
        call.start();
      }
    }
  }

  #answered(call: WaitingCall, askedAt: number, tell: () => void): void {
    const { meter, options } = this.#server;
    const now = options.clock.now();
    this.#unanswered -= 1;
    this.#answeredAt = now;
    const isAwaited = this.#running.delete(call);
    if (this.isCut) call.fail();
    else if (isAwaited) {
      meter.answerMs.add(now - askedAt);
      tell();
    }
    this.#startNext();
  }

  /** Where nothing was answered for a while, all that waits fails. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const { clock, terms } = this.#server.options;
    const timeoutMs = directoryTimeoutMs(terms.leaseMs);
    const since = clock.now();
    const look = (): void => {
      const left = Math.max(since, this.#answeredAt) + timeoutMs - clock.now();
      if (this.#unanswered === 0) this.#isWatched = false;
      else if (left > 0) clock.after(left, look);
      else this.#giveUp();
    };
    clock.after(timeoutMs, look);
  }

  #giveUp(): void {
    this.#isWatched = false;
    const calls = [...this.#running, ...this.#urgent, ...this.#waiting];
    this.#running.clear();
    this.#urgent.clear();
    this.#waiting.clear();
    this.#server.meter.unanswered += calls.length;
    for (const call of calls) call.fail();
  }
}

function recordBytes(entry: DirectoryEntry | undefined): number {
  return entry?.record.length ?? 0;
}
