/** What a peer asks for when it connects, and what becomes of it. A transport makes the request, the admission decides. */
import { fitCloseReason, type CloseName } from "../protocol/close-codes.ts";
import type { QueryParameters } from "../protocol/peer-query.ts";
import type { OfferedSubprotocols } from "../protocol/subprotocols.ts";
import type { ConnectionHandler } from "../room/ports.ts";
import type { PlayerPort } from "../session/ports.ts";
import type { Farewell } from "./farewell.ts";
import type { LineToken } from "./line-token.ts";
import type { Eventually } from "../protocol/eventually.ts";

/** What a peer wants to be. A peer on `/ws` is a member; a code may be a hosted room's or an open one's. */
export type ConnectTarget =
  | { readonly for: "host" }
  | { readonly for: "player"; readonly code: string }
  | { readonly for: "member" }
  /** A line that joins open rooms after it was let in, one after another. The handler is told what the peer says on it. */
  | { readonly for: "line"; readonly handler: ConnectionHandler };

export interface ConnectRequest {
  readonly target: ConnectTarget;
  readonly query: QueryParameters;
  readonly subprotocols: OfferedSubprotocols;
  /** Where the peer comes from. */
  readonly address: string;
  /** The peer's `User-Agent`, which distinguishes some phones behind one address. */
  readonly agent: string;
  readonly transport: "websocket" | "tcp";
  /** What the log calls this connection. @default it has no name */
  readonly requestId?: string | undefined;
  /** Of the HTTP request, names in lower case; empty where there was none. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The path that it asks for, without the query; empty where there was none. */
  readonly path: string;
  /** It has arrived at another node, which passes on what it says, since its room is at home here. @default false */
  readonly isLinked?: boolean | undefined;
}

/** The port of a peer that is not let in yet. */
export interface ArrivingPort extends PlayerPort {
  /** Says a last word before the connection is closed. @default none */
  farewell?: Farewell | undefined;
  /** The token by which the peer is let in: the connection ends with it. @default none */
  token?: LineToken | undefined;
  /**
   * Whether the peer has not hung up, nor been closed. Answers at once, unless the peer was not read for a while: then what it has sent meanwhile is
   * read first, since its Close may be among that.
   */
  isStillThere(): Eventually<boolean>;
}

export interface Rejection {
  readonly name: CloseName;
  /** Replaces the sentence of the close code. */
  readonly reason?: string;
}

/** What becomes of a peer. The handler is told what the peer says: its seat or its room, or the waiting line in which it stands. */
export type AdmissionOutcome =
  | { readonly at: "admitted"; readonly handler: ConnectionHandler }
  | { readonly at: "queued"; readonly handler: ConnectionHandler }
  | Refused;

export interface Refused extends Rejection {
  readonly at: "refused";
}

export function rejected(name: CloseName, reason?: string): Refused {
  return { at: "refused", name, ...(reason !== undefined && { reason: fitCloseReason(reason) }) };
}
