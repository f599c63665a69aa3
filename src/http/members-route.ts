/** `GET /ws` without an upgrade: what is wrong with the token, or that a WebSocket is wanted (P6.1). */
import type { Request, RequestHandler } from "express";
import { readToken } from "../protocol/peer-query.ts";
import { failure, type Result } from "../protocol/result.ts";
import { NOTHING_OFFERED } from "../protocol/subprotocols.ts";
import { denialHeaders, denialOf } from "./access-denial.ts";
import { sendText } from "./answers.ts";
import { sendUpgradeRequired } from "./lost-upgrade.ts";
import type { AddressOf } from "./room-route.ts";

/** The part of the token gate that the route needs. */
export interface TokenJudge {
  judge(
    token: string | undefined,
    address: string,
  ): Promise<
    Result<unknown, { readonly name: "unauthorized" | "rate_limited" | "overloaded"; readonly reason: string }>
  >;
}

export interface MembersRouteOptions {
  readonly tokens: TokenJudge;
  readonly addressOf: AddressOf;
  /** The address at which this request's client reaches the server. */
  readonly publicUrl: (request: Request) => string;
}

export function membersRoute({ tokens, addressOf, publicUrl }: MembersRouteOptions): RequestHandler {
  return async (request, response) => {
    response.set("Cache-Control", "no-store");
    const token = readToken(queryOf(request), NOTHING_OFFERED, request.get("Authorization"));
    const judged = token.ok
      ? await tokens.judge(token.value, addressOf(request))
      : failure({ name: "unauthorized" as const, reason: token.failure });
    if (judged.ok) {
      const address = publicUrl(request).replace(/^http/, "ws");
      sendUpgradeRequired(response, `Your token is good. Open a WebSocket at ${address}/ws to join its room.`);
    } else {
      const denial = denialOf(judged.failure);
      sendText(response.set(denialHeaders(denial)), denial.status, denial.message);
    }
  };
}

function queryOf({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(/\?([^#]*)/.exec(originalUrl)?.[1] ?? "");
}
