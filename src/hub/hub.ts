/** The rooms of this node: create, find, count, drain; and the limits on looking for them. */
import { nanoid } from "nanoid";
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { RoomEnvironment, RoomLimits } from "../room/environment.ts";
import type {
  Cancel,
  Clock,
  HostPeer,
  PlayerPeer,
  PlayerPeerFactory,
  RegistrationFailure,
  RegistrationRefusal,
  RoomChannels,
  RoomRegistration,
} from "../room/ports.ts";
import type { RoomObserver } from "../room/room-observer.ts";
import { Room } from "../room/room.ts";
import type { RoomSnapshot } from "../room/room-snapshot.ts";
import type { Credentials } from "../room/seat-registry.ts";
import { hostEncoderOf, type HostEncoder } from "../session/host-encoder.ts";
import { createPlayerPeers, type SlowReaders } from "../session/player-peers.ts";
import { createWaitingPeers } from "../session/waiting-peers.ts";
import type { HostPort } from "../session/ports.ts";
import { HostConnection, PLAIN, WireHost, type HostLimits, type HostRequest } from "../session/wire-host.ts";
import type { BanKeys } from "./bans.ts";
import { TemporaryBans } from "./temporary-bans.ts";
import { foreignLink } from "./foreign-link.ts";
import type { CodeSource } from "./code-source.ts";
import { hashSecret } from "./hash-secret.ts";
import { HashedPin } from "./hashed-pin.ts";
import type { HostRoomRecord, RecordKeeper, ReopenFailure, RoomRecord, RoomRecordBase } from "./room-record.ts";
import { RoomCodeAllocator } from "./room-code-allocator.ts";
import { networkOf } from "./ip-prefix.ts";
import { NetworkLedger } from "./network-ledger.ts";
import { NetworkRateLimiter } from "./network-rate-limiter.ts";
import { PinGuesses } from "./pin-guesses.ts";
import type { SharedTries } from "./shared-tries.ts";

export interface HubOptions {
  readonly limits: RoomLimits & HostLimits;
  /** Rooms with a code at one time; past them `prepare` is refused with `room_limit`. */
  readonly maxRooms: number;
  /** Milliseconds before a freed code is given out again. */
  readonly codeCooldownMs: number;
  /** Wrong codes, and wrong PINs, a minute and network. */
  readonly guessLimit: number;
  /** Rooms that one network may open at once, and then one a second; 0 means no limit. */
  readonly networkRooms: number;
  /** Milliseconds that a host may take until it prepares its room; 0 means no limit. */
  readonly prepareMs: number;
  /** Milliseconds that a flooder stays out. */
  readonly banMs: number;
  /** Where room codes come from. @default the hub draws them itself */
  readonly codes?: CodeSource | undefined;
  /** Where records of the rooms are kept. @default nowhere: a room ends with the process */
  readonly records?: RecordKeeper<Room> | undefined;
  readonly observer: RoomObserver;
  readonly clock: Clock;
  /** What the queues and buffers of all rooms may hold together. */
  readonly budget: MemoryBudget;
  /** Where hosts publish. @default there are no channels */
  readonly channels?: RoomChannels | undefined;
  /** The address under which people reach this server, without a slash at the end. */
  readonly publicUrl: () => string;
  /** What a program says about a room: made with each room that has a host page, whose host is at that address. */
  readonly roomHooks?: ((address: string) => RoomHooks) | undefined;
}

/** What a program hears of one room, and decides in it. */
export interface RoomHooks extends Pick<RoomEnvironment, "watcher" | "gate"> {
  /** Whether the host may open its room, a game of this name, or make it this game's. */
  mayOpen(name: string): Eventually<RegistrationFailure | undefined>;
  /** Returns what stands for this player's conversation from now on. */
  readonly watchPeer?: (player: PlayerId, peer: PlayerPeer) => PlayerPeer;
}

/** Who is in all rooms of a node at one moment. */
export interface Census {
  readonly rooms: number;
  /** Rooms that wait for their host. */
  readonly hostsAway: number;
  /** Seats of players, those of away players too. */
  readonly players: number;
  readonly spectators: number;
  /** Watchers of rooms with a host page. */
  readonly audience: number;
  /** Phones that wait for a seat. */
  readonly waiting: number;
  /** Players and spectators without a connection. */
  readonly away: number;
}

