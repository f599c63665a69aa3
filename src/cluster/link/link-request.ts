/** What the home is told of a peer that has arrived at another node: as JSON, once for each link. What comes is input, so it is validated. */
import { z } from "zod";
import type { ConnectRequest, ConnectTarget } from "../../admission/connect-request.ts";
import type { MemberRequest } from "../../admission/member-rooms.ts";
import { RELIABLE_SUBPROTOCOL } from "../../protocol/reliable/control-frames.ts";
import { parseRoomCode } from "../../protocol/room-code.ts";
import { SHARE_VERSION } from "./share-format.ts";

/** Node limits the head of an HTTP request to a fourth of this by default. */
export const MAX_REQUEST_BYTES = 65_536;

const text = z.string().max(MAX_REQUEST_BYTES);
const code = z.string().refine((shown) => parseRoomCode(shown) === shown);
const count = z.int().min(0);
/** A newer version may know more of them. */
const secrets = z.object({
  session: text.optional(),
  pin: text.optional(),
  rescue: text.optional(),
  token: text.optional(),
});

const connectRequest = z.object({
  target: z.discriminatedUnion("for", [
    z.object({ for: z.literal("host") }),
    z.object({ for: z.literal("player"), code }),
    z.object({ for: z.literal("member") }),
  ]),
  query: text,
  selected: z.enum([RELIABLE_SUBPROTOCOL, "couchwire"]).optional(),
  secrets,
  problem: text.optional(),
  address: text,
  agent: text,
  requestId: text.optional(),
  authorization: text.optional(),
  path: text,
  /** In which version the edge counts votes for the home (`share-format.ts`). @default it passes on what watchers say */
  shareVersion: count.optional(),
});

const memberRequest = z.object({
  room: z.discriminatedUnion("by", [
    z.object({ by: z.literal("name"), name: text }),
    z.object({ by: z.literal("code"), code }),
  ]),
  mayOpen: z.boolean(),
  kind: text.optional(),
  id: text.optional(),
  role: z.enum(["member", "spectator"]).optional(),
  name: text.optional(),
  pin: text.optional(),
  data: z.unknown().optional(),
  session: z.object({
    sessionHash: text.optional(),
    isReliable: z.boolean(),
    received: count.optional(),
    epoch: text.optional(),
    attempt: z.object({ page: text, number: z.number() }).optional(),
    game: text.optional(),
  }),
  address: text,
  visitor: text,
  user: text.optional(),
  tokenSessionHash: text.optional(),
  shownSessionHash: text.optional(),
  shownRoom: text,
});

/** A request of a client over TCP, without what the home has of its own. `shownRoom`: how the client asked for the room, which frames name. */
export type LinkedMemberRequest = Omit<MemberRequest, "encoder" | "renew" | "onAdmitted" | "transport"> & {
  readonly shownRoom: string;
};

/** What the home is told of a peer that came over WebSocket. */
export interface LinkedConnectRequest extends ConnectRequest {
  /** In which version the edge counts votes for the home; 0: it passes on what watchers say. */
  readonly shareVersion: number;
}

/** A target that a node cannot ask another one for is a bug: a line has no home. */
export function encodeConnectRequest(request: ConnectRequest): Buffer {
  const { target, query, subprotocols, address, agent, requestId, headers, path } = request;
  const { selected, secrets: shown, problem } = subprotocols;
  const { authorization } = headers; // the rest was looked at where the peer arrived
  return encodeJson({
    target: plainTarget(target),
    query: query instanceof URLSearchParams ? query.toString() : "",
    selected,
    secrets: shown,
    problem,
    address,
    agent,
    requestId,
    authorization,
    path,
    shareVersion: SHARE_VERSION,
  } satisfies z.input<typeof connectRequest> | { authorization: unknown });
}

export function decodeConnectRequest(bytes: Uint8Array): LinkedConnectRequest | undefined {
  const { data: read } = connectRequest.safeParse(decodeJson(bytes));
  if (read === undefined) return undefined;
  const { target, query, selected, problem, address, agent, requestId, authorization, path } = read;
  const { shareVersion = 0 } = read;
  return {
    target,
    query: new URLSearchParams(query),
    subprotocols: { selected, secrets: withoutUndefined(read.secrets), problem },
    address,
    agent,
    transport: "websocket",
    requestId,
    headers: { authorization },
    path,
    isLinked: true,
    shareVersion,
  };
}

export function encodeMemberRequest(request: LinkedMemberRequest): Buffer {
  const { session } = request;
  return encodeJson({
    room: request.room,
    mayOpen: request.mayOpen,
    kind: request.kind,
    id: request.id,
    role: request.role,
    name: request.name,
    pin: request.pin,
    data: request.data,
    session: {
      sessionHash: session.sessionHash,
      isReliable: session.isReliable,
      received: session.received,
      epoch: session.epoch,
      attempt: session.attempt,
      game: session.game,
    },
    address: request.address,
    visitor: request.visitor,
    user: request.user,
    tokenSessionHash: request.tokenSessionHash,
    shownSessionHash: request.shownSessionHash,
    shownRoom: request.shownRoom,
  });
}

export function decodeMemberRequest(bytes: Uint8Array): LinkedMemberRequest | undefined {
  const { data: read } = memberRequest.safeParse(decodeJson(bytes));
  if (read === undefined) return undefined;
  const { id, role, name, pin, data, user, session } = read;
  return { ...read, id, role, name, pin, data, user, session: { ...session, sessionHash: session.sessionHash } };
}

function plainTarget(target: ConnectTarget): Exclude<ConnectTarget, { readonly for: "line" }> {
  if (target.for === "line") throw new TypeError("A line is no target of a link: its rooms are joined one by one.");
  return target;
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return JSON.parse(JSON.stringify(value));
}

function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function decodeJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_REQUEST_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return value;
  } catch {
    return undefined; // it is refused like any other wrong request
  }
}
