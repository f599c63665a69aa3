/** The hook `onBackpressure`: a player's conversation that says when the player has begun to be behind. */
import type { PlayerPeer } from "../room/ports.ts";

/** Part of the queue's limit at which a player counts as behind; it has caught up when nothing waits. */
const BEHIND_SHARE = 0.25;

/** Calls `tell` with the bytes that wait once they are more than a part of `limit` bytes, and again only after the player has caught up. */
export function watchBackpressure(peer: PlayerPeer, limit: number, tell: (queued: number) => void): PlayerPeer {
  let isBehind = false;
  const look = (): void => {
    const { waitingBytes } = peer;
    if (isBehind) isBehind = waitingBytes > 0;
    else if (waitingBytes > limit * BEHIND_SHARE) {
      isBehind = true;
      tell(waitingBytes);
    }
  };
  const send = peer.send.bind(peer);
  const sendPassing = peer.sendPassing.bind(peer);
  const flush = peer.flush.bind(peer);
  return Object.assign(peer, {
    send(data: Uint8Array, isText: boolean): void {
      send(data, isText);
      look();
    },
    sendPassing(...[data, isText, terms]: Parameters<PlayerPeer["sendPassing"]>): void {
      sendPassing(data, isText, terms);
      look();
    },
    flush(): void {
      flush();
      look();
    },
  } satisfies Partial<PlayerPeer>);
}
