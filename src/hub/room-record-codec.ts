/**
 * Records of rooms as bytes: the version, and one CBOR map. Bytes come from a file or from another node, so they are input: they are read within limits and
 * checked. A reader skips fields that it does not know, which a newer writer of the same version may have added.
 */
import { z } from "zod";
import { CborReader, resultOf, unreadable } from "../protocol/cbor-reader.ts";
import { encodeCbor } from "../protocol/cbor-writer.ts";
import { MAX_KEYED_BYTES, MAX_META_BYTES, MAX_NAME_BYTES, MAX_SAVE_BYTES } from "../protocol/command-fields.ts";
import { MAX_SAVE_KEYS, MAX_SAVE_KEY_BYTES, MAX_UINT32, MAX_URL_BYTES } from "../protocol/command-fields.ts";
import { isOpenRoomName } from "../protocol/open-room-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { parseRoomCode } from "../protocol/room-code.ts";
import { isRoomKind } from "../protocol/room-kind.ts";
import { HOST_ENCODERS } from "../session/host-encoder.ts";
import type { HostRoomRecord, OpenRoomRecord, RoomRecord } from "./room-record.ts";

/** The version that is written. Of a version that is newer nothing is understood. */
const VERSION = 1;
/** Bytes of one record: a room of the usual limits takes some KiB, and one of 100,000 seats most of this. */
export const MAX_RECORD_BYTES = 32 * 2 ** 20;
/** CBOR items of one record. */
const MAX_RECORD_ITEMS = 4_000_000;
const MAX_NESTING = 6;

/** Characters of what has no limit of its own: a user, a hash, an address. */
const MAX_TEXT = 4_096;
/** Bytes of the JSON of an open room's state, and of its history. */
export const MAX_STATE_BYTES = 65_536;
const MAX_HISTORY_MESSAGES = 1_024;
const MAX_SEATS = 1_000_000;
const MAX_BANS = 1_024;
const MAX_FORMER_SESSIONS = 16;

const text = z.string().max(MAX_TEXT);
const hash = z.string().min(1).max(256);
const count = z.int().min(0);
const uint32 = z.int().min(0).max(MAX_UINT32);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const json = (most: number) => z.string().max(most).refine(isJson);
const saved = (most: number) => z.union([z.string().max(most), bytes.refine((value) => value.length <= most)]);

const seat = z.object({
  player: uint32.min(1),
  sessionHash: hash.optional(),
  formerHashes: z.array(hash).max(MAX_FORMER_SESSIONS).optional(),
  user: text.optional(),
  tokenSessionHash: hash.optional(),
  shownSessionHash: hash.optional(),
  visitor: text.optional(),
  name: text.optional(),
  isSpectator: z.boolean(),
  takenAt: count,
});

const base = {
  maxPlayers: uint32,
  meta: json(MAX_META_BYTES).optional(),
  isLocked: z.boolean(),
  bans: z.array(text.min(1)).max(MAX_BANS),
  hasChangedGame: z.boolean(),
  lastPlayer: uint32,
  openedAt: count,
  address: text,
  pin: z.object({ salt: hash, hash }).optional(),
};

const code = z.string().refine((value) => parseRoomCode(value) === value);

const hostRoom: z.ZodType<HostRoomRecord> = z.object({
  sort: z.literal("host"),
  ...base,
  code,
  name: z.string().max(MAX_NAME_BYTES),
  joinUrl: z.string().max(MAX_URL_BYTES).optional(),
  seats: z.array(seat).max(MAX_SEATS),
  crowd: z.object({ overflow: z.enum(["refuse", "queue", "audience"]), audience: uint32, queue: uint32 }).optional(),
  host: z.object({
    sessionHash: hash,
    user: text.optional(),
    tokenSessionHash: hash.optional(),
    shownSessionHash: hash.optional(),
    encoder: z.enum(HOST_ENCODERS),
    states: z.enum(["full", "delta"]),
  }),
  saved: saved(MAX_SAVE_BYTES).optional(),
  savedKeys: z
    .array(z.tuple([z.string().max(MAX_SAVE_KEY_BYTES), saved(MAX_KEYED_BYTES)]).readonly())
    .max(MAX_SAVE_KEYS),
});

