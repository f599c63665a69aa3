/** Publishing over HTTP (P9.1, P9.2): to channels, and to the players of a room as if its host had said it. */
import { z } from "zod";
import { ChannelUnavailableError, type ChannelService } from "../../channels/channel-service.ts";
import { isChannelName, MAX_CHANNEL_NAME_BYTES, MAX_PUBLICATION_BYTES } from "../../protocol/channels/channel-name.ts";
import { MAX_NAME_BYTES, MAX_RECIPIENTS } from "../../protocol/command-fields.ts";
import type { JsonLimits } from "../../protocol/json-fields.ts";
import { readJsonMembers } from "../../protocol/json-members.ts";
import { defineRoute, NOTHING, refusal, type ApiAnswer, type ApiRoute } from "./route.ts";
import type { RoomsView, Saying } from "./rooms-view.ts";
import { anyJson, PLAYER_ID, textOf } from "./schemas.ts";

/** Bytes of a body of `POST /api/publish`. */
export const MAX_PUBLISH_BYTES = 2 ** 20;
const MAX_CHANNELS = 64;

const CHANNEL = textOf(MAX_CHANNEL_NAME_BYTES, "A channel: 1 to 256 bytes of UTF-8.").refine(isChannelName, {
  error: "is no UTF-8",
});
const DATA = anyJson("What subscribers get.");
const IN_ROOM = {
  room: textOf(MAX_NAME_BYTES, "A room code, else name: and the name of an open room."),
  to: z.array(PLAYER_ID).min(1).max(MAX_RECIPIENTS).optional().meta({ description: "Who hears it. All if left out." }),
  except: z.array(PLAYER_ID).max(MAX_RECIPIENTS).optional().meta({ description: "Who does not." }),
};

const PUBLISH = z.union([
  z.strictObject({ channel: CHANNEL, data: DATA }),
  z.strictObject({ channels: z.array(CHANNEL).min(1).max(MAX_CHANNELS), data: DATA }),
  z.strictObject({ ...IN_ROOM, data: anyJson("JSON: a text frame of a host-run room, a message of an open one.") }),
  z.strictObject({ ...IN_ROOM, text: z.string().meta({ description: "A text frame as it is." }) }),
  z.strictObject({ ...IN_ROOM, bytes: z.base64().meta({ description: "A binary frame, in base64." }) }),
]);

/** A body is read within its own limits first. */
const ALREADY_READ: JsonLimits = { depth: Infinity, items: Infinity, containers: Infinity };

const TO_CHANNELS = z.object({ ok: z.literal(true), delivered: z.int() });
const TO_ROOM = z.object({
  ok: z.literal(true),
  delivered: z.int().meta({ description: "Players it went to." }),
  kept: z.int().meta({ description: "Players that are away, for whom it is kept." }),
});

const TOO_LARGE = refusal(413, "too_large", `A publication may have ${MAX_PUBLICATION_BYTES} bytes of JSON.`);
/** Seconds after which a node that was lost has a successor, as a rule. */
const RETRY_AFTER_SECONDS = "5";
const NO_ROOM = refusal(404, "room_not_found", "There is no such room.");

export interface PublishRoutesOptions {
  readonly rooms: RoomsView;
  readonly channels: Pick<ChannelService, "publishJson">;
}

