/** Reports what happens in a room with a host page to `RoomEvents`: players by their id as text, and by name. */
import type { PlayerId } from "../protocol/commands.ts";
import type { RoomWatcher } from "../room/room-watcher.ts";
import type { MemberInfo, RoomInfo } from "./hooks.ts";
import { leaveReasonOf } from "./game-member.ts";
import type { RoomEvents } from "./room-events.ts";

/** The kind of rooms with a host page. */
export const HOST_KIND = "host";

export class HostRoomWatch implements RoomWatcher {
  readonly #events: RoomEvents;
  readonly #members = new Map<PlayerId, MemberInfo>();
  #room: RoomInfo = { kind: HOST_KIND, code: undefined, name: undefined };

  constructor(events: RoomEvents) {
    this.#events = events;
  }

  /** The room, without a code before it is open. */
  get room(): RoomInfo {
    return this.#room;
  }

  member(player: PlayerId): MemberInfo {
    return this.#members.get(player) ?? playerInfo(player, undefined);
  }

  opened({ code, name }: { readonly code: string; readonly name: string }): void {
    this.#room = { kind: HOST_KIND, code, name };
    this.#events.created(this.#room);
  }

  joined(player: PlayerId, name: string | undefined, isFull: boolean): void {
    const member = playerInfo(player, name);
    this.#members.set(player, member);
    this.#events.joined(this.#room, member);
    if (isFull) this.#events.full(this.#room);
  }

  away(player: PlayerId): void {
    this.#events.away(this.#room, this.member(player));
  }

  back(player: PlayerId): void {
    this.#events.back(this.#room, this.member(player));
  }

  left(player: PlayerId, why: Parameters<RoomWatcher["left"]>[1], isEmpty: boolean): void {
    const member = this.member(player);
    this.#members.delete(player);
    this.#events.left(this.#room, member, leaveReasonOf(why));
    if (isEmpty) this.#events.empty(this.#room);
  }

  closed(why: Parameters<RoomWatcher["closed"]>[0]): void {
    const reason = why === "restarting" ? why : "room_closed";
    for (const member of this.#members.values()) this.#events.left(this.#room, member, reason);
    this.#members.clear();
    this.#events.closed(this.#room, why);
  }
}

function playerInfo(player: PlayerId, name: string | undefined): MemberInfo {
  return { id: String(player), name: name ?? String(player), role: "player" };
}
