/**
 * The HTTP API (P9) as one express router. Each request passes the same steps: CORS, the rate of its network, who it is from, the rate of that key, its body,
 * its room, and then its route.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from "express";
import { isLater } from "../../protocol/eventually.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import { denialHeaders, type AccessDenial } from "../access-denial.ts";
import { clientErrorStatus } from "../client-error-status.ts";
import { RoomUnreachableError } from "../all-rooms/room-unreachable.ts";
import type { AddressOf } from "../room-route.ts";
import type { AccessCheck, Principal } from "./access.ts";
import { type IdempotentAnswers, MAX_IDEMPOTENCY_KEY_LENGTH } from "./idempotency.ts";
import type { JsonBodies, JsonBody } from "./json-body.ts";
import type { RequestRates } from "./request-rates.ts";
import { isRoomOf } from "./room-scope.ts";
import type { RoomsView } from "./rooms-view.ts";
import { refusal, type ApiAnswer, type ApiRoute, type ByteStream, type ReadyCall } from "./route.ts";

export interface ApiRouterOptions {
  readonly routes: readonly ApiRoute[];
  /** Who a request is from. `undefined`: only public routes are there. */
  readonly access: AccessCheck | undefined;
  readonly rooms: RoomsView;
  readonly rates: RequestRates;
  readonly idempotency: IdempotentAnswers;
  readonly bodies: JsonBodies;
  readonly addressOf: AddressOf;
  /** Whether pages of this origin may use the API. @default none may, but those of the server's own */
  readonly isListedOrigin?: ((origin: string) => boolean) | undefined;
  /** Whether every path below `/api/` is the API's: what it does not know is 404 there. Otherwise such a request is passed on. */
  readonly ownsAll: boolean;
  /** Called with each error that is answered with 500. */
  readonly onError: (error: unknown, request: IncomingMessage) => void;
}

const DEFAULT_BODY_BYTES = 16_384;
/** Seconds for which a browser may keep a preflight's answer. */
const PREFLIGHT_MAX_AGE_S = 600;
const ALLOWED_HEADERS = "authorization, content-type, idempotency-key, x-api-key";
const EXPOSED_HEADERS = "idempotency-replayed, retry-after";
const IDEMPOTENCY_KEY = new RegExp(`^[ -~]{1,${MAX_IDEMPOTENCY_KEY_LENGTH}}$`);

const TOO_MANY_REQUESTS = refusal(429, "rate_limited", "That is more than this key or network may ask for.", {
  "Retry-After": "1",
});
const NOTHING_HERE = refusal(
  404,
  "not_found",
  "There is nothing at this path. GET /api/openapi.json lists what there is.",
);
const FAILED = refusal(500, "internal_error", "Something went wrong here.");
const OTHER_ROOM = refusal(
  403,
  "forbidden",
  "Your token is for one room, and this is about more or about another one.",
);
const BAD_KEY = refusal(
  400,
  "invalid_request",
  `An Idempotency-Key has to have 1 to ${MAX_IDEMPOTENCY_KEY_LENGTH} characters of ASCII.`,
);

const NO_BODY: JsonBody = { value: undefined, bytes: new Uint8Array() };

export function createApiRouter(options: ApiRouterOptions): Router {
  const { routes, access, ownsAll, onError } = options;
  const router = express.Router({ caseSensitive: true, strict: true });
  const available = routes.filter(({ isPublic = false }) => isPublic || access !== undefined);
  for (const path of new Set(available.map((route) => route.path))) {
    const ofPath = available.filter((route) => route.path === path);
    router.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), async (request, response) =>
      send(response, await answerTo(request, response, ofPath, options)),
    );
  }
  if (ownsAll) router.use("/api", (_request, response) => send(response, NOTHING_HERE));
  const failed: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = clientErrorStatus(error);
    if (status === undefined) onError(error, request);
    send(response, status === undefined ? FAILED : refusal(status, "invalid_request", "This request is malformed."));
  };
  router.use(failed);
  return router;
}

async function answerTo(
  request: Request,
  response: Response,
  ofPath: readonly ApiRoute[],
  options: ApiRouterOptions,
): Promise<ApiAnswer> {
  const { addressOf, rates, bodies } = options;
  const isListed = allowListedOrigin(request, response, options.isListedOrigin);
  const methods = methodsOf(ofPath);
  if (request.method === "OPTIONS") return preflight(methods, isListed);
  const method = request.method === "HEAD" ? "get" : request.method.toLowerCase();
  const route = ofPath.find((each) => each.method === method);
  if (route === undefined) {
    return refusal(405, "method_not_allowed", `This path takes ${methods}.`, { Allow: methods });
  }
  const address = addressOf(request);
  if (!rates.takeFrom(address)) return TOO_MANY_REQUESTS;
  const principal = route.isPublic === true ? success(undefined) : await judge(request, options.access);
  if (!principal.ok) return denied(principal.failure);
  if (principal.value !== undefined && !rates.takeOf(principal.value.id)) return TOO_MANY_REQUESTS;
  const read = await readCall(route, request, response, principal.value, address, bodies);
  if (!read.ok) return read.failure;
  const { call, body } = read.value;
  try {
    if (!(await mayDo(principal.value, call, options.rooms))) return OTHER_ROOM;
    return await run(route, call, request, principal.value, body, options.idempotency);
  } catch (error) {
    if (error instanceof RoomUnreachableError) return unreachable(error);
    throw error;
  }
}

