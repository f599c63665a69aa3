/** The rules of leases, fences and reclaims, in every order that a small cluster can meet (docs/ARCHITECTURE.md, "Leases and fences"). */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { DirectoryTable } from "../../../src/cluster/memory/directory-table.ts";
import type { Table } from "../../support/lease-calls.ts";
import { RULES, type ModelOptions, type NodeRules } from "../../support/lease-model.ts";
import { search } from "../../support/lease-search.ts";
import { importMutant } from "../../support/mutant.ts";
import { budget } from "../../support/seeded-random.ts";

type Size = Omit<ModelOptions, "createTable" | "rules">;

const SOURCE = fileURLToPath(new URL("../../../src/cluster/memory/directory-table.ts", import.meta.url));
const createTable: ModelOptions["createTable"] = (terms, now) => new DirectoryTable(terms, now);

const SMALL: Size = { nodes: 2, ticks: 3, lives: 2, losses: 0, underWay: 1 };
const LOSSY: Size = { ...SMALL, lives: 1, losses: 1 };
const BUSY: Size = { ...SMALL, underWay: 2 };
const WIPED: Size = { ...SMALL, isWiped: true };
const THREE: Size = { ...SMALL, nodes: 3, ticks: 2, lives: 1 };
/** For `npm run test:long`. */
const LARGE: readonly (readonly [string, Size])[] = [
  ["two nodes for two leases and a half, with calls that are lost and repeated", { ...SMALL, ticks: 5, losses: 1 }],
  ["two nodes with three calls under way", { ...SMALL, underWay: 3 }],
  ["three nodes", { ...THREE, ticks: 3 }],
];

const SIZES: readonly (readonly [string, Size])[] = [
  ["two nodes with two lives each, for a lease and a half", SMALL],
  ["calls that are lost, served late, or served twice", LOSSY],
  ["two calls under way at once", BUSY],
  ["a directory that comes back empty", WIPED],
  ["three nodes", THREE],
  ...(budget(1) > 1 ? LARGE : []),
];

describe("no two nodes whose leases stand are the home of one entry, no fence goes back, and what is another's ends", () => {
  test.each(SIZES)("%s", (_, size) => {
    const { states, failure } = search({ ...size, createTable });
    expect(failure).toBeUndefined();
    expect(states).toBeGreaterThan(5_000);
  });
});

describe("the search finds what goes wrong without", () => {
  const RULES_LEFT_OUT: readonly (readonly [string, Size, Partial<NodeRules>, string])[] = [
    [
      "counting a lease from when it was asked for",
      SMALL,
      { leaseCountsFrom: "heard" },
      "counts on a lease that is over",
    ],
    ["claiming again in a new life", SMALL, { reclaimsInNewLife: false }, "when all is well again"],
    ["ending what is another's", SMALL, { endsWhatIsAnothers: false }, "when all is well again"],
    [
      "knowing which life got an entry",
      BUSY,
      { knowsLifeOfHoldings: false },
      "2 nodes whose leases stand are its home",
    ],
  ];
  test.each(RULES_LEFT_OUT)("%s", (_, size, rules, what) => {
    const { failure } = search({ ...size, createTable, rules: { ...RULES, ...rules } });
    expect(failure?.what).toContain(what);
  });

  const CHECKS: readonly (readonly [string, Size, from: string, to: string, what: string])[] = [
    [
      "the lease of the home that loses an entry",
      SMALL,
      "if (this.#isAlive(entry.home)) return undefined;",
      "",
      "2 nodes whose leases stand are its home",
    ],
    ["a lease that is to be prolonged", SMALL, "if (!this.#isAlive(node)) return false;", "", "2 nodes"],
    [
      "a name that is enrolled twice",
      { ...LOSSY, ticks: 2 },
      "if (this.#leases.has(node)) return false;",
      "",
      "2 nodes",
    ],
    ["the next fence", SMALL, "entry.fence += 1;", "", "the fence goes from 1 to 1"],
    [
      "the home that saves",
      WIPED,
      "if (entry?.home !== node) return",
      "if (entry === undefined) return",
      "saves with fence 1",
    ],
    ["the home that reclaims", WIPED, "if (entry.home !== formerly) return undefined;", "", "2 nodes"],
    [
      "a reclaim whose answer was lost",
      { ...SMALL, nodes: 1, losses: 1 },
      "if (entry.home === node && entry.fence === fence + 1) return this.#seen(entry);",
      "",
      "ends what is at home there",
    ],
  ];
  test.each(CHECKS)("a check of the directory: %s", async (_, size, from, to, what) => {
    const { DirectoryTable: Mutant } = await importMutant(SOURCE, from, to);
    const { failure } = search({ ...size, createTable: (terms, now) => madeBy(Mutant, terms, now) });
    expect(failure?.what).toContain(what);
  });
});

function madeBy(mutant: unknown, ...words: ConstructorParameters<typeof DirectoryTable>): Table {
  if (!isTableClass(mutant)) throw new TypeError("The mutant has no DirectoryTable.");
  return new mutant(...words);
}

function isTableClass(value: unknown): value is typeof DirectoryTable {
  return typeof value === "function" && value.name.endsWith("DirectoryTable");
}
