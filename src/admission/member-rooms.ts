/**
 * How a member comes into an open room, whatever it speaks: a WebSocket on `/ws`, one with a code, TCP, or code in this process. The rooms stand behind
 * this port (`games/`), the wires in front of it (`transport/`).
 */
import type { AdmissionOutcome, ArrivingPort } from "./connect-request.ts";
import type { Eventually } from "../protocol/eventually.ts";
import type { PlayerPort, PortToken } from "../session/ports.ts";
import type { MemberEncoder } from "../session/member-encoder.ts";
import type { SessionRequest } from "./authorize.ts";

/** By which way a member came. */
export type MemberTransport = "websocket" | "tcp" | "local";

export interface MemberRequest {
  /** Which room it wants to be in. A name may open the room, where the options allow it (`kind`); a code never does. */
  readonly room: { readonly by: "name"; readonly name: string } | { readonly by: "code"; readonly code: string };
  /** Opens the room of this name where there is none, by a member with a token: the kind that its token or the options say. */
  readonly mayOpen: boolean;
  /** The kind of room that is opened. @default the first that the options allow */
  readonly kind?: string | undefined;
  /** Its id; `undefined`: the room gives it `p1`, `p2`, … */
  readonly id: string | undefined;
  readonly role: "member" | "spectator" | undefined;
  readonly name: string | undefined;
  readonly pin: string | undefined;
  /** What `onJoin` gets. */
  readonly data: unknown;
  /** What it shows to come back to its seat: for a token the hash of its `sub`. */
  readonly session: SessionRequest;
  /** How it is told things. */
  readonly encoder: MemberEncoder;
  readonly transport: MemberTransport;
  readonly address: string;
  /** What a ban after a flood applies to. */
  readonly visitor: string;
  /** What bans apply to, where there is one: the `sub` of its token. */
  readonly user: string | undefined;
  /** The same: the hash of its token's `session_id`. @default none */
  readonly tokenSessionHash?: string | undefined;
  /** The same: the hash of the session that it shows, where its token makes another of it. @default that of `session` */
  readonly shownSessionHash?: string | undefined;
  /** Takes a newer token that the member shows on the open line, and says when that one expires; or the sentence why it does not count. */
  readonly renew: PortToken["renew"] | undefined;
  /**
   * Called when it is certain that the member gets its place, just before it takes it and is told anything: a member that changes rooms on one line leaves the
   * other room here. Not called for one that comes back to its seat. @default nothing
   */
  readonly onAdmitted?: (() => void) | undefined;
}

/** Opens a room with a code and makes who asks its spectator (`/CREATE?kind=`). */
export interface OpenRequest extends Omit<MemberRequest, "room" | "mayOpen" | "kind" | "id" | "role" | "pin"> {
  readonly kind: string;
  /** The name that the room is to have, 1 to 128 bytes of UTF-8; `undefined`: it has its code alone. */
  readonly roomName: string | undefined;
}

/** The connection of a member. One that may hang up while its room decides says so by `isStillThere`. */
export type MemberPort = PlayerPort & Partial<Pick<ArrivingPort, "isStillThere">>;

/** The open rooms of this node. */
export interface MemberRooms {
  /** Whether the room of this code (upper case) is an open one. */
  hasCode(code: string): boolean;
  /** The name of the open room of this code, where it has one. */
  nameOf(code: string): string | undefined;
  /**
   * Gives the member a seat, its own seat back, or a place as a spectator, or says why not. The port is told nothing before the answer is there. The caller
   * passes everything the member says to the handler in the outcome: text as the JSON of P6.2, bytes as they are.
   */
  join(port: MemberPort, request: MemberRequest): Eventually<AdmissionOutcome>;
  /** Opens a room and joins it as its spectator, which is told `created` first. */
  open(port: MemberPort, request: OpenRequest): Eventually<AdmissionOutcome>;
}
