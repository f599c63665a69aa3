/** The values that several routes take or answer. */
import { z } from "zod";
import { MAX_NAME_BYTES } from "../../protocol/command-fields.ts";

const utf8 = new TextEncoder();

/** Text of at least one byte of UTF-8, and at most so many. */
export function textOf(maxBytes: number, description: string) {
  return z
    .string()
    .min(1)
    .max(maxBytes)
    .refine((text) => utf8.encode(text).length <= maxBytes, { error: `may have ${maxBytes} bytes of UTF-8` })
    .meta({ description });
}

/** Anything that JSON can carry, and not left out. */
export function anyJson(description: string) {
  return z
    .unknown()
    .refine((value) => value !== undefined, { error: "is missing", abort: true })
    .meta({ description });
}

export const PLAYER_ID = z
  .union([z.int().min(0).max(Number.MAX_SAFE_INTEGER), textOf(MAX_NAME_BYTES, "The id of a member")])
  .meta({ description: "The id of a player: a number in a host-run room, text in an open one." });

const CODE = z.string().nullable().meta({ description: "The room code; null where it has none.", example: "BCDF" });
const NAME = z
  .string()
  .nullable()
  .meta({ description: "The name of an open room, or of a host-run one's game.", example: "lobby" });
const DATE = z.string().meta({ description: "ISO 8601.", example: "2026-11-29T20:15:00.000Z" });

const ROOM_FIELDS = {
  id: z.string().meta({ description: "How paths name the room: its code, else name: and its name.", example: "BCDF" }),
  code: CODE,
  name: NAME,
  kind: z.string().meta({ description: "The kind of an open room; host for one with a host page.", example: "relay" }),
  away: z.int().meta({ description: "Players and spectators whose line is down, and whose seat is kept." }),
  spectators: z.int(),
  audience: z.int().default(0).meta({ description: "Watchers of a room with a host page." }),
  waiting: z.int().default(0).meta({ description: "Phones that wait for a seat." }),
  maxPlayers: z.int(),
  isOpen: z.boolean().meta({ description: "Not locked and not full." }),
  isLocked: z.boolean(),
  hostAway: z.boolean().meta({ description: "The host page is gone, and may come back." }),
  pin: z.boolean().meta({ description: "Newcomers have to show a PIN." }),
  joinUrl: z.string().nullable().meta({ description: "What phones open; null for a room without a code." }),
  meta: z.unknown().meta({ description: "What the host said of the room; null where it said nothing." }),
  since: DATE,
};

export const ROOM_SUMMARY = z
  .object({ ...ROOM_FIELDS, players: z.int().meta({ description: "Seats that are taken, without spectators." }) })
  .meta({ id: "Room" });

const PLAYER = z
  .object({
    id: z.union([z.int(), z.string()]),
    name: z.string().nullable(),
    user: z.string().nullable().meta({ description: "The subject of its token." }),
    role: z.enum(["player", "member", "spectator"]),
    away: z.boolean(),
    queue: z.int().meta({ description: "Bytes that wait for it." }),
    rtt: z.number().nullable().meta({ description: "Milliseconds there and back when last measured." }),
    since: DATE,
  })
  .meta({ id: "Player" });

export const ROOM_DETAILS = z.object({ ...ROOM_FIELDS, players: z.array(PLAYER) }).meta({ id: "RoomDetails" });

export const ERROR = z
  .object({
    error: z.object({ code: z.string(), message: z.string().meta({ description: "A sentence for people." }) }),
  })
  .meta({ id: "Error" });
