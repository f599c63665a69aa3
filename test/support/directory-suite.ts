/** What every directory has to do, whatever it is made of: `describeDirectory` tests one kind. */
import { describe, expect, test } from "@jest/globals";
import { MAX_ALIASES, MAX_KEY_BYTES, MAX_RECORD_BYTES } from "../../src/cluster/directory-limits.ts";
import type { Directory, DirectoryEntry, DirectoryTerms } from "../../src/cluster/ports.ts";
import { eventually } from "./inbox.ts";

/** One cluster, all of whose nodes see the same. */
export interface DirectoryCluster {
  /** One more client, as another node has it. Its end comes with that of the cluster. */
  connect(): Promise<Directory>;
  /** Empties the directory, as a server does that comes back without its data. */
  wipe(): Promise<void>;
}

export interface DirectoryTarget {
  readonly name: string;
  /** Begins a cluster of its own, which ends with the test. */
  begin(terms: DirectoryTerms): Promise<DirectoryCluster>;
  /** Lets some time go by, in memory; elsewhere it goes by itself. */
  pass(ms: number): void;
  /** Claims of the test of 60,000 in this run. */
  readonly claims: number;
}

/** As a pool of codes asks for them, and so that each node's are whole batches. */
const CLAIMED_AT_ONCE = 20;
/** Long enough for what a test does within a lease, on a busy machine too. */
const LONG = { leaseMs: 60_000, keepMs: 600_000 };
/** A directory waits half of it for an answer: a busy machine takes a second for one. */
const SHORT_LEASE = { leaseMs: 4_000, keepMs: 600_000 };
/** As short as a server forgets. */
const SHORT_KEEP = { leaseMs: 60_000, keepMs: 1_000 };
/** A step of time while a test waits. */
const STEP_MS = 10;

const CODE_LETTERS = "BCDFGHJKLMNPQRSTV"; // 17: 83,521 codes

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (entry: DirectoryEntry | undefined): string => new TextDecoder().decode(entry?.record);
const NOTHING = new Uint8Array(0);

async function claimOne(directory: Directory, node: string, key: string, record = ""): Promise<void> {
  expect(await directory.claim(node, [{ key, record: bytes(record) }])).toEqual([key]);
}

