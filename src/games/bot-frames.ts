/** The frames of P6 as a bot in this process reads and writes them. */
import { bytesIn } from "./bytes-in.ts";
import type { BotPlayer } from "./bot-player.ts";
import type { Json } from "./game-room.ts";

/** A text frame, as far as a bot reads it. */
interface Heard {
  readonly event?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly from?: string;
  readonly data?: Json;
  /** It was said before the bot came. */
  readonly seq?: number;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Tells a bot what is in a frame for its seat. The bytes may be a view. */
export function tellBot(player: BotPlayer, frame: Uint8Array, isText: boolean): void {
  if (!isText) return player.tell(frame.slice(), "", frame.length);
  const news: Heard = JSON.parse(fromUtf8.decode(frame));
  if (news.event === "joined") player.join();
  else if (news.error !== undefined) player.refuse(news.error.code, news.error.message);
  else if (news.from !== undefined && news.seq === undefined) player.tell(news.data, news.from, frame.length);
}

/** What a bot says, as a member's connection would bring it. */
export function sayForBot(
  say: (frame: Uint8Array, isText: boolean) => void,
  data: Json,
  to: readonly string[] | undefined,
): void {
  const bytes = bytesIn(data);
  if (bytes !== undefined) {
    if (to !== undefined) throw new TypeError("Bytes go to all: a binary frame has no `to`.");
    return say(bytes, false);
  }
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) throw new TypeError(`A bot says what JSON can carry, not ${typeof data}.`);
  say(utf8.encode(`{"data":${json}${to === undefined ? "}" : `,"to":${JSON.stringify(to)}}`}`), true);
}
