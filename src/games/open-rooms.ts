/** The open rooms of this node, by name and code: made by programs (`server.rooms`), by members that name one, and by the options; and how members join them. */
import { rejected, type AdmissionOutcome } from "../admission/connect-request.ts";
import type { MemberPort, MemberRequest, MemberRooms, OpenRequest } from "../admission/member-rooms.ts";
import type { BanCheck } from "../hub/bans.ts";
import type { Hub } from "../hub/hub.ts";
import type { OpenRoomRecord, ReopenFailure } from "../hub/room-record.ts";
import { nearestName } from "../nearest-name.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { MAX_PIN_BYTES } from "../protocol/command-fields.ts";
import { isOpenRoomName, MAX_OPEN_ROOM_NAME_BYTES } from "../protocol/open-room-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { isDrawnCode } from "../protocol/room-code.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { Clock } from "../room/ports.ts";
import type { Room } from "../room/room.ts";
import { checkedKinds, relay, type RoomKind } from "./define-room.ts";
import { GameHost, type GameHostOptions } from "./game-host.ts";
import { ReopenError } from "./open-room-record.ts";
import type { GameRoom, Json } from "./game-room.ts";
import type { HandlerFault } from "./handler-calls.ts";
import type { MemberHooks } from "./member-hooks.ts";

/** The server is closing: it opens no more rooms. */
export class ServerClosingError extends Error {
  override readonly name = "ServerClosingError";
}

/** There is a room of that name already. */
export class RoomExistsError extends Error {
  override readonly name = "RoomExistsError";
}

/** What a program may say of a room that it opens. */
export interface NewRoomOptions {
  /** 1 to 128 bytes of UTF-8. @default none: the room is found by its code */
  readonly name?: string;
  /** Whether the room has a code. @default true for a room without a name */
  readonly code?: boolean;
  /** Seats, at most those of the kind and of the server. @default what the kind says */
  readonly maxPlayers?: number;
  /** What newcomers by code have to show: at most 32 bytes of UTF-8. Members with a token need none. @default none */
  readonly pin?: string;
  /** Anything worth knowing about the room: at most 4 KiB of JSON. */
  readonly meta?: Json;
  /** The first state, instead of what `createState` returns. */
  readonly state?: unknown;
}

/** The open rooms of a server. */
export interface Rooms {
  /**
   * Opens a room. Throws `RoomExistsError` where there is one of that name, `ServerClosingError` once the server has begun to close, and `TypeError` for an
   * unknown kind or a wrong option.
   */
  create(kind: string, options?: NewRoomOptions): GameRoom;
  /** The open room of this code, else of this name. `name:BCDF` is the room of the name BCDF. */
  get(codeOrName: string): GameRoom | undefined;
  /** All open rooms, the oldest first. */
  list(): readonly GameRoom[];
  /** Ends a room: its members are closed with 1001, and its name is free at once. `false` where there is none. */
  delete(nameOrCode: string): boolean;
}

export interface OpenRoomsOptions {
  readonly hub: Hub;
  /** Kinds beside `relay`. */
  readonly kinds: readonly RoomKind[];
  /** Kinds that members with a token may open by naming a room: their names, or `*`; the first is opened where a member names no kind. */
  readonly openKinds: readonly string[];
  /** Rooms that always exist, and their kinds. */
  readonly standing: ReadonlyMap<string, string>;
  readonly limits: { readonly maxPlayers: number; readonly seatGraceMs: number };
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** From 0 up to 1, without 1. @default Math.random */
  readonly random?: () => number;
  readonly budget: MemoryBudget;
  readonly onFault: (fault: HandlerFault) => void;
  /**
   * Makes a name this node's; `false`: it is another node's. Where it is given, the rooms of the options begin by `standUp`. @default there are no other nodes
   */
  readonly claimName?: ((name: string) => Promise<boolean>) | undefined;
  /** Whom a program has banned. @default no peer */
  readonly bans?: BanCheck | undefined;
  /** What the program says about all rooms. @default nothing */
  readonly hooks?: MemberHooks | undefined;
  /** Rooms of an earlier process, which are there again before those that always exist. @default none */
  readonly records?: readonly OpenRoomRecord[];
  /** One of these could not be reopened. */
  readonly onNotReopened?: (record: OpenRoomRecord, why: ReopenFailure) => void;
}

const DEFAULT_EMPTY_ROOM_MS = 300_000;
/** How long a room of the options that could not begin waits until it is tried again. */
const STAND_AGAIN_MS = 1_000;
const MAX_META_BYTES = 4_096;
const NAME_TAKEN = "There is a room of that name.";
const NAME_PREFIX = "name:";

