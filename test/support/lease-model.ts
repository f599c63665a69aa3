/**
 * A small world of nodes that share one entry of a directory, for the search in lease-search.ts. The directory is the real
 * `DirectoryTable`; its nodes follow the rules of `NodeLease` and `Homes`, each call in its three steps: it is asked, it is served, its answer is heard.
 *
 * A node that is paused, or that has crashed, is one that takes no step while time goes by; one that is cut off is one whose calls are lost, or served late.
 * So the search meets all of them without steps of their own.
 */
import type { DirectoryTerms } from "../../src/cluster/ports.ts";
import { answerOf, KEY, nameOf, type Answer, type Call, type Table } from "./lease-calls.ts";

/** What keeps the nodes of the model from harm. Without any of it the search finds something. */
export interface NodeRules {
  /** From when a node counts its lease. */
  readonly leaseCountsFrom: "asked" | "heard";
  readonly reclaimsInNewLife: boolean;
  readonly endsWhatIsAnothers: boolean;
  /** Whether what the directory gives to a life that is over meanwhile is claimed again like all else. */
  readonly knowsLifeOfHoldings: boolean;
}

export const RULES: NodeRules = {
  leaseCountsFrom: "asked",
  reclaimsInNewLife: true,
  endsWhatIsAnothers: true,
  knowsLifeOfHoldings: true,
};

export interface ModelOptions {
  readonly nodes: number;
  /** Steps of time that a search goes on for; a lease is two. */
  readonly ticks: number;
  /** Lives of each node. */
  readonly lives: number;
  /** Calls of one run whose answer is lost, or that are served once more; those may be served any time later. */
  readonly losses: number;
  /** Calls that are under way at one time. */
  readonly underWay: number;
  /** Whether the directory comes back empty once. */
  readonly isWiped?: boolean;
  readonly rules?: NodeRules;
  readonly createTable: (terms: DirectoryTerms, now: () => number) => Table;
}

/** In steps of time. */
const LEASE = 2;
/** Rounds in which nodes that run undisturbed have come to rest. */
const HEALING_ROUNDS = 8;

interface Asked {
  readonly call: Call;
  /** `undefined`: not served yet. */
  readonly answer?: Answer;
}

interface ModelNode {
  readonly life: number;
  /** Until when it counts on its lease. */
  readonly until: number;
  /** It has no lease that it knows of: it takes up a new life next. */
  readonly isLapsed: boolean;
  /** It is the home of the entry, as it believes. */
  readonly held?: { readonly life: number; readonly fence: number } | undefined;
  readonly lease?: Asked | undefined;
  readonly entry?: Asked | undefined;
  /** A call that the node waits for no more, and that is not served yet. */
  readonly stray?: Call | undefined;
}

export type Step =
  | { readonly do: "tick" | "wipe" }
  | { readonly do: "askLease" | "askEntry" | "serveStray"; readonly node: number }
  | { readonly do: "serve" | "hear" | "lose" | "repeat"; readonly node: number; readonly what: "lease" | "entry" };

/** A call that the directory has served, and when. */
interface Served {
  readonly before: Served | undefined;
  readonly at: number;
  readonly node: number;
  readonly call: Call;
}

