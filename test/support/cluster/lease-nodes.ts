/** Nodes over the directory of one process, each behind a line that a test may cut, in a time that a test moves. */
import { Homes } from "../../../src/cluster/homes.ts";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { NodeLease } from "../../../src/cluster/node-lease.ts";
import type { Directory } from "../../../src/cluster/ports.ts";
import { companionOf } from "../../../src/cluster/room-keys.ts";
import { FakeClock } from "../room/fake-clock.ts";

export const TERMS = { leaseMs: 3_000, keepMs: 600_000 };

/** Lets promises that wait for nothing else go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Lets so many milliseconds pass in small steps, with what they cause. */
export async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.pass(100);
    await settled();
  }
}

/** Nodes of one directory, and their time. */
export function cluster() {
  const clock = new FakeClock();
  return { clock, directory: new MemoryDirectory(TERMS, clock) };
}

/** What is wrong between a node and the directory. */
export interface Cut {
  isCut: boolean;
  /** Answers to claims come after this. */
  answers?: Promise<unknown>;
  /** The answer to the next taking over is lost. */
  isAnswerLost?: boolean;
  /** Something has been taken over, and the node does not know it yet. */
  onTaken?: () => void;
  /** The answers to claims are lost. */
  areClaimsLost?: boolean;
  /** Records that were given to the directory. */
  saves?: number;
}

/** The directory as a node sees it that may be cut off from it. It may be another one from some moment on. */
export function behind(all: { readonly directory: Directory }, line: Cut): Directory {
  const reach = async (): Promise<Directory> => {
    if (line.isCut) throw new Error("The directory cannot be reached.");
    return all.directory;
  };
  return {
    enrol: async (node) => (await reach()).enrol(node),
    renew: async (node) => (await reach()).renew(node),
    resign: async (node) => (await reach()).resign(node),
    nodes: async () => (await reach()).nodes(),
    async claim(node, entries) {
      const claimed = await (await reach()).claim(node, entries);
      await line.answers;
      if (line.areClaimsLost === true) throw new Error("The answer was lost.");
      return claimed;
    },
    find: async (key) => (await reach()).find(key),
    async takeOver(node, key, fence) {
      const taken = await (await reach()).takeOver(node, key, fence);
      line.onTaken?.();
      if (line.isAnswerLost !== true) return taken;
      line.isAnswerLost = false;
      throw new Error("The answer was lost.");
    },
    reclaim: async (node, entry) => (await reach()).reclaim(node, entry),
    async save(node, key, fence, record) {
      line.saves = (line.saves ?? 0) + 1;
      return (await reach()).save(node, key, fence, record);
    },
    release: async (node, key, fence) => (await reach()).release(node, key, fence),
    alias: async (alias, key) => (await reach()).alias(alias, key),
    unalias: async (alias, key) => (await reach()).unalias(alias, key),
    resolve: async (alias) => (await reach()).resolve(alias),
    age: async () => (await reach()).age(),
    close: async () => (await reach()).close(),
  };
}

let lives = 0;

/** A node that takes up its leases, and knows what is at home there. */
export async function startNode(all: ReturnType<typeof cluster>) {
  const { clock } = all;
  const line: Cut = { isCut: false };
  const seen = behind(all, line);
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => void failures.push(error);
  const homes = new Homes({ directory: seen, terms: TERMS, clock, node: () => lease.node, companionOf, onFailure });
  const lease: NodeLease = new NodeLease({
    directory: seen,
    terms: TERMS,
    clock,
    draw: () => `life-${(lives += 1)}`,
    onLife: () => homes.reclaim(),
    onFailure,
  });
  await lease.start();
  return { lease, homes, line, failures };
}