function unreachable({ why, message }: RoomUnreachableError): ApiAnswer {
  return why === "gone"
    ? refusal(404, "room_not_found", message)
    : refusal(503, "overloaded", message, { "Retry-After": "1" });
}

async function judge(request: Request, access: AccessCheck | undefined): Promise<Result<Principal, AccessDenial>> {
  if (access === undefined) return failure({ status: 404, code: "not_found", message: "The API is off." });
  const judged = access(request);
  return isLater(judged) ? await judged : judged;
}

async function readCall(
  route: ApiRoute,
  request: Request,
  response: Response,
  principal: Principal | undefined,
  address: string,
  bodies: JsonBodies,
): Promise<Result<{ readonly call: ReadyCall; readonly body: unknown }, ApiAnswer>> {
  const { maxBodyBytes = DEFAULT_BODY_BYTES } = route;
  const body = route.body === undefined ? success(NO_BODY) : await bodies.read(request, response, maxBodyBytes);
  if (!body.ok) return body;
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params)) if (typeof value === "string") params[name] = value;
  const call = route.read({
    params,
    query: request.query,
    body: body.value.value,
    bytes: body.value.bytes,
    principal,
    address,
  });
  return call.ok ? success({ call: call.value, body: body.value.value }) : call;
}

/** A token for one room is good for what happens in that room alone. */
async function mayDo(principal: Principal | undefined, { room }: ReadyCall, rooms: RoomsView): Promise<boolean> {
  if (principal?.room === undefined) return true;
  return room !== undefined && isRoomOf(principal.room, room, await rooms.get(room));
}

async function run(
  route: ApiRoute,
  call: ReadyCall,
  request: Request,
  principal: Principal | undefined,
  body: unknown,
  idempotency: IdempotentAnswers,
): Promise<ApiAnswer> {
  const key = route.isIdempotent === true ? request.get("Idempotency-Key") : undefined;
  if (key === undefined || principal === undefined) return call.run();
  if (!IDEMPOTENCY_KEY.test(key)) return BAD_KEY;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([route.id, request.params, body]))
    .digest("base64");
  return idempotency.once(principal.id, key, fingerprint, () => call.run());
}

/** Returns whether the request's origin is listed, whose pages may then read the answer. */
function allowListedOrigin(
  request: Request,
  response: Response,
  isListedOrigin: ((origin: string) => boolean) | undefined,
): boolean {
  if (isListedOrigin === undefined) return false;
  response.vary("Origin");
  const origin = request.get("Origin");
  if (origin === undefined || !isListedOrigin(origin)) return false;
  response.set({
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    "Cross-Origin-Resource-Policy": "cross-origin",
  });
  return true;
}

function preflight(methods: string, isListed: boolean): ApiAnswer {
  const forListed = {
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_S),
  };
  return { status: 204, headers: { Allow: methods, ...(isListed && forListed) } };
}

function methodsOf(routes: readonly ApiRoute[]): string {
  const names = routes.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
  return [...names, "OPTIONS"].join(", ");
}

function denied(denial: AccessDenial): ApiAnswer {
  return refusal(denial.status, denial.code, denial.message, denialHeaders(denial));
}

function send(response: Response, { status, body, headers = {}, stream }: ApiAnswer): void {
  response.set({ "Cache-Control": "no-store", ...headers }).status(status);
  if (stream !== undefined) void sendStream(response, stream);
  else if (body === undefined) response.end();
  else response.json(body);
}

/** Sends what comes, no faster than the client reads it, until it is over or the client is gone. */
async function sendStream(response: Response, stream: ByteStream): Promise<void> {
  response.set({ "Content-Type": stream.type, "X-Accel-Buffering": "no" });
  response.once("close", () => stream.stop());
  if (response.req.method === "HEAD" || response.destroyed) {
    stream.stop();
    response.end();
    return;
  }
  response.flushHeaders();
  try {
    await pipeline(Readable.from(stream.chunks, { objectMode: false }), response);
  } catch {
    stream.stop(); // the client is gone, and its connection with it
  }
}
