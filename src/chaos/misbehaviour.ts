/** The actions of a chaos run, and their names in the report. */
import type { Network } from "./network.ts";
import type { Phone } from "./phone.ts";
import type { Random } from "./random.ts";
import { NO_FAULTS, type FaultProfile } from "./fault-profile.ts";

/** Actions of one phone, which it repeats at random. */
export const MISBEHAVIOURS = ["lock", "half_open", "second_tab", "switch_network", "reload", "bad_connection"] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** All actions that a run counts. */
export type Action = Misbehaviour | "join" | "host_lost" | "flood" | "rush";

/** The weight of each action in the draw. */
export const ODDS: Readonly<Record<Misbehaviour, number>> = {
  lock: 3,
  half_open: 2,
  second_tab: 1,
  switch_network: 3,
  reload: 2,
  bad_connection: 3,
};

/** In the order of the report. */
export const ACTION_LABELS: readonly (readonly [Action, string])[] = [
  ["join", "phones joined, all at once"],
  ["lock", "a phone locked its screen and read nothing for a while"],
  ["half_open", "a phone lost its connection without a FIN"],
  ["second_tab", "a phone opened a second tab (the first one is closed with 4509)"],
  ["switch_network", "a phone switched networks while its old connection stayed open"],
  ["reload", "a phone reloaded its page and kept only its session"],
  ["bad_connection", "a phone had a bad connection for a while: cut, stalled or slow"],
  ["host_lost", "the TV lost its connection"],
  ["flood", "a guest flooded the room (4029, banned, admitted again)"],
  ["rush", "guests joined and left at once"],
];

const MAX_LOCK_MS = 3_000;
const MAX_BAD_CONNECTION_MS = 1_500;
const BAD_CONNECTION: FaultProfile = {
  bytes: [20, 2_000],
  odds: { ...NO_FAULTS, reset: 2, end: 2, late: 1, stall: 1, delay: 1 },
  stallMs: 200,
  delayMs: 100,
};

/** Performs the action. Resolves when it is over; the phone may still be reconnecting. */
export async function misbehave(action: Misbehaviour, phone: Phone, random: Random): Promise<void> {
  const { proxy } = phone.network;
  switch (action) {
    case "lock":
      proxy.stopReading();
      await new Promise((resolve) => setTimeout(resolve, random.whole(500, MAX_LOCK_MS)));
      proxy.recover();
      return;
    case "half_open":
      phone.loseConnection(() => proxy.goHalfOpen("client"));
      return;
    case "second_tab":
      return await phone.openSecondTab();
    case "switch_network":
      phone.loseConnection(() => proxy.goHalfOpen("server"));
      return;
    case "reload":
      phone.reload();
      return;
    case "bad_connection":
      proxy.setFaultProfile(BAD_CONNECTION);
      await new Promise((resolve) => setTimeout(resolve, random.whole(300, MAX_BAD_CONNECTION_MS)));
      proxy.recover();
      return;
    default:
      action satisfies never;
  }
}

/** Cuts the TV's connection, in a way drawn at random. */
export function cutTestHost({ proxy }: Network, random: Random): void {
  const way = random.choose({ reset: 2, end: 2, client: 1, server: 1 });
  if (way === "reset" || way === "end") proxy.cutNow(way);
  else proxy.goHalfOpen(way);
}
