/** All checks, in the order in which they are told. */
import { channelChecks } from "./channel-checks.ts";
import { clientAdditionChecks } from "./client-addition-checks.ts";
import type { ConformanceCheck } from "./conformance-check.ts";
import { crowdChecks } from "./crowd-checks.ts";
import { hostAdditionChecks } from "./host-addition-checks.ts";
import { hostCommandChecks, refusalChecks } from "./host-command-checks.ts";
import { closingChecks, hostEventChecks, identityChecks, playerChecks } from "./host-event-checks.ts";
import { limitChecks } from "./limit-checks.ts";
import { openRoomChecks } from "./open-checks.ts";
import { pathChecks } from "./path-checks.ts";
import { queryChecks } from "./query-checks.ts";
import { reliableChecks } from "./reliable-checks.ts";
import { sessionChecks } from "./session-checks.ts";
import { tokenChecks } from "./token-checks.ts";

/** What any server of this wire has to do, as it can be seen from outside. */
export const conformanceSuite: readonly ConformanceCheck[] = [
  ...pathChecks,
  ...hostCommandChecks,
  ...hostEventChecks,
  ...refusalChecks,
  ...identityChecks,
  ...playerChecks,
  ...closingChecks,
  ...queryChecks,
  ...hostAdditionChecks,
  ...sessionChecks,
  ...limitChecks,
  ...clientAdditionChecks,
  ...reliableChecks,
  ...openRoomChecks,
  ...tokenChecks,
  ...channelChecks,
  ...crowdChecks,
];
