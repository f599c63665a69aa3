/** What the calls of every directory are held against, whatever it is made of. Each check throws a `RangeError` with a sentence. */
import { checkFence, checkKey, checkNode, checkRecord } from "./directory-limits.ts";
import type { Directory } from "./ports.ts";

type Checked = Exclude<keyof Directory, "close" | "nodes" | "age">;

export const CALL_CHECKS = {
  enrol: checkNode,
  renew: checkNode,
  resign: checkNode,
  claim(node, entries) {
    checkNode(node);
    for (const { key, record } of entries) {
      checkKey(key);
      checkRecord(key, record);
    }
  },
  find: (key) => checkKey(key),
  takeOver: checkHeld,
  reclaim(node, { key, record, fence, formerly }) {
    checkHeld(node, key, fence);
    checkRecord(key, record);
    checkNode(formerly);
  },
  save(node, key, fence, record) {
    checkHeld(node, key, fence);
    checkRecord(key, record);
  },
  release: checkHeld,
  alias: checkAlias,
  unalias: checkAlias,
  resolve: (alias) => checkKey(alias, "alias"),
} satisfies { readonly [Method in Checked]: (...given: Parameters<Directory[Method]>) => void };

/** A directory whose calls are checked before they reach it. */
export function checkedDirectory(directory: Directory): Directory {
  return {
    async enrol(node) {
      CALL_CHECKS.enrol(node);
      return directory.enrol(node);
    },
    async renew(node) {
      CALL_CHECKS.renew(node);
      return directory.renew(node);
    },
    async resign(node) {
      CALL_CHECKS.resign(node);
      return directory.resign(node);
    },
    nodes: () => directory.nodes(),
    async claim(node, entries) {
      CALL_CHECKS.claim(node, entries);
      return directory.claim(node, entries);
    },
    async find(key) {
      CALL_CHECKS.find(key);
      return directory.find(key);
    },
    async takeOver(node, key, seenFence) {
      CALL_CHECKS.takeOver(node, key, seenFence);
      return directory.takeOver(node, key, seenFence);
    },
    async reclaim(node, entry) {
      CALL_CHECKS.reclaim(node, entry);
      return directory.reclaim(node, entry);
    },
    async save(node, key, fence, record) {
      CALL_CHECKS.save(node, key, fence, record);
      return directory.save(node, key, fence, record);
    },
    async release(node, key, fence) {
      CALL_CHECKS.release(node, key, fence);
      return directory.release(node, key, fence);
    },
    async alias(alias, key) {
      CALL_CHECKS.alias(alias, key);
      return directory.alias(alias, key);
    },
    async unalias(alias, key) {
      CALL_CHECKS.unalias(alias, key);
      return directory.unalias(alias, key);
    },
    async resolve(alias) {
      CALL_CHECKS.resolve(alias);
      return directory.resolve(alias);
    },
    age: () => directory.age(),
    close: () => directory.close(),
  };
}

function checkHeld(node: string, key: string, fence: number): void {
  checkNode(node);
  checkKey(key);
  checkFence(fence);
}

function checkAlias(alias: string, key: string): void {
  checkKey(alias, "alias");
  checkKey(key);
}
