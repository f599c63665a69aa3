/** The hooks and events of rooms with a host page: everything of a program that stands in front of such a room. */
import type { RoomHooks } from "../hub/hub.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { Clock } from "../room/ports.ts";
import { watchBackpressure } from "./backpressure-watch.ts";
import { askToCreate } from "./hook-guards.ts";
import type { HookRunner } from "./hook-runner.ts";
import { HOST_KIND, HostRoomWatch } from "./host-room-watch.ts";
import { MessageHookGate } from "./message-hook-gate.ts";
import type { RoomEvents } from "./room-events.ts";

export interface HostRoomHooksOptions {
  readonly runner: HookRunner;
  readonly events: RoomEvents;
  readonly budget: MemoryBudget;
  readonly clock: Pick<Clock, "after">;
  /** Bytes that may wait for one player. */
  readonly sendQueue: number;
}

/** Returns what a hub asks for with each room. What the program has no hook for is not there, and costs nothing. */
export function createHostRoomHooks(options: HostRoomHooksOptions): (address: string) => RoomHooks {
  const { runner, events, budget, clock, sendQueue } = options;
  const { onMessage, onBackpressure } = runner.hooks;
  return (address) => {
    const watcher = new HostRoomWatch(events);
    return {
      watcher,
      mayOpen: (name) => askToCreate(runner, { kind: HOST_KIND, name, address }),
      ...(onMessage !== undefined && {
        gate: (host, room) => new MessageHookGate({ host, room, card: watcher, runner, onMessage, budget, clock }),
      }),
      ...(onBackpressure !== undefined && {
        watchPeer: (player, peer) =>
          watchBackpressure(peer, sendQueue, (queued) => events.behind(watcher.room, watcher.member(player), queued)),
      }),
    };
  };
}
