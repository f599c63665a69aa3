/** What holds on all nodes although no room is its home: bans, revoked tokens, wrong tries. */
import type { Revocations } from "../../auth/revocations.ts";
import type { Bans } from "../../hub/bans.ts";
import type { SharedTries } from "../../hub/shared-tries.ts";
import type { TemporaryBans } from "../../hub/temporary-bans.ts";
import type { Clock } from "../../room/ports.ts";
import type { Directory, NodeId } from "../ports.ts";
import type { Calls } from "./calls.ts";
import { FactSpread } from "./fact-spread.ts";
import { SharedBans } from "./shared-bans.ts";
import type { SharedFacts } from "./shared-facts.ts";
import { SharedRevocations } from "./shared-revocations.ts";
import { SharedVisitors } from "./shared-visitors.ts";
import { TryCounts } from "./try-counts.ts";

export interface SpreadOptions {
  readonly calls: Calls;
  readonly directory: Pick<Directory, "nodes">;
  /** This node's name now. */
  readonly self: () => NodeId;
  readonly bans: Bans;
  readonly temporaryBans: TemporaryBans;
  /** @default there are no tokens */
  readonly revocations?: Revocations | undefined;
  /** Wrong tries that all nodes count, by the names that they call them. */
  readonly tries: Readonly<Record<string, SharedTries>>;
  /** Further facts that all nodes are to know. @default none */
  readonly facts?: readonly SharedFacts[];
  readonly clock: Pick<Clock, "now" | "after">;
  /** Milliseconds since 1970. @default Date.now */
  readonly wallClock?: () => number;
  /** Told what is wrong with what another node has said. @default nothing is called */
  readonly onWrong?: (problem: string, from: NodeId) => void;
}

export interface Spread {
  /** Asks another node for what holds already. To be awaited before the first peer is let in; it takes some seconds at most. */
  start(): Promise<void>;
  /** To be called when the bus is back, with all subscriptions standing. */
  busIsBack(): Promise<void>;
  close(): void;
}

export function createSpread({
  calls,
  directory,
  self,
  bans,
  temporaryBans,
  revocations,
  tries,
  facts = [],
  clock,
  wallClock = Date.now,
  onWrong = () => undefined,
}: SpreadOptions): Spread {
  const spread = new FactSpread({
    calls,
    nodes: () => directory.nodes(),
    self,
    kinds: [
      new SharedBans({ bans, wallClock }),
      new SharedVisitors(temporaryBans),
      ...(revocations === undefined ? [] : [new SharedRevocations(revocations, wallClock)]),
      ...facts,
    ],
    clock,
    onWrong,
  });
  const counts = new TryCounts({ calls, counters: tries, clock, onWrong });
  return {
    start: () => spread.start(),
    busIsBack: () => spread.busIsBack(),
    close() {
      spread.close();
      counts.close();
    },
  };
}