export class World {
  readonly #options: ModelOptions;
  readonly #rules: NodeRules;
  nodes: ModelNode[];
  failure: string | undefined;
  #now = 0;
  #losses = 0;
  #wipedAt: number | undefined;
  /** The life to which the directory gave the entry last. */
  #given: { readonly name: string; readonly fence: number } | undefined;
  /** All that makes the directory what it is. */
  #served: Served | undefined;
  /** A directory that has served them, while nothing else happens to it. */
  #standing: { readonly table: Table; now: number } | undefined;
  /** What the directory says after that: until when each lease stands, and the entry. */
  #leases: ReadonlyMap<string, number> = new Map();
  #entry: { readonly home: string; readonly fence: number } | undefined;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#rules = options.rules ?? RULES;
    this.nodes = Array.from({ length: options.nodes }, () => ({ life: 0, until: -1, isLapsed: true }));
  }

  copy(): World {
    const copy = new World(this.#options);
    copy.nodes = [...this.nodes];
    copy.failure = this.failure;
    copy.#now = this.#now;
    copy.#losses = this.#losses;
    copy.#wipedAt = this.#wipedAt;
    copy.#given = this.#given;
    copy.#served = this.#served;
    copy.#leases = this.#leases;
    copy.#entry = this.#entry;
    return copy;
  }

  /** What may happen next. */
  steps(): readonly Step[] {
    const { ticks, lives, losses, underWay, isWiped = false } = this.#options;
    const steps: Step[] = [];
    if (this.#now < ticks) steps.push({ do: "tick" });
    if (isWiped && this.#wipedAt === undefined) steps.push({ do: "wipe" });
    const waiting = this.nodes.reduce((sum, { lease, entry }) => sum + (lease ? 1 : 0) + (entry ? 1 : 0), 0);
    for (const [node, state] of this.nodes.entries()) {
      if (waiting < underWay) {
        // One more renewal in the same moment changes nothing.
        const mayAsk = state.isLapsed ? state.life < lives : state.until < this.#now + LEASE;
        if (state.lease === undefined && mayAsk) steps.push({ do: "askLease", node });
        if (state.entry === undefined && this.#nextEntryCall(node) !== undefined) steps.push({ do: "askEntry", node });
      }
      if (state.stray !== undefined) steps.push({ do: "serveStray", node });
      for (const what of ["lease", "entry"] as const) {
        const asked = state[what];
        if (asked === undefined) continue;
        steps.push({ do: asked.answer === undefined ? "serve" : "hear", node, what });
        if (this.#losses >= losses) continue;
        steps.push({ do: "lose", node, what });
        if (asked.answer !== undefined && state.stray === undefined) steps.push({ do: "repeat", node, what });
      }
    }
    return steps;
  }

  take(step: Step): void {
    switch (step.do) {
      case "tick":
        this.#now++;
        break;
      case "wipe":
        this.#wipedAt = this.#now;
        this.#served = undefined;
        this.#standing = undefined;
        this.#leases = new Map();
        this.#entry = undefined;
        break;
      case "askLease":
        this.#askLease(step.node);
        break;
      case "askEntry":
        this.#askEntry(step.node);
        break;
      case "serveStray": {
        const { stray } = this.#at(step.node);
        if (stray !== undefined) this.#serve(step.node, stray);
        this.#change(step.node, { stray: undefined });
        break;
      }
      case "serve": {
        const asked = this.#at(step.node)[step.what];
        if (asked === undefined) break;
        const answered = { call: asked.call, answer: this.#serve(step.node, asked.call) };
        this.#change(step.node, { [step.what]: answered });
        break;
      }
      case "hear":
        this.#hear(step.node, step.what);
        break;
      case "lose":
        this.#lose(step.node, step.what);
        break;
      case "repeat":
        this.#losses++;
        this.#change(step.node, { stray: this.#at(step.node)[step.what]?.call });
        break;
    }
    this.#check();
    this.#standing = undefined; // It would be kept with every state.
  }

  /** Whether no call is under way. */
  get isQuiet(): boolean {
    return this.nodes.every(({ lease, entry }) => lease === undefined && entry === undefined);
  }

  /** All that a search has to know to tell two states apart. */
  key(): string {
    const { nodes } = this;
    const leases = [...this.#leases]
      .filter(([, until]) => this.#now < until)
      .map(String)
      .toSorted();
    return JSON.stringify([this.#now, this.#losses, this.#wipedAt, nodes, leases, this.#entry, this.#given]);
  }

  /** Lets every node run undisturbed for a while: then one is the home, and the directory says the same. */
  heal(): string | undefined {
    let said = "nothing";
    for (let round = 0; round < HEALING_ROUNDS; round++) {
      for (const index of this.nodes.keys()) {
        for (const what of ["lease", "entry"] as const) {
          if (this.#at(index)[what] === undefined && what === "lease") this.#askLease(index);
          if (this.#at(index)[what] === undefined) this.#askEntry(index);
          const asked = this.#at(index)[what];
          if (asked === undefined) continue;
          const answer = asked.answer ?? this.#serve(index, asked.call);
          this.#change(index, { [what]: { call: asked.call, answer } });
          this.#hear(index, what);
          this.#check();
        }
      }
      if (this.failure !== undefined) return this.failure;
      const homes = this.nodes.flatMap(({ held }, index) => (held === undefined ? [] : [nameOf(index, held.life)]));
      if (homes.length === 1 && homes[0] === this.#entry?.home) return undefined;
      said = `${this.#entry?.home} by the directory, ${homes.join(" and ") || "none"} by the nodes`;
    }
    return `when all is well again, its home is ${said}`;
  }

  #at(index: number): ModelNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`There is no node ${index}.`);
    return node;
  }

  #change(index: number, changes: Partial<ModelNode>): void {
    this.nodes[index] = { ...this.#at(index), ...changes };
  }

  #askLease(index: number): void {
    const { isLapsed, life } = this.#at(index);
    const call: Call = isLapsed
      ? { kind: "enrol", life: life + 1, askedAt: this.#now }
      : { kind: "renew", life, askedAt: this.#now };
    this.#change(index, { lease: { call } });
  }

  #askEntry(index: number): void {
    const call = this.#nextEntryCall(index);
    if (call !== undefined) this.#change(index, { entry: { call } });
  }

  /** What a node asks about the entry next. It has found what stands there now; what it asks for after that may be served much later. */
  #nextEntryCall(index: number): Call | undefined {
    const { life, isLapsed, held } = this.#at(index);
    if (life === 0 || isLapsed) return undefined;
    if (held !== undefined) {
      const { fence, life: formerly } = held;
      if (formerly !== life && this.#rules.reclaimsInNewLife) return { kind: "reclaim", life, fence, formerly };
      return { kind: "save", life: formerly, fence };
    }
    const found = this.#entry;
    if (found === undefined) return { kind: "claim", life };
    // The answer to what gave it this entry was lost.
    if (found.home === nameOf(index, life)) return { kind: "adopt", life, fence: found.fence };
    // It does not look whether that lease stands: the directory does.
    return { kind: "takeOver", life, fence: found.fence };
  }

  #isStanding(name: string): boolean {
    return this.#now < (this.#leases.get(name) ?? -1);
  }

  /** Serves a call by a directory that has served all calls before. */
  #serve(node: number, call: Call): Answer {
    const standing = this.#standing ?? this.#rebuilt();
    this.#standing = standing;
    standing.now = this.#now;
    const answer = answerOf(standing.table, node, call);
    this.#served = { before: this.#served, at: this.#now, node, call };
    this.#leases = new Map([...standing.table.leases()].map(([name, left]) => [name, this.#now + left]));
    this.#entry = standing.table.find(KEY);
    this.#witness(nameOf(node, call.life), call, answer);
    return answer;
  }

  #rebuilt(): { readonly table: Table; now: number } {
    const clock = { now: 0 };
    const table = this.#options.createTable({ leaseMs: LEASE, keepMs: 1_000_000 }, () => clock.now);
    const calls: Served[] = [];
    for (let served = this.#served; served !== undefined; served = served.before) calls.push(served);
    for (const { at, node, call } of calls.toReversed()) {
      clock.now = at;
      answerOf(table, node, call);
    }
    return Object.assign(clock, { table });
  }

  /** Sees what the directory answers, and to which life. */
  #witness(name: string, call: Call, answer: Answer): void {
    const given = this.#given;
    if (call.kind === "save" && answer === true && (given?.name !== name || given.fence !== call.fence)) {
      this.#fail(`${name} saves with fence ${call.fence} what is ${given?.name}'s by now`);
    }
    if (typeof answer !== "object" || (given?.name === name && given.fence === answer.fence)) return;
    if (given !== undefined && answer.fence <= given.fence && this.#wipedAt === undefined) {
      this.#fail(`the fence goes from ${given.fence} to ${answer.fence}`);
    }
    this.#given = { name, fence: answer.fence };
  }

  #hear(index: number, what: "lease" | "entry"): void {
    const node = this.#at(index);
    const asked = node[what];
    if (asked?.answer === undefined) return;
    const { call, answer } = asked;
    this.#change(index, { [what]: undefined });
    switch (call.kind) {
      case "enrol":
      case "renew": {
        const countedFrom = this.#rules.leaseCountsFrom === "asked" ? call.askedAt : this.#now;
        const until = answer === true ? countedFrom + LEASE : -1;
        this.#change(index, { life: call.life, isLapsed: answer !== true, until });
        break;
      }
      case "claim":
      case "takeOver":
      case "adopt": {
        if (typeof answer !== "object" || node.held !== undefined) break;
        const life = this.#rules.knowsLifeOfHoldings ? call.life : node.life;
        this.#change(index, { held: { life, fence: answer.fence } });
        break;
      }
      case "reclaim":
        if (typeof answer === "object") this.#change(index, { held: { life: call.life, fence: answer.fence } });
        else if (answer === "none" && call.life === node.life) this.#endHeld(index);
        break;
      case "save":
        if (answer === false && call.life === node.life) this.#endHeld(index);
        break;
    }
  }

  #endHeld(index: number): void {
    const name = nameOf(index, this.#at(index).life);
    if (this.#entry?.home === name) this.#fail(`${name} ends what is at home there`);
    if (this.#rules.endsWhatIsAnothers) this.#change(index, { held: undefined });
  }

  #lose(index: number, what: "lease" | "entry"): void {
    const node = this.#at(index);
    const asked = node[what];
    if (asked === undefined) return;
    this.#losses++;
    this.#change(index, { [what]: undefined });
    if (asked.answer === undefined && node.stray === undefined) this.#change(index, { stray: asked.call });
    // The name may be taken by now, so that the next life has another.
    if (asked.call.kind === "enrol") this.#change(index, { life: asked.call.life });
  }

  #check(): void {
    if (this.#wipedAt !== undefined && this.#now < this.#wipedAt + LEASE) return; // nodes do not know it yet
    let homes = 0;
    for (const [index, { until, life, held }] of this.nodes.entries()) {
      if (this.#now >= until) continue;
      const name = nameOf(index, life);
      if (!this.#isStanding(name)) this.#fail(`${name} counts on a lease that is over`);
      if (held?.life === life) homes++;
    }
    if (homes > 1) this.#fail(`${homes} nodes whose leases stand are its home`);
  }

  #fail(what: string): void {
    this.failure ??= what;
  }
}
