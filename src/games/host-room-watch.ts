/** Reports what happens in a room with a host page to `RoomEvents`: players by their id as text, and by name. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { DepartureReason } from "../room/ports.ts";
import type { JoinedPlayer, RoomWatcher } from "../room/room-watcher.ts";
import type { MemberInfo, RoomInfo } from "./hooks.ts";
import { leaveReasonOf } from "./game-member.ts";
import type { RoomEvents } from "./room-events.ts";

/** The kind of rooms with a host page. */
export const HOST_KIND = "host";

export class HostRoomWatch implements RoomWatcher {
  readonly #events: RoomEvents;
  /** Of those that have one: in a large audience most have none. */
  readonly #names = new Map<PlayerId, string>();
  /** Of those that came with a token. */
  readonly #users = new Map<PlayerId, string>();
  #room: RoomInfo = { kind: HOST_KIND, code: undefined, name: undefined };

  constructor(events: RoomEvents) {
    this.#events = events;
  }

  /** The room, without a code before it is open. */
  get room(): RoomInfo {
    return this.#room;
  }

  member(player: PlayerId): MemberInfo {
    const id = String(player);
    const user = this.#users.get(player);
    return { id, name: this.#names.get(player) ?? id, role: "player", ...(user !== undefined && { user }) };
  }

  opened({ code, name }: { readonly code: string; readonly name: string }): void {
    this.#room = { kind: HOST_KIND, code, name };
    this.#events.created(this.#room);
  }

  gameChanged(name: string): void {
    this.#room = { ...this.#room, name };
  }

  joined(player: PlayerId, { name, user }: JoinedPlayer, isFull: boolean): void {
    if (name !== undefined) this.#names.set(player, name);
    if (user !== undefined) this.#users.set(player, user);
    this.#events.joined(this.#room, this.member(player));
    if (isFull) this.#events.full(this.#room);
  }

  away(player: PlayerId): void {
    this.#events.away(this.#room, this.member(player));
  }

  back(player: PlayerId): void {
    this.#events.back(this.#room, this.member(player));
  }

  left(player: PlayerId, why: DepartureReason, isEmpty: boolean): void {
    const member = this.member(player);
    this.#names.delete(player);
    this.#users.delete(player);
    this.#events.left(this.#room, member, leaveReasonOf(why));
    if (isEmpty) this.#events.empty(this.#room);
  }

  closed(why: CloseName, players: readonly PlayerId[]): void {
    const reason = why === "restarting" ? why : "room_closed";
    for (const player of players) this.#events.left(this.#room, this.member(player), reason);
    this.#names.clear();
    this.#users.clear();
    this.#events.closed(this.#room, why);
  }
}
