/** Any crowd at any nodes, against a plain count of the same votes: no vote counts twice, none is missing, and the number of watchers is right. */
import { expect, test } from "@jest/globals";
import {
  Stage,
  startNodes,
  sumOf,
  turns,
  type AudienceReport,
  type LinkedNode,
} from "../../../support/cluster/shared-audience.ts";
import type { TestPeer } from "../../../support/cluster/test-peer.ts";
import * as fc from "../../../support/property-testing.ts";
import { budget } from "../../../support/seeded-random.ts";

const RUNS = 40;
const CAPACITY = 12;

type Step =
  | { readonly is: "join"; readonly node: number }
  | { readonly is: "leave" | "cut"; readonly which: number }
  | { readonly is: "vote"; readonly which: number; readonly text: number }
  | { readonly is: "poll"; readonly isOpen: boolean }
  | { readonly is: "say" | "travel" | "pass" };

const which = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ is: fc.constant("join" as const), node: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("leave" as const), which }) },
  { weight: 12, arbitrary: fc.record({ is: fc.constant("vote" as const), which, text: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("poll" as const), isOpen: fc.constantFrom(true, true, false) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("cut" as const), which }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constantFrom("say" as const, "travel" as const, "pass" as const) }) },
);

interface Watcher {
  readonly peer: TestPeer;
  /** 0: the home. */
  readonly node: number;
  said: number;
}

/** What a plain count makes of the same steps. */
class Expected {
  /** By poll: the newest vote of each watcher, gone or not. */
  readonly polls = new Map<string, Map<Watcher, string>>();
  /** Votes without a poll. */
  cheers = 0;
  /** The poll that each node knows of; `undefined`: none is open. */
  readonly #known: (string | undefined)[];

  constructor(nodes: number) {
    this.#known = Array.from({ length: nodes }, () => undefined);
  }

  /** The home knows at once. */
  open(poll: string | undefined): void {
    this.#known[0] = poll;
  }

  /** What the home has said has arrived. */
  travel(): void {
    this.#known.fill(this.#known[0]);
  }

  vote(watcher: Watcher, text: string): void {
    const poll = this.#known[watcher.node];
    if (poll === undefined) this.cheers += 1;
    else this.polls.set(poll, (this.polls.get(poll) ?? new Map<Watcher, string>()).set(watcher, text));
  }
}

class Evening {
  readonly #nodes: readonly LinkedNode[];
  readonly #stage: Stage;
  readonly #expected: Expected;
  readonly #reports: AudienceReport[] = [];
  #watchers: Watcher[] = [];
  #polls = 0;
  #open: string | undefined;

  constructor(nodes: readonly LinkedNode[], stage: Stage) {
    this.#nodes = nodes;
    this.#stage = stage;
    this.#expected = new Expected(nodes.length);
  }

  async do(one: Step): Promise<void> {
    switch (one.is) {
      case "join":
        return this.#join(one.node % this.#nodes.length);
      case "leave":
        return this.#leave(one.which);
      case "vote":
        return this.#vote(one.which, `text ${one.text}`);
      case "poll":
        return this.#poll(one.isOpen);
      case "cut":
        return this.#cut(1 + (one.which % (this.#nodes.length - 1)));
      case "say":
        return this.#stage.order({ cmd: "to_audience_str", data: "curtain" });
      case "travel":
        return this.#travel();
      case "pass":
        return this.#settle();
      default:
        one satisfies never;
    }
  }

  async check(): Promise<void> {
    await this.#settle();
    expect(this.#stage.room.audienceCount).toBe(this.#watchers.length);
    const last = new Map<unknown, AudienceReport>();
    let cheers = 0;
    for (const report of this.#reports) {
      if (report.poll === undefined) cheers += sumOf(report);
      else last.set(report.poll, report);
    }
    expect(cheers).toBe(this.#expected.cheers);
    for (const [poll, newest] of this.#expected.polls) {
      const votes: Record<string, number> = {};
      for (const text of newest.values()) votes[text] = (votes[text] ?? 0) + 1;
      expect([poll, last.get(poll)?.tally]).toEqual([poll, votes]);
    }
    expect(this.#nodes.flatMap(({ bugs }) => bugs)).toEqual([]);
    // Nothing of a poll is told behind something of a later one.
    const order = this.#reports
      .map(({ poll }) => poll)
      .filter((poll) => poll !== undefined)
      .map(String)
      .map(Number);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }

  async #join(node: number): Promise<void> {
    await this.#travel(); // the home may not have heard yet that another node's watcher has left
    const peer = this.#stage.arrive(this.#nodes[node] ?? this.#home);
    await this.#travel();
    if (this.#watchers.length === CAPACITY) expect(peer.closing).toMatchObject({ name: "room_full" });
    else this.#watchers.push({ peer, node, said: 0 });
  }

  #leave(index: number): void {
    const watcher = this.#watchers[index % this.#watchers.length];
    this.#watchers = this.#watchers.filter((one) => one !== watcher);
    watcher?.peer.hangUp();
  }

  #vote(index: number, text: string): void {
    const watcher = this.#watchers[index % this.#watchers.length];
    if (watcher === undefined) return;
    watcher.peer.say(text);
    this.#expected.vote(watcher, text);
  }

  #poll(isOpen: boolean): void {
    this.#polls += 1;
    this.#open = isOpen ? `${this.#polls}` : undefined;
    this.#stage.order({ cmd: "poll", ...(isOpen && { id: this.#open }) });
    this.#expected.open(this.#open);
  }

  /** The way between the home and a node is lost, when the node has told all its votes. Its watchers are closed; what they have voted stays. */
  async #cut(node: number): Promise<void> {
    await this.#settle();
    const { mail } = this.#nodes[node] ?? this.#home;
    const [name, life = "1"] = mail.self.split("-");
    await mail.start(`${name}-${Number(life) + 1}`);
    await this.#travel();
    for (const { peer } of this.#watchers.filter((one) => one.node === node))
      expect(peer.closing).toMatchObject({ name: "restarting" });
    this.#watchers = this.#watchers.filter((one) => one.node !== node);
  }

  async #travel(): Promise<void> {
    await turns();
    this.#expected.travel();
  }

  async #settle(): Promise<void> {
    await this.#stage.settle();
    this.#expected.travel();
    this.#reports.push(...this.#stage.reports());
  }

  get #home(): LinkedNode {
    const [home] = this.#nodes;
    if (home === undefined) throw new Error("There is no node.");
    return home;
  }
}

test.each([2, 3, 4])("P5.6 the votes of %i nodes beside the home are exact, whatever happens", async (edges) => {
  const nodes = await startNodes(edges, { hub: { maxRooms: 1_000 } });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: "max" }), async (steps) => {
      const stage = await Stage.open(nodes.home, nodes.edges, { audience: CAPACITY });
      const evening = new Evening([nodes.home, ...nodes.edges], stage);
      for (const one of steps) await evening.do(one);
      await evening.check();
      stage.order({ cmd: "stop" });
      await turns();
      const all = [nodes.home, ...nodes.edges];
      expect(all.map(({ links }) => links.shares)).toEqual(all.map(() => ({ atEdge: 0, atHome: 0 })));
    }),
    { numRuns: budget(RUNS) },
  );
});
