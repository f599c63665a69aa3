/** Calls in any order, by any node, at any time, compared with a directory that is written down as plainly as it goes. */
import { expect, test } from "@jest/globals";
import { NAME_KEPT_LEASES } from "../../../src/cluster/directory-limits.ts";
import { DirectoryTable } from "../../../src/cluster/memory/directory-table.ts";
import * as fc from "../../support/property-testing.ts";

const TERMS = { leaseMs: 10, keepMs: 35 };
const NODES = ["a", "b", "c"];
const KEYS = ["x", "y"];

const node = fc.constantFrom(...NODES);
const key = fc.constantFrom(...KEYS);
const fence = fc.integer({ min: 0, max: 4 });
const bytes = fc.uint8Array({ maxLength: 2 });
const CALL = fc.oneof(
  fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ do: fc.constant("enrol" as const), node }),
  fc.record({ do: fc.constant("renew" as const), node }),
  fc.record({ do: fc.constant("resign" as const), node }),
  fc.record({ do: fc.constant("claim" as const), node, key, record: bytes }),
  fc.record({ do: fc.constant("takeOver" as const), node, key, fence }),
  fc.record({ do: fc.constant("reclaim" as const), node, key, fence, record: bytes, formerly: node }),
  fc.record({ do: fc.constant("save" as const), node, key, fence, record: bytes }),
  fc.record({ do: fc.constant("release" as const), node, key, fence }),
);
type Call = typeof CALL extends fc.Arbitrary<infer T> ? T : never;

/** The rules once more, without any care for speed or memory. */
class PlainDirectory {
  now = 0;
  readonly leases: Record<string, { until: number }> = {};
  readonly entries: Record<string, { home: string; fence: number; record: Uint8Array; until: number } | undefined> = {};

  answer(call: Call): unknown {
    for (const [name, lease] of Object.entries(this.leases)) {
      if (lease.until + NAME_KEPT_LEASES * TERMS.leaseMs <= this.now) delete this.leases[name];
    }
    for (const [name, entry] of Object.entries(this.entries)) {
      if (entry !== undefined && entry.until <= this.now) this.entries[name] = undefined;
    }
    if (call.do === "pass") return void (this.now += call.ms);
    const isAlive = (name: string): boolean => (this.leases[name]?.until ?? -1) > this.now;
    if (call.do === "enrol") {
      if (this.leases[call.node] !== undefined) return false;
      this.leases[call.node] = { until: this.now + TERMS.leaseMs };
      return true;
    }
    if (call.do === "renew") {
      if (!isAlive(call.node)) return false;
      this.leases[call.node] = { until: this.now + TERMS.leaseMs };
      return true;
    }
    if (call.do === "resign") {
      if (isAlive(call.node)) this.leases[call.node] = { until: this.now };
      return undefined;
    }
    const until = this.now + TERMS.keepMs;
    const entry = this.entries[call.key];
    const put = (next: { home: string; fence: number; record: Uint8Array }): unknown => {
      this.entries[call.key] = { ...next, until };
      return { home: next.home, isAlive: isAlive(next.home), fence: next.fence, record: next.record };
    };
    if (call.do === "save" || call.do === "release") {
      const isOwn = entry !== undefined && entry.home === call.node && entry.fence === call.fence;
      if (isOwn && call.do === "save") put({ ...entry, record: call.record });
      else if (isOwn) this.entries[call.key] = undefined;
      return call.do === "save" ? isOwn : undefined;
    }
    if (!isAlive(call.node)) return "refused";
    if (call.do === "claim") {
      if (entry !== undefined) return [];
      put({ home: call.node, fence: 1, record: call.record });
      return [call.key];
    }
    if (call.do === "takeOver") {
      if (entry === undefined || entry.fence !== call.fence || isAlive(entry.home)) return undefined;
      return put({ ...entry, home: call.node, fence: entry.fence + 1 });
    }
    const next = { home: call.node, fence: call.fence + 1, record: call.record };
    if (entry === undefined) return put(next);
    if (entry.home === call.node && entry.fence === next.fence) {
      return { home: entry.home, isAlive: true, fence: entry.fence, record: entry.record };
    }
    return entry.home === call.formerly && entry.fence === call.fence ? put(next) : undefined;
  }
}

function answerOf(table: DirectoryTable, call: Exclude<Call, { do: "pass" }>): unknown {
  try {
    switch (call.do) {
      case "enrol":
      case "renew":
      case "resign":
        return table[call.do](call.node);
      case "claim":
        return table.claim(call.node, [call]);
      case "takeOver":
        return table.takeOver(call.node, call.key, call.fence);
      case "reclaim":
        return table.reclaim(call.node, call);
      case "save":
        return table.save(call.node, call.key, call.fence, call.record);
      default:
        return table.release(call.node, call.key, call.fence);
    }
  } catch (error) {
    if (error instanceof Error && error.message.includes("has no lease")) return "refused";
    throw error;
  }
}

test("any calls in any order are answered as a plain directory answers them", () => {
  fc.assert(
    fc.property(fc.array(CALL, { maxLength: 60 }), (calls) => {
      const plain = new PlainDirectory();
      const table = new DirectoryTable(TERMS, () => plain.now);
      for (const call of calls) {
        const expected = plain.answer(call);
        if (call.do === "pass") continue;
        expect(answerOf(table, call)).toEqual(expected);
        const alive = NODES.filter((name) => (plain.leases[name]?.until ?? -1) > plain.now);
        expect(table.nodes().toSorted()).toEqual(alive);
        for (const name of KEYS) {
          const entry = plain.entries[name];
          const isKept = entry !== undefined && entry.until > plain.now;
          expect(table.find(name)).toEqual(
            isKept
              ? { home: entry.home, isAlive: alive.includes(entry.home), fence: entry.fence, record: entry.record }
              : undefined,
          );
        }
      }
    }),
  );
});

test("a directory that is full says so, and what it has is unharmed", () => {
  const table = new DirectoryTable({ leaseMs: 1_000, keepMs: 1_000 }, () => 0);
  table.enrol("a");
  const record = new Uint8Array(512 * 1_024);
  let claimed = 0;
  const fill = (): void => {
    for (;;) claimed += table.claim("a", [{ key: String(claimed), record }]).length;
  };
  expect(fill).toThrow("The directory is full");
  expect(claimed).toBeGreaterThan(400);
  table.release("a", "0", 1);
  expect(table.claim("a", [{ key: "again", record }])).toEqual(["again"]);
  expect(table.find("again")?.record).toHaveLength(record.length);
});
