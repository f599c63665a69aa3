/**
 * Spreads facts over nodes in three ways: each is told to all when it comes up, and again where the bus was away meanwhile; a node that starts asks another one for
 * everything; and every few seconds two nodes compare what they know, so that what was lost on the way gets there too.
 */
import type { Clock } from "../../room/ports.ts";
import type { NodeId } from "../ports.ts";
import type { Calls } from "./calls.ts";
import type { Fact, SharedFacts } from "./shared-facts.ts";

export interface FactSpreadOptions {
  readonly calls: Calls;
  /** Nodes whose lease stands; this one may be among them. */
  readonly nodes: () => Promise<readonly NodeId[]>;
  /** This node's name now; `undefined` while it has none. */
  readonly self: () => NodeId | undefined;
  readonly clock: Pick<Clock, "now" | "after">;
  /** From 0 up to 1, without 1. @default Math.random */
  readonly random?: () => number;
  /** Told what is wrong with what another node has said. */
  readonly onWrong: (problem: string, from: NodeId) => void;
}

/** Milliseconds between two comparisons, on the average. */
const COMPARE_MS = 10_000;
/** Characters of JSON in one message. */
const MAX_MESSAGE_CHARACTERS = 131_072;
const MAX_FACTS = 2_000;
/** Facts that were told lately, and are told again when the bus is back: so many, and so many characters of JSON. */
const MAX_REPEATED = 1_000;
const MAX_REPEATED_CHARACTERS = 1_048_576;
/** What was said so long before another node was reached for the last time may have been lost as well. */
const DOUBTFUL_MS = 5_000;
/** Nodes that are asked for everything one after another, until one answers. */
const MAX_ASKED = 3;
const PULL_TIMEOUT_MS = 2_000;
/** Pulls that are under way or wait. */
const MAX_PULLS = 4;
/** Milliseconds that a start takes at most: what has not come by then comes by comparing. */
const START_MS = 4_000;
/** Messages in which one node tells another everything of a kind. */
const MAX_PAGES = 1_000;

interface ToldFact {
  readonly kind: SharedFacts;
  readonly fact: Fact;
  readonly at: number;
  readonly characters: number;
}

export class FactSpread {
  readonly #options: FactSpreadOptions;
  readonly #kinds = new Map<string, SharedFacts>();
  /** Facts of this turn, which leave together. */
  #waiting: ToldFact[] = [];
  /** Those that were told lately, the oldest first. */
  readonly #told = new Set<ToldFact>();
  #toldCharacters = 0;
  /** When another node answered last, or there was none to ask. */
  #reachedAt = -Infinity;
  #stopComparing: (() => void) | undefined;
  #starting: Promise<void> | undefined;
  /** Ends with the last pull that was begun. */
  #pulled: Promise<unknown> = Promise.resolve();
  #pulls = 0;
  #isClosed = false;

