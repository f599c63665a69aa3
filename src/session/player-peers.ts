/** The sessions of one room's players: resumable where the phone may come back, passed through where it may not. */
import type { PlayerId } from "../protocol/commands.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import type { Clock, Message, PlayerPeerFactory } from "../room/ports.ts";
import { DroppingPeer, type DropPolicy } from "./dropping-peer.ts";
import { SharedFrames } from "./kept-frame.ts";
import { PassthroughSession } from "./passthrough-session.ts";
import { ResumableSession } from "./resumable-session.ts";
import type { Session } from "./session.ts";

export interface PlayerPeersOptions {
  /**
   * The life of the room. A seat's own epoch contains its player: a phone that lost one seat and got another, or takes one over, has counted something
   * else.
   */
  readonly epoch: string;
  readonly clock: Pick<Clock, "now" | "time" | "after">;
  /** The name of the room's game. */
  readonly game: () => string;
  /** What becomes of frames for a player that reads too slowly. @default its connection is closed */
  readonly slowReaders?: SlowReaders | undefined;
}

/** Players whose frames are dropped where they are too slow. */
export interface SlowReaders {
  readonly policy: DropPolicy;
  /** Bytes that may wait for one of them. */
  readonly limitBytes: number;
  /** What tells this player that so many frames are lost. */
  readonly lostNotice: (player: PlayerId, count: number) => Message | undefined;
}

export function createPlayerPeers({ epoch, clock, game, slowReaders }: PlayerPeersOptions): PlayerPeerFactory {
  const now = (): number => clock.now();
  const sharedFrames = new SharedFrames();
  const open = (player: PlayerId, memory: FrameMemory, isResumable: boolean): Session =>
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
  if (slowReaders === undefined) return open;
  const { policy, limitBytes } = slowReaders;
  return (player, memory, isResumable) =>
    new DroppingPeer({
      session: open(player, memory, isResumable),
      policy,
      limitBytes,
      memory,
      lostNotice: (count) => slowReaders.lostNotice(player, count),
    });
}