export function describeDirectory(target: DirectoryTarget): void {
  const begin = async (terms: DirectoryTerms, nodes: readonly string[] = []) => {
    const cluster = await target.begin(terms);
    const directory = await cluster.connect();
    for (const node of nodes) expect(await directory.enrol(node)).toBe(true);
    return { cluster, directory };
  };
  const waitUntil = (what: string, isSo: () => Promise<boolean>): Promise<void> =>
    eventually(what, async () => {
      target.pass(STEP_MS);
      return isSo();
    });
  const lapsed = (directory: Directory, node: string): Promise<void> =>
    waitUntil(`the lease of ${node} is over`, async () => !(await directory.nodes()).includes(node));

  describe(`a directory in ${target.name}`, () => {
    describe("leases", () => {
      test("a name is enrolled once, and not again after its lease is over", async () => {
        const { directory } = await begin(SHORT_LEASE, ["a"]);
        expect(await directory.enrol("a")).toBe(false);
        await lapsed(directory, "a");
        expect(await directory.enrol("a")).toBe(false);
        expect(await directory.renew("a")).toBe(false);
        expect(await directory.nodes()).toEqual([]);
      });

      test("of many that enrol one name at once, one does", async () => {
        const { cluster } = await begin(LONG);
        const clients = await Promise.all(Array.from({ length: 4 }, () => cluster.connect()));
        const answers = await Promise.all(clients.flatMap((client) => [client.enrol("a"), client.enrol("a")]));
        expect(answers.filter(Boolean)).toHaveLength(1);
      });

      test("a lease stands for as long as it is renewed", async () => {
        const { directory } = await begin(SHORT_LEASE, ["kept", "left"]);
        await waitUntil("a lease beside it is over", async () => {
          expect(await directory.renew("kept")).toBe(true);
          return !(await directory.nodes()).includes("left");
        });
        await directory.renew("kept");
        expect(await directory.nodes()).toEqual(["kept"]);
      });

      test("another client renews a lease", async () => {
        const { cluster, directory } = await begin(LONG, ["a"]);
        const other = await cluster.connect();
        expect(await directory.renew("a")).toBe(true);
        expect(await other.renew("a")).toBe(true);
        expect(await directory.renew("a")).toBe(true);
      });

      test("a lease that was given up is over at once, and its name does not come back", async () => {
        const { directory } = await begin(LONG, ["a", "b"]);
        await directory.resign("a");
        await directory.resign("a");
        expect(await directory.nodes()).toEqual(["b"]);
        expect(await directory.renew("a")).toBe(false);
        expect(await directory.enrol("a")).toBe(false);
        await directory.resign("never-there");
        expect(await directory.nodes()).toEqual(["b"]);
      });

      test("a node that never enrolled has nothing to renew", async () => {
        const { directory } = await begin(LONG);
        expect(await directory.renew("a")).toBe(false);
        expect(await directory.nodes()).toEqual([]);
      });
    });

    describe("claims", () => {
      test("what is claimed is found, with its home, the fence 1 and its record", async () => {
        const { cluster, directory } = await begin(LONG, ["a"]);
        const record = Uint8Array.from({ length: 256 }, (_, byte) => byte);
        expect(await directory.claim("a", [{ key: "code:BCDF", record }])).toEqual(["code:BCDF"]);
        const found = await (await cluster.connect()).find("code:BCDF");
        expect(found).toMatchObject({ home: "a", isAlive: true, fence: 1 });
        expect(Uint8Array.from(found?.record ?? [])).toEqual(record);
        expect(await directory.find("code:BCDG")).toBeUndefined();
      });

      test("only what has no entry is claimed, each once", async () => {
        const { directory } = await begin(LONG, ["a", "b"]);
        await claimOne(directory, "a", "x", "a's");
        const entries = ["x", "y", "y", "z"].map((key) => ({ key, record: bytes("b's") }));
        expect(await directory.claim("b", entries)).toEqual(["y", "z"]);
        expect(text(await directory.find("x"))).toBe("a's");
        expect(await directory.claim("b", [])).toEqual([]);
      });

      test("of many that claim the same keys at once, one gets each", async () => {
        const { cluster, directory } = await begin(LONG, ["a", "b", "c"]);
        const keys = Array.from({ length: 50 }, (_, index) => `code:${index}`);
        const entries = keys.map((key) => ({ key, record: NOTHING }));
        const claimed = await Promise.all(
          ["a", "b", "c", "a", "b", "c"].map(async (node, index) => {
            const client = await cluster.connect();
            return { node, own: await client.claim(node, index < 3 ? entries : entries.toReversed()) };
          }),
        );
        expect(claimed.flatMap(({ own }) => own).toSorted()).toEqual(keys.toSorted());
        for (const { node, own } of claimed) {
          for (const key of own) expect((await directory.find(key))?.home).toBe(node);
        }
      });

      test("a node without a lease claims, takes over and reclaims nothing", async () => {
        const { directory } = await begin(LONG, ["a", "gone"]);
        await claimOne(directory, "a", "x");
        await claimOne(directory, "gone", "y");
        await directory.resign("gone");
        for (const node of ["gone", "stranger"]) {
          await expect(directory.claim(node, [{ key: "z", record: NOTHING }])).rejects.toThrow(
            `Node ${node} has no lease in the directory`,
          );
          await expect(directory.takeOver(node, "y", 1)).rejects.toThrow("has no lease");
          await expect(directory.reclaim(node, { key: "z", record: NOTHING, fence: 1, formerly: "a" })).rejects.toThrow(
            "has no lease",
          );
        }
        expect(await directory.find("z")).toBeUndefined();
        expect((await directory.find("y"))?.fence).toBe(1);
      });

      test("keys of any text are keys of their own", async () => {
        const { directory } = await begin(LONG, ["a"]);
        const keys = [
          "x",
          "X",
          " x",
          "x.y",
          "x.>",
          "*",
          ">",
          "room:user:bob",
          "party/42?#",
          "größe",
          "größe".normalize("NFD"),
          "🎲".repeat(100),
          "\u0000\n\r\t",
          "\uFEFFx",
          "a".repeat(MAX_KEY_BYTES),
          `${"a".repeat(MAX_KEY_BYTES - 1)}b`,
        ];
        expect(
          await directory.claim(
            "a",
            keys.map((key) => ({ key, record: bytes(key) })),
          ),
        ).toEqual(keys);
        for (const key of keys) {
          expect(Uint8Array.from((await directory.find(key))?.record ?? [])).toEqual(bytes(key));
          await directory.alias(`of ${keys.indexOf(key)}`, key);
        }
        for (const key of keys) expect(await directory.resolve(`of ${keys.indexOf(key)}`)).toBe(key);
      });

      test("what no directory takes is refused with a sentence, and nothing is claimed", async () => {
        const { directory } = await begin(LONG, ["a"]);
        const refused = async (key: string, record: Uint8Array, sentence: string): Promise<void> => {
          const entries = [
            { key: "fine", record: NOTHING },
            { key, record },
          ];
          await expect(directory.claim("a", entries)).rejects.toThrow(sentence);
        };
        await refused("", NOTHING, "The key of an entry is 1 to 600 bytes of text, not one of 0.");
        await refused("ä".repeat(301), NOTHING, "not one of 602");
        await refused("a\uD800", NOTHING, "not one with half a character");
        await refused("x", new Uint8Array(MAX_RECORD_BYTES + 1), `takes up to ${MAX_RECORD_BYTES}`);
        expect(await directory.find("fine")).toBeUndefined();
        await expect(directory.enrol("a b")).rejects.toThrow(
          `The name of a node is 1 to 64 letters, digits, "_" and "-"`,
        );
        await expect(directory.save("a", "x", 0.5, NOTHING)).rejects.toThrow("A fence is a whole number");
        await expect(directory.alias("", "x")).rejects.toThrow("The alias of an entry");
      });

      test("a record of the largest size comes back as it was", async () => {
        const { directory } = await begin(LONG, ["a"]);
        const record = new Uint8Array(MAX_RECORD_BYTES).fill(255);
        await directory.claim("a", [{ key: "x", record }]);
        expect(Buffer.compare((await directory.find("x"))?.record ?? NOTHING, record)).toBe(0);
      });
    });

    describe("taking over", () => {
      test("an entry is taken over after the lease of its home, with the next fence and the record as it was", async () => {
        const { directory } = await begin(SHORT_LEASE, ["a", "b"]);
        await claimOne(directory, "a", "x", "first");
        await directory.save("a", "x", 1, bytes("second"));
        const attempt = async (): Promise<DirectoryEntry | undefined> => {
          await directory.renew("b");
          return directory.takeOver("b", "x", 1);
        };
        let taken = await attempt();
        expect(taken).toBeUndefined();
        await waitUntil("b takes x over", async () => (taken = await attempt()) !== undefined);
        expect(taken).toMatchObject({ home: "b", isAlive: true, fence: 2 });
        expect(text(taken)).toBe("second");
        expect(await directory.find("x")).toEqual(taken);
        expect(await directory.renew("a")).toBe(false);
      });

      test("the lease of its home stands: it is not taken over", async () => {
        const { directory } = await begin(LONG, ["a", "b"]);
        await claimOne(directory, "a", "x");
        expect(await directory.takeOver("b", "x", 1)).toBeUndefined();
        expect(await directory.takeOver("a", "x", 1)).toBeUndefined();
        expect(await directory.takeOver("b", "y", 1)).toBeUndefined();
        expect(await directory.find("x")).toMatchObject({ home: "a", fence: 1 });
      });

      test("another fence than the one that was seen: it is not taken over", async () => {
        const { directory } = await begin(LONG, ["a", "b", "c"]);
        await claimOne(directory, "a", "x");
        await directory.resign("a");
        expect(await directory.takeOver("b", "x", 2)).toBeUndefined();
        expect(await directory.takeOver("b", "x", 1)).toMatchObject({ fence: 2 });
        await directory.resign("b");
        expect(await directory.takeOver("c", "x", 1)).toBeUndefined();
        expect(await directory.takeOver("c", "x", 2)).toMatchObject({ home: "c", fence: 3 });
      });

      test("of many that take it over at once, one does", async () => {
        const nodes = ["b", "c", "d", "e"];
        const { cluster, directory } = await begin(LONG, ["a", ...nodes]);
        const keys = Array.from({ length: 20 }, (_, index) => `code:${index}`);
        await directory.claim(
          "a",
          keys.map((key) => ({ key, record: NOTHING })),
        );
        await directory.resign("a");
        const clients = await Promise.all(nodes.map(async (node) => ({ node, client: await cluster.connect() })));
        for (const key of keys) {
          const taken = await Promise.all(clients.map(({ node, client }) => client.takeOver(node, key, 1)));
          const winners = taken.filter((entry) => entry !== undefined);
          expect(winners).toHaveLength(1);
          expect(await directory.find(key)).toEqual(winners[0]);
        }
      });

      test("what gave its lease up saves until another has taken over, and nothing after that", async () => {
        const { cluster, directory } = await begin(LONG, ["a", "b"]);
        const other = await cluster.connect();
        await claimOne(directory, "a", "x", "0");
        await directory.resign("a");
        expect((await directory.find("x"))?.isAlive).toBe(false);
        expect(await directory.save("a", "x", 1, bytes("last"))).toBe(true);
        expect(text(await other.takeOver("b", "x", 1))).toBe("last");
        expect(await directory.save("a", "x", 1, bytes("late"))).toBe(false);
        expect(await directory.save("a", "x", 2, bytes("late"))).toBe(false);
        await directory.release("a", "x", 1);
        await directory.release("a", "x", 2);
        expect(text(await directory.find("x"))).toBe("last");
      });

      test("a save that runs at once with a taking over is in the record that is taken, or is refused", async () => {
        const { cluster, directory } = await begin(LONG, ["b"]);
        const other = await cluster.connect();
        for (let round = 0; round < 20; round++) {
          const home = `a${round}`;
          const key = `x${round}`;
          await directory.enrol(home);
          await claimOne(directory, home, key, "old");
          await directory.resign(home);
          const [isSaved, taken] = await Promise.all([
            directory.save(home, key, 1, bytes("new")),
            other.takeOver("b", key, 1),
          ]);
          expect(text(taken)).toBe(isSaved ? "new" : "old");
          expect(text(await directory.find(key))).toBe(text(taken));
        }
      });
    });

    describe("saving and releasing", () => {
      test("only its home saves an entry, with its fence", async () => {
        const { directory } = await begin(LONG, ["a", "b"]);
        await claimOne(directory, "a", "x", "0");
        expect(await directory.save("a", "x", 1, bytes("1"))).toBe(true);
        expect(await directory.save("b", "x", 1, bytes("2"))).toBe(false);
        expect(await directory.save("a", "x", 2, bytes("3"))).toBe(false);
        expect(await directory.save("a", "y", 1, bytes("4"))).toBe(false);
        expect(text(await directory.find("x"))).toBe("1");
        expect(await directory.find("y")).toBeUndefined();
      });

      test("saves of one home arrive in order", async () => {
        const { directory } = await begin(LONG, ["a"]);
        await claimOne(directory, "a", "x", "0");
        const saves = Array.from({ length: 30 }, (_, index) => directory.save("a", "x", 1, bytes(String(index))));
        expect(await Promise.all(saves)).toEqual(saves.map(() => true));
        expect(text(await directory.find("x"))).toBe("29");
      });

      test("only its home releases an entry, with its fence; then any node may claim it", async () => {
        const { directory } = await begin(LONG, ["a", "b"]);
        await claimOne(directory, "a", "x");
        await directory.release("b", "x", 1);
        await directory.release("a", "x", 2);
        expect(await directory.find("x")).toMatchObject({ home: "a" });
        await directory.release("a", "x", 1);
        await directory.release("a", "x", 1);
        expect(await directory.find("x")).toBeUndefined();
        await claimOne(directory, "b", "x", "new");
        await directory.release("a", "x", 1);
        expect(await directory.find("x")).toMatchObject({ home: "b", fence: 1 });
      });
    });

    describe("reclaiming", () => {
      const entry = { key: "x", record: bytes("mine"), fence: 3, formerly: "a" };

      test("what the directory has lost is put back with the next fence", async () => {
        const { directory } = await begin(LONG, ["a2"]);
        const back = await directory.reclaim("a2", entry);
        expect(back).toMatchObject({ home: "a2", isAlive: true, fence: 4 });
        expect(text(back)).toBe("mine");
        expect(await directory.find("x")).toEqual(back);
        expect(await directory.save("a2", "x", 4, bytes("more"))).toBe(true);
      });

      test("the entry of an earlier life of the node becomes that of its new one", async () => {
        const { directory } = await begin(LONG, ["a", "a2"]);
        await claimOne(directory, "a", "x", "old");
        await directory.resign("a");
        const back = await directory.reclaim("a2", { ...entry, fence: 1 });
        expect(back).toMatchObject({ home: "a2", fence: 2 });
        expect(text(back)).toBe("mine");
        expect(await directory.save("a", "x", 1, bytes("late"))).toBe(false);
      });

      test("the answer was lost: the same call again gives the same", async () => {
        const { directory } = await begin(LONG, ["a2"]);
        const back = await directory.reclaim("a2", entry);
        expect(await directory.reclaim("a2", entry)).toEqual(back);
      });

      test("what is another's by now is not taken from it", async () => {
        const { directory } = await begin(LONG, ["a", "b", "a2"]);
        await claimOne(directory, "a", "x", "old");
        expect(await directory.reclaim("a2", { ...entry, fence: 2 })).toBeUndefined();
        await directory.resign("a");
        await directory.takeOver("b", "x", 1);
        expect(await directory.reclaim("a2", { ...entry, fence: 1 })).toBeUndefined();
        expect(await directory.reclaim("a2", { ...entry, fence: 2 })).toBeUndefined();
        expect(await directory.find("x")).toMatchObject({ home: "b", fence: 2 });
        await directory.resign("b");
        expect(await directory.reclaim("a2", { ...entry, fence: 2 })).toBeUndefined();
      });

      test("of a reclaim and takings over at once, one succeeds", async () => {
        const { cluster, directory } = await begin(LONG, ["b", "c"]);
        const [one, two, three] = await Promise.all([cluster.connect(), cluster.connect(), cluster.connect()]);
        for (let round = 0; round < 20; round++) {
          const [formerly, node, key] = [`a${round}`, `z${round}`, `x${round}`];
          await directory.enrol(formerly);
          await directory.enrol(node);
          await claimOne(directory, formerly, key);
          await directory.resign(formerly);
          const answers = await Promise.all([
            one.reclaim(node, { key, record: NOTHING, fence: 1, formerly }),
            two.takeOver("b", key, 1),
            three.takeOver("c", key, 1),
          ]);
          const winners = answers.filter((answer) => answer !== undefined);
          expect(winners).toHaveLength(1);
          expect(winners[0]?.fence).toBe(2);
          expect(await directory.find(key)).toEqual(winners[0]);
        }
      });

      test("of two that put back what was lost, one does", async () => {
        const { cluster, directory } = await begin(LONG, ["a", "b"]);
        const other = await cluster.connect();
        const answers = await Promise.all([
          directory.reclaim("a", { ...entry, formerly: "a0" }),
          other.reclaim("b", { ...entry, formerly: "b0" }),
        ]);
        const winners = answers.filter((answer) => answer !== undefined);
        expect(winners).toHaveLength(1);
        expect(await directory.find("x")).toEqual(winners[0]);
      });
    });

    describe("aliases", () => {
      test("an alias leads to its key until it or the entry ends", async () => {
        const { cluster, directory } = await begin(LONG, ["a"]);
        const other = await cluster.connect();
        await claimOne(directory, "a", "x");
        expect(await other.resolve("host:1")).toBeUndefined();
        await directory.alias("host:1", "x");
        await directory.alias("host:2", "x");
        await directory.alias("host:2", "x");
        expect(await other.resolve("host:1")).toBe("x");
        await directory.unalias("host:1", "y");
        expect(await other.resolve("host:1")).toBe("x");
        await directory.unalias("host:1", "x");
        expect(await other.resolve("host:1")).toBeUndefined();
        await directory.release("a", "x", 1);
        expect(await other.resolve("host:2")).toBeUndefined();
      });

      test("a later entry of the same key has none of its aliases", async () => {
        const { directory } = await begin(LONG, ["a", "b"]);
        await claimOne(directory, "a", "x");
        await directory.alias("host:1", "x");
        await directory.release("a", "x", 1);
        await claimOne(directory, "b", "x");
        expect(await directory.resolve("host:1")).toBeUndefined();
      });

      test("the newest call wins, and the end of the other entry does not end it", async () => {
        const { directory } = await begin(LONG, ["a"]);
        await claimOne(directory, "a", "x");
        await claimOne(directory, "a", "y");
        await directory.alias("host:1", "x");
        await directory.alias("host:1", "y");
        expect(await directory.resolve("host:1")).toBe("y");
        await directory.unalias("host:1", "x");
        await directory.release("a", "x", 1);
        expect(await directory.resolve("host:1")).toBe("y");
      });

      test("of two calls at once, one wins for all", async () => {
        const { cluster, directory } = await begin(LONG, ["a"]);
        const [one, two] = await Promise.all([cluster.connect(), cluster.connect()]);
        await claimOne(directory, "a", "x");
        await claimOne(directory, "a", "y");
        await Promise.all([one.alias("host:1", "x"), two.alias("host:1", "y")]);
        const winner = await directory.resolve("host:1");
        expect(["x", "y"]).toContain(winner);
        for (const client of [one, two]) expect(await client.resolve("host:1")).toBe(winner);
      });

      test("an alias stays through saves, a taking over and a reclaim", async () => {
        const { directory } = await begin(LONG, ["a", "b", "b2"]);
        await claimOne(directory, "a", "x");
        await directory.alias("host:1", "x");
        await directory.save("a", "x", 1, bytes("1"));
        await directory.resign("a");
        await directory.takeOver("b", "x", 1);
        expect(await directory.resolve("host:1")).toBe("x");
        await directory.resign("b");
        await directory.reclaim("b2", { key: "x", record: NOTHING, fence: 2, formerly: "b" });
        expect(await directory.resolve("host:1")).toBe("x");
      });

      test("of more aliases than an entry may have, the oldest ends", async () => {
        const { directory } = await begin(LONG, ["a"]);
        await claimOne(directory, "a", "x");
        for (let index = 0; index <= MAX_ALIASES; index++) await directory.alias(`host:${index}`, "x");
        expect(await directory.resolve("host:0")).toBeUndefined();
        for (let index = 1; index <= MAX_ALIASES; index++) expect(await directory.resolve(`host:${index}`)).toBe("x");
      });

      test("an alias of what has no entry leads nowhere", async () => {
        const { directory } = await begin(LONG, ["a"]);
        await directory.alias("host:1", "x");
        expect(await directory.resolve("host:1")).toBeUndefined();
        await claimOne(directory, "a", "x");
        expect(await directory.resolve("host:1")).toBeUndefined();
      });
    });

    describe("time", () => {
      test("an entry that is not saved is forgotten; one that is saved stays, with its aliases", async () => {
        const { directory } = await begin(SHORT_KEEP, ["a"]);
        await claimOne(directory, "a", "kept");
        await directory.alias("host:1", "kept");
        await claimOne(directory, "a", "left");
        await directory.alias("host:2", "left");
        for (const round of ["first", "second"]) {
          await waitUntil(`what is left alone is forgotten, for the ${round} time`, async () => {
            expect(await directory.save("a", "kept", 1, bytes(round))).toBe(true);
            return (await directory.find("left")) === undefined;
          });
          expect(await directory.resolve("host:2")).toBeUndefined();
          expect(text(await directory.find("kept"))).toBe(round);
          expect(await directory.resolve("host:1")).toBe("kept");
          await claimOne(directory, "a", "left");
        }
      });

      test("what was forgotten may be claimed, and is not saved by its last home", async () => {
        const { directory } = await begin(SHORT_KEEP, ["a", "b"]);
        await claimOne(directory, "a", "x");
        await waitUntil("x is forgotten", async () => (await directory.find("x")) === undefined);
        expect(await directory.save("a", "x", 1, NOTHING)).toBe(false);
        await claimOne(directory, "b", "x");
        expect(await directory.save("a", "x", 1, NOTHING)).toBe(false);
        expect(await directory.find("x")).toMatchObject({ home: "b", fence: 1 });
      });

      test("a directory that comes back empty is young, knows no lease, and is filled again", async () => {
        const { cluster, directory } = await begin(LONG, ["a"]);
        await claimOne(directory, "a", "x", "old");
        await directory.alias("host:1", "x");
        await waitUntil("it has an age", async () => (await directory.age()) >= 200);
        await cluster.wipe();
        expect(await directory.age()).toBeLessThan(200 + 60_000);
        expect(await directory.find("x")).toBeUndefined();
        expect(await directory.resolve("host:1")).toBeUndefined();
        expect(await directory.nodes()).toEqual([]);
        expect(await directory.renew("a")).toBe(false);
        expect(await directory.save("a", "x", 1, NOTHING)).toBe(false);
        expect(await directory.enrol("a2")).toBe(true);
        expect(
          await directory.reclaim("a2", { key: "x", record: bytes("mine"), fence: 1, formerly: "a" }),
        ).toMatchObject({ home: "a2", fence: 2 });
        await directory.alias("host:1", "x");
        expect(await directory.resolve("host:1")).toBe("x");
      });

      test("its age begins again with a new beginning", async () => {
        const { cluster, directory } = await begin(LONG, ["a"]);
        await waitUntil("it has an age", async () => (await directory.age()) >= 1_000);
        await cluster.wipe();
        // The second that it took to get so old has not gone by again.
        let ages: readonly [number, number] = [await directory.age(), Infinity];
        await waitUntil("its age grows", async () => {
          ages = [ages[0], await directory.age()];
          return ages[1] > ages[0];
        });
        expect(ages[0]).toBeGreaterThanOrEqual(0);
        expect(ages[0]).toBeLessThan(1_000);
      });
    });

    test(`no code is held twice after ${target.claims.toLocaleString("en")} claims at once over three nodes`, async () => {
      const nodes = ["a", "b", "c"];
      const { cluster, directory } = await begin({ leaseMs: 600_000, keepMs: 3_600_000 }, nodes);
      const clients = await Promise.all(nodes.map(async (node) => ({ node, client: await cluster.connect() })));
      const codes = Array.from({ length: 78_575 }, (_, index) => codeOf(index));
      const held = new Map<string, string[]>();
      const each = target.claims / nodes.length;
      await Promise.all(
        clients.flatMap(({ node, client }, start) =>
          Array.from({ length: each / CLAIMED_AT_ONCE }, async (_, batch) => {
            // Each node walks through the codes in another order, so that they meet everywhere.
            const entries = Array.from({ length: CLAIMED_AT_ONCE }, (__, place) => {
              const index = batch * CLAIMED_AT_ONCE + place;
              const code = codes[(index * (7 + 4 * start) + start * 1_000) % codes.length] ?? "";
              return { key: `code:${code}`, record: NOTHING };
            });
            const claimed = await client.claim(node, entries);
            for (const key of claimed) held.set(key, [...(held.get(key) ?? []), node]);
          }),
        ),
      );
      expect([...held.values()].filter((holders) => holders.length !== 1)).toEqual([]);
      expect(held.size).toBeGreaterThan(target.claims / 3);
      for (const [key, [holder]] of [...held].filter((_, index) => index % 97 === 0)) {
        expect((await directory.find(key))?.home).toBe(holder);
      }
    });
  });
}

function codeOf(index: number): string {
  let code = "";
  for (let rest = index, place = 0; place < 4; place++, rest = Math.floor(rest / CODE_LETTERS.length)) {
    code += CODE_LETTERS[rest % CODE_LETTERS.length];
  }
  return code;
}
