/** The parameters of a room, resolved by `createRoom`. */
import type { CborValue } from "../protocol/cbor-reader.ts";
import type { PrepareCommand } from "../protocol/commands.ts";
import type { GameShape, PlayerStateOf } from "./game-types.ts";
import type { Player } from "./player.ts";
import type { StateChanges } from "./state/shared-state.ts";
import type { GameVersion } from "./checkpoint.ts";
import type { EveningNotes } from "./evening-notes.ts";
import type { CloseReason } from "./reconnecting-socket.ts";
import type { RoomError, WireCommand } from "./host-wire.ts";
import type { ReliableConnectionPlan } from "./reliable-connection.ts";
import type { TransferableSession } from "./session.ts";

/** What a game says to the keys that a phone wants to write in its player's state: a sentence refuses them all. */
export type AcceptPlayerState<Game extends GameShape> = (
  player: Player<Game>,
  changes: StateChanges<PlayerStateOf<Game>>,
) => string | undefined | void;

/** What is wrong with an `acceptPlayerState` that returns a promise: what it says comes when the keys are long set. */
export const ANSWERS_LATE =
  "`acceptPlayerState` has to answer at once, with a sentence that refuses or with nothing; an async function returns a promise.";

export interface HostRoomPlan<Game extends GameShape = GameShape> extends ReliableConnectionPlan {
  readonly session: TransferableSession;
  readonly game: string;
  readonly maxPlayers: number;
  /** The phone page of a game that another server serves. */
  readonly foreignJoinUrl: string | undefined;
  readonly pin: string | undefined;
  readonly meta: CborValue | undefined;
  /** What becomes of phones that find the room full, how many may watch, and how many may wait. */
  readonly crowd: Pick<PrepareCommand, "overflow" | "audience" | "queue">;
  /** A method, so that a room of a typed game may stand where any room may. */
  acceptPlayerState?(...asked: Parameters<AcceptPlayerState<Game>>): ReturnType<AcceptPlayerState<Game>>;
  /** The version of the game: what another one saved is not restored. */
  readonly version: GameVersion;
  /** The address at which phones join the room of this code. */
  readonly joinUrl: (code: string) => string;
  /** Gives the session to the page of another game; `false` where there is nowhere to keep it. */
  readonly handOver: (game: string, notes: EveningNotes) => boolean;
  /** Called when the room is open for the first time. */
  readonly opened: () => void;
  /** Called when the room is over, before the `close` event. `refusal` is set if the server refused to open it. */
  readonly closed: (close: CloseReason, refusal?: RoomError) => void;
}

type Seats = Pick<HostRoomPlan, "maxPlayers" | "foreignJoinUrl">;

export function prepareCommand(
  game: string,
  { maxPlayers, foreignJoinUrl, pin, meta, crowd }: Seats & Pick<HostRoomPlan, "pin" | "meta" | "crowd">,
): WireCommand {
  return {
    cmd: "prepare",
    max_players: maxPlayers,
    name: game,
    ...(foreignJoinUrl !== undefined && { join_url: foreignJoinUrl }),
    ...(pin !== undefined && { pin }),
    ...(meta !== undefined && { meta }),
    ...crowd,
  };
}

/** Makes a room that another game's page opened this game's. */
export function gameCommand(game: string, { maxPlayers, foreignJoinUrl }: Seats): WireCommand {
  return {
    cmd: "game",
    name: game,
    max_players: maxPlayers,
    ...(foreignJoinUrl !== undefined && { join_url: foreignJoinUrl }),
  };
}
