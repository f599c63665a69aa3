/** A member's connection to an open room (P6). */
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import { closeNameOf } from "./couchwire-error.ts";
import { Emitter } from "./emitter.ts";
import type { Environment } from "./environment.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import type { Frame } from "./outbox.ts";
import { isArrayBuffer, parseJson, toFrame, toJson, type Payload } from "./payload.ts";
import type { CloseReason, Retry } from "./reconnecting-socket.ts";
import { ReliableConnection, type ReliableConnectionPlan } from "./reliable-connection.ts";
import type { ResumeResult } from "./reliable-session.ts";
import type { ClaimedSession } from "./session.ts";

/** Someone in an open room. */
export interface RoomMember {
  readonly id: string;
  readonly name: string;
  readonly role: "member" | "spectator";
  /** Its connection is down, and its seat is kept. Known of what happens from when this page came on. */
  readonly isAway: boolean;
  /** What the room says of it besides, such as an avatar. Known once it has changed or the member has joined. */
  readonly meta: unknown;
}

/** When something was said that a newcomer is told. */
export interface PastMessage {
  /** From 1, without holes. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
}

/** The events of a member's room with their listeners' arguments. */
export interface MemberRoomEvents {
  /**
   * This member is in the room, and `members` is known. `isReconnect`: not for the first time on this page. `isResumed`: nothing was missed; what was missed
   * follows.
   */
  open: [opening: { readonly isReconnect: boolean; readonly isResumed: boolean }];
  /** A member said something, or the room itself (`from` is `""`). `past`: it was said before this member came. */
  message: [from: string, data: unknown, past: PastMessage | undefined];
  /** A binary frame. */
  binary: [bytes: Uint8Array<ArrayBuffer>];
  join: [member: RoomMember];
  leave: [member: RoomMember];
  /** The connection of another member is down. */
  away: [member: RoomMember];
  back: [member: RoomMember];
  /** What the room says of a member has changed. */
  meta: [member: RoomMember];
  /** The room has refused what this member sent. */
  error: [error: { readonly code: string; readonly message: string }];
  /** An attempt to connect failed; the failure has the cause and the server's address. The SDK tries again by itself. */
  connecting: [failure: ConnectFailure];
  /** An attempt failed, or the connection went down. The SDK tries again by itself. */
  reconnecting: [retry: Retry];
  /**
   * `lost` frames of the room will never arrive here, and `unsent` frames from here never there: they could not be kept. Where the seat is in another life,
   * as after a restart of the server, there may be more of both than it knows of, so that is told with 0 as well.
   */
  gap: [gap: { readonly lost: number; readonly unsent: number }];
  /** It is over, and does not come back. */
  closed: [close: CloseReason & { readonly name: CloseName | undefined; readonly isFinal: true }];
}

/** Options of `send`. */
export interface MemberSendOptions {
  /** The ids of the members that get it. An empty list reaches no member. @default the room decides: in `relay` all others */
  readonly to?: readonly string[];
}

const SEND_OPTIONS: KnownOptions<MemberSendOptions> = { to: true };

/** The parameters of a member's connection, resolved by `joinMember`. */
export interface MemberRoomPlan extends ReliableConnectionPlan {
  readonly session: Pick<ClaimedSession, "seated" | "release" | "forget"> | undefined;
}

/** Close codes after which the seat is gone. */
const SEAT_IS_GONE: ReadonlySet<number> = new Set([
  CLOSE_CODES.normal.code,
  CLOSE_CODES.room_closed.code,
  CLOSE_CODES.room_not_found.code,
  CLOSE_CODES.room_full.code,
  CLOSE_CODES.room_locked.code,
]);

/** What a text frame of the room may hold. */
interface RoomFrame {
  readonly event?: string;
  readonly from?: string;
  readonly data?: unknown;
  readonly seq?: number;
  readonly at?: string;
  readonly you?: string;
  readonly members?: readonly Partial<RoomMember>[];
  readonly member?: Partial<RoomMember>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly count?: number;
}

/** A member's connection to an open room, opened by `joinMember`. */
export class MemberRoom extends Emitter<MemberRoomEvents> {
  readonly #plan: MemberRoomPlan;
  readonly #connection: ReliableConnection;
  readonly #members = new Map<string, RoomMember>();
  #id = "";
  /** The connection is up, and `joined` has not come yet. */
  #opening: { readonly isReconnect: boolean; readonly isResumed: boolean } | undefined;
  #keepsSeat = false;

  /** @internal They come from `joinMember`. */
  constructor(plan: MemberRoomPlan, environment: Environment) {
    super({
      open: [],
      message: [],
      binary: [],
      join: [],
      leave: [],
      away: [],
      back: [],
      meta: [],
      error: [],
      connecting: [],
      reconnecting: [],
      gap: [],
      closed: [],
    });
    this.#plan = plan;
    const owner = {
      greeted: (greeting: ResumeResult) => this.#greeted(greeting),
      received: (frame: Frame) => this.#received(frame),
      lost: (retry: Retry) => this.tell("reconnecting", retry),
      connecting: (failure: ConnectFailure) => this.tell("connecting", failure),
      closed: (close: CloseReason) => this.#closed(close),
    };
    this.#connection = new ReliableConnection(plan, owner, environment);
  }

