/** The OpenAPI document of the HTTP API (P9.9), made of the declarations of its routes. */
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from "zod-openapi";
import { MAX_IDEMPOTENCY_KEY_LENGTH } from "./idempotency.ts";
import type { ApiRoute, RouteExample } from "./route.ts";
import { ERROR } from "./schemas.ts";

export interface DocumentFacts {
  readonly version: string;
  /** Where the paths begin: the base path, or `/`. */
  readonly server: string;
}

const JSON_TYPE = "application/json";
const INTRODUCTION = [
  "Publishes to channels and into rooms, and looks at rooms, bans and tokens. Keys come from COUCHWIRE_API_KEY.",
  "A token with the role admin may do the same; one for a room may do it in that room.",
  "Errors are an object with a code for programs and a sentence for people.",
].join(" ");

const IDEMPOTENCY_HEADER = z.object({
  "Idempotency-Key": z.string().min(1).max(MAX_IDEMPOTENCY_KEY_LENGTH).optional().meta({
    description: "Of several requests with the same key and body within a day, one happens, and all get its answer.",
  }),
});

/** The document as an object that JSON can carry. */
export function describeApi(routes: readonly ApiRoute[], { version, server }: DocumentFacts): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operationOf(route);
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Couchwire",
      version,
      description: INTRODUCTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: server }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        key: { type: "apiKey", in: "header", name: "x-api-key" },
        bearer: { type: "http", scheme: "bearer", description: "A key, or a token with the role admin." },
      },
    },
  });
}

function operationOf(route: ApiRoute): ZodOpenApiOperationObject {
  const { id, tag, summary, description, isPublic = false, isIdempotent, body, query } = route;
  const params = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const requestParams = {
    ...(params.length > 0 && {
      path: z.object(Object.fromEntries(params.map((name) => [name, parameter(route, name)]))),
    }),
    ...(query instanceof z.ZodObject && { query }),
    ...(isIdempotent === true && { header: IDEMPOTENCY_HEADER }),
  };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: isPublic ? [] : [{ key: [] }, { bearer: [] }],
    ...(Object.keys(requestParams).length > 0 && { requestParams }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: {
          [JSON_TYPE]: { schema: body, ...examplesOf(route.examples, ({ body: value }) => value) },
        },
      },
    }),
    responses: responsesOf(route),
  };
}

function parameter({ examples }: ApiRoute, name: string) {
  return z.string().meta({
    description: "A room code, else name: and the name of an open room.",
    param: examplesOf(examples, ({ params }) => params?.[name]),
  });
}

/** What every route may answer comes after what the route says itself. */
function responsesOf(route: ApiRoute): ZodOpenApiOperationObject["responses"] {
  const { answers, examples, isPublic = false, body, query, isIdempotent, path } = route;
  const takesInput = body !== undefined || query !== undefined;
  const general: Record<number, string> = {
    ...(takesInput && { 400: "The query or body is wrong; the message says what." }),
    ...(!isPublic && { 401: "There is no key or token, or it does not count.", 403: "The token may not do this." }),
    ...(body !== undefined && {
      413: "The body is too large.",
      415: "The body is not JSON.",
      503: "The server has no room for this now.",
    }),
    ...(isIdempotent === true && { 409: "The Idempotency-Key came with another request before." }),
    ...(path.startsWith("/api/token") || path === "/token" ? { 404: "Tokens are off." } : {}),
    429: "Too many requests, or too many wrong keys. Retry-After says when to come back.",
  };
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const status of new Set([...Object.keys(answers), ...Object.keys(general)].map(Number))) {
    const { description = general[status] ?? "", schema } = answers[status] ?? {};
    const shape = schema ?? (status >= 400 ? ERROR : undefined);
    responses[status] = {
      description,
      ...(shape !== undefined && {
        content: {
          [JSON_TYPE]: {
            schema: shape,
            ...examplesOf(
              examples.filter((example) => example.status === status),
              ({ answer }) => answer,
            ),
          },
        },
      }),
    };
  }
  return responses;
}

function examplesOf(examples: readonly RouteExample[], valueOf: (example: RouteExample) => unknown) {
  const shown = examples.flatMap((example) => {
    const value = valueOf(example);
    return value === undefined
      ? []
      : [[example.name, { summary: example.summary, value, "x-status": example.status }] as const];
  });
  return shown.length === 0 ? {} : { examples: Object.fromEntries(shown) };
}
