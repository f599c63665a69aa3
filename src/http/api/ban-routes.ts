/** Bans over HTTP (P9.6): of users, sessions and addresses, on the whole server. */
import { z } from "zod";
import { LAST_MOMENT_MS } from "../../auth/token-claims.ts";
import type { Ban, Bans, BanTarget } from "../../hub/bans.ts";
import { defineRoute, NOTHING, refusal, type ApiRoute } from "./route.ts";
import { textOf } from "./schemas.ts";

const MAX_TARGET_BYTES = 1_024;
const MAX_REASON_BYTES = 1_024;
const TAG = "bans";

const SUB = { sub: textOf(MAX_TARGET_BYTES, "The subject of tokens.") };
const SESSION = { session: textOf(MAX_TARGET_BYTES, "The session of a page, or session_id of tokens.") };
const SESSION_HASH = { sessionHash: textOf(MAX_TARGET_BYTES, "The hash of a session, as the list has it.") };
const ADDRESS = { address: textOf(MAX_TARGET_BYTES, "An address, or a network such as 203.0.113.0/24.") };
const TERMS = {
  reason: textOf(MAX_REASON_BYTES, "Banned peers read it; cut to what a Close frame holds.").optional(),
  ms: z.int().min(1).optional().meta({
    description: "Milliseconds that the ban lasts. If left out, for as long as the server runs.",
  }),
};

const NEW_BAN = z.union([
  z.strictObject({ ...SUB, ...TERMS }),
  z.strictObject({ ...SESSION, ...TERMS }),
  z.strictObject({ ...SESSION_HASH, ...TERMS }),
  z.strictObject({ ...ADDRESS, ...TERMS }),
]);
const TARGET = z.union([
  z.strictObject(SUB),
  z.strictObject(SESSION),
  z.strictObject(SESSION_HASH),
  z.strictObject(ADDRESS),
]);
const BAN = z
  .object({
    sub: z.string().optional(),
    sessionHash: z.string().optional().meta({ description: "The SHA-256 of the session, which is a secret." }),
    address: z.string().optional(),
    reason: z.string(),
    until: z.string().nullable().meta({ description: "ISO 8601; null: for as long as the server runs." }),
  })
  .meta({ id: "Ban" });

export function banRoutes(bans: Pick<Bans, "add" | "remove" | "list">): readonly ApiRoute[] {
  return [
    defineRoute({
      id: "listBans",
      method: "get",
      path: "/api/bans",
      tag: TAG,
      summary: "All bans, the oldest first",
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: "The bans.", schema: z.object({ bans: z.array(BAN) }) } },
      examples: [{ name: "all", summary: "The bans", status: 200 }],
      handle: () => ({ status: 200, body: { bans: bans.list().map(shown) } }),
    }),
    defineRoute({
      id: "addBan",
      method: "post",
      path: "/api/bans",
      tag: TAG,
      summary: "Bans a user, a session or an address: what it has open is closed with 4503",
      body: NEW_BAN,
      query: NOTHING,
      answers: {
        201: { description: "The ban. One of the same target is replaced.", schema: BAN },
        422: { description: "The address is none." },
        503: { description: "There are 10000 bans, which is the most." },
      },
      examples: [
        {
          name: "user",
          summary: "A user for an hour",
          body: { sub: "mallory", reason: "Not here.", ms: 3_600_000 },
          status: 201,
          answer: { sub: "mallory", reason: "Not here.", until: "2026-11-29T21:15:00.000Z" },
        },
        { name: "network", summary: "A network", body: { address: "203.0.113.0/24" }, status: 201 },
        { name: "noAddress", summary: "No address", body: { address: "here" }, status: 422 },
      ],
      handle({ body: { reason, ms, ...target } }) {
        try {
          const added = bans.add(target, { ...(reason !== undefined && { reason }), ...(ms !== undefined && { ms }) });
          return { status: 201, body: shown(added) };
        } catch (error) {
          if (error instanceof TypeError) return refusal(422, "unprocessable", error.message);
          if (error instanceof RangeError) return refusal(503, "overloaded", error.message);
          throw error;
        }
      },
    }),
    defineRoute({
      id: "removeBan",
      method: "delete",
      path: "/api/bans",
      tag: TAG,
      summary: "Lifts a ban of exactly this",
      body: TARGET,
      query: NOTHING,
      answers: {
        204: { description: "It is lifted." },
        404: { description: "There is no ban of exactly this." },
        422: { description: "The address is none." },
      },
      examples: [
        {
          name: "none",
          summary: "A user who is not banned",
          body: { sub: "alice" },
          status: 404,
          answer: { error: { code: "ban_not_found", message: "There is no ban of exactly this." } },
        },
      ],
      handle: ({ body }) => lift(bans, body),
    }),
  ];
}

function lift(bans: Pick<Bans, "remove">, target: BanTarget) {
  try {
    return bans.remove(target) ? { status: 204 } : refusal(404, "ban_not_found", "There is no ban of exactly this.");
  } catch (error) {
    if (error instanceof TypeError) return refusal(422, "unprocessable", error.message);
    throw error;
  }
}

function shown({ until, ...ban }: Ban): object {
  const date = until === undefined ? null : new Date(Math.min(until, LAST_MOMENT_MS)).toISOString();
  return { ...ban, until: date };
}