  /** Its own id, as the others see it; `""` until `open`. */
  get id(): string {
    return this.#id;
  }

  /** All that are in the room, this member too, in the order in which they came. */
  get members(): readonly RoomMember[] {
    return [...this.#members.values()];
  }

  member(id: string): RoomMember | undefined {
    return this.#members.get(id);
  }

  /** Whether the connection is open now. */
  get isConnected(): boolean {
    return this.#connection.isUp;
  }

  /**
   * Says something to the room: bytes as a binary frame, which goes to all others; anything else as JSON. It arrives once and in order; while there is no
   * connection it is kept. `false` after the end: then nothing is sent any more.
   * @throws {CouchwireError} `queue_full` where more than `outboxBytes` would be kept, `invalid_argument` at data that cannot be sent.
   */
  send(data: Payload, options: MemberSendOptions = {}): boolean {
    checkOptions(options, SEND_OPTIONS, "send");
    const { to } = options;
    if (to !== undefined && !(Array.isArray(to) && to.every((id) => typeof id === "string")))
      throw invalid(`\`to\` has to be a list of members' ids; this is ${quote(to)}.`);
    if (isArrayBuffer(data) || ArrayBuffer.isView(data)) {
      if (to !== undefined) throw invalid("Bytes go to all others: a binary frame has no `to`.");
      const bytes = toFrame(data);
      return this.#connection.send(typeof bytes === "string" ? bytes : bytes.slice());
    }
    const json = toJson(data, `Only bytes and what JSON can hold may be sent; this is ${typeof data}.`);
    return this.#connection.send(`{"data":${json}${to === undefined ? "" : `,"to":${JSON.stringify(to)}`}}`);
  }

  /** Leaves the room for good and gives the seat up. Safe to call twice. */
  close(): void {
    // A page that never reached the server gives nothing up: a seat from before the reload is kept.
    if (!this.#connection.isClosed && !this.#connection.hasReachedServer) this.#keepsSeat = true;
    this.#connection.close(CLOSE_CODES.normal);
  }

  /** Ends the connection and keeps the seat, which is away until `joinMember` takes it again. No event follows. Safe twice. */
  detach(): void {
    if (this.#connection.isClosed) return;
    this.#connection.detach();
    this.#plan.session?.release();
  }

  #greeted({ isFirst, isResumed, frames, lost, unsent, hasGap }: ResumeResult): void {
    this.#plan.session?.seated?.();
    this.#opening = { isReconnect: !isFirst, isResumed };
    if (isResumed) this.#opened();
    if (hasGap) this.tell("gap", { lost, unsent });
    for (const frame of frames) this.#received(frame);
  }

  #opened(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening !== undefined) this.tell("open", opening);
  }

  #received(frame: Frame): void {
    if (typeof frame !== "string") {
      this.tell("binary", frame);
      return;
    }
    const json = parseJson(frame); // the host of another room may say anything
    if (json !== undefined) this.#read(json.value);
  }

  #read({ event, from, data, seq, at, you, members, member, error, count = 0 }: RoomFrame): void {
    if (from !== undefined) {
      this.tell("message", from, data, seq === undefined || at === undefined ? undefined : { seq, at });
    } else if (event === "joined") {
      this.#id = you ?? "";
      this.#members.clear();
      for (const card of members ?? []) this.#keep(card);
      this.#opened();
    } else if (error !== undefined) this.tell("error", error);
    else if (event === "lost") this.tell("gap", { lost: count, unsent: 0 });
    else if (member !== undefined) this.#changed(event, member);
  }

  #changed(event: string | undefined, card: Partial<RoomMember>): void {
    switch (event) {
      case "join":
      case "meta":
        return this.tell(event, this.#keep(card));
      case "away":
      case "back":
        return this.tell(event, this.#keep(card, event === "away"));
      case "leave": {
        const member = this.#keep(card);
        this.#members.delete(member.id);
        return this.tell("leave", member);
      }
      default: // A newer server may tell more.
    }
  }

  #keep(
    { id = "", name = id, role = "member", meta }: Partial<RoomMember>,
    isAway = this.#members.get(id)?.isAway === true,
  ): RoomMember {
    const member: RoomMember = { id, name, role, isAway, meta };
    this.#members.set(id, member);
    return member;
  }

  #closed({ code, reason }: CloseReason): void {
    if (SEAT_IS_GONE.has(code) && !this.#keepsSeat) this.#plan.session?.forget();
    else this.#plan.session?.release();
    this.tell("closed", { code, name: closeNameOf(code), reason, isFinal: true });
  }
}
