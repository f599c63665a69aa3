/** What holds on all nodes although no room is its home: bans, revoked tokens, used refresh tokens, wrong tries, and what is done once. */
import type { TokenIssuer } from "../../auth/token-issuer.ts";
import type { Revocations } from "../../auth/revocations.ts";
import type { Bans } from "../../hub/bans.ts";
import type { SharedTries } from "../../hub/shared-tries.ts";
import type { TemporaryBans } from "../../hub/temporary-bans.ts";
import type { Clock } from "../../room/ports.ts";
import type { Directory, NodeId } from "../ports.ts";
import type { Calls } from "./calls.ts";
import { FactSpread } from "./fact-spread.ts";
import { Once } from "./once.ts";
import { createRefreshClaims } from "./refresh-claims.ts";
import { SharedBans } from "./shared-bans.ts";
import type { SharedFacts } from "./shared-facts.ts";
import { SharedFamilies } from "./shared-families.ts";
import { SharedRevocations } from "./shared-revocations.ts";
import { SharedVisitors } from "./shared-visitors.ts";
import { TryCounts } from "./try-counts.ts";

export interface SpreadOptions {
  readonly calls: Calls;
  readonly directory: Pick<Directory, "nodes" | "claim" | "find" | "release">;
  /** This node's name now; `undefined` while it has none. */
  readonly self: () => NodeId | undefined;
  readonly bans: Bans;
  readonly temporaryBans: TemporaryBans;
  /** @default there are no tokens */
  readonly tokens?: { readonly revocations: Revocations; readonly issuer: Pick<TokenIssuer, "families"> } | undefined;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Milliseconds since 1970. @default Date.now */
  readonly wallClock?: () => number;
  /** Told what is wrong with what another node has said. @default nothing is called */
  readonly onWrong?: (problem: string, from: NodeId) => void;
}

export interface Spread {
  /** Counts these wrong tries over all nodes, which know them by this name. */
  addTries(name: string, tries: SharedTries): void;
  /** Spreads facts of one more kind. Before `start`. */
  addFacts(facts: SharedFacts): void;
  /** What is done once by all nodes together, of one kind. */
  once(kind: string): Once;
  /** Asks another node for what holds already. To be awaited before the first peer is let in; it takes some seconds at most. Safe twice. */
  start(): Promise<void>;
  /** To be called when the node has a place among the others, at first or again, and when the bus is back. */
  busIsBack(): Promise<void>;
  close(): void;
}

export function createSpread({
  calls,
  directory,
  self,
  bans,
  temporaryBans,
  tokens,
  clock,
  wallClock = Date.now,
  onWrong = () => undefined,
}: SpreadOptions): Spread {
  const facts = new FactSpread({ calls, nodes: () => directory.nodes(), self, clock, onWrong });
  const counts = new TryCounts({ calls, clock, onWrong });
  const onces: Once[] = [];
  const once = (kind: string): Once => {
    const created = new Once({ directory, self, kind, clock });
    onces.push(created);
    return created;
  };
  facts.add(new SharedBans({ bans, wallClock }));
  facts.add(new SharedVisitors(temporaryBans));
  if (tokens !== undefined) {
    const { revocations, issuer } = tokens;
    facts.add(new SharedRevocations(revocations, wallClock));
    facts.add(new SharedFamilies(issuer.families));
    issuer.families.claim = createRefreshClaims({ once: once("refresh"), calls, families: issuer.families });
  }
  return {
    addTries: (name, tries) => counts.add(name, tries),
    addFacts: (kind) => facts.add(kind),
    once,
    start() {
      counts.isJoined = true;
      return facts.start();
    },
    busIsBack() {
      counts.isJoined = true;
      return facts.busIsBack();
    },
    close() {
      facts.close();
      for (const each of onces) each.close();
      counts.close();
    },
  };
}