/** A room that is open, as the list of all of them has it. */
export interface OpenedRoom {
  readonly room: Room;
  /** Grows by one with each room of this server. */
  readonly number: number;
  /** When it was opened, in milliseconds of the rooms' clock. */
  readonly openedAt: number;
}

/** What a look-up of a code gives: the room, that there is none, or that too many were tried. */
export type LookUp = Room | "not_found" | "too_many_guesses";

/** What is known of an open room before it is prepared. */
export interface OpenRoomPlan {
  /** What the log calls it. @default its code */
  readonly name?: string | undefined;
  readonly hasCode: boolean;
  /** It goes on where another life of it was, once that is given to `goOn`. @default false */
  readonly isReopened?: boolean;
  /** @default none */
  readonly maxSpectators?: number;
  /** Where the peer is that opened it. @default "", a program in this process */
  readonly address?: string;
  /** Drops frames for members that read too slowly. @default their connections are closed */
  readonly slowReaders?: Omit<SlowReaders, "limitBytes">;
  /** Returns what stands for this player's conversation from now on. */
  readonly watchPeer?: RoomHooks["watchPeer"];
}

/** What an open room goes on with, whose host is in this process. */
export interface ReopenedRoom extends Pick<RoomRecordBase, "openedAt" | "pin"> {
  readonly code: string | undefined;
  /** What the log calls it. @default its code */
  readonly id?: string | undefined;
  readonly snapshot: Omit<RoomSnapshot, "pin">;
}

/** A room as it is entered in the list of all. */
interface Entry extends Pick<OpenedRoom, "openedAt"> {
  readonly code: string | undefined;
  readonly id: string | undefined;
  /** A program in this process has opened it. */
  readonly isLocal: boolean;
}

interface RoomBeginning {
  readonly host: HostPeer;
  readonly epoch: string;
  readonly address: string;
  readonly sessionHash?: string | undefined;
  readonly plan?: OpenRoomPlan;
  /** @default "new" */
  readonly beginning?: "new" | "reopened";
}

/** A room with a host page has a code and no name of its own. */
const HOST_RUN: OpenRoomPlan = { hasCode: true };

/** Wrong codes before not even rooms of the guesser's own network are found, as a multiple of `guessLimit`. */
const HOME_FACTOR = 10;

/** Rooms a second that one network may open in the long run. */
const NETWORK_ROOMS_PER_SECOND = 1;
/** How long a room with a host may be without players before it gives way where all rooms are taken. */
const EMPTY_MS = 60_000;

/** How long a room has to be without host and players before it gives way: a TV and its phones that lose their router are back sooner. */
const IDLE_MS = 15_000;

/** The rooms of this node: opens them, finds them by code, and limits how many there are and how often codes are guessed. */
export class Hub {
  readonly #options: HubOptions;
  readonly #codes: CodeSource;
  readonly #guesses: NetworkRateLimiter;
  readonly #homeGuesses: NetworkRateLimiter;
  /** Of rooms at which a PIN was wrong. */
  readonly #pinGuesses = new WeakMap<Room, PinGuesses>();
  readonly #bans: TemporaryBans;
  /** Rooms by their code. */
  readonly #rooms = new Map<string, Room>();
  /** All rooms that are open, with a code or without. */
  readonly #open = new Map<Room, OpenedRoom>();
  #openedCount = 0;
  /** Hosts that may come back, by the hash of their session. */
  readonly #hosts = new Map<string, WireHost>();
  /** What each host has shown last, by which it may be banned. */
  readonly #hostKeys = new WeakMap<WireHost, BanKeys>();
  /** Hosts with a session, by their rooms. */
  readonly #wireHosts = new WeakMap<Room, WireHost>();
  /** Where each room's host is. */
  readonly #addresses = new WeakMap<Room, string>();
  /** PINs of rooms as their records have them. */
  readonly #pins = new WeakMap<Room, HashedPin>();
  readonly #openings: NetworkRateLimiter;
  /** Open rooms that a program in this process has opened: they end by themselves, and never give way. */
  readonly #kept = new WeakSet<Room>();
  /** All rooms that are open, by network. */
  readonly #ledger: NetworkLedger<Room>;
  #isDraining = false;

