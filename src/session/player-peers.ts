/** The sessions of one room's players: resumable where the phone may come back, passed through where it may not. */
import type { Clock, PlayerPeerFactory } from "../room/ports.ts";
import { SharedFrames } from "./kept-frame.ts";
import { PassthroughSession } from "./passthrough-session.ts";
import { ResumableSession } from "./resumable-session.ts";

export interface PlayerPeersOptions {
  /**
   * The life of the room. A seat's own epoch contains its player: a phone that lost one seat and got another, or takes one over, has counted something
   * else.
   */
  readonly epoch: string;
  readonly clock: Pick<Clock, "now" | "time" | "after">;
  /** The name of the room's game. */
  readonly game: () => string;
}

export function createPlayerPeers({ epoch, clock, game }: PlayerPeersOptions): PlayerPeerFactory {
  const now = (): number => clock.now();
  const sharedFrames = new SharedFrames();
  return (player, memory, isResumable) =>
    isResumable
      ? new ResumableSession({
          memory,
          overflow: "drop_oldest",
          epoch: `${epoch}-${player}`,
          clock,
          player,
          game,
          sharedFrames,
        })
      : new PassthroughSession(memory, now);
}