const utf8 = new TextEncoder();

export class OpenRooms implements MemberRooms, Rooms {
  readonly #options: OpenRoomsOptions;
  readonly #kinds = new Map<string, RoomKind>([[relay.kind, relay]]);
  /** By the room that each has opened, the oldest first. */
  readonly #hosts = new Map<Room, GameHost>();
  readonly #byName = new Map<string, GameHost>();
  readonly #byCode = new Map<string, GameHost>();
  /** The rooms that pages with a session have opened. */
  readonly #byOpener = new Map<string, GameHost>();
  readonly #openers = new WeakMap<GameHost, string>();
  /** Rooms of the options that are tried again after a while. */
  readonly #toStand = new Set<string>();
  #isDraining = false;

  constructor(options: OpenRoomsOptions) {
    this.#options = options;
    for (const kind of checkedKinds(options.kinds)) this.#addKind(kind);
    for (const record of options.records ?? []) {
      const reopened = this.reopen(record);
      if (!reopened.ok) options.onNotReopened?.(record, reopened.failure);
    }
    if (options.claimName !== undefined) return;
    for (const name of options.standing.keys()) if (!this.#byName.has(name)) this.#stand(name);
  }

  /** Begins the rooms of the options that are not there yet, unless another node has them. Safe twice. */
  standUp(): void {
    for (const name of this.#options.standing.keys()) this.#standAgain(name);
  }

  create(kindName: string, options: NewRoomOptions = {}): GameHost {
    const kind = this.#kinds.get(kindName);
    if (kind === undefined)
      throw new TypeError(`There is no kind of room ${JSON.stringify(kindName)}. ${this.#known()}`);
    const { name, code = name === undefined, maxPlayers, pin, meta } = options;
    const problem = problemOf(options);
    if (problem !== undefined) throw new TypeError(problem);
    if (name === undefined && !code) throw new TypeError("A room needs a name or a code.");
    if (this.#isDraining) throw new ServerClosingError("The server is closing: it opens no more rooms.");
    if (name !== undefined && this.#byName.has(name))
      throw new RoomExistsError(`There is a room ${JSON.stringify(name)} already.`);
    return this.#open(kind, { name, hasCode: code, maxPlayers, pin, meta, state: options.state, address: "" });
  }

  get(codeOrName: string): GameHost | undefined {
    const found = this.#byCode.get(codeOrName.toUpperCase());
    if (found !== undefined) return found;
    const named = codeOrName.startsWith(NAME_PREFIX)
      ? this.#byName.get(codeOrName.slice(NAME_PREFIX.length))
      : undefined;
    return named ?? this.#byName.get(codeOrName);
  }

  list(): readonly GameHost[] {
    return [...this.#hosts.values()];
  }

  /** How many rooms there are of each kind. */
  countsByKind(): ReadonlyMap<string, number> {
    const counts = new Map([...this.#kinds.keys()].map((kind) => [kind, 0]));
    for (const { kind } of this.#hosts.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts;
  }

  delete(nameOrCode: string): boolean {
    const host = this.get(nameOrCode);
    host?.close();
    return host !== undefined;
  }

  /** What another process needs to reopen this room; `undefined` where it is not an open one, or is over. */
  recordOf(room: Room): OpenRoomRecord | undefined {
    const host = this.#hosts.get(room);
    const record = host?.record;
    if (host === undefined || record === undefined) return undefined;
    return { ...record, ...this.#options.hub.recordBaseOf(room), opener: this.#openers.get(host) };
  }

  /** A room of another process is there again, under its name and code: its members are away, with their usual grace. */
  reopen(record: OpenRoomRecord): Result<GameHost, ReopenFailure> {
    const { name, code, meta, state, address, maxPlayers, opener } = record;
    const kind = this.#kinds.get(record.kind);
    if (kind === undefined) return failure("unknown_kind");
    const refusal = this.whyNotReopen(record);
    if (refusal !== undefined) return failure(refusal);
    const isStanding = name !== undefined && this.#options.standing.get(name) === record.kind;
    const plan = {
      name,
      hasCode: code !== undefined,
      maxPlayers,
      pin: undefined,
      meta: meta === undefined ? undefined : JSON.parse(meta),
      state: state === undefined ? undefined : JSON.parse(state),
      address,
    };
    try {
      const reopened = { record, goOn: this.#options.hub.goOn.bind(this.#options.hub) };
      const host = this.#open(isStanding ? { ...kind, emptyRoomMs: Infinity } : kind, plan, reopened);
      if (opener !== undefined && !host.isClosed) this.#openedBy(opener, host);
      return success(host);
    } catch (error) {
      if (error instanceof ReopenError) return failure(error.failure);
      throw error;
    }
  }

  /** Why `reopen` would refuse this record now; `undefined`: it would not. `coming`: other rooms that need a place before it. */
  whyNotReopen(record: OpenRoomRecord, coming = 0): ReopenFailure | undefined {
    const { kind, name } = record;
    if (!this.#kinds.has(kind)) return "unknown_kind";
    if (this.#isDraining) return "restarting";
    return name !== undefined && this.#byName.has(name) ? "exists" : this.#options.hub.whyNotReopen(record, coming);
  }

  /** The host of a room, where that is an open one. */
  hostOf(room: Room): GameHost | undefined {
    return this.#hosts.get(room);
  }

  hasCode(code: string): boolean {
    return this.#byCode.has(code);
  }

  hasName(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Whether the page of this session has opened a room that is here. */
  hasOpener(sessionHash: string): boolean {
    return this.#byOpener.has(sessionHash);
  }

  nameOf(code: string): string | undefined {
    return this.#byCode.get(code)?.name;
  }

  join(port: MemberPort, request: MemberRequest): Eventually<AdmissionOutcome> {
    const ban = this.#banOf(request);
    if (ban !== undefined) return ban;
    return whenAnswered(this.#find(request), (host) => (host instanceof GameHost ? host.join(port, request) : host));
  }

  open(port: MemberPort, request: OpenRequest): Eventually<AdmissionOutcome> {
    const ban = this.#banOf(request);
    if (ban !== undefined) return ban;
    const { sessionHash } = request.session;
    const own = sessionHash === undefined ? undefined : this.#byOpener.get(sessionHash);
    return whenAnswered(own?.kind === request.kind ? own : this.#openFor(request), (host) => {
      if (!(host instanceof GameHost)) return host;
      // A room that its kind has closed at once is not to be found again.
      if (sessionHash !== undefined && !host.isClosed) this.#openedBy(sessionHash, host);
      const place = { mayOpen: false, id: undefined, role: "spectator", pin: undefined } as const;
      return host.join(port, { ...request, ...place, room: { by: "name", name: host.label }, isOpener: true });
    });
  }

  /** Opens no more rooms, and none again: the server ends. The open ones go on. Safe twice. */
  stopOpening(): void {
    this.#isDraining = true;
  }

  /** Asks the members of all rooms to come back after the restart. */
  drain(): void {
    this.stopOpening();
    for (const host of this.#hosts.values()) host.room.close("restarting");
  }

  /** The page with this session finds the room again. */
  #openedBy(sessionHash: string, host: GameHost): void {
    this.#byOpener.set(sessionHash, host);
    this.#openers.set(host, sessionHash);
    host.room.noteChange();
  }

  #addKind(kind: RoomKind): void {
    if (kind === relay) return;
    const isTaken = this.#kinds.has(kind.kind);
    if (isTaken && kind.kind === relay.kind)
      throw new TypeError("The kind relay is built in: call yours by another name.");
    if (isTaken) throw new TypeError(`There are two kinds of rooms called ${kind.kind}.`);
    this.#kinds.set(kind.kind, kind);
  }

  #banOf({
    address,
    session: { sessionHash },
    tokenSessionHash,
    shownSessionHash,
    user,
  }: Pick<MemberRequest, "address" | "session" | "tokenSessionHash" | "shownSessionHash" | "user">):
    | AdmissionOutcome
    | undefined {
    const shown = { address, sessionHash, tokenSessionHash, shownSessionHash, user };
    const reason = this.#options.bans?.reasonFor(shown);
    return reason === undefined ? undefined : rejected("kicked", reason);
  }

  #find({ room, mayOpen, kind, address, user }: MemberRequest): Eventually<GameHost | AdmissionOutcome> {
    if (room.by === "code") return this.#byCode.get(room.code) ?? this.#notFound();
    const { name } = room;
    const found = this.#byName.get(name) ?? this.#standFor(name);
    if (found !== undefined) return found;
    const problem = problemOfRoomName(name);
    if (problem !== undefined) return rejected("unauthorized", problem);
    const opened = mayOpen ? this.#kindFor(kind) : undefined;
    if (opened === undefined) return this.#notFound();
    // Another member may have opened it while the program was asked.
    const plan = { name, hasCode: false, address, hasToken: user !== undefined };
    return this.#tryOpen(opened, plan, () => this.#byName.get(name));
  }

  /** The room may have ended by the restart, or be opened behind it: the member is to come back then. */
  #notFound(): AdmissionOutcome {
    return rejected(this.#isDraining ? "restarting" : "room_not_found");
  }

  /** The kind that a member may open: the one it names, or the first that is allowed. */
  #kindFor(named: string | undefined): RoomKind | undefined {
    const { openKinds } = this.#options;
    const isAny = openKinds.includes("*");
    const kind = named ?? (isAny ? relay.kind : openKinds[0]);
    if (kind === undefined || !(isAny || openKinds.includes(kind))) return undefined;
    return this.#kinds.get(kind);
  }

  /** Opens a room for a page; the admission has checked that pages may open rooms of this kind. */
  #openFor({ kind, roomName: name, address }: OpenRequest): Eventually<GameHost | AdmissionOutcome> {
    const definition = this.#kinds.get(kind);
    if (definition === undefined) return rejected("bad_request", `There is no kind of room ${kind}.`);
    const problem = name === undefined ? undefined : problemOfRoomName(name);
    if (problem !== undefined) return rejected("bad_request", problem);
    const taken = (): AdmissionOutcome | undefined =>
      name !== undefined && this.#byName.has(name) ? rejected("bad_request", NAME_TAKEN) : undefined;
    return taken() ?? this.#tryOpen(definition, { name, hasCode: true, address, hasToken: false }, taken);
  }

  #tryOpen(
    kind: RoomKind,
    { address, hasToken, ...plan }: OpeningPlan,
    meanwhile: () => GameHost | AdmissionOutcome | undefined,
  ): Eventually<GameHost | AdmissionOutcome> {
    const asked = this.#options.hooks?.mayCreate(kind.kind, plan.name, address);
    return whenAnswered(asked, (refusal) => {
      const other = this.#isDraining ? rejected("restarting") : (refusal ?? meanwhile());
      if (other !== undefined) return other;
      try {
        // A token names its room, so the program that signs tokens has opened it, and no network.
        const opener = hasToken ? "" : address;
        return this.#open(kind, { ...plan, address: opener, ...UNSAID });
      } catch (error) {
        return noRoom(error);
      }
    });
  }

  /** A room of the options: it is there again as soon as it has ended. */
  #stand(name: string): GameHost | undefined {
    const kind = this.#kinds.get(this.#options.standing.get(name) ?? "");
    if (kind === undefined || this.#isDraining) return undefined;
    const plan = { ...UNSAID, name, hasCode: false, address: "" };
    return this.#open({ ...kind, emptyRoomMs: Infinity }, plan);
  }

  /** The room of the options that a member asks for while it is not there. */
  #standFor(name: string): GameHost | AdmissionOutcome | undefined {
    if (!this.#options.standing.has(name)) return undefined;
    try {
      return this.#stand(name);
    } catch (error) {
      return noRoom(error);
    }
  }

  #standAgain(name: string): void {
    if (this.#byName.has(name) || this.#isDraining) return;
    const { claimName } = this.#options;
    if (claimName !== undefined) void this.#standIfOurs(name, claimName);
    else this.#tryToStand(name);
  }

  /** A room that another node has is looked for again when a member asks for it. */
  async #standIfOurs(name: string, claimName: (name: string) => Promise<boolean>): Promise<void> {
    try {
      if (await claimName(name)) this.#tryToStand(name);
    } catch {
      this.#standLater(name); // the directory is away, as its own log says
    }
  }

  #tryToStand(name: string): void {
    if (this.#byName.has(name)) return;
    try {
      this.#stand(name);
    } catch (error) {
      const kind = this.#options.standing.get(name) ?? "";
      this.#options.onFault({ room: name, kind, handler: "standingRooms", error });
      this.#standLater(name);
    }
  }

  /** Where a room of the options could not begin, it is tried again after a while. */
  #standLater(name: string): void {
    if (this.#toStand.has(name)) return;
    this.#toStand.add(name);
    this.#options.clock.after(STAND_AGAIN_MS, () => {
      this.#toStand.delete(name);
      this.#standAgain(name);
    });
  }

  #open(kind: RoomKind, plan: RoomPlan, reopened?: GameHostOptions["reopened"]): GameHost {
    const { hub, limits, clock, wallClock, random = Math.random, budget, onFault, hooks } = this.#options;
    const maxPlayers = Math.min(plan.maxPlayers ?? Infinity, kind.maxPlayers ?? Infinity, limits.maxPlayers);
    const host = new GameHost({
      ...plan,
      kind,
      maxPlayers,
      emptyRoomMs: kind.emptyRoomMs ?? DEFAULT_EMPTY_ROOM_MS,
      seatGraceMs: limits.seatGraceMs,
      createRoom: (peer, roomPlan) => hub.createOpenRoom(peer, roomPlan),
      clock,
      wallClock,
      random,
      budget,
      onFault,
      hooks,
      banOf: (request) => this.#banOf(request),
      onClosed: (closed) => this.#forget(closed),
      keepsRecords: hub.keepsRecords,
      reopened,
    });
    if (host.isClosed) return host; // `onCreate` has closed it
    this.#hosts.set(host.room, host);
    if (host.name !== undefined) this.#byName.set(host.name, host);
    if (host.code !== undefined) this.#byCode.set(host.code, host);
    host.room.noteChange(); // its record is known from here on
    return host;
  }

  #forget(host: GameHost): void {
    // A room that ends before it is created would end again and again.
    const hasBegun = this.#hosts.delete(host.room) && !host.isCreating;
    const { name, code } = host;
    if (name !== undefined && this.#byName.get(name) === host) this.#byName.delete(name);
    if (code !== undefined && this.#byCode.get(code) === host) this.#byCode.delete(code);
    for (const [opener, other] of this.#byOpener) if (other === host) this.#byOpener.delete(opener);
    if (name === undefined || !this.#options.standing.has(name)) return;
    if (hasBegun) queueMicrotask(() => this.#standAgain(name));
    else this.#standLater(name);
  }

  #known(): string {
    return `There are ${[...this.#kinds.keys()].join(", ")}.`;
  }
}

/** The server has no room left for a member. */
function noRoom(error: unknown): AdmissionOutcome {
  return rejected("overloaded", error instanceof Error ? error.message : undefined);
}

/** A room that a member or a page opens. */
interface OpeningPlan {
  readonly name: string | undefined;
  readonly hasCode: boolean;
  /** Where the peer is that opens it. */
  readonly address: string;
  readonly hasToken: boolean;
}

interface RoomPlan {
  readonly name: string | undefined;
  readonly hasCode: boolean;
  readonly maxPlayers: number | undefined;
  readonly pin: string | undefined;
  readonly meta: Json;
  readonly state: unknown;
  readonly address: string;
}

/** What is wrong with the name of an open room; `undefined` where it is fine. */
function problemOfRoomName(name: unknown): string | undefined {
  if (typeof name !== "string") return `The name of a room has to be text, not ${typeof name}.`;
  if (!isOpenRoomName(name)) return `The name of a room has to have 1 to ${MAX_OPEN_ROOM_NAME_BYTES} bytes of UTF-8.`;
  if (isDrawnCode(name.toUpperCase())) return `The name of a room may not look like a room code, as ${name} does.`;
  return undefined;
}

/** What a room that no program has opened leaves to its kind. */
const UNSAID = { maxPlayers: undefined, pin: undefined, meta: undefined, state: undefined } as const;
const NEW_ROOM_OPTIONS = ["name", "code", "maxPlayers", "pin", "meta", "state"];

function problemOf(options: NewRoomOptions): string | undefined {
  const { name, code, maxPlayers, pin, meta } = options;
  const unknown = Object.keys(options).find((option) => !NEW_ROOM_OPTIONS.includes(option));
  const near = unknown === undefined ? undefined : nearestName(unknown, NEW_ROOM_OPTIONS);
  if (near !== undefined) return `create has no option ${unknown}; did you mean ${near}?`;
  if (unknown !== undefined) return `create has no option ${unknown}; there are ${NEW_ROOM_OPTIONS.join(", ")}.`;
  const problem = name === undefined ? undefined : problemOfRoomName(name);
  if (problem !== undefined) return problem;
  if (code !== undefined && typeof code !== "boolean") return `code has to be true or false, not ${typeof code}.`;
  if (maxPlayers !== undefined && (!Number.isInteger(maxPlayers) || maxPlayers < 1))
    return `maxPlayers has to be a whole number from 1 on, not ${String(maxPlayers)}.`;
  if (pin !== undefined && (typeof pin !== "string" || pin === "" || utf8.encode(pin).length > MAX_PIN_BYTES))
    return `pin has to be text of 1 to ${MAX_PIN_BYTES} bytes of UTF-8.`;
  if (meta === undefined) return undefined;
  const json: string | undefined = JSON.stringify(meta);
  if (json === undefined) return "meta has to be something that JSON can carry.";
  return utf8.encode(json).length > MAX_META_BYTES ? `meta may take ${MAX_META_BYTES} bytes of JSON.` : undefined;
}