  constructor(options: FactSpreadOptions) {
    this.#options = options;
    options.calls.handle("facts", (body, from) => this.#take(body, from));
    options.calls.handle("facts.page", (body) => this.#page(body));
    options.calls.handle("facts.compare", (body, from) => this.#compared(body, from));
  }

  /** Spreads facts of one more kind. Before `start`, so that what the other nodes know already comes here. */
  add(kind: SharedFacts): void {
    this.#kinds.set(kind.name, kind);
    kind.onNew((fact) => this.#tell(kind, fact));
  }

  /** Asks another node for everything, and compares from then on. Answers when everything is here, or no other node has it. */
  start(): Promise<void> {
    return (this.#starting ??= this.#start());
  }

  /** The bus was away: what was told meanwhile may be lost, here and at the others. */
  async busIsBack(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#starting === undefined) return this.start();
    this.#repeat();
    await this.compare();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopComparing?.();
  }

  async #start(): Promise<void> {
    this.#repeat();
    const { clock } = this.#options;
    let stopWaiting: (() => void) | undefined;
    const late = new Promise<void>((resolve) => (stopWaiting = clock.after(START_MS, resolve)));
    await Promise.race([this.#pullFromAny([...this.#kinds.values()]), late]);
    stopWaiting?.();
    this.#compareLater();
  }

  /** Tells again what may not have come to the others. */
  #repeat(): void {
    const since = this.#reachedAt - DOUBTFUL_MS;
    this.#waiting = [...this.#told].filter(({ at }) => at >= since);
    this.#flush();
  }

  #tell(kind: SharedFacts, fact: Fact): void {
    if (this.#isClosed) return;
    const told = { kind, fact, at: this.#options.clock.now(), characters: JSON.stringify(fact).length };
    this.#told.add(told);
    this.#toldCharacters += told.characters;
    for (const oldest of this.#told) {
      if (this.#told.size <= MAX_REPEATED && this.#toldCharacters <= MAX_REPEATED_CHARACTERS) break;
      this.#told.delete(oldest);
      this.#toldCharacters -= oldest.characters;
    }
    if (this.#waiting.length === 0) queueMicrotask(() => this.#flush());
    this.#waiting.push(told);
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#starting === undefined) return; // no node hears it yet: it is told at the start
    for (const kind of this.#kinds.values()) {
      const facts = waiting.filter((told) => told.kind === kind).map(({ fact }) => fact);
      for (let from = 0; from < facts.length;) {
        const { page, next } = pageOf(facts.slice(from));
        this.#options.calls.tellAll("facts", { name: kind.name, facts: page });
        if (next === undefined) break;
        from += next;
      }
    }
  }

  #take(body: unknown, from: NodeId): void {
    const said = membersOf(body);
    const kind = this.#kinds.get(String(said["name"]));
    const { facts } = said;
    if (kind === undefined || !Array.isArray(facts) || facts.length > MAX_FACTS)
      return this.#options.onWrong("no facts of a kind that is known here", from);
    for (const fact of facts) if (!kind.take(fact)) this.#options.onWrong(`a wrong fact of ${kind.name}`, from);
  }

  #page(body: unknown): object {
    const { name, from } = membersOf(body);
    const kind = this.#kinds.get(String(name));
    if (kind === undefined || typeof from !== "number" || !(from >= 0)) throw new TypeError("There are no such facts.");
    const { page, next } = pageOf(kind.all(), from);
    return { facts: page, next: next ?? null };
  }

  /** Answers with the digests here. Where the other node knows something else, it is asked for everything. */
  #compared(body: unknown, from: NodeId): object {
    const different = this.#differentIn(body);
    if (different.length > 0) void this.#pull(from, different);
    return this.#digests();
  }

  #digests(): Record<string, number> {
    const digests: Record<string, number> = {};
    for (const kind of this.#kinds.values()) if (kind.digest !== undefined) digests[kind.name] = kind.digest();
    return digests;
  }

  #differentIn(body: unknown): readonly SharedFacts[] {
    const said = membersOf(body);
    return [...this.#kinds.values()].filter(
      (kind) => kind.digest !== undefined && typeof said[kind.name] === "number" && said[kind.name] !== kind.digest(),
    );
  }

  #compareLater(): void {
    const { clock, random = Math.random } = this.#options;
    if (this.#isClosed) return;
    this.#stopComparing = clock.after(COMPARE_MS * (0.5 + random()), () => {
      void this.compare().then(() => this.#compareLater());
    });
  }

  /** Compares with a node that is drawn, and asks it for everything of the kinds that differ. */
  async compare(): Promise<void> {
    const { calls, clock } = this.#options;
    const [node] = await this.#others();
    if (node === undefined) return;
    const answer = await calls.call(node, "facts.compare", this.#digests(), PULL_TIMEOUT_MS);
    if (!answer.ok) return;
    this.#reachedAt = clock.now();
    await this.#pull(node, this.#differentIn(answer.value));
  }

  async #pullFromAny(kinds: readonly SharedFacts[]): Promise<void> {
    for (const node of (await this.#others()).slice(0, MAX_ASKED)) if (await this.#pull(node, kinds)) return;
  }

  /** The other nodes, in an order that is drawn. None where the directory is away. */
  async #others(): Promise<readonly NodeId[]> {
    const { nodes, self, random = Math.random } = this.#options;
    try {
      const others = (await nodes()).filter((node) => node !== self()).map((node) => ({ node, at: random() }));
      if (others.length === 0) this.#reachedAt = this.#options.clock.now();
      return others.toSorted((one, other) => one.at - other.at).map(({ node }) => node);
    } catch {
      return []; // The next comparison asks again.
    }
  }

  /** Takes everything that the node knows of these kinds, after the pulls that were begun before. */
  async #pull(node: NodeId, kinds: readonly SharedFacts[]): Promise<boolean> {
    if (kinds.length === 0) return true;
    if (this.#pulls >= MAX_PULLS) return false;
    this.#pulls += 1;
    const pull = this.#pulled.then(async () => {
      for (const kind of kinds) if (!(await this.#pullKind(node, kind))) return false;
      return true;
    });
    this.#pulled = pull.finally(() => (this.#pulls -= 1)).catch(() => undefined);
    return pull;
  }

  async #pullKind(node: NodeId, kind: SharedFacts): Promise<boolean> {
    let from = 0;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const answer = await this.#options.calls.call(node, "facts.page", { name: kind.name, from }, PULL_TIMEOUT_MS);
      if (!answer.ok || this.#isClosed) return false;
      const { facts, next } = membersOf(answer.value);
      this.#take({ name: kind.name, facts }, node);
      if (typeof next !== "number" || next <= from) return true;
      from = next;
    }
    return true;
  }
}

/** As many facts as fit into one message, and where the next begin. */
function pageOf(
  facts: Iterable<Fact>,
  from = 0,
): { readonly page: readonly Fact[]; readonly next: number | undefined } {
  const page: Fact[] = [];
  let characters = 0;
  let index = 0;
  for (const fact of facts) {
    index += 1;
    if (index <= from) continue;
    characters += JSON.stringify(fact).length;
    if (page.length > 0 && (characters > MAX_MESSAGE_CHARACTERS || page.length >= MAX_FACTS))
      return { page, next: index - 1 };
    page.push(fact);
  }
  return { page, next: undefined };
}

function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}
