/** Nodes that call each other within this process, for tests of what spreads over them. */
import { failure, success, type Result } from "../../src/protocol/result.ts";
import type { Eventually } from "../../src/protocol/eventually.ts";
import type { CallFailure } from "../../src/cluster/mail/node-calls.ts";
import type { Calls } from "../../src/cluster/spread/calls.ts";
import type { Directory, DirectoryEntry, NodeId } from "../../src/cluster/ports.ts";

type Handler = (body: unknown, from: NodeId) => Eventually<unknown>;

export class CallingNode implements Calls {
  readonly id: NodeId;
  readonly #cluster: CallingNodes;
  readonly #handlers = new Map<string, Handler>();
  /** Whether the bus carries what this node says, and what is said to it. */
  isReached = true;
  /** What this node has told all others, the oldest first. */
  readonly told: { readonly name: string; readonly body: unknown }[] = [];

  constructor(id: NodeId, cluster: CallingNodes) {
    this.id = id;
    this.#cluster = cluster;
  }

  handle(name: string, handler: Handler): void {
    this.#handlers.set(name, handler);
  }

  async answer(name: string, body: unknown, from: NodeId): Promise<Result<unknown, CallFailure>> {
    try {
      return success(asJson(await this.#handlers.get(name)?.(asJson(body), from)));
    } catch {
      return failure("failed");
    }
  }

  async call(to: NodeId, name: string, body: unknown): Promise<Result<unknown, CallFailure>> {
    await Promise.resolve();
    const node = this.#cluster.reachedFrom(this).find(({ id }) => id === to);
    return node === undefined ? failure("lost") : node.answer(name, body, this.id);
  }

  tellAll(name: string, body: unknown): void {
    this.told.push({ name, body });
    const heard = this.#cluster.reachedFrom(this);
    queueMicrotask(() => {
      for (const node of heard) void node.answer(name, body, this.id);
    });
  }

  async askAll(name: string, body: unknown): Promise<ReadonlyMap<NodeId, unknown>> {
    const answers = new Map<NodeId, unknown>();
    for (const node of this.#cluster.reachedFrom(this)) {
      const answer = await node.answer(name, body, this.id);
      if (answer.ok) answers.set(node.id, answer.value);
    }
    return answers;
  }
}

/** As much of a directory as spreading needs. */
export class CallingDirectory implements Pick<Directory, "nodes" | "claim" | "find" | "release"> {
  readonly #nodes: () => readonly NodeId[];
  readonly #homes = new Map<string, NodeId>();
  /** Whether it can be reached. `half`: it does what it is asked for, and its answers are lost. `once`: so is the next one, and then it is away. */
  isThere: boolean | "half" | "once" = true;

  constructor(nodes: () => readonly NodeId[]) {
    this.#nodes = nodes;
  }

  nodes(): Promise<readonly NodeId[]> {
    return this.#answer(() => this.#nodes());
  }

  claim(node: NodeId, entries: readonly { readonly key: string }[]): Promise<readonly string[]> {
    return this.#answer(() => {
      const free = entries.map(({ key }) => key).filter((key) => !this.#homes.has(key));
      for (const key of free) this.#homes.set(key, node);
      return free;
    });
  }

  find(key: string): Promise<DirectoryEntry | undefined> {
    return this.#answer(() => {
      const home = this.#homes.get(key);
      if (home === undefined) return undefined;
      return { home, isAlive: this.#nodes().includes(home), fence: 1, record: new Uint8Array() };
    });
  }

  release(node: NodeId, key: string): Promise<void> {
    return this.#answer(() => {
      if (this.#homes.get(key) === node) this.#homes.delete(key);
    });
  }

  /** It has forgotten everything. */
  clear(): void {
    this.#homes.clear();
  }

  async #answer<T>(action: () => T): Promise<T> {
    await Promise.resolve();
    if (this.isThere === false) throw new Error("The directory cannot be reached.");
    const answer = action();
    if (this.isThere === "once") this.isThere = false;
    if (this.isThere !== true) throw new Error("The directory did not answer in time.");
    return answer;
  }
}

/** Nodes on one bus. */
export class CallingNodes {
  readonly #nodes: CallingNode[] = [];
  #count = 0;

  add(): CallingNode {
    this.#count += 1;
    const node = new CallingNode(`node-${this.#count}`, this);
    this.#nodes.push(node);
    return node;
  }

  remove(node: CallingNode): void {
    this.#nodes.splice(this.#nodes.indexOf(node), 1);
  }

  /** The directory of these nodes. */
  readonly directory: CallingDirectory = new CallingDirectory(() => this.#nodes.map(({ id }) => id));

  reachedFrom(one: CallingNode): readonly CallingNode[] {
    return one.isReached ? this.#nodes.filter((node) => node !== one && node.isReached) : [];
  }
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
