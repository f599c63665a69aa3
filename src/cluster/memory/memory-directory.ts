/** A directory in this process: for several nodes of one process, and for the primary of workers, which answers them from it. */
import type { Clock } from "../../room/ports.ts";
import type { Directory, DirectoryEntry, DirectoryTerms, NodeId } from "../ports.ts";
import { DirectoryTable } from "./directory-table.ts";

/** A directory for the nodes of this process, with the time of this process. */
export function memoryDirectory(terms: DirectoryTerms): Directory {
  return new MemoryDirectory(terms, { now: () => performance.now() });
}

export class MemoryDirectory implements Directory {
  readonly #table: DirectoryTable;

  constructor(terms: DirectoryTerms, clock: Pick<Clock, "now">) {
    this.#table = new DirectoryTable(terms, () => clock.now());
  }

  async enrol(node: NodeId): Promise<boolean> {
    return this.#table.enrol(node);
  }

  async renew(node: NodeId): Promise<boolean> {
    return this.#table.renew(node);
  }

  async resign(node: NodeId): Promise<void> {
    this.#table.resign(node);
  }

  async nodes(): Promise<readonly NodeId[]> {
    return this.#table.nodes();
  }

  async claim(
    node: NodeId,
    entries: readonly { readonly key: string; readonly record: Uint8Array }[],
  ): Promise<readonly string[]> {
    return this.#table.claim(node, entries);
  }

  async find(key: string): Promise<DirectoryEntry | undefined> {
    return this.#table.find(key);
  }

  async takeOver(node: NodeId, key: string, seenFence: number): Promise<DirectoryEntry | undefined> {
    return this.#table.takeOver(node, key, seenFence);
  }

  async reclaim(
    node: NodeId,
    entry: { readonly key: string; readonly record: Uint8Array; readonly fence: number; readonly formerly: NodeId },
  ): Promise<DirectoryEntry | undefined> {
    return this.#table.reclaim(node, entry);
  }

  async save(node: NodeId, key: string, fence: number, record: Uint8Array): Promise<boolean> {
    return this.#table.save(node, key, fence, record);
  }

  async release(node: NodeId, key: string, fence: number): Promise<void> {
    this.#table.release(node, key, fence);
  }

  async alias(alias: string, key: string): Promise<void> {
    this.#table.alias(alias, key);
  }

  async unalias(alias: string, key: string): Promise<void> {
    this.#table.unalias(alias, key);
  }

  async resolve(alias: string): Promise<string | undefined> {
    return this.#table.resolve(alias);
  }

  async age(): Promise<number> {
    return this.#table.age();
  }

  /** Nothing to end: other nodes of the process go on with it. */
  async close(): Promise<void> {}
}
