/** Rooms over HTTP (P9.3–P9.5): list, look at, open, end, lock, and who is in them. */
import { z } from "zod";
import { MAX_NAME_BYTES, MAX_PIN_BYTES } from "../../protocol/command-fields.ts";
import { MAX_OPEN_ROOM_NAME_BYTES } from "../../protocol/open-room-name.ts";
import { RECORDING_TYPE } from "../../recording/recording-items.ts";
import { defineRoute, NOTHING, refusal, type ApiAnswer, type ApiRoute } from "./route.ts";
import type { NoRecordingReason, NoRoomReason, RoomHandle, RoomRecording, RoomsView } from "./rooms-view.ts";
import { anyJson, PLAYER_ID, ROOM_DETAILS, ROOM_SUMMARY, textOf } from "./schemas.ts";

const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;
const DIGITS = /^\d{1,9}$/;
const MAX_KIND_LENGTH = 64;
const TAG = "rooms";
const DONE: ApiAnswer = { status: 204 };
/** The room of the examples. */
const LOBBY = { id: "name:lobby" };
const NO_ROOM = refusal(404, "room_not_found", "There is no such room.");
/** Bytes that are sent in one piece, and milliseconds after which a silent room says that nothing has happened: less than any proxy waits. */
const RECORDED_BYTES = 65_536;
const TICK_MS = 10_000;
const NO_RECORDING = {
  open_room: {
    status: 422,
    code: "unprocessable",
    message: "The host of an open room is no page but code in the server. Rooms with a host page alone are recorded.",
  },
  too_many: {
    status: 409,
    code: "too_many_recordings",
    message: "This room is recorded as often as it may be at one time.",
  },
} as const;
const NO_PLAYER = refusal(404, "player_not_found", "There is no such player in this room.");
const NOT_FOUND = { 404: { description: "There is no such room." } };
const NO_SUCH_ROOM_EXAMPLE = {
  status: 404,
  answer: { error: { code: "room_not_found", message: "There is no such room." } },
};

const PAGE = z.strictObject({
  limit: z
    .string()
    .refine((text) => DIGITS.test(text), { error: "has to be a whole number", abort: true })
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_PAGE))
    .default(DEFAULT_PAGE)
    .meta({
      description: "Rooms in the answer.",
      override: { type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
    }),
  cursor: z.string().optional().meta({ description: "`next` of the page before." }),
});

const NEW_ROOM = z.strictObject({
  kind: textOf(MAX_KIND_LENGTH, "A kind of open room: relay, or one of the program's."),
  name: textOf(MAX_OPEN_ROOM_NAME_BYTES, "A name that no other room has, and that is no room code.").optional(),
  code: z.boolean().optional().meta({ description: "Whether phones can join by a code. true if left out." }),
  maxPlayers: z.int().min(1).max(1_000_000).optional(),
  pin: textOf(MAX_PIN_BYTES, "What newcomers by code have to show.").optional(),
  meta: anyJson("Anything worth knowing about the room: at most 4 KiB of JSON.").optional(),
});

const KICK = z.strictObject({
  player: PLAYER_ID,
  reason: textOf(MAX_NAME_BYTES, "The player reads it.").optional(),
  ban: z.boolean().optional().meta({ description: "Neither its session nor its user may come back to this room." }),
});

const CREATED = z.object({ name: z.string().nullable(), code: z.string().nullable(), joinUrl: z.string().nullable() });

