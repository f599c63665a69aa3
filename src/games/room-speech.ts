/** What a program says in its room, as members are told it, and how far that comes. */
import type { MemberNews } from "../session/member-encoder.ts";
import type { Announcer } from "./announcer.ts";
import { bytesIn } from "./bytes-in.ts";
import type { GameMember } from "./game-member.ts";
import type { Delivery, Json, Member, MemberRecipients, SayOptions } from "./game-room.ts";

/** Bytes of a name under which a frame is kept with a seat. */
const MAX_RETAIN_BYTES = 64;

const utf8 = new TextEncoder();

/** The room in which something is said. */
export interface SpokenRoom {
  readonly isClosed: boolean;
  /** Those with a seat. */
  readonly members: readonly GameMember[];
  /** Also one that has no seat yet. */
  memberOrNewcomer(id: string): GameMember | undefined;
}

export class RoomSpeech {
  readonly #room: SpokenRoom;
  readonly #announcer: Announcer;

  constructor(room: SpokenRoom, announcer: Announcer) {
    this.#room = room;
    this.#announcer = announcer;
  }

  /** Says it to all but one. */
  broadcast(data: Json, options: SayOptions | undefined, except: GameMember | undefined): Delivery {
    const news = newsOf(data, options);
    const { isClosed, members } = this.#room;
    if (isClosed) return NOT_SAID;
    const delivery = deliveryTo(members.filter((member) => member !== except));
    this.#announcer.say(news, "all", except, options?.retain);
    return delivery;
  }

  send(to: MemberRecipients, data: Json, options: SayOptions | undefined): Delivery {
    const members = typeof to === "string" || !(Symbol.iterator in to) ? [to] : to;
    return this.sendTo(this.those(members), data, options);
  }

  sendTo(members: readonly GameMember[], data: Json, options: SayOptions | undefined): Delivery {
    const news = newsOf(data, options);
    if (this.#room.isClosed) return NOT_SAID;
    const delivery = deliveryTo(members);
    this.#announcer.say(news, members, undefined, options?.retain);
    return delivery;
  }

  /** The room's own member: the one given, where it is of this room, or the one of this id. */
  own(member: Member | string): GameMember | undefined {
    const own = this.#room.memberOrNewcomer(typeof member === "string" ? member : member.id);
    return typeof member === "string" || own === member ? own : undefined;
  }

  /** Those of them that are in the room, each once. */
  those(members: Iterable<Member | string>): readonly GameMember[] {
    const own = new Set<GameMember>();
    for (const each of members) {
      const member = this.own(each);
      if (member !== undefined) own.add(member);
    }
    return [...own];
  }
}

/** What is said in a room that is over. */
const NOT_SAID: Delivery = { sent: 0, kept: 0, nobody: true };

function deliveryTo(members: readonly GameMember[]): Delivery {
  // A newcomer that is being asked for is sent it when it is in.
  const kept = members.filter(({ player, isConnected }) => player !== undefined && !isConnected).length;
  return { sent: members.length - kept, kept, nobody: members.length === 0 };
}

/** Throws `TypeError` where it cannot be said. */
function newsOf(data: Json, { from, retain }: SayOptions = {}): MemberNews {
  if (retain !== undefined && (typeof retain !== "string" || utf8.encode(retain).length > MAX_RETAIN_BYTES))
    throw new TypeError(`retain has to be a name of at most ${MAX_RETAIN_BYTES} bytes.`);
  const sender = from?.id ?? "";
  const bytes = bytesIn(data);
  if (bytes !== undefined) return { news: "bytes", from: sender, data: bytes };
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) throw new TypeError(`A room says what JSON can carry, not ${typeof data}.`);
  return { news: "text", from: sender, json: utf8.encode(json) };
}
