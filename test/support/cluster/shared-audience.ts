/** An audience whose watchers arrive at several linked nodes. */
import type { LinkedNodeOptions } from "./linked-nodes.ts";
import { startNode } from "./linked-nodes.ts";
import { command, told, type News } from "./linked-rooms.ts";
import { FaultyBus } from "./faulty-bus.ts";
import type { PeerWishes, TestPeer } from "./test-peer.ts";
import { eventually } from "../inbox.ts";

export type LinkedNode = Awaited<ReturnType<typeof startNode>>;

/** What a host is told of votes. */
export interface AudienceReport {
  readonly count: number;
  readonly tally: Readonly<Record<string, number>>;
  readonly other?: number;
  readonly poll?: unknown;
}

/** Turns of the event loop after which what was said between nodes of one process, and what they said for it, has arrived. */
const TURNS = 12;
/** Reports, and the sums of other nodes, are at most so often. */
export const REPORT_MS = 250;

export async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

function isReport(news: unknown): news is AudienceReport {
  return typeof news === "object" && news !== null && "cmd" in news && news.cmd === "audience";
}

/** All votes that these reports tell of, added up. */
export function votesIn(reports: readonly AudienceReport[]): Readonly<Record<string, number>> {
  const votes: Record<string, number> = {};
  for (const { tally } of reports)
    for (const [text, count] of Object.entries(tally)) votes[text] = (votes[text] ?? 0) + count;
  return votes;
}

export function sumOf({ tally, other = 0 }: AudienceReport): number {
  return Object.values(tally).reduce((all, count) => all + count, other);
}

/** A home and other nodes, of which no edge knows any room itself. */
export async function startNodes(edges: number, options: LinkedNodeOptions = {}) {
  const bus = new FaultyBus();
  const home = await startNode(bus, "home", options);
  const names = Array.from({ length: edges }, (_, index) => `edge${index + 1}`);
  const nodes = await Promise.all(names.map((name) => startNode(bus, name, { ...options, home: "home" })));
  return { bus, home, edges: nodes };
}

/** A room at the home. */
export class Stage {
  readonly host: TestPeer;
  readonly code: string;
  readonly #home: LinkedNode;
  readonly #edges: readonly LinkedNode[];
  #arrived = 0;

  private constructor(home: LinkedNode, edges: readonly LinkedNode[], host: TestPeer, code: string) {
    this.#home = home;
    this.#edges = edges;
    this.host = host;
    this.code = code;
  }

  static async open(home: LinkedNode, edges: readonly LinkedNode[], fields: News = {}): Promise<Stage> {
    const host = home.arrive({ for: "host" }, { query: "format=json", address: "192.0.2.99" });
    command(host, { cmd: "prepare", max_players: 1, audience: 1_000, name: "game", ...fields });
    const { key } = await told(host, "prepare_reply");
    return new Stage(home, edges, host, String(key));
  }

  get room() {
    const room = this.#home.hub.hub.find(this.code);
    if (room === undefined) throw new Error("the room is over");
    return room;
  }

  /** A watcher that asks to be let in, from a network of its own. */
  arrive(node: LinkedNode, wishes: PeerWishes = {}): TestPeer {
    this.#arrived += 1;
    const address = `10.${this.#arrived >> 8}.${this.#arrived & 0xff}.1`;
    return node.arrive({ for: "player", code: this.code }, { query: "role=audience", address, ...wishes });
  }

  /** One that was let in. */
  async watch(node: LinkedNode, wishes?: PeerWishes): Promise<TestPeer> {
    const watcher = this.arrive(node, wishes);
    await eventually("it is let in", () => watcher.handler?.ids.room === this.code);
    return watcher;
  }

  order(what: News): void {
    command(this.host, what);
  }

  /** What the host was told of votes since this was asked last. */
  reports(): AudienceReport[] {
    return this.host.inbox
      .drain()
      .map((frame): unknown => JSON.parse(String(frame)))
      .filter(isReport);
  }

  /** Time goes by at all nodes until each has told what it has counted. */
  async settle(): Promise<void> {
    await turns();
    for (const { hub } of this.#edges) hub.clock.pass(REPORT_MS);
    await turns();
    this.#home.hub.clock.pass(REPORT_MS);
    await turns();
  }
}