  constructor(options: HubOptions) {
    const { codeCooldownMs, guessLimit, networkRooms, maxRooms, banMs, clock } = options;
    const now = (): number => clock.now();
    this.#options = options;
    this.#codes = options.codes ?? new RoomCodeAllocator({ cooldownMs: codeCooldownMs, now });
    this.#guesses = new NetworkRateLimiter({
      size: guessLimit,
      perSecond: guessLimit / 60,
      maxDebt: guessLimit,
      now,
    });
    const homeLimit = HOME_FACTOR * guessLimit;
    this.#homeGuesses = new NetworkRateLimiter({ size: homeLimit, perSecond: homeLimit / 60, now });
    this.#openings = new NetworkRateLimiter({ size: networkRooms, perSecond: NETWORK_ROOMS_PER_SECOND, now });
    this.#ledger = new NetworkLedger({
      capacity: maxRooms,
      idleRank: (room, heldMs) => {
        if (this.#kept.has(room)) return undefined;
        return this.#isIdle(room) ? 0 : idleRank(room, heldMs);
      },
      now,
    });
    this.#bans = new TemporaryBans({ banMs, now });
  }

  /** A room for a host in this process. It gets its code, and counts, once it is prepared. */
  createRoom(host: HostPeer): Room {
    return this.#create({ host, epoch: newEpoch(), address: "" });
  }

  /** An open room, whose host is in this process: it may have a name instead of a code, or both. It counts, and has its code, once it is prepared. */
  createOpenRoom(host: HostPeer, { address = "", isReopened = false, ...plan }: OpenRoomPlan): Room {
    return this.#create({ host, epoch: newEpoch(), address, plan, beginning: isReopened ? "reopened" : "new" });
  }

  /** A host that has connected from this address: it gets the room of its session back (`known`), or a new one, or the reason why not. */
  connectHost(
    port: HostPort,
    encoder: HostEncoder,
    request: HostRequest = PLAIN,
    address = "",
    known: WireHost | undefined = this.hostOf(request.sessionHash),
  ): Result<HostConnection, CloseName> {
    if (known !== undefined) {
      const back = known.comeBack(port, encoder, request);
      if (back.ok) {
        this.#addresses.set(known.room, address);
        this.#hostKeys.set(known, keysOf(request));
        known.room.noteChange();
      }
      return back;
    }
    const { limits, clock, budget } = this.#options;
    const { sessionHash } = request;
    const epoch = newEpoch();
    const createRoom = (peer: HostPeer): Room => this.#create({ host: peer, epoch, address, sessionHash });
    const host = new WireHost({ port, request, encoder, epoch, limits, clock, budget, createRoom });
    this.#keepHost(sessionHash, host);
    this.#hostKeys.set(host, keysOf(request));
    return success(new HostConnection(host, port));
  }

  /** Whether the room has a host page. Open rooms have none. */
  hasHostPage(room: Room): boolean {
    return this.#wireHosts.has(room);
  }

  /** Whether records of the rooms are kept anywhere. */
  get keepsRecords(): boolean {
    return this.#options.records !== undefined;
  }

  /** What another process needs to reopen this room; `undefined` where it has no host page that may come back, or is not open. */
  recordOf(room: Room): HostRoomRecord | undefined {
    const host = this.#wireHosts.get(room);
    const { sessionHash, ...keys } = (host && this.#hostKeys.get(host)) ?? {};
    if (host === undefined || sessionHash === undefined) return undefined;
    const { code, snapshot } = room;
    if (snapshot === undefined || code === undefined) return undefined;
    const { saved, savedKeys, ...wire } = host.snapshot;
    return {
      sort: "host",
      code,
      ...snapshot,
      ...this.recordBaseOf(room),
      host: { sessionHash, ...keys, ...wire },
      saved,
      savedKeys,
    };
  }

  /** The part of a room's record that rooms of either sort have. */
  recordBaseOf(room: Room): Required<Pick<RoomRecordBase, "openedAt" | "address" | "pin">> {
    const { clock } = this.#options;
    const openedAt = this.#open.get(room)?.openedAt ?? clock.now();
    return {
      openedAt: Math.round(clock.time() - clock.now() + openedAt),
      address: this.#addressOf(room),
      pin: this.#pinOf(room)?.record,
    };
  }

  /**
   * A room with a host page is there again under its code: host and players are away, with their usual grace, and what was not confirmed to them is a gap
   * of which they are told when they come back (P5.5.8).
   */
  reopen(record: HostRoomRecord): Result<Room, ReopenFailure> {
    const { host: shown, code, address, saved, savedKeys } = record;
    const { sessionHash, encoder, states } = shown;
    const refusal = this.#isKnown(record) ? "exists" : this.#claim(code);
    if (refusal !== undefined) return failure(refusal);
    const { limits, clock, budget } = this.#options;
    const epoch = newEpoch();
    const host = new WireHost({
      port: undefined,
      request: { isReliable: false, sessionHash, states },
      encoder: hostEncoderOf(encoder),
      epoch,
      limits,
      clock,
      budget,
      createRoom: (peer) => this.#create({ host: peer, epoch, address, sessionHash, beginning: "reopened" }),
    });
    const { room } = host;
    this.#keepHost(sessionHash, host);
    this.#hostKeys.set(host, keysOf({ ...shown, isReliable: false }));
    this.#begin(room, { ...record, snapshot: record }, false);
    host.restore({ encoder, states, saved, savedKeys });
    return success(room);
  }

  /** Why `reopen` or `goOn` would refuse this record now; `undefined`: they would not. `coming`: other rooms that need a place before it. */
  whyNotReopen(record: RoomRecord, coming = 0): ReopenFailure | undefined {
    return record.sort === "host" && this.#isKnown(record) ? "exists" : this.#whyNoPlace(record.code, coming);
  }

  /** An open room that was made to be reopened goes on; or the reason why it cannot. */
  goOn(room: Room, reopened: ReopenedRoom): ReopenFailure | undefined {
    const refusal = this.#claim(reopened.code);
    if (refusal === undefined) this.#begin(room, reopened, this.#addressOf(room) === "");
    return refusal;
  }

  /** The host that has the session of this hash, with its room. */
  hostOf(sessionHash: string | undefined): WireHost | undefined {
    return sessionHash === undefined ? undefined : this.#hosts.get(sessionHash);
  }

  /** The room of this code, in upper case. No guess is counted. */
  find(code: string): Room | undefined {
    return this.#rooms.get(code);
  }

  /**
   * The room of this code for a phone or a page at this address. Wrong codes are counted per network; past the limit right
   * ones are refused there too. The phones of a living room share one address with its TV, so a room that is hosted in the
   * same network has a higher limit. A session or a rescue link of the room is no guess, and always finds it.
   */
  lookUp(code: string, address: string, credentials: Credentials = {}): LookUp {
    const room = this.#rooms.get(code);
    if (room?.knows(credentials) === true) return room;
    return this.mayLookUp(address, room && this.hostNetworkOf(room)) ? (room ?? "not_found") : "too_many_guesses";
  }

  /** Whether a look-up from this address is answered. `hostNetwork`: that of the room's host; `undefined`: there is no such room, which counts as a wrong code. */
  mayLookUp(address: string, hostNetwork: string | undefined): boolean {
    const isHome = hostNetwork === networkOf(address);
    const isOver = (isHome ? this.#homeGuesses : this.#guesses).isOver(address);
    if (hostNetwork === undefined) this.#homeGuesses.count(address);
    if (hostNetwork === undefined || (isOver && !isHome)) this.#guesses.count(address);
    return !isOver;
  }

  /** Whether look-ups from this address are answered for no room, whichever network its host is in. Counts nothing. */
  isPastAllGuesses(address: string): boolean {
    return this.#homeGuesses.isOver(address);
  }

  /** The network of a room's host. */
  hostNetworkOf(room: Room): string {
    return networkOf(this.#addressOf(room));
  }

  /** A PIN for this room was wrong. */
  countWrongPin(room: Room, address: string): void {
    const { guessLimit, clock } = this.#options;
    this.#guesses.count(address);
    const guesses = this.#pinGuesses.get(room) ?? new PinGuesses(guessLimit, () => clock.now());
    this.#pinGuesses.set(room, guesses);
    const count = guesses.countWrong(address);
    if (count !== undefined) room.tellGuessing(count);
  }

  /** Whether a PIN from this address for the room of this code is looked at: after too many wrong ones not even the right one is. */
  mayTryPin(code: string, address: string): boolean {
    const room = this.#rooms.get(code);
    return room === undefined || (this.#pinGuesses.get(room)?.mayTry(address) ?? true);
  }

  /** Wrong codes, by the limit that they count for: all nodes of a cluster count them. */
  get wrongCodes(): { readonly anywhere: SharedTries; readonly atHome: SharedTries } {
    return { anywhere: this.#guesses, atHome: this.#homeGuesses };
  }

  /** Visitors that sent too much. */
  get temporaryBans(): TemporaryBans {
    return this.#bans;
  }

  /** The sentence for a visitor that sent too much and is still banned, or `undefined`. */
  banFor(visitor: string): string | undefined {
    return this.#bans.reasonFor(visitor);
  }

  /** Ends what banned hosts and players have here, whether they are connected or away. */
  expel(isBanned: (keys: BanKeys) => boolean, reason: string): void {
    for (const host of this.#hosts.values()) {
      if (isBanned({ ...this.#hostKeys.get(host), address: this.#addressOf(host.room) })) host.expel(reason);
    }
    for (const room of this.#open.keys()) room.expelAll(isBanned, reason);
  }

  /** All open rooms, the oldest first. */
  get opened(): IterableIterator<OpenedRoom> {
    return this.#open.values();
  }

  /** What is known of an open room's opening. */
  openingOf(room: Room): OpenedRoom | undefined {
    return this.#open.get(room);
  }

  /** Open rooms. */
  get roomCount(): number {
    return this.#open.size;
  }

  /** Rooms that were opened so far, those included that are over. */
  get openedRoomCount(): number {
    return this.#openedCount;
  }

  /** Players in all rooms. */
  get playerCount(): number {
    let count = 0;
    for (const room of this.#open.keys()) count += room.playerCount;
    return count;
  }

  /** Those who watch, in all rooms. */
  get audienceCount(): number {
    let count = 0;
    for (const room of this.#open.keys()) count += room.audienceCount + room.spectatorCount;
    return count;
  }

  /**
   * Rooms that are being played: a player has a seat there. One that neither host nor players have had a connection to for a while does not count, for
   * nothing happens in it.
   */
  get runningRoomCount(): number {
    let count = 0;
    for (const room of this.#open.keys()) if (room.playerCount > 0 && !this.#isIdle(room)) count += 1;
    return count;
  }

  /** Who is in all rooms now. */
  get census(): Census {
    const census = {
      rooms: this.#open.size,
      hostsAway: 0,
      players: 0,
      spectators: 0,
      audience: 0,
      waiting: 0,
      away: 0,
    };
    for (const room of this.#open.keys()) {
      if (room.isHostAway) census.hostsAway += 1;
      census.players += room.playerCount;
      census.spectators += room.spectatorCount;
      census.audience += room.audienceCount;
      census.waiting += room.waitingCount;
      census.away += room.awayCount;
    }
    return census;
  }

  /** Whether the server ends, and opens no more rooms. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Opens no more rooms: a host that asks for one is closed with 1012. The open ones go on. Safe twice. */
  stopOpening(): void {
    this.#isDraining = true;
  }

  /** Asks all peers to come back after the restart. Safe twice. */
  drain(): void {
    this.stopOpening();
    const waiting = [...this.#hosts.values()].map(({ room }) => room);
    for (const room of [...this.#open.keys(), ...waiting]) room.close("restarting");
  }

  #keepHost(sessionHash: string | undefined, host: WireHost): void {
    if (sessionHash !== undefined) this.#hosts.set(sessionHash, host);
    this.#wireHosts.set(host.room, host);
  }

  #pinOf(room: Room): HashedPin | undefined {
    const { pin } = room;
    if (typeof pin !== "string") return pin instanceof HashedPin ? pin : undefined;
    const hashed = this.#pins.get(room) ?? HashedPin.of(pin);
    this.#pins.set(room, hashed);
    return hashed;
  }

  /** Whether the host of the record has a room here. */
  #isKnown({ host }: Pick<HostRoomRecord, "host">): boolean {
    return this.#hosts.has(host.sessionHash);
  }

  #whyNoPlace(code: string | undefined, coming: number): ReopenFailure | undefined {
    if (this.#isDraining) return "restarting";
    if (code !== undefined && this.#rooms.has(code)) return "exists";
    return this.#open.size + coming >= this.#options.maxRooms ? "no_room_left" : undefined;
  }

  /** Takes the code of a room that is reopened; or says why it cannot be. */
  #claim(code: string | undefined): ReopenFailure | undefined {
    const refusal = this.#whyNoPlace(code, 0);
    if (refusal !== undefined) return refusal;
    return code === undefined || this.#codes.claim(code) ? undefined : "exists";
  }

  #begin(room: Room, { code, id, openedAt, pin, snapshot }: ReopenedRoom, isLocal: boolean): void {
    const { clock } = this.#options;
    const since = clock.now() - Math.max(0, clock.time() - openedAt);
    const registration = this.#enter(room, { code, id, openedAt: since, isLocal });
    room.reopen(registration, { ...snapshot, pin: pin && new HashedPin(pin) });
  }

  #create({ host, epoch, address, sessionHash, plan = HOST_RUN, beginning = "new" }: RoomBeginning): Room {
    const { observer, clock, budget, publicUrl, roomHooks, channels, records } = this.#options;
    const { maxSpectators } = plan;
    const slowReaders = plan.slowReaders && { ...plan.slowReaders, limitBytes: this.#options.limits.sendQueue };
    const hooks = plan === HOST_RUN ? roomHooks?.(address) : undefined;
    const limits = maxSpectators === undefined ? this.#options.limits : { ...this.#options.limits, maxSpectators };
    const directory = {
      register: (name: string) =>
        whenAnswered(hooks?.mayOpen(name), (refusal) => {
          if (refusal !== undefined) return refusal;
          // A program in this process does not wait for its room's code.
          const drawn = plan === HOST_RUN ? this.#codes.takeLater?.() : undefined;
          return whenAnswered(drawn, (code) => {
            const registration = this.#register(room, plan, code);
            if (typeof registration === "object") stopDeadline();
            else if (code !== undefined) this.#codes.release(code);
            return registration;
          });
        }),
      forget: (why: CloseName) => {
        stopDeadline();
        records?.closed(room, why);
        if (sessionHash !== undefined && this.#hosts.get(sessionHash) === host) this.#hosts.delete(sessionHash);
      },
      seatTransferLink: (code: string) => {
        const token = nanoid();
        return { url: `${publicUrl()}/${code}?rescue=${token}`, proof: hashSecret(token) };
      },
      mayPlay: (name: string) => hooks?.mayOpen(name),
      phonePage: (code: string, joinUrl: string | undefined) =>
        foreignLink(joinUrl, code)?.href ?? `${publicUrl()}/${code}`,
      ban: (visitor: string) => this.#bans.add(visitor),
      ...(records !== undefined && { changed: () => records.changed(room) }),
    };
    const { watcher, gate, watchPeer = plan.watchPeer } = hooks ?? {};
    const newPeer = createPlayerPeers({ epoch, clock, game: () => room.name, slowReaders });
    const openPeer: PlayerPeerFactory =
      watchPeer === undefined
        ? newPeer
        : (player, memory, isResumable) => watchPeer(player, newPeer(player, memory, isResumable));
    const environment = {
      directory,
      observer,
      limits,
      clock,
      budget,
      openPeer,
      openWaiting: createWaitingPeers(clock),
      watcher,
      channels,
      gate,
      isHostInProcess: plan !== HOST_RUN,
    };
    const room: Room = new Room(host, environment, beginning);
    const stopDeadline = beginning === "new" ? this.#giveTimeToPrepare(room) : () => {};
    this.#addresses.set(room, address);
    return room;
  }

  /**
   * The room that gives way to a connected host where all rooms are taken: one without host and players, empty ones before
   * those that players may come back to, then the one that is idle longest. Abandoned rooms cannot exhaust capacity.
   */
  #longestIdle(): Room | undefined {
    let best: { readonly room: Room; readonly isEmpty: boolean; readonly since: number } | undefined;
    for (const room of this.#open.keys()) {
      const since = room.idleSince;
      if (since === undefined || !this.#isIdle(room)) continue;
      const isEmpty = room.playerCount === 0;
      const isBetter = best === undefined || (isEmpty === best.isEmpty ? since < best.since : isEmpty);
      if (isBetter) best = { room, isEmpty, since };
    }
    return best?.room;
  }

  #isIdle({ idleSince }: Room): boolean {
    return idleSince !== undefined && this.#options.clock.now() - idleSince >= IDLE_MS;
  }

  /** Closes the room unless that is called off in time. */
  #giveTimeToPrepare(room: Room): Cancel {
    const { clock, prepareMs } = this.#options;
    if (prepareMs === 0) return () => {};
    const reason = `No room was prepared within ${Math.ceil(prepareMs / 1_000)} seconds.`;
    return clock.after(prepareMs, () => room.close("timeout", reason));
  }

  #addressOf(room: Room): string {
    return this.#addresses.get(room) ?? "";
  }

  /** `drawn`: its code, where that was drawn already. */
  #register(
    room: Room,
    plan: OpenRoomPlan,
    drawn: string | undefined,
  ): RoomRegistration | Exclude<RegistrationFailure, RegistrationRefusal> {
    if (this.#isDraining) return "restarting";
    const { name, hasCode } = plan;
    const address = this.#addressOf(room);
    // A program that opens rooms in this process is no network: it may use all rooms.
    const isLocal = address === "" && plan !== HOST_RUN;
    if (!isLocal && this.#openings.isOver(address)) return "network_limit";
    const isFull = this.#open.size >= this.#options.maxRooms;
    const hasPlace = isLocal ? !isFull : this.#ledger.hasPlaceFor(address);
    const idle = isFull ? this.#longestIdle() : undefined;
    const unused = hasPlace || idle !== undefined ? undefined : this.#ledger.idleHoldingFor(address);
    if (!hasPlace && idle === undefined && unused === undefined) return "no_room_left";
    const code = hasCode ? (drawn ?? this.#codes.take()) : undefined; // before the other room ends, or it might end for nothing
    if (hasCode && code === undefined) return "no_room_left";
    idle?.close("room_closed");
    unused?.close("overloaded");
    if (!isLocal) this.#openings.count(address);
    return this.#enter(room, { code, id: name, openedAt: this.#options.clock.now(), isLocal });
  }

  /** The room counts from now on, and is found. */
  #enter(room: Room, { code, id, openedAt, isLocal }: Entry): RoomRegistration {
    this.#openedCount += 1;
    this.#open.set(room, { room, number: this.#openedCount, openedAt });
    if (code !== undefined) this.#rooms.set(code, room);
    if (isLocal) this.#kept.add(room);
    const entry = this.#ledger.enter(room, this.#addressOf(room));
    return {
      code,
      ...(id !== undefined && { id }),
      release: () => {
        if (!this.#open.delete(room)) return;
        this.#ledger.leave(entry);
        if (code === undefined) return;
        this.#rooms.delete(code);
        this.#codes.release(code);
      },
    };
  }
}

function keysOf({ sessionHash, user, tokenSessionHash, shownSessionHash }: HostRequest): BanKeys {
  return { sessionHash, user, tokenSessionHash, shownSessionHash };
}

/** Rooms without players and watchers give way, once they have had time to find some. */
function idleRank({ playerCount, audienceCount }: Room, heldMs: number): number | undefined {
  return playerCount + audienceCount === 0 && heldMs >= EMPTY_MS ? 1 : undefined;
}

/** A text that cannot be guessed, to tell one life of a room from another. */
function newEpoch(): string {
  return flat(nanoid());
}

/** The same text in one piece: as it comes from nanoid, each letter would take the memory of an object for as long as it is kept. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
