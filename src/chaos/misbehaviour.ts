/** What phones do to a game, and how the report calls it. */
import type { Network } from "./network.ts";
import type { Phone } from "./phone.ts";
import type { Random } from "./random.ts";
import { NO_FAULTS, type FaultProfile } from "./fault-profile.ts";

/** What a phone does by itself, again and again. */
export const MISBEHAVIOURS = ["lock", "half_open", "second_tab", "switch_network", "reload", "bad_line"] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** What is counted: those, and what happens beside them. */
export type Action = Misbehaviour | "join" | "tv_lost" | "flood" | "rush";

/** How often each is drawn, against the others. */
export const ODDS: Readonly<Record<Misbehaviour, number>> = {
  lock: 3,
  half_open: 2,
  second_tab: 1,
  switch_network: 3,
  reload: 2,
  bad_line: 3,
};

/** In the order of the report. */
export const DEEDS: readonly (readonly [Action, string])[] = [
  ["join", "joined, all in one moment"],
  ["lock", "locked the screen: read nothing for a while"],
  ["half_open", "lost the line and did not hear of it (no FIN)"],
  ["second_tab", "opened the page a second time (4509 for the first)"],
  ["switch_network", "came over another network while the old line still seemed alive"],
  ["reload", "reloaded the page: forgot everything but the session"],
  ["bad_line", "had a bad line for a while: cut at any byte, stalled, slow"],
  ["tv_lost", "took the TV's line away"],
  ["flood", "sent far too much (4029, kept out, back)"],
  ["rush", "guests came and went in one moment"],
];

const MAX_LOCK_MS = 3_000;
const MAX_STORM_MS = 1_500;
const STORM: FaultProfile = {
  bytes: [20, 2_000],
  odds: { ...NO_FAULTS, reset: 2, end: 2, late: 1, stall: 1, delay: 1 },
  stallMs: 200,
  delayMs: 100,
};

/** Does it. Resolves when it is over; the phone may still be on its way back. */
export async function misbehave(action: Misbehaviour, phone: Phone, random: Random): Promise<void> {
  const { proxy } = phone.network;
  switch (action) {
    case "lock":
      proxy.stopReading();
      await new Promise((resolve) => setTimeout(resolve, random.whole(500, MAX_LOCK_MS)));
      proxy.beWell();
      return;
    case "half_open":
      phone.loseLine(() => proxy.goHalfOpen("client"));
      return;
    case "second_tab":
      return await phone.openSecondTab();
    case "switch_network":
      phone.loseLine(() => proxy.goHalfOpen("server"));
      return;
    case "reload":
      phone.reload();
      return;
    case "bad_line":
      proxy.setFaultProfile(STORM);
      await new Promise((resolve) => setTimeout(resolve, random.whole(300, MAX_STORM_MS)));
      proxy.beWell();
      return;
    default:
      action satisfies never;
  }
}

/** Takes the TV's line away, in one of the ways in which lines go. */
export function loseTelevision({ proxy }: Network, random: Random): void {
  const way = random.choose({ reset: 2, end: 2, client: 1, server: 1 });
  if (way === "reset" || way === "end") proxy.cutNow(way);
  else proxy.goHalfOpen(way);
}
