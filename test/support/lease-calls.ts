/** What the nodes of lease-model.ts ask a directory, and what it answers. */
import type { DirectoryTable } from "../../src/cluster/memory/directory-table.ts";
import type { DirectoryEntry } from "../../src/cluster/ports.ts";

export type Table = Pick<
  DirectoryTable,
  "enrol" | "renew" | "claim" | "find" | "takeOver" | "reclaim" | "save" | "leases"
>;

/** The entry that the nodes share. */
export const KEY = "code:BCDF";
const NOTHING = new Uint8Array(0);

export type Call =
  | { readonly kind: "enrol" | "renew"; readonly life: number; readonly askedAt: number }
  | { readonly kind: "save" | "takeOver" | "adopt"; readonly life: number; readonly fence: number }
  | { readonly kind: "claim"; readonly life: number }
  | { readonly kind: "reclaim"; readonly life: number; readonly fence: number; readonly formerly: number };

export type Answer = boolean | { readonly fence: number } | "none" | "refused";

export function answerOf(table: Table, node: number, call: Call): Answer {
  try {
    return answerBy(table, node, call);
  } catch (error) {
    // Its next renewal says the same.
    if (error instanceof Error && error.message.includes("has no lease")) return "refused";
    throw error;
  }
}

function answerBy(table: Table, node: number, call: Call): Answer {
  const name = nameOf(node, call.life);
  switch (call.kind) {
    case "enrol":
      return table.enrol(name);
    case "renew":
      return table.renew(name);
    case "claim":
      return table.claim(name, [{ key: KEY, record: NOTHING }]).length === 0 ? "none" : { fence: 1 };
    case "takeOver":
      return fenceOf(table.takeOver(name, KEY, call.fence));
    case "adopt": {
      const found = table.find(KEY);
      return fenceOf(found?.home === name ? found : undefined);
    }
    case "reclaim":
      return fenceOf(
        table.reclaim(name, {
          key: KEY,
          record: NOTHING,
          fence: call.fence,
          formerly: nameOf(node, call.formerly),
        }),
      );
    default:
      return table.save(name, KEY, call.fence, NOTHING);
  }
}

function fenceOf(entry: DirectoryEntry | undefined): Answer {
  return entry === undefined ? "none" : { fence: entry.fence };
}

/** A life of a node. */
export function nameOf(index: number, life: number): string {
  return `${"ABC"[index]}${life}`;
}
