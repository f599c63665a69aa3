/** What nodes say to each other about rooms, for the API: JSON, checked where it arrives. */
import { z } from "zod";
import { PLAYER_ID, ROOM_DETAILS, ROOM_SUMMARY } from "../api/schemas.ts";
import type { NoRecordingReason, Saying } from "../api/rooms-view.ts";

const CONTENT = z.discriminatedUnion("is", [
  z.object({ is: z.literal("data"), json: z.string() }),
  z.object({ is: z.literal("text"), text: z.string() }),
  z.object({ is: z.literal("bytes"), base64: z.base64() }),
]);
const IDS = z.array(PLAYER_ID).optional();
const ID = z.string().max(4_096);

/** What is asked of one room. `id`: as the API calls it. */
export const ROOM_QUESTION = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("summary"), id: ID }),
  z.object({ ask: z.literal("details"), id: ID }),
  z.object({ ask: z.literal("say"), id: ID, content: CONTENT, to: IDS, except: IDS }),
  z.object({
    ask: z.literal("kick"),
    id: ID,
    player: PLAYER_ID,
    reason: z.string().max(1_024).optional(),
    ban: z.boolean().optional(),
  }),
  z.object({ ask: z.literal("lock"), id: ID }),
  z.object({ ask: z.literal("open"), id: ID }),
  z.object({ ask: z.literal("close"), id: ID }),
  z.object({ ask: z.literal("record"), id: ID }),
]);
export type RoomQuestion = z.output<typeof ROOM_QUESTION>;

const NO_RECORDING = ["open_room", "too_many"] as const satisfies readonly NoRecordingReason[];

/** `null`: there is no such room. */
export const ROOM_ANSWERS = {
  summary: z.object({ value: ROOM_SUMMARY }).nullable(),
  details: z.object({ value: ROOM_DETAILS }).nullable(),
  say: z.object({ value: z.object({ delivered: z.int(), kept: z.int() }) }).nullable(),
  kick: z.object({ value: z.boolean() }).nullable(),
  done: z.object({ value: z.null() }).nullable(),
  record: z
    .object({ value: z.union([z.object({ recording: z.string() }), z.object({ refused: z.enum(NO_RECORDING) })]) })
    .nullable(),
} as const;

/** A place in the list of all rooms: rooms are in the order of when they were opened. */
export const POSITION = z.object({ at: z.int().min(0), node: z.string().max(128), number: z.int().min(0) });
export type Position = z.output<typeof POSITION>;

export const POSITIONS_QUESTION = z.object({ after: POSITION.nullable(), limit: z.int().min(1).max(1_000) });
export const POSITIONS_ANSWER = z.object({
  positions: z.array(z.tuple([z.int(), z.int()])).max(1_000),
  isAll: z.boolean(),
});

export const SUMMARIES_QUESTION = z.object({ numbers: z.array(z.int()).max(1_000) });
export const SUMMARIES_ANSWER = z.object({ rooms: z.array(z.tuple([z.int(), ROOM_SUMMARY])).max(1_000) });

export const SEARCH_QUESTION = z.object({
  text: z.string().max(1_024),
  limit: z.int().min(1).max(1_000),
  within: z.int().min(1).max(1_000_000),
});
export const SEARCH_ANSWER = z.object({ rooms: z.array(ROOM_SUMMARY).max(1_000), isAll: z.boolean() });

const utf8 = new TextEncoder();
const text = new TextDecoder();

export function encodeContent(content: Saying["content"]): z.input<typeof CONTENT> {
  switch (content.is) {
    case "data":
      return { is: "data", json: text.decode(content.json) };
    case "text":
      return content;
    case "bytes":
      return { is: "bytes", base64: Buffer.from(content.bytes).toString("base64") };
    default:
      return content satisfies never;
  }
}

/** Throws `SyntaxError` where the data is no JSON. */
export function decodeContent(content: z.output<typeof CONTENT>): Saying["content"] {
  switch (content.is) {
    case "data": {
      const data: unknown = JSON.parse(content.json);
      return { is: "data", data, json: utf8.encode(content.json) };
    }
    case "text":
      return content;
    case "bytes":
      return { is: "bytes", bytes: new Uint8Array(Buffer.from(content.base64, "base64")) };
    default:
      return content satisfies never;
  }
}
