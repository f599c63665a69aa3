/** What a program says in its room, as members are told it, and how far that comes. */
import type { MemberNews } from "../session/member-encoder.ts";
import { bytesIn } from "./bytes-in.ts";
import type { GameMember } from "./game-member.ts";
import type { Delivery, Json, SayOptions } from "./game-room.ts";

/** Bytes of a name under which a frame is kept with a seat. */
const MAX_RETAIN_BYTES = 64;

const utf8 = new TextEncoder();

/** What is said in a room that is over. */
export const NOT_SAID: Delivery = { sent: 0, kept: 0, nobody: true };

export function deliveryTo(members: readonly GameMember[]): Delivery {
  // A newcomer that is being asked for is sent it when it is in.
  const kept = members.filter(({ player, isConnected }) => player !== undefined && !isConnected).length;
  return { sent: members.length - kept, kept, nobody: members.length === 0 };
}

/** Throws `TypeError` where it cannot be said. */
export function newsOf(data: Json, { from, retain }: SayOptions = {}): MemberNews {
  if (retain !== undefined && (typeof retain !== "string" || utf8.encode(retain).length > MAX_RETAIN_BYTES))
    throw new TypeError(`retain has to be a name of at most ${MAX_RETAIN_BYTES} bytes.`);
  const sender = from?.id ?? "";
  const bytes = bytesIn(data);
  if (bytes !== undefined) return { news: "bytes", from: sender, data: bytes };
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) throw new TypeError(`A room says what JSON can carry, not ${typeof data}.`);
  return { news: "text", from: sender, json: utf8.encode(json) };
}
