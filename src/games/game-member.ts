/** One person or bot in an open room, as the room's host keeps it. */
import type { MemberRequest } from "../admission/member-rooms.ts";
import type { DepartureReason } from "../room/ports.ts";
import { jsonOf, type MemberEncoder, type MemberNews, type MemberProfile } from "../session/member-encoder.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { PlayerHealth } from "../protocol/events.ts";
import type { LeaveReason, Member, MemberMeta, Role } from "./game-room.ts";
import type { MemberInfo } from "./hooks.ts";
import { TaskQueue } from "./task-queue.ts";

/** Bytes of the JSON of `meta`. */
const MAX_META_BYTES = 4_096;

/** Messages for a newcomer that is not in the room yet. */
const MAX_EARLY_NEWS = 1_024;

/** What a member asks its room for. */
export interface MemberOwner {
  healthOf(member: GameMember): PlayerHealth | undefined;
  /** `bytes`: how many more of them `meta` takes. */
  metaChanged(member: GameMember, bytes: number): void;
  /** A message of the member is done that others waited for. */
  caughtUp(member: GameMember): void;
  /** Something of the member's has failed in a way that it should not. */
  meetBug(member: GameMember, error: unknown): void;
}

/** What a newcomer hears once it is in the room. */
export interface EarlyNews {
  readonly news: MemberNews;
  /** Under which name it is kept with the seat. */
  readonly retain: string | undefined;
}

export interface GameMemberOptions {
  readonly id: string;
  readonly name: string | undefined;
  readonly role: Role;
  readonly isBot: boolean;
  /** It has opened the room. */
  readonly isOpener: boolean;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  readonly encoder: MemberEncoder;
  readonly owner: MemberOwner;
  /** As JSON. @default nothing is known of it yet */
  readonly meta?: string;
}

const utf8 = new TextEncoder();

export class GameMember implements Member {
  readonly id: string;
  /** The JSON of the id in UTF-8, which each of its messages carries. */
  readonly idJson: Uint8Array;
  readonly name: string;
  readonly isBot: boolean;
  readonly isOpener: boolean;
  readonly joinedAt: number;
  role: Role;
  isAway = false;
  /** Its line is up. */
  isConnected = false;
  /** Its seat; `undefined` until it has one. */
  player: PlayerId | undefined;
  /** How it is told things. */
  encoder: MemberEncoder;
  /** What is said to it before it has a seat. */
  readonly #early: EarlyNews[] = [];
  /** What it says, and what happens to it, one after another. */
  readonly queue: TaskQueue;
  /** Frames refused in a row. */
  strikes = 0;
  /** Why its line ended last. */
  endedBy: DepartureReason = "cut";
  /** It is not read from until less of what it said waits. */
  isPaused = false;
  /** Judges a new token of its line; `undefined` where it has shown none. */
  renewal: MemberRequest["renew"];
  #meta: MemberMeta;
  /** Bytes of the JSON of `meta`. */
  metaBytes: number;
  readonly #owner: MemberOwner;

  constructor({ id, name = id, role, isBot, isOpener, joinedAt, encoder, owner, meta }: GameMemberOptions) {
    this.id = id;
    this.idJson = jsonOf(id);
    this.name = name;
    this.role = role;
    this.isBot = isBot;
    this.isOpener = isOpener;
    this.joinedAt = joinedAt;
    this.encoder = encoder;
    this.#meta = meta === undefined ? {} : Object.freeze(JSON.parse(meta));
    this.metaBytes = meta === undefined ? 0 : utf8.encode(meta).length;
    this.#owner = owner;
    this.queue = new TaskQueue(
      () => owner.caughtUp(this),
      (error) => owner.meetBug(this, error),
    );
  }

  get meta(): MemberMeta {
    return this.#meta;
  }

  get queued(): number {
    return this.#owner.healthOf(this)?.queued ?? 0;
  }

  get rtt(): number | undefined {
    return this.#owner.healthOf(this)?.rtt ?? undefined;
  }

  /** Keeps what is said to it before it has a seat. */
  hearEarly(news: EarlyNews): void {
    if (this.#early.length >= MAX_EARLY_NEWS)
      throw new RangeError(`More than ${MAX_EARLY_NEWS} messages for ${this.id} wait until it is in the room.`);
    this.#early.push(news);
  }

  takeEarly(): readonly EarlyNews[] {
    return this.#early.splice(0);
  }

  setMeta(fields: MemberMeta): void {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields))
      throw new TypeError("setMeta takes an object with fields of meta.");
    const json = JSON.stringify({ ...this.#meta, ...fields });
    const bytes = utf8.encode(json).length;
    if (bytes > MAX_META_BYTES)
      throw new RangeError(`The meta of ${this.id} would take ${bytes} bytes of JSON; ${MAX_META_BYTES} are allowed.`);
    const more = bytes - this.metaBytes;
    this.#meta = Object.freeze(JSON.parse(json));
    this.metaBytes = bytes;
    this.#owner.metaChanged(this, more);
  }

  /** How hooks and events name it. */
  get info(): MemberInfo {
    const { id, name, role } = this;
    return { id, name, role };
  }

  /** As other members see it. */
  get card(): MemberProfile {
    return { id: this.id, name: this.name, role: this.role, meta: this.#meta };
  }

  /** What a room says when it says a member, as in `room.broadcast(room.members)`. */
  toJSON(): unknown {
    const { id, name, role, meta, isAway, isBot } = this;
    return { id, name, role, meta, isAway, isBot };
  }
}

/** Why a member left, in the words of the programs that are told. */
export function leaveReasonOf(why: DepartureReason): LeaveReason {
  switch (why) {
    case "left":
    case "normal":
      return "left";
    case "timeout":
    case "kicked":
    case "replaced":
    case "slow_consumer":
    case "rate_limited":
    case "token_expired":
    case "room_closed":
    case "restarting":
    case "bad_request":
      return why;
    case "frame_too_large":
    case "invalid_text":
    case "protocol_error":
    case "too_many_fragments":
      return "bad_request";
    case "unauthorized":
      return "kicked";
    case "cut":
    case "internal_error":
    case "overloaded":
    case "room_not_found":
    case "room_full":
    case "room_locked":
      return "cut";
    default:
      return why satisfies never;
  }
}
