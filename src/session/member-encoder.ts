/**
 * The wires of members of open rooms: what a member is told, as meanings, and the encoders that make frames of it (P6 in JSON, with or without events; P7 as
 * ghost-sync's binary). A room encodes once for each encoder, so members that speak alike share one.
 */
import type { Message } from "../room/ports.ts";

/** One member, as other members see it (P6.7). */
export interface MemberCard {
  readonly id: string;
  readonly name: string;
  readonly role: "member" | "spectator";
}

/** What a member of an open room is told. */
export type MemberNews =
  /** Someone, or the room (`from: ""`), said something. `json` is the JSON of it, as it was sent. `seq` and `at` for what is replayed. */
  | { readonly news: "text"; readonly from: string; readonly json: string; readonly seq?: number; readonly at?: string }
  | { readonly news: "bytes"; readonly from: string; readonly data: Uint8Array }
  /** First for each newcomer: who it is, who is here, and how many frames of the past follow. */
  | { readonly news: "joined"; readonly you: string; readonly members: readonly MemberCard[]; readonly history: number }
  | {
      readonly news: "join" | "leave" | "away" | "back" | "meta";
      readonly member: MemberCard & { readonly meta: unknown };
    }
  | { readonly news: "error"; readonly code: string; readonly message: string }
  /** The room that the member has opened. */
  | { readonly news: "created"; readonly code: string; readonly name: string | undefined }
  /** Its token is renewed until then, in seconds since 1970. */
  | { readonly news: "renewed"; readonly exp: number };

export interface MemberEncoder {
  /** The frame that tells it; `undefined` where this wire has no word for it. The bytes are not changed afterwards. */
  encode(news: MemberNews): Message | undefined;
}
