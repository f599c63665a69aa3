/** The rooms as the HTTP API and the admin page see them, host-run and open ones alike. */
import type { Eventually } from "../../protocol/eventually.ts";
import type { Result } from "../../protocol/result.ts";

/** What is known of a room without its players. */
export interface RoomSummary {
  /** How paths name it: its code, else `name:` and its name. */
  readonly id: string;
  readonly code: string | null;
  /** Of an open room its name, of a host-run one its game's. */
  readonly name: string | null;
  /** The kind of an open room; `host` for one with a host page. */
  readonly kind: string;
  /** Seats that are taken, without spectators. */
  readonly players: number;
  /** Players and spectators whose line is down, and whose seat is kept. */
  readonly away: number;
  readonly spectators: number;
  /** Watchers of a room with a host page. */
  readonly audience: number;
  /** Phones that wait for a seat. */
  readonly waiting: number;
  readonly maxPlayers: number;
  /** Not locked and not full. */
  readonly isOpen: boolean;
  readonly isLocked: boolean;
  /** The host page is gone, and may come back. */
  readonly hostAway: boolean;
  /** Newcomers have to show a PIN. */
  readonly pin: boolean;
  readonly joinUrl: string | null;
  readonly meta: unknown;
  /** When it was opened, ISO 8601. */
  readonly since: string;
}

/** One player, or a spectator. */
export interface PlayerDetails {
  /** A number in a host-run room, text in an open one. */
  readonly id: number | string;
  readonly name: string | null;
  /** The subject of its token. */
  readonly user: string | null;
  readonly role: "player" | "member" | "spectator";
  readonly away: boolean;
  /** Bytes that wait for it. */
  readonly queue: number;
  /** Milliseconds there and back when last measured. */
  readonly rtt: number | null;
  /** When it joined, ISO 8601. */
  readonly since: string;
}

/** A room with its players. */
export interface RoomDetails extends Omit<RoomSummary, "players"> {
  readonly players: readonly PlayerDetails[];
}

/** What is said to players, as if the room's host had said it. */
export interface Saying {
  readonly content:
    /** `json`: the same data, in UTF-8. */
    | { readonly is: "data"; readonly data: unknown; readonly json: Uint8Array }
    | { readonly is: "text"; readonly text: string }
    | { readonly is: "bytes"; readonly bytes: Uint8Array };
  /** Ids of those that hear it. @default all */
  readonly to?: readonly (number | string)[] | undefined;
  /** Ids of those that do not. */
  readonly except?: readonly (number | string)[] | undefined;
}

/** How far a saying has come. */
export interface SayingReach {
  /** Players it went to. */
  readonly delivered: number;
  /** Players that are away, for whom it is kept. */
  readonly kept: number;
}

export interface KickTerms {
  readonly reason?: string | undefined;
  readonly ban?: boolean | undefined;
}

/** One room, to look at and to act in. The methods of one at another node reject with `RoomUnreachableError` where it has ended, or its node does not answer. */
export interface RoomHandle {
  summary(): Eventually<RoomSummary>;
  details(): Eventually<RoomDetails>;
  say(saying: Saying): Eventually<SayingReach>;
  /** `false` where there is no such player. */
  kick(player: number | string, terms: KickTerms): Eventually<boolean>;
  lock(): Eventually<void>;
  open(): Eventually<void>;
  /** All are closed with 1001. */
  close(): Eventually<void>;
  /** Begins a recording of what passes through the room. */
  record(): Eventually<Result<RoomRecording, NoRecordingReason>>;
}

/** A recording under way. It has one reader. */
export interface RoomRecording {
  /** The next bytes, at most so many; `undefined` after the end. Where nothing comes for `waitMs`, they say so. */
  read(maxBytes: number, waitMs: number): Promise<Uint8Array | undefined>;
  /** Nothing more is recorded. Safe twice, and after the end. */
  stop(): void;
}

/** Why a room is not recorded: its host is no page, or it has as many recordings as it may have. */
export type NoRecordingReason = "open_room" | "too_many";

export interface NewRoomPlan {
  readonly kind: string;
  readonly name?: string | undefined;
  readonly code?: boolean | undefined;
  readonly maxPlayers?: number | undefined;
  readonly pin?: string | undefined;
  readonly meta?: unknown;
}

/** Why a room could not be opened. */
export interface NoRoomReason {
  readonly why: "exists" | "invalid" | "closing" | "no_room_left";
  readonly message: string;
}

/** One page of a list. */
export interface RoomsPage {
  readonly rooms: readonly RoomSummary[];
  /** What the next page begins after; `undefined` for the last one. */
  readonly next: string | undefined;
  /** Nodes that did not answer, whose rooms are missing. @default all have answered */
  readonly missing?: number;
}

export interface RoomSearch {
  /** In lower case; a room's code, name or kind has to contain it. `""`: every room fits. */
  readonly text: string;
  /** Rooms in the answer. */
  readonly limit: number;
  /** Rooms that are looked at. */
  readonly within: number;
}

export interface FoundRooms {
  readonly rooms: readonly RoomSummary[];
  /** Whether there are no others that fit. */
  readonly isAll: boolean;
}

export interface RoomsView {
  /** The oldest first, those after the cursor; `undefined` where the cursor is none. */
  list(page: { readonly after: string | undefined; readonly limit: number }): Eventually<RoomsPage | undefined>;
  /** The oldest rooms that fit. */
  search(wanted: RoomSearch): Eventually<FoundRooms>;
  /** The room of this code, else of this name; `name:BCDF` is the room of the name BCDF. */
  get(id: string): Eventually<RoomHandle | undefined>;
  create(plan: NewRoomPlan): Eventually<Result<RoomHandle, NoRoomReason>>;
}