export function publishRoutes({ rooms, channels }: PublishRoutesOptions): readonly ApiRoute[] {
  return [
    defineRoute({
      id: "publish",
      method: "post",
      path: "/api/publish",
      tag: "publish",
      summary: "Publishes to channels, or says something to players as if the room's host had said it",
      description:
        "With `channel` or `channels` the subscribers get `data`, and `delivered` counts them. With `room` the players get `data`, `text` or `bytes`.",
      body: PUBLISH,
      maxBodyBytes: MAX_PUBLISH_BYTES,
      isIdempotent: true,
      query: NOTHING,
      answers: {
        200: { description: "How far it has come.", schema: z.union([TO_CHANNELS, TO_ROOM]) },
        404: { description: "There is no such room." },
        409: { description: "The Idempotency-Key came with another request before." },
        503: { description: "A channel cannot be published on now: the node that keeps it is lost." },
      },
      examples: [
        {
          name: "channel",
          summary: "To the subscribers of a channel",
          body: { channel: "news", data: { headline: "Tea is ready" } },
          status: 200,
          answer: { ok: true, delivered: 0 },
        },
        {
          name: "room",
          summary: "To all players of a room",
          body: { room: "name:lobby", data: { say: "Good evening" } },
          status: 200,
          answer: { ok: true, delivered: 0, kept: 0 },
        },
        {
          name: "some",
          summary: "To some players, as text",
          body: { room: "name:lobby", text: "Your turn", to: ["ann", "bob"], except: ["bob"] },
          status: 200,
          answer: { ok: true, delivered: 0, kept: 0 },
        },
        {
          name: "bytes",
          summary: "To all players, as bytes",
          body: { room: "name:lobby", bytes: "AQID" },
          status: 200,
          answer: { ok: true, delivered: 0, kept: 0 },
        },
        {
          name: "toNoOne",
          summary: "An empty list is no player, and no mistake to be made silently",
          body: { room: "name:lobby", text: "Hello?", to: [] },
          status: 400,
          answer: { error: { code: "invalid_request", message: '"to" is too short: it has to have at least 1.' } },
        },
        {
          name: "unknownRoom",
          summary: "No such room",
          body: { room: "name:nowhere", text: "Hello?" },
          status: 404,
          answer: { error: { code: "room_not_found", message: "There is no such room." } },
        },
      ],
      roomOf: ({ body }) => ("room" in body ? body.room : roomOfChannels(channelsOf(body))),
      async handle({ body, bytes }) {
        if (!("room" in body)) return toChannels(channels, channelsOf(body), dataIn(bytes));
        const room = await rooms.get(body.room);
        if (room === undefined) return NO_ROOM;
        const { to, except } = body;
        const { delivered, kept } = await room.say({ content: contentOf(body, bytes), to, except });
        return { status: 200, body: { ok: true, delivered, kept } };
      },
    }),
  ];
}

function channelsOf(body: { readonly channel: string } | { readonly channels: readonly string[] }): readonly string[] {
  return "channels" in body ? body.channels : [body.channel];
}

/** The room that all of these channels belong to (`room:CODE:…`), where they belong to one. */
function roomOfChannels(channels: readonly string[]): string | undefined {
  const rooms = new Set(channels.map((channel) => /^room:([^:]+):/.exec(channel)?.[1]));
  const [room] = rooms;
  return rooms.size === 1 ? room : undefined;
}

/** The JSON of a body's `data`, as it came: numbers that JavaScript cannot hold are passed on as well. */
function dataIn(body: Uint8Array): Uint8Array {
  const members = readJsonMembers(body, ["data"], ALREADY_READ);
  const data = members.ok ? members.value.get("data") : undefined;
  if (data === undefined) throw new Error("A body with data, which JSON.parse has read, has no data.");
  return new Uint8Array(data); // what is kept of it must not keep the whole body
}

async function toChannels(
  publisher: Pick<ChannelService, "publishJson">,
  channels: readonly string[],
  json: Uint8Array,
): Promise<ApiAnswer> {
  if (json.length > MAX_PUBLICATION_BYTES) return TOO_LARGE;
  const publications = channels.map(async (channel) => publisher.publishJson(channel, json));
  let delivered = 0;
  for (const publication of await Promise.allSettled(publications)) {
    if (publication.status === "fulfilled") delivered += publication.value;
    else if (publication.reason instanceof ChannelUnavailableError) return unavailable(publication.reason);
    else throw publication.reason;
  }
  return { status: 200, body: { ok: true, delivered } };
}

function unavailable({ message }: ChannelUnavailableError): ApiAnswer {
  return refusal(503, "unavailable", message, { "Retry-After": RETRY_AFTER_SECONDS });
}

function contentOf(
  body: { readonly data: unknown } | { readonly text: string } | { readonly bytes: string },
  json: Uint8Array,
): Saying["content"] {
  if ("text" in body) return { is: "text", text: body.text };
  if ("bytes" in body) return { is: "bytes", bytes: new Uint8Array(Buffer.from(body.bytes, "base64")) };
  return { is: "data", data: body.data, json: dataIn(json) };
}
