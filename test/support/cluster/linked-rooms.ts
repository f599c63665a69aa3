/** Rooms of linked nodes: a host at the home, and phones that arrive at the edge. */
import { expect } from "@jest/globals";
import { decode } from "cborg";
import { eventually } from "../inbox.ts";
import { startLinked, type LinkedNodeOptions } from "./linked-nodes.ts";
import type { PeerWishes, TestPeer } from "./test-peer.ts";

export type News = Readonly<Record<string, unknown>>;
type LinkedNodes = Awaited<ReturnType<typeof startLinked>>;

/** The next event of this name that a host is told, in JSON or in CBOR. */
export async function told(host: TestPeer, cmd: string): Promise<News> {
  for (;;) {
    const frame = await host.inbox.next();
    const news: News = typeof frame === "string" ? JSON.parse(frame) : decode(frame);
    if (news["cmd"] === cmd) return news;
  }
}

export function command(host: TestPeer, what: News): void {
  host.say(JSON.stringify(what));
}

/** A host at this node, with a room for 1,000. */
export async function startHost(node: LinkedNodes["home"], query = ""): Promise<{ host: TestPeer; code: string }> {
  const host = node.arrive({ for: "host" }, { query: `format=json&${query}`, address: "192.0.2.99" });
  command(host, { cmd: "prepare", max_players: 1_000, name: "game" });
  const { key } = await told(host, "prepare_reply");
  return { host, code: String(key) };
}

/** A room at the home whose host sits there too, and phones that arrive at the edge. */
export async function startRoom(options: LinkedNodeOptions = {}) {
  const nodes = await startLinked(options);
  const { host, code } = await startHost(nodes.home);
  const join = (wishes: PeerWishes = {}): TestPeer => nodes.edge.arrive({ for: "player", code }, wishes);
  /** A phone that the host knows of. */
  const seat = async (wishes: PeerWishes = {}): Promise<{ phone: TestPeer; player: number }> => {
    const phone = join(wishes);
    const { player } = await told(host, "player_joined");
    await eventually("the edge knows", () => phone.handler?.ids.player === player);
    return { phone, player: Number(player) };
  };
  return { ...nodes, host, code, join, seat };
}

/** Nothing is left of links at either node. */
export async function expectNothingLeft({ home, edge }: Pick<LinkedNodes, "home" | "edge">): Promise<void> {
  await eventually("all links are forgotten", () => home.links.counts.atHome === 0 && edge.links.counts.atEdge === 0);
  expect([home.bugs, edge.bugs, home.mail.queued("edge"), edge.mail.queued("home")]).toEqual([[], [], 0, 0]);
}
