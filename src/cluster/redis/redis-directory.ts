/** A directory in Redis. Its scripts (`redis-scripts.ts`) decide; this calls them and reads what they answer. */
import { CallLane } from "../call-lane.ts";
import { checkedDirectory } from "../checked-directory.ts";
import { directoryTimeoutMs, MAX_RUNNING_CALLS, noLease } from "../directory-limits.ts";
import type { Directory, DirectoryEntry, DirectoryTerms, NodeId } from "../ports.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { NO_LEASE, REDIS_SCRIPTS, type RedisScriptName } from "./redis-scripts.ts";

export interface RedisDirectoryOptions extends DirectoryTerms {
  /** Begins the name of every key in Redis. */
  readonly prefix: string;
}

const COMMON_KEYS = ["leases", "began", "births"];

type Word = string | Buffer;

/** A lease does not wait behind what phones ask. */
const URGENT: ReadonlySet<RedisScriptName> = new Set(["enrol", "renew", "resign"]);
/** What one script claims at once, so that it does not hold up Redis. */
const CLAIMS_AT_ONCE = 250;
const MAX_BATCH_BYTES = 4 * 1_024 * 1_024;

const textOf = new TextDecoder("utf-8", { ignoreBOM: true });

/** A directory in the Redis of this connection, which stays its maker's to close. */
export function redisDirectory(
  connection: Pick<RedisConnection, "current">,
  options: RedisDirectoryOptions,
): Directory {
  return checkedDirectory(new RedisDirectory(connection, options));
}

class RedisDirectory implements Directory {
  readonly #connection: Pick<RedisConnection, "current">;
  readonly #tag: string;
  readonly #terms: readonly [leaseMs: string, keepMs: string];
  readonly #lane: CallLane;
  #isClosed = false;

  constructor(connection: Pick<RedisConnection, "current">, { prefix, leaseMs, keepMs }: RedisDirectoryOptions) {
    this.#connection = connection;
    this.#tag = `{${prefix}}:`;
    this.#terms = [String(leaseMs), String(keepMs)];
    this.#lane = new CallLane({ name: "Redis", maxRunning: MAX_RUNNING_CALLS, timeoutMs: directoryTimeoutMs(leaseMs) });
  }

  async enrol(node: NodeId): Promise<boolean> {
    return (await this.#run("enrol", [], [node])) === 1;
  }

  async renew(node: NodeId): Promise<boolean> {
    return (await this.#run("renew", [], [node])) === 1;
  }

  async resign(node: NodeId): Promise<void> {
    await this.#run("resign", [], [node]);
  }

  async nodes(): Promise<readonly NodeId[]> {
    return listIn(await this.#run("nodes", [], [])).map(textIn);
  }

  async claim(
    node: NodeId,
    entries: readonly { readonly key: string; readonly record: Uint8Array }[],
  ): Promise<readonly string[]> {
    const claimed = await Promise.all(batchesOf(entries).map((batch) => this.#claimBatch(node, batch)));
    return claimed.flat();
  }

  async find(key: string): Promise<DirectoryEntry | undefined> {
    return entryIn(await this.#run("find", [key], []));
  }

  async takeOver(node: NodeId, key: string, seenFence: number): Promise<DirectoryEntry | undefined> {
    return entryIn(this.#leased(node, await this.#run("takeOver", [key], [node, String(seenFence)])));
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
    const answer = await this.#run("reclaim", [key], [node, String(fence), formerly, wordOf(record)]);
    return entryIn(this.#leased(node, answer));
  }

  async save(node: NodeId, key: string, fence: number, record: Uint8Array): Promise<boolean> {
    return (await this.#run("save", [key], [node, String(fence), wordOf(record)])) === 1;
  }

  async release(node: NodeId, key: string, fence: number): Promise<void> {
    await this.#run("release", [key], [node, String(fence)]);
  }

  async alias(alias: string, key: string): Promise<void> {
    await this.#run("alias", [key], [alias]);
  }

  async unalias(alias: string, key: string): Promise<void> {
    await this.#run("unalias", [], [alias, key]);
  }

  async resolve(alias: string): Promise<string | undefined> {
    const key = await this.#run("resolve", [], [alias]);
    return key === null ? undefined : textIn(key);
  }

  async age(): Promise<number> {
    return Math.max(numberIn(await this.#run("age", [], [])), 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async #claimBatch(
    node: NodeId,
    batch: readonly { readonly key: string; readonly record: Uint8Array }[],
  ): Promise<readonly string[]> {
    const keys = batch.map(({ key }) => key);
    const answer = await this.#run("claim", keys, [node, ...batch.map(({ record }) => wordOf(record))]);
    return listIn(this.#leased(node, answer)).map((place) => keys[numberIn(place)] ?? wrongAnswer(place));
  }

  #leased(node: NodeId, answer: unknown): unknown {
    if (answer === NO_LEASE) throw noLease(node);
    return answer;
  }

  async #run(name: RedisScriptName, entries: readonly string[], words: readonly Word[]): Promise<unknown> {
    const tag = this.#tag;
    const keys = [...COMMON_KEYS, ...entries.map((key) => `entry:${key}`)].map((key) => tag + key);
    const rest = [String(keys.length), ...keys, tag, ...this.#terms, ...words];
    const bytes = rest.reduce((sum, word) => sum + word.length, 0);
    return this.#lane.run(bytes, () => this.#call(name, rest), { isUrgent: URGENT.has(name) });
  }

  async #call(name: RedisScriptName, rest: readonly Word[]): Promise<unknown> {
    if (this.#isClosed) throw new Error("The directory was closed.");
    const clients = this.#connection.current;
    const script = REDIS_SCRIPTS[name];
    if (clients === undefined) throw new Error("Redis cannot be reached; it is tried again.");
    try {
      return await clients.commands.sendCommand<unknown>(["EVALSHA", script.sha1, ...rest]);
    } catch (error) {
      if (!isUnknownScript(error)) throw failureOf(name, error);
    }
    try {
      return await clients.commands.sendCommand<unknown>(["EVAL", script.text, ...rest]);
    } catch (error) {
      throw failureOf(name, error);
    }
  }
}

/** Redis forgets scripts when it is restarted. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

function failureOf(name: RedisScriptName, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`The directory in Redis did not ${name}: ${reason}`, { cause: error });
}

function batchesOf<Item extends { readonly key: string; readonly record: Uint8Array }>(
  items: readonly Item[],
): Item[][] {
  const batches: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = item.key.length + item.record.length;
    let batch = batches.at(-1);
    if (batch === undefined || batch.length >= CLAIMS_AT_ONCE || bytes + size > MAX_BATCH_BYTES) {
      batch = [];
      batches.push(batch);
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  return batches;
}

function wordOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function entryIn(answer: unknown): DirectoryEntry | undefined {
  if (answer === null) return undefined;
  const [home, fence, record, isAlive] = listIn(answer);
  return {
    home: textIn(home),
    isAlive: isAlive === 1,
    fence: Number(textIn(fence)),
    record: record instanceof Uint8Array ? record : wrongAnswer(record),
  };
}

function listIn(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : wrongAnswer(answer);
}

function textIn(answer: unknown): string {
  return answer instanceof Uint8Array ? textOf.decode(answer) : wrongAnswer(answer);
}

function numberIn(answer: unknown): number {
  return typeof answer === "number" ? answer : wrongAnswer(answer);
}

function wrongAnswer(answer: unknown): never {
  throw new Error(`Redis gives an answer of a kind that its scripts do not give: ${typeof answer}.`);
}
