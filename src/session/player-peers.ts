/** The sessions of one room's players: resumable where the phone may come back, passed through where it may not. */
import type { Clock, PlayerPeerFactory } from "../room/ports.ts";
import { SharedFrames } from "./kept-frame.ts";
import { PassthroughSession } from "./passthrough-session.ts";
import { ResumableSession } from "./resumable-session.ts";

/**
 * `epoch`: the life of the room. A seat's own epoch contains its player: a phone that lost one seat and got another, or takes one over, has
 * counted something else.
 */
export function createPlayerPeers(epoch: string, clock: Pick<Clock, "now" | "after">): PlayerPeerFactory {
  const now = (): number => clock.now();
  const sharedFrames = new SharedFrames();
  return (player, memory, isResumable) =>
    isResumable
      ? new ResumableSession({ memory, overflow: "drop_oldest", epoch: `${epoch}-${player}`, clock, sharedFrames })
      : new PassthroughSession(memory, now);
}
