/** The states of a room on its TV, joined to the room's connection: how they reach the phones, and what the game says to what phones write. */
import { isPromise } from "./answers.ts";
import type { CheckpointSaver } from "./checkpoint-saver.ts";
import type { GameShape, PlayerStateOf } from "./game-types.ts";
import { ANSWERS_LATE, type HostRoomPlan } from "./host-room-plan.ts";
import { encodeCommand } from "./host-wire.ts";
import { invalid } from "./invalid-argument.ts";
import type { Frame } from "./outbox.ts";
import type { Player } from "./player.ts";
import type { StateChanges } from "./state/shared-state.ts";
import { StateTeller } from "./state/state-teller.ts";
import type { StateRetention } from "./state/told-state.ts";

export interface HostStatesPort<Game extends GameShape> {
  /** Whether the room is there and the connection to it is up. */
  isUp(): boolean;
  /** The ids of those who have a seat. */
  players(): readonly number[];
  player(id: number): Player<Game>;
  /** `false` where the frame is neither sent nor kept. @throws {CouchwireError} where there is no room for it */
  transmit(frame: Frame): boolean;
  /** A listener of a state was added. */
  listened(): void;
}

/** The wire takes 4,096 ids in a list, and longer lists count for more in the host's rate. */
const MAX_NAMED_PLAYERS = 1_024;
/** Where the game refuses without a word. */
const REFUSED = "The TV refused this.";

export function createHostStates<Game extends GameShape>(
  plan: Pick<HostRoomPlan<Game>, "acceptPlayerState">,
  saver: CheckpointSaver,
  port: HostStatesPort<Game>,
): StateTeller {
  /** `false` where the frame has no room: then the players get the state whole, later. */
  const send = (to: readonly number[], text: string, retention?: StateRetention): boolean => {
    if (to.length === 0) return true;
    // On the wire an empty list means all players. A phone that has not got the state whole yet makes nothing of it.
    const names = to.length > MAX_NAMED_PLAYERS ? [] : to;
    try {
      return port.transmit(encodeCommand({ cmd: "to_str", to: names, data: text, ...retention }));
    } catch {
      return false;
    }
  };
  const refusalOf = (player: Player<Game>, changes: StateChanges<PlayerStateOf<Game>>): string | undefined => {
    const refusal: unknown = plan.acceptPlayerState?.(player, changes);
    if (isPromise(refusal)) throw invalid(ANSWERS_LATE);
    if (typeof refusal !== "string") return undefined;
    return refusal.trim() === "" ? REFUSED : refusal;
  };
  return new StateTeller({
    isUp: () => port.isUp(),
    players: () => port.players(),
    send,
    save: (changes, isGames) => saver.saveKeys(changes, isGames),
    refusal: (player, changes) => refusalOf(port.player(player), changes),
    ownRefusal: () => "The key is the SDK's own.",
    listened: () => port.listened(),
    now: () => performance.now(),
  });
}
