/** The HTTP API (P9) put together: its routes, their document, and what all of its routers share. */
import type { IncomingMessage } from "node:http";
import type { Router } from "express";
import { WrongTries } from "../../auth/wrong-tries.ts";
import type { ChannelService } from "../../channels/channel-service.ts";
import type { Bans } from "../../hub/bans.ts";
import type { SharedTries } from "../../hub/shared-tries.ts";
import type { MemoryBudget } from "../../room/memory-budget.ts";
import type { AddressOf } from "../room-route.ts";
import type { AccessCheck } from "./access.ts";
import { createApiRouter } from "./api-router.ts";
import { banRoutes } from "./ban-routes.ts";
import { IdempotentAnswers } from "./idempotency.ts";
import { JsonBodies } from "./json-body.ts";
import { describeApi } from "./openapi.ts";
import { publishRoutes } from "./publish-routes.ts";
import { RequestRates } from "./request-rates.ts";
import { roomRoutes } from "./room-routes.ts";
import type { RoomsView } from "./rooms-view.ts";
import { defineRoute, NOTHING, type ApiRoute } from "./route.ts";
import { tapaculoRoutes, tokenRoutes, WRONG_REFRESHES, type TokenDesk } from "./token-routes.ts";

export interface ApiOptions {
  readonly rooms: RoomsView;
  readonly bans: Pick<Bans, "add" | "remove" | "list">;
  readonly channels: Pick<ChannelService, "publishJson">;
  /** @default no token is issued */
  readonly tokens?: TokenDesk | undefined;
  readonly budget: MemoryBudget;
  readonly version: string;
  readonly addressOf: AddressOf;
  /** Requests a second of one key, and of one network. 0 means no limit. */
  readonly rate: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called with each error that is answered with 500. */
  readonly onError: (error: unknown, request: IncomingMessage) => void;
}

/** How the API is mounted in one place. */
export interface ApiMount {
  /** Who a request is from. `undefined`: only what is public is there. */
  readonly access: AccessCheck | undefined;
  /** Whether every path below `/api/` is the API's. Otherwise a request for one that it does not know is passed on. */
  readonly ownsAll: boolean;
  /** Whether `POST /token` of Tapaculo's clients is there too. */
  readonly hasMemberTokens: boolean;
  /** The path that addresses begin with, `/party`. @default "" */
  readonly basePath?: string;
  /** Whether pages of this origin may use it. @default none may, but those of the server's own */
  readonly isListedOrigin?: ((origin: string) => boolean) | undefined;
}

export interface Api {
  /** What is done once for each key: other nodes may share it. */
  readonly idempotency: IdempotentAnswers;
  /** Refresh tokens that do not count, which all nodes of a cluster count. */
  readonly wrongRefreshes: SharedTries;
  /** A router with the whole paths, `/api/…`. All routers share rates, idempotency keys, and the limit on bodies under way. */
  router(mount: ApiMount): Router;
  close(): void;
}

export function createApi(options: ApiOptions): Api {
  const { rooms, bans, channels, tokens, budget, version, addressOf, rate, now, onError } = options;
  const rates = new RequestRates({ perSecond: rate, now });
  const idempotency = new IdempotentAnswers({ budget, now });
  const bodies = new JsonBodies(budget);
  const wrongRefreshes = new WrongTries({ limit: WRONG_REFRESHES, now });
  const routes: readonly ApiRoute[] = [
    ...publishRoutes({ rooms, channels }),
    ...roomRoutes(rooms),
    ...banRoutes(bans),
    ...(tokens === undefined ? [] : tokenRoutes({ desk: tokens, now, wrong: wrongRefreshes })),
  ];
  const forMembers = tokens === undefined ? [] : tapaculoRoutes({ desk: tokens });
  return {
    idempotency,
    wrongRefreshes,
    router({ access, ownsAll, hasMemberTokens, basePath = "", isListedOrigin }) {
      const described = hasMemberTokens ? [...routes, ...forMembers] : routes;
      const document = documentRoute(described, { version, server: basePath === "" ? "/" : basePath });
      return createApiRouter({
        routes: [...described, document],
        access,
        rooms,
        rates,
        idempotency,
        bodies,
        addressOf,
        isListedOrigin,
        ownsAll,
        onError,
      });
    },
    close: () => idempotency.close(),
  };
}

/** The document is made when it is first asked for. */
function documentRoute(
  routes: readonly ApiRoute[],
  facts: { readonly version: string; readonly server: string },
): ApiRoute {
  let document: object | undefined;
  const route: ApiRoute = defineRoute({
    id: "getOpenApi",
    method: "get",
    path: "/api/openapi.json",
    isPublic: true,
    tag: "document",
    summary: "This document",
    query: NOTHING,
    body: NOTHING,
    answers: { 200: { description: "The document." } },
    examples: [{ name: "document", summary: "This document", status: 200 }],
    handle: () => ({ status: 200, body: (document ??= describeApi([...routes, route], facts)) }),
  });
  return route;
}