const openRoom: z.ZodType<OpenRoomRecord> = z.object({
  sort: z.literal("open"),
  ...base,
  kind: z.string().refine(isRoomKind),
  code: code.optional(),
  name: z.string().refine(isOpenRoomName).optional(),
  state: json(MAX_STATE_BYTES).optional(),
  isStateLost: z.boolean(),
  version: count,
  members: z
    .array(
      z.object({
        id: text.min(1),
        seat,
        name: text,
        isOpener: z.boolean(),
        joinedAt: count,
        meta: json(MAX_META_BYTES),
        hasEvents: z.boolean(),
      }),
    )
    .max(MAX_SEATS),
  lastGuest: count,
  opener: hash.optional(),
  history: z
    .array(
      z.object({
        from: text,
        data: bytes.refine((value) => value.length <= MAX_STATE_BYTES),
        seq: count.min(1),
        time: count,
      }),
    )
    .max(MAX_HISTORY_MESSAGES),
  lastSeq: count,
});

const sorted = z.object({ sort: z.enum(["host", "open"]) });

/** The bytes of a record, or a sentence where they would be more than may be read again. */
export function encodeRoomRecord(record: RoomRecord): Result<Uint8Array<ArrayBuffer>, string> {
  const body = encodeCbor(record);
  if (body.length >= MAX_RECORD_BYTES)
    return failure(`The record of a room would take ${body.length} bytes; ${MAX_RECORD_BYTES} are allowed.`);
  const encoded = new Uint8Array(1 + body.length);
  encoded[0] = VERSION;
  encoded.set(body, 1);
  return success(encoded);
}

/** The record in these bytes, or what is wrong with them, as a sentence. Never throws. */
export function decodeRoomRecord(encoded: Uint8Array): Result<RoomRecord, string> {
  const [version] = encoded;
  if (version === undefined) return failure("The record of a room is empty.");
  if (version > VERSION)
    return failure(`The record of a room is of version ${version}; this server knows versions up to ${VERSION}.`);
  if (version !== VERSION) return failure(`The record of a room has no version: it begins with ${version}.`);
  if (encoded.length > MAX_RECORD_BYTES)
    return failure(`The record of a room has ${encoded.length} bytes; ${MAX_RECORD_BYTES} are allowed.`);
  const decoded = resultOf(() => {
    const reader = new CborReader(encoded.subarray(1), { depth: MAX_NESTING, items: MAX_RECORD_ITEMS });
    const item = reader.item(0);
    return reader.cursor.left > 0 ? unreadable("Something stands behind it") : item;
  });
  if (!decoded.ok) return failure(`The record of a room is damaged. ${decoded.failure}.`);
  const sort = sorted.safeParse(decoded.value);
  if (!sort.success) return failure("The record of a room is damaged: it says neither of a host nor of an open room.");
  const checked = (sort.data.sort === "open" ? openRoom : hostRoom).safeParse(decoded.value);
  if (!checked.success)
    return failure(`The record of a room is damaged: its field ${placeOf(checked.error)} is wrong.`);
  const problem = problemOf(checked.data);
  return problem === undefined ? success(checked.data) : failure(`The record of a room is damaged: ${problem}.`);
}

/** What cannot be seen in one field. */
function problemOf(record: RoomRecord): string | undefined {
  const seats = record.sort === "host" ? record.seats : record.members.map((member) => member.seat);
  const players = new Set(seats.map(({ player }) => player));
  if (players.size < seats.length) return "two seats have one id";
  for (const player of players) if (player > record.lastPlayer) return "a seat has an id that was not given yet";
  const sessions = seats.flatMap(({ sessionHash }) => sessionHash ?? []);
  if (new Set(sessions).size < sessions.length) return "two seats have one session";
  if (record.sort === "host") return undefined;
  if (new Set(record.members.map(({ id }) => id)).size < seats.length) return "two members have one id";
  return record.code === undefined && record.name === undefined ? "it has neither a code nor a name" : undefined;
}

/** Where in the record the first problem is; no value of it, which might be a secret. */
function placeOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined || issue.path.length === 0 ? "sort" : issue.path.join(".");
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false; // JSON.parse throws for this alone
  }
}
