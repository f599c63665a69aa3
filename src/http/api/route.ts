/** One route of the HTTP API, declared once: what it takes, who may use it, what it answers. The checks and the OpenAPI document both come from it. */
import { z } from "zod";
import type { Eventually } from "../../protocol/eventually.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import type { Principal } from "./access.ts";
import { problemOfInput } from "./input-problem.ts";

/** What a route answers. */
export interface ApiAnswer {
  readonly status: number;
  /** As JSON. @default none */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of a body: bytes as they come, for as long as the client reads them. */
  readonly stream?: ByteStream;
}

/** Bytes that come bit by bit. */
export interface ByteStream {
  /** The media type. */
  readonly type: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The client wants no more. Safe twice, and after the end. */
  stop(): void;
}

/** A request that has passed all checks. */
export interface ApiCall<Query, Body> {
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came, JSON in UTF-8; empty where the route takes none. */
  readonly bytes: Uint8Array;
  /** `undefined` on a public route. */
  readonly principal: Principal | undefined;
  readonly address: string;
}

/** A request and the answer to it, for the document. A test sends each. */
export interface RouteExample {
  /** One for each route, of letters. */
  readonly name: string;
  readonly summary: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  /** The answer's body, if it has one. What differs from time to time, such as a token, is one of the kind. */
  readonly answer?: unknown;
}

/** The query or the body of a route that looks at none. */
export const NOTHING: z.ZodType = z.unknown();

/** What an answer of this status says. */
export interface AnswerShape {
  readonly description: string;
  readonly schema?: z.ZodType;
}

interface RouteFacts {
  /** A verb and a noun, unique. */
  readonly id: string;
  readonly method: "get" | "post" | "delete";
  /** Parameters in braces: `/api/rooms/{id}`. */
  readonly path: string;
  /** Whether it needs no key and no admin's token. @default false */
  readonly isPublic?: boolean;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** Those that no other rule of the API gives by itself. */
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** Bytes that its body may have. @default 16 KiB */
  readonly maxBodyBytes?: number;
  /** With the header `Idempotency-Key` it does the same thing once. */
  readonly isIdempotent?: boolean;
  /** The status of a body that is JSON and not what is asked for. @default 400 */
  readonly wrongBodyStatus?: 422;
  readonly examples: readonly RouteExample[];
}

export interface RouteParts<Query extends z.ZodType, Body extends z.ZodType> extends RouteFacts {
  /** `NOTHING` for a route without one. */
  readonly query: Query;
  /** `NOTHING` for a route without one. */
  readonly body: Body;
  /** The one room in which this call does something, as the request names it. @default the call is about more than a room */
  readonly roomOf?: (call: ApiCall<z.output<Query>, z.output<Body>>) => string | undefined;
  readonly handle: (call: ApiCall<z.output<Query>, z.output<Body>>) => Eventually<ApiAnswer>;
}

/** A call whose query and body are what the route asks for. */
export interface ReadyCall {
  readonly room: string | undefined;
  run(): Eventually<ApiAnswer>;
}

/** A route without the types of its own. */
export interface ApiRoute extends RouteFacts {
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** Checks query and body. */
  read(call: ApiCall<unknown, unknown>): Result<ReadyCall, ApiAnswer>;
}

export function defineRoute<Query extends z.ZodType, Body extends z.ZodType>(parts: RouteParts<Query, Body>): ApiRoute {
  const { query, body, roomOf, handle, wrongBodyStatus = 400, ...facts } = parts;
  return {
    ...facts,
    query: query === NOTHING ? undefined : query,
    body: body === NOTHING ? undefined : body,
    read(call) {
      const readQuery = inputOf(query, call.query);
      if (!readQuery.ok) return failure(wrongInput(400, readQuery.failure));
      const readBody = inputOf(body, call.body);
      if (!readBody.ok) return failure(wrongInput(wrongBodyStatus, readBody.failure));
      const ready: ApiCall<z.output<Query>, z.output<Body>> = { ...call, query: readQuery.value, body: readBody.value };
      return success({ room: roomOf?.(ready), run: () => handle(ready) });
    },
  };
}

/** What the schema makes of an input; the failure is a sentence. */
function inputOf<Schema extends z.ZodType>(schema: Schema, input: unknown): Result<z.output<Schema>, string> {
  const read = schema.safeParse(input, { reportInput: true });
  return read.success ? success(read.data) : failure(problemOfInput(read.error, schema));
}

/** An answer that says what was wrong. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  return { status, body: { error: { code, message } }, headers };
}

function wrongInput(status: 400 | 422, message: string): ApiAnswer {
  return refusal(status, "invalid_request", message);
}
