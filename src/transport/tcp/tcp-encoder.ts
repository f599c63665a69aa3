/** What members over TCP are told of an open room, in ghost-sync's words (P7.3). */
import { encodeServerMessage, type ServerMessage } from "../../protocol/ghost-sync/messages.ts";
import { lostSentence, type MemberEncoder, type MemberNews } from "../../session/member-encoder.ts";
import { memberUuid } from "./member-uuid.ts";

/** Members of one room whose UUIDs are remembered. A room says much of few members. */
const MAX_REMEMBERED = 1_024;

/** The encoder for all members over TCP of one room; `room` is how they asked for it. */
function createTcpEncoder(room: string): MemberEncoder {
  const uuids = new Map<string, string>();
  const uuidOf = (id: string): string => {
    const known = uuids.get(id);
    if (known !== undefined) return known;
    if (uuids.size >= MAX_REMEMBERED) uuids.clear();
    const uuid = memberUuid(room, id);
    uuids.set(id, uuid);
    return uuid;
  };
  return {
    encode(news) {
      const message = inWords(news, room, uuidOf);
      return message === undefined ? undefined : { data: encodeServerMessage(message), isText: false };
    },
  };
}

/** The encoders of the rooms that have members over TCP: one for each room, so that a room writes each frame once for all of them. */
export class TcpEncoders {
  readonly #inUse = new Map<string, { readonly encoder: MemberEncoder; users: number }>();

  /** The encoder of this room, for one member, until that member gives it back. */
  take(room: string): MemberEncoder {
    const known = this.#inUse.get(room);
    if (known !== undefined) {
      known.users += 1;
      return known.encoder;
    }
    const encoder = createTcpEncoder(room);
    this.#inUse.set(room, { encoder, users: 1 });
    return encoder;
  }

  giveBack(room: string): void {
    const known = this.#inUse.get(room);
    if (known === undefined) return;
    known.users -= 1;
    if (known.users === 0) this.#inUse.delete(room);
  }
}

/** `undefined`: ghost-sync has no word for it. */
function inWords(news: MemberNews, room: string, uuidOf: (id: string) => string): ServerMessage | undefined {
  switch (news.news) {
    case "text":
      // A client of ghost-sync knows nothing of a past, and would take it for what is said now.
      return news.seq === undefined ? { say: "broadcast", sender: uuidOf(news.from), data: news.json } : undefined;
    case "bytes":
      return { say: "broadcast", sender: uuidOf(news.from), data: news.data };
    case "joined":
      return { say: "joined", client: uuidOf(news.you), room };
    case "join":
      return { say: "player_joined", client: uuidOf(news.member.id) };
    case "leave":
      return { say: "player_left", client: uuidOf(news.member.id) };
    case "error":
      return { say: "error", text: news.message };
    case "lost":
      return { say: "error", text: lostSentence(news.count) };
    case "away":
    case "back":
    case "meta":
    case "created":
    case "renewed":
      return undefined;
    default:
      return news satisfies never;
  }
}
