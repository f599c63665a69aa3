/** Tokens for one room: whether a request is about that room. */
import { parseRoomCode } from "../../protocol/room-code.ts";
import { HOST_RUN_KIND } from "../../protocol/room-kind.ts";
import type { RoomHandle } from "./rooms-view.ts";

const NAME_PREFIX = "name:";

/** Whether `room` of a token, a code or an open room's name, means the room that a request names `id`. `handle`: that room, where it is there. */
export async function isRoomOf(room: string, id: string, handle: RoomHandle | undefined): Promise<boolean> {
  if (handle === undefined) return isSame(id, room) || id === `${NAME_PREFIX}${room}`;
  const { code, name, kind } = await handle.summary();
  if (code !== null && parseRoomCode(room) === code) return true;
  return kind !== HOST_RUN_KIND && name === room; // a host-run room has its game's name, which many have
}

function isSame(id: string, room: string): boolean {
  const code = parseRoomCode(id);
  return code === undefined ? id === room : code === parseRoomCode(room);
}
