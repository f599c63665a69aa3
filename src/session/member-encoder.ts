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

/** One member with what others may know of it. */
export interface MemberProfile extends MemberCard {
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What a member of an open room is told. */
export type MemberNews =
  /**
   * Someone, or the room (`from: ""`), said something. `json` is the JSON of it in UTF-8, as it was sent: a view, which is not to be kept or changed.
   * `seq` and `at` are there for what is replayed to a newcomer, and for nothing else.
   */
  | {
      readonly news: "text";
      readonly from: string;
      /** The JSON of `from` in UTF-8, where it is at hand. */
      readonly fromJson?: Uint8Array;
      readonly json: Uint8Array;
      readonly seq?: number;
      readonly at?: string;
    }
  | { readonly news: "bytes"; readonly from: string; readonly data: Uint8Array }
  /** First for each newcomer: who it is, who is here, and how many frames of the past follow. */
  | {
      readonly news: "joined";
      readonly you: string;
      readonly members: readonly MemberProfile[];
      readonly history: number;
    }
  | { readonly news: "join" | "leave" | "away" | "back" | "meta"; readonly member: MemberProfile }
  | { readonly news: "error"; readonly code: string; readonly message: string }
  /** The room that the member has opened. */
  | { readonly news: "created"; readonly code: string; readonly name: string | undefined }
  /** So many frames were dropped: the member reads too slowly for its room. */
  | { readonly news: "lost"; readonly count: number }
  /** Its token is renewed until then, in seconds since 1970. */
  | { readonly news: "renewed"; readonly exp: number };

export interface MemberEncoder {
  /** The frame that tells it; `undefined` where this wire has no word for it. The bytes are not changed afterwards. */
  encode(news: MemberNews): Message | undefined;
}

/** Tapaculo's wire (P6.1): `{"from","data"}` and `{"error"}` in text frames, and nothing else. Bytes are base64. */
export const plainEncoder: MemberEncoder = {
  encode(news) {
    switch (news.news) {
      case "text":
        return news.seq === undefined ? said(news.from, news.json, news.fromJson) : undefined;
      case "bytes":
        return framed(`{"from":${JSON.stringify(news.from)},"data":{"base64":"`, base64Of(news.data), '"}}');
      case "error":
        return errorFrame(news.code, news.message);
      case "lost":
        return errorFrame("rate_limited", lostSentence(news.count));
      default:
        return undefined;
    }
  },
};

/** The wire with events (P6.3, P6.5–6.7): messages and what happens in the room in text frames, bytes in binary ones. */
export const eventsEncoder: MemberEncoder = {
  encode(news) {
    switch (news.news) {
      case "text":
        return said(news.from, news.json, news.fromJson, news.seq, news.at);
      case "bytes":
        return { data: news.data, isText: false };
      case "joined":
        return text({ event: "joined", you: news.you, members: news.members.map(profileOf), history: news.history });
      case "join":
      case "leave":
      case "away":
      case "back":
      case "meta":
        return text({ event: news.news, member: { ...cardOf(news.member), meta: news.member.meta } });
      case "error":
        return errorFrame(news.code, news.message);
      case "created":
        return text({ event: "created", code: news.code, ...(news.name !== undefined && { name: news.name }) });
      case "lost":
        return text({ event: "lost", count: news.count });
      case "renewed":
        return text({ event: "renewed", exp: news.exp });
      default:
        return news satisfies never;
    }
  },
};

const utf8 = new TextEncoder();
const OPEN_FROM = utf8.encode('{"from":');
const OPEN_DATA = utf8.encode(',"data":');
const CLOSE = utf8.encode("}");

/** For members whose wire knows errors and no events. */
export function lostSentence(count: number): string {
  return `${count} ${count === 1 ? "message" : "messages"} for you were lost: your connection could not keep up.`;
}

function text(value: unknown): Message {
  return { data: utf8.encode(JSON.stringify(value)), isText: true };
}

/** `{"error":{"code","message"}}` (P6.5). */
export function errorFrame(code: string, message: string): Message {
  return text({ error: { code, message } });
}

function cardOf({ id, name, role }: MemberCard): MemberCard {
  return { id, name, role };
}

/** A member among those that are here; with its `meta` where it has one. */
function profileOf({ id, name, role, meta }: MemberProfile): MemberCard & Partial<MemberProfile> {
  return Object.keys(meta).length === 0 ? { id, name, role } : { id, name, role, meta };
}

/** `{"from","data"}`, with the JSON of `data` as it is. */
function said(from: string, json: Uint8Array, fromJson = jsonOf(from), seq?: number, at?: string): Message {
  const tail = seq === undefined ? CLOSE : utf8.encode(`,"seq":${seq},"at":${JSON.stringify(at)}}`);
  const jsonAt = OPEN_FROM.length + fromJson.length + OPEN_DATA.length;
  const data = new Uint8Array(jsonAt + json.length + tail.length);
  data.set(OPEN_FROM);
  data.set(fromJson, OPEN_FROM.length);
  data.set(OPEN_DATA, jsonAt - OPEN_DATA.length);
  data.set(json, jsonAt);
  data.set(tail, jsonAt + json.length);
  return { data, isText: true };
}

/** The JSON of a string in UTF-8. */
export function jsonOf(value: string): Uint8Array {
  return utf8.encode(JSON.stringify(value));
}

/** A text frame of these parts. */
function framed(before: string, content: Uint8Array, after: string): Message {
  const [head, tail] = [utf8.encode(before), utf8.encode(after)];
  const data = new Uint8Array(head.length + content.length + tail.length);
  data.set(head);
  data.set(content, head.length);
  data.set(tail, head.length + content.length);
  return { data, isText: true };
}

const BASE64 = utf8.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const PADDING = 0x3d;

/** The letters of base64 (RFC 4648), in ASCII. */
function base64Of(bytes: Uint8Array): Uint8Array {
  const letters = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const left = bytes.length - at;
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    letters[to] = letter(bits >> 18);
    letters[to + 1] = letter(bits >> 12);
    if (left > 1) letters[to + 2] = letter(bits >> 6);
    if (left > 2) letters[to + 3] = letter(bits);
  }
  return letters;
}

function letter(bits: number): number {
  return BASE64[bits & 63] ?? PADDING;
}