export function roomRoutes(rooms: RoomsView): readonly ApiRoute[] {
  /** Does something with the room of a path. */
  const within = async (
    { id = "" }: Readonly<Record<string, string>>,
    action: (room: RoomHandle) => ApiAnswer | Promise<ApiAnswer>,
  ): Promise<ApiAnswer> => {
    const room = await rooms.get(id);
    return room === undefined ? NO_ROOM : action(room);
  };

  return [
    defineRoute({
      id: "listRooms",
      method: "get",
      path: "/api/rooms",
      tag: TAG,
      summary: "All rooms, the oldest first",
      query: PAGE,
      body: NOTHING,
      answers: {
        200: {
          description: "One page. `next` is the cursor of the next one, null on the last.",
          schema: z.object({
            rooms: z.array(ROOM_SUMMARY),
            next: z.string().nullable(),
            missing: z.int().optional().meta({
              description:
                "Nodes that did not answer in time, whose rooms are not in the list. Left out where all have.",
            }),
          }),
        },
      },
      examples: [{ name: "all", summary: "The first rooms", status: 200 }],
      async handle({ query: { cursor, limit } }) {
        const page = await rooms.list({ after: cursor, limit });
        if (page === undefined) {
          return refusal(400, "invalid_request", '"cursor" is none that this list has given.');
        }
        const { rooms: listed, next = null, missing } = page;
        return { status: 200, body: { rooms: listed, next, ...(missing !== undefined && { missing }) } };
      },
    }),
    defineRoute({
      id: "createRoom",
      method: "post",
      path: "/api/rooms",
      tag: TAG,
      summary: "Opens a room that needs no host page",
      body: NEW_ROOM,
      isIdempotent: true,
      query: NOTHING,
      answers: {
        201: { description: "It is open.", schema: CREATED },
        409: { description: "There is a room of that name." },
        422: { description: "There is no such kind, or the name or meta is not allowed." },
        503: { description: "The server is closing, or has no room left." },
      },
      examples: [
        {
          name: "named",
          summary: "A room with a name and a code",
          body: { kind: "relay", name: "garden", maxPlayers: 8, meta: { table: 3 } },
          status: 201,
          answer: { name: "garden", code: "BCDF", joinUrl: "http://192.168.1.7:8081/BCDF" },
        },
        {
          name: "taken",
          summary: "A name that is taken",
          body: { kind: "relay", name: "lobby" },
          status: 409,
          answer: { error: { code: "room_exists", message: 'There is a room "lobby" already.' } },
        },
        {
          name: "unknownKind",
          summary: "A kind that is not there",
          body: { kind: "rely" },
          status: 422,
          answer: { error: { code: "unprocessable", message: 'There is no kind of room "rely". There are relay.' } },
        },
      ],
      async handle({ body }) {
        const created = await rooms.create(body);
        if (!created.ok) return noRoom(created.failure);
        const { name, code, joinUrl } = await created.value.summary();
        return { status: 201, body: { name, code, joinUrl } };
      },
    }),
    defineRoute({
      id: "getRoom",
      method: "get",
      path: "/api/rooms/{id}",
      tag: TAG,
      summary: "One room, with its players",
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: "The room.", schema: ROOM_DETAILS }, ...NOT_FOUND },
      examples: [
        { name: "lobby", summary: "A room by its name", params: LOBBY, status: 200 },
        { name: "unknown", summary: "No such room", params: { id: "name:nowhere" }, ...NO_SUCH_ROOM_EXAMPLE },
      ],
      roomOf: roomOfPath,
      handle: ({ params }) => within(params, async (room) => ({ status: 200, body: await room.details() })),
    }),
    defineRoute({
      id: "deleteRoom",
      method: "delete",
      path: "/api/rooms/{id}",
      tag: TAG,
      summary: "Ends a room: all in it are closed with 1001",
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: "It is over." }, ...NOT_FOUND },
      examples: [{ name: "unknown", summary: "No such room", params: { id: "name:nowhere" }, ...NO_SUCH_ROOM_EXAMPLE }],
      roomOf: roomOfPath,
      handle: ({ params }) =>
        within(params, async (room) => {
          await room.close();
          return DONE;
        }),
    }),
    defineRoute({
      id: "kickPlayer",
      method: "post",
      path: "/api/rooms/{id}/kick",
      tag: TAG,
      summary: "Ends a player's stay: its phone is closed with 4503",
      body: KICK,
      query: NOTHING,
      answers: { 204: { description: "It is out." }, 404: { description: "There is no such room or player." } },
      examples: [
        {
          name: "unknownPlayer",
          summary: "No such player",
          params: LOBBY,
          body: { player: "nobody", reason: "Good night.", ban: true },
          status: 404,
          answer: { error: { code: "player_not_found", message: "There is no such player in this room." } },
        },
      ],
      roomOf: roomOfPath,
      handle: ({ params, body: { player, reason, ban } }) =>
        within(params, async (room) => ((await room.kick(player, { reason, ban })) ? DONE : NO_PLAYER)),
    }),
    defineRoute({
      id: "lockRoom",
      method: "post",
      path: "/api/rooms/{id}/lock",
      tag: TAG,
      summary: "Lets no newcomers in; players may come back",
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: "It is locked." }, ...NOT_FOUND },
      examples: [{ name: "lobby", summary: "A room by its name", params: LOBBY, status: 204 }],
      roomOf: roomOfPath,
      handle: ({ params }) =>
        within(params, async (room) => {
          await room.lock();
          return DONE;
        }),
    }),
    defineRoute({
      id: "recordRoom",
      method: "get",
      path: "/api/rooms/{id}/recording",
      tag: TAG,
      summary: "Records what passes through a room with a host page, until it is over or the client hangs up",
      description:
        "The answer goes on as long as the room: a CBOR sequence (RFC 8742), as docs/RECORDING.md describes it.",
      query: NOTHING,
      body: NOTHING,
      answers: {
        200: { description: "The recording, as application/cbor-seq." },
        404: { description: "There is no such room." },
        409: { description: "The room has as many recordings as it may have." },
        422: { description: "It is an open room, whose host is no page." },
      },
      examples: [
        { name: "unknown", summary: "No such room", params: { id: "name:nowhere" }, ...NO_SUCH_ROOM_EXAMPLE },
        {
          name: "lobby",
          summary: "An open room",
          params: LOBBY,
          status: 422,
          answer: { error: { code: "unprocessable", message: NO_RECORDING.open_room.message } },
        },
      ],
      roomOf: roomOfPath,
      handle: ({ params }) =>
        within(params, async (room) => {
          const recording = await room.record();
          return recording.ok ? streamOf(recording.value) : noRecording(recording.failure);
        }),
    }),
    defineRoute({
      id: "openRoom",
      method: "post",
      path: "/api/rooms/{id}/open",
      tag: TAG,
      summary: "Lets newcomers in again",
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: "It is open." }, ...NOT_FOUND },
      examples: [{ name: "lobby", summary: "A room by its name", params: LOBBY, status: 204 }],
      roomOf: roomOfPath,
      handle: ({ params }) =>
        within(params, async (room) => {
          await room.open();
          return DONE;
        }),
    }),
  ];
}

function noRoom({ why, message }: NoRoomReason): ApiAnswer {
  switch (why) {
    case "exists":
      return refusal(409, "room_exists", message);
    case "invalid":
      return refusal(422, "unprocessable", message);
    case "closing":
      return refusal(503, "restarting", message, { "Retry-After": "10" });
    case "no_room_left":
      return refusal(503, "overloaded", message, { "Retry-After": "10" });
    default:
      return why satisfies never;
  }
}

function noRecording(why: NoRecordingReason): ApiAnswer {
  const { status, code, message } = NO_RECORDING[why];
  return refusal(status, code, message);
}

function streamOf(recording: RoomRecording): ApiAnswer {
  const stream = { type: RECORDING_TYPE, chunks: chunksOf(recording), stop: () => recording.stop() };
  return { status: 200, stream };
}

async function* chunksOf(recording: RoomRecording): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const chunk = await recording.read(RECORDED_BYTES, TICK_MS);
      if (chunk === undefined) return;
      yield chunk;
    }
  } finally {
    recording.stop();
  }
}

function roomOfPath({ params }: { readonly params: Readonly<Record<string, string>> }): string | undefined {
  return params["id"];
}
