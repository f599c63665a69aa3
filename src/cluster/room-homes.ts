/**
 * The rooms of all nodes, as one node knows them: keeps the records of its own in the directory, finds the home of the rest for peers that arrive here, and
 * opens rooms again whose home was lost.
 */
import type { AuthorizedPeer, AuthorizedHost, AuthorizedMember, AuthorizedOpener } from "../admission/authorize.ts";
import { rejected, type Refused } from "../admission/connect-request.ts";
import type { Elsewhere } from "../admission/other-nodes.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { Eventually } from "../protocol/eventually.ts";
import { isDrawnCode } from "../protocol/room-code.ts";
import type { Clock } from "../room/ports.ts";
import type { Room } from "../room/room.ts";
import { CodePool } from "./code-pool.ts";
import type { Tenant } from "./holding.ts";
import type { NodeId } from "./ports.ts";
import { DirectoryAwayError, type Homes, type Whereabouts } from "./homes.ts";
import {
  codeOf,
  isCodeKey,
  keyOfCode,
  keyOfName,
  OPENING_ENTRY,
  companionEntry,
  readEntry,
  recordEntry,
  sessionAlias,
} from "./room-keys.ts";

/** The rooms of this node. */
export interface LocalRooms {
  /** Whether a room of this code, a host of this session, an open room of this name, or the room that this session has opened is here. */
  hasCode(code: string): boolean;
  hasHost(sessionHash: string): boolean;
  hasName(name: string): boolean;
  hasOpener(sessionHash: string): boolean;
  /** Whether a member may open a room by naming it. */
  readonly mayOpenByName: boolean;
  /** What another node needs to open this room again, as bytes; and what it is found by. `undefined` for a room that is not open. */
  recordOf(room: Room): KeptRoom | undefined;
  /** Why this room could not be opened again here now, in a few words; `undefined` where it could be. `coming`: others that are about to be. */
  whyNotReopen(record: Uint8Array, coming: number): string | undefined;
  /** Opens a room again. A few words say why it cannot be. */
  reopen(record: Uint8Array): string | undefined;
}

export interface KeptRoom {
  readonly isHostRun: boolean;
  readonly code: string | undefined;
  /** Of an open room. */
  readonly name: string | undefined;
  /** The hash of the session of its host, or of the page that has opened it. */
  readonly sessionHash: string | undefined;
  /** `undefined` for a room that cannot be opened again. */
  readonly bytes: Uint8Array | undefined;
}

export interface RoomHomesOptions {
  readonly homes: Homes;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly codeCooldownMs: number;
  readonly leaseMs: number;
  /** Whether this node was cut off from the directory since it began, so that one that knows nothing has lost what it knew. */
  readonly wasCutOff: () => boolean;
  readonly onFailure: (error: unknown) => void;
  /** A room of a lost node could not be opened again here. */
  readonly onNotReopened: (key: string, why: string) => void;
}

/** How long a name that was claimed for a peer is kept, if it opens no room. */
const CLAIM_MS = 30_000;

const MAX_MISSED = 10_000;
/** Milliseconds before keys are asked for again that could not be. */
const OBTAIN_AGAIN_MS = 1_000;

/** Stands for a room that is about to open. */
const OPENING: Tenant = { record: () => OPENING_ENTRY, lost: () => {} };

const LOOKING = rejected("overloaded", "The server is still looking for your room. Come back in a moment.");
export const CANNOT_LOOK = rejected("overloaded", "The server cannot look for your room now. Come back in a moment.");
const CANNOT_REOPEN = rejected("overloaded", "The server has no place for your room now. Come back in a moment.");

export class RoomHomes {
  readonly codes: CodePool;
  readonly #options: RoomHomesOptions;
  #rooms: LocalRooms | undefined;
  /** Look-ups under way, so that a room is opened again once for all its peers. */
  readonly #finding = new Map<string, Promise<Whereabouts | Refused>>();
  /** Rooms that cannot be opened again, by key: since when their home counts as lost. */
  readonly #missed = new Map<string, { readonly home: NodeId; readonly since: number }>();
  /** Rooms that are being taken over, which need a place here each. */
  #coming = 0;
  /** What each room is kept under. */
  readonly #keys = new Map<Room, string[]>();

  constructor(options: RoomHomesOptions) {
    const { homes, clock, codeCooldownMs, onFailure } = options;
    this.#options = options;
    this.codes = new CodePool({
      claim: async (codes) => (await homes.claim(codes.map(keyOfCode))).map((key) => codeOf(key)),
      release: (code) => this.#releaseVacant(keyOfCode(code)),
      cooldownMs: codeCooldownMs,
      clock,
      onFailure,
    });
  }

  /** The rooms of this node, which come into being after this. */
  attach(rooms: LocalRooms): void {
    this.#rooms = rooms;
  }

  /** This node has a new life: codes that were kept ahead and are another's by now are given to no room. */
  reclaimed(): void {
    this.codes.keepOnly((code) => this.#options.homes.has(keyOfCode(code)));
  }

  /** A room has opened, or its record is another one now. */
  changed(room: Room): void {
    const [known] = this.#keys.get(room) ?? [];
    if (known !== undefined) return this.#options.homes.changed(known);
    const kept = this.#rooms?.recordOf(room);
    if (kept !== undefined) this.#keep(room, kept);
  }

  /** A room is over. */
  closed(room: Room, why: CloseName): void {
    const keys = this.#keys.get(room);
    this.#keys.delete(room);
    if (keys === undefined) return;
    const { homes } = this.#options;
    for (const key of keys) {
      // One that ends by a restart is to be opened again. A code cools down; the pool lets it go then.
      if (why === "restarting") continue;
      if (isCodeKey(key)) homes.vacate(key);
      else homes.release(key);
    }
  }

  isHere(peer: AuthorizedPeer): boolean {
    const rooms = this.#rooms;
    if (rooms === undefined) return true;
    switch (peer.for) {
      case "host": {
        const { sessionHash } = peer.request;
        return sessionHash === undefined || rooms.hasHost(sessionHash);
      }
      case "player":
        return rooms.hasCode(peer.code);
      case "member":
        return isHereByNameOrCode(rooms, peer.token.room);
      case "opener":
        return this.#isOpenerHere(rooms, peer);
      case "line":
      case "first_frame":
        return true;
      default:
        return peer satisfies never;
    }
  }

  /** Whether this node is the home of the code or name that the peer asks for, and no room has it. */
  isNowhere(peer: AuthorizedPeer): boolean {
    const { homes } = this.#options;
    if (peer.for === "player") return homes.isVacant(keyOfCode(peer.code));
    const name = nameAskedBy(peer);
    if (name === undefined) return false;
    const key = keyOfName(name);
    return homes.isVacant(key) || homes.tenantOf(key) === OPENING;
  }

  whereIs(peer: AuthorizedPeer, mayOpen = true): Eventually<"here" | Elsewhere | Refused> {
    return this.#whereIs(peer, mayOpen).catch((error: unknown) => {
      this.#options.onFailure(error);
      return CANNOT_LOOK;
    });
  }

  /** Where the room of this code is; it is opened again here where its home was lost. */
  async whereIsCode(code: string): Promise<Whereabouts | Refused> {
    return unlessUnknown(await this.#find(keyOfCode(code)));
  }

  /** Where the open room of this name is. */
  async whereIsName(name: string): Promise<Whereabouts | Refused> {
    return unlessUnknown(await this.#find(keyOfName(name)));
  }

  /** Makes the name this node's, unless it is another's. It is let go where no room of that name opens. */
  async claimName(name: string): Promise<boolean> {
    const { homes, clock } = this.#options;
    const key = keyOfName(name);
    if (homes.has(key)) return true;
    // What a lost node has left under the name is opened again, not thrown away.
    const found = await this.#find(key);
    if (isRefused(found)) throw new DirectoryAwayError(found.reason);
    const mayBeLost = found.at === "unknown" && this.#options.wasCutOff();
    if (mayBeLost) throw new DirectoryAwayError(LOOKING.reason);
    if (found.at !== "nowhere" && found.at !== "unknown") return found.at === "here";
    if (!(await homes.obtain(key, OPENING))) return false;
    clock.after(CLAIM_MS, () => {
      if (this.#rooms?.hasName(name) !== true) this.dropName(name);
    });
    return true;
  }

  /** No room has come of a name that was claimed for it. */
  dropName(name: string): void {
    const { homes } = this.#options;
    if (homes.tenantOf(keyOfName(name)) === OPENING) homes.release(keyOfName(name));
  }

  async #whereIs(peer: AuthorizedPeer, mayOpen: boolean): Promise<"here" | Elsewhere | Refused> {
    switch (peer.for) {
      case "host":
        return this.#ofSession(peer);
      case "player":
        return plainly(await this.#find(keyOfCode(peer.code)));
      case "member":
        return this.#ofMember(peer, mayOpen);
      case "opener":
        return this.#ofOpener(peer, mayOpen);
      case "line":
      case "first_frame":
        return "here";
      default:
        return peer satisfies never;
    }
  }

  async #ofSession(peer: AuthorizedHost | AuthorizedOpener): Promise<"here" | Elsewhere | Refused> {
    const { homes, wasCutOff } = this.#options;
    const { sessionHash, epoch } = peer.request;
    if (sessionHash === undefined) return "here";
    const key = await homes.resolve(sessionAlias(peer.for, sessionHash));
    if (key !== undefined) return plainly(await this.#find(key));
    // A host that has counted frames had a room, and one of a directory that has lost everything may have had one.
    const mayHaveHad = epoch !== undefined || wasCutOff();
    return mayHaveHad && !(await homes.isCertain()) ? LOOKING : "here";
  }

  async #ofMember({ token, asked }: AuthorizedMember, mayOpen: boolean): Promise<"here" | Elsewhere | Refused> {
    const name = token.room;
    if (isDrawnCode(name.toUpperCase())) return plainly(await this.#find(keyOfCode(name.toUpperCase())));
    return this.#ofName(name, mayOpen && asked.role !== "spectator" && this.#rooms?.mayOpenByName === true);
  }

  async #ofOpener(peer: AuthorizedOpener, mayOpen: boolean): Promise<"here" | Elsewhere | Refused> {
    const where = await this.#ofSession(peer);
    const { roomName } = peer.asked;
    if (where !== "here" || roomName === undefined) return where;
    return this.#ofName(roomName, mayOpen);
  }

  async #ofName(name: string, mayOpen: boolean): Promise<"here" | Elsewhere | Refused> {
    const found = await this.#find(keyOfName(name));
    if (isRefused(found) || found.at !== "nowhere" || !mayOpen) return plainly(found);
    return (await this.claimName(name)) ? "here" : plainly(await this.#find(keyOfName(name)));
  }

  #isOpenerHere(rooms: LocalRooms, { request, asked }: AuthorizedOpener): boolean {
    if (request.sessionHash !== undefined) return rooms.hasOpener(request.sessionHash);
    return asked.roomName === undefined || rooms.hasName(asked.roomName);
  }

  /** Finds a room, and opens it again here where its home was lost. */
  #find(key: string): Promise<Whereabouts | Refused> {
    const under = this.#finding.get(key);
    if (under !== undefined) return under;
    const finding = this.#findOnce(key).finally(() => this.#finding.delete(key));
    this.#finding.set(key, finding);
    return finding;
  }

  async #findOnce(key: string): Promise<Whereabouts | Refused> {
    const { homes } = this.#options;
    let isComing = false;
    const mayTake = (written: Uint8Array): boolean => {
      if (isComing) return true;
      if (this.#whyNotReopen(written) !== undefined) return false;
      isComing = true;
      this.#coming += 1;
      return true;
    };
    try {
      const found = await homes.find(key, mayTake);
      switch (found.at) {
        case "with": {
          const companion = await this.#find(found.key);
          // What the code goes with is what its home would have written for it, too.
          if (companion.at === "elsewhere") return { ...companion, record: companionEntry(found.key) };
          if (companion.at !== "nowhere") return companion;
          const again = await homes.find(key);
          return again.at === "with" ? companion : again;
        }
        case "lost":
          return this.#leave(key, found);
        case "orphaned":
          return await this.#reopen(key, found.record);
        default:
          return found;
      }
    } finally {
      if (isComing) this.#coming -= 1;
    }
  }

  /** Another node may have a place for it, or know its kind; and its home may come back. */
  #leave(key: string, { home, record }: Whereabouts & { readonly at: "lost" }): Whereabouts | Refused {
    const { is } = readEntry(record);
    if (is === "opening" || (is === "living" && this.#isMissedLong(key, home))) return { at: "nowhere" };
    if (is === "living") return LOOKING;
    this.#options.onNotReopened(key, this.#whyNotReopen(record) ?? "the node had no place for it");
    return CANNOT_REOPEN;
  }

  /** Whether this home has had the time of a lease to come back with the room. */
  #isMissedLong(key: string, home: NodeId): boolean {
    const { clock, leaseMs } = this.#options;
    const known = this.#missed.get(key);
    if (known?.home === home) return clock.now() - known.since >= leaseMs;
    if (this.#missed.size >= MAX_MISSED) this.#missed.clear(); // then they are waited for once more
    this.#missed.set(key, { home, since: clock.now() });
    return false;
  }

  async #reopen(key: string, written: Uint8Array): Promise<Whereabouts | Refused> {
    const entry = readEntry(written);
    const problem = entry.is === "record" ? this.#rooms?.reopen(entry.bytes) : UNREADABLE;
    if (problem === undefined) return this.#options.homes.find(key);
    this.#options.onNotReopened(key, problem);
    return CANNOT_REOPEN;
  }

  #whyNotReopen(written: Uint8Array): string | undefined {
    const entry = readEntry(written);
    return entry.is === "record" ? this.#rooms?.whyNotReopen(entry.bytes, this.#coming) : UNREADABLE;
  }

  /** From now on the room is kept in the directory. */
  #keep(room: Room, kept: KeptRoom): void {
    const { homes } = this.#options;
    const { code, name } = kept;
    const codeKey = code === undefined ? undefined : keyOfCode(code);
    const nameKey = name === undefined ? undefined : keyOfName(name);
    const keys = [nameKey, codeKey].filter((key) => key !== undefined);
    const [main] = keys;
    if (main === undefined) return;
    this.#keys.set(room, keys);
    const tenant: Tenant = {
      record: () => this.#write(main, room),
      lost: () => this.#lose(room),
    };
    const settle = (): void => {
      homes.settle(main, tenant);
      if (codeKey !== undefined && codeKey !== main)
        homes.settle(codeKey, { record: () => companionEntry(main), lost: () => this.#lose(room) });
    };
    if (keys.every((key) => homes.has(key))) settle();
    else void this.#obtain(room, keys, settle);
  }

  /** A program has opened the room without asking, or it has come with a code from another node: its keys may be another's. */
  async #obtain(room: Room, keys: readonly string[], settle: () => void): Promise<void> {
    const { homes, clock, onFailure } = this.#options;
    const asked = await Promise.allSettled(keys.map((key) => homes.obtain(key)));
    const failed = asked.find((each) => each.status === "rejected");
    if (failed !== undefined) onFailure(failed.reason);
    if (!this.#keys.has(room)) this.#releaseUnwanted(keys);
    else if (failed !== undefined) clock.after(OBTAIN_AGAIN_MS, () => void this.#obtainIfOpen(room, keys, settle));
    else if (asked.some((each) => each.status === "fulfilled" && !each.value)) this.#lose(room);
    else settle();
  }

  async #obtainIfOpen(room: Room, keys: readonly string[], settle: () => void): Promise<void> {
    if (this.#keys.has(room)) await this.#obtain(room, keys, settle);
  }

  #write(key: string, room: Room): Uint8Array {
    const kept = this.#rooms?.recordOf(room);
    if (kept?.sessionHash !== undefined)
      this.#options.homes.alias(key, sessionAlias(kept.isHostRun ? "host" : "opener", kept.sessionHash));
    return recordEntry(kept?.bytes);
  }

  /** The room is over already, and another of its name may be about to have the key. The pool lets codes go. */
  #releaseUnwanted(keys: readonly string[]): void {
    const wanted = new Set([...this.#keys.values()].flat());
    for (const key of keys) if (!isCodeKey(key) && !wanted.has(key)) this.#releaseVacant(key);
  }

  /** Another room may have the key by now. */
  #releaseVacant(key: string): void {
    if (this.#options.homes.isVacant(key)) this.#options.homes.release(key);
  }

  /** Another node has the room by now, or one of its keys: its peers go there. What is left of it here is let go. */
  #lose(room: Room): void {
    const keys = this.#keys.get(room) ?? [];
    this.#keys.delete(room);
    for (const key of keys) this.#options.homes.release(key);
    room.close("restarting");
  }
}

const UNREADABLE = "its record cannot be read";

function isHereByNameOrCode(rooms: LocalRooms, nameOrCode: string): boolean {
  return rooms.hasCode(nameOrCode.toUpperCase()) || rooms.hasName(nameOrCode);
}

/** The name that the peer asks for, where it is no code. */
function nameAskedBy(peer: AuthorizedPeer): string | undefined {
  if (peer.for === "opener") return peer.asked.roomName;
  return peer.for === "member" && !isDrawnCode(peer.token.room.toUpperCase()) ? peer.token.room : undefined;
}

function isRefused(found: Whereabouts | Refused): found is Refused {
  return found.at === "refused";
}

function unlessUnknown(found: Whereabouts | Refused): Whereabouts | Refused {
  return found.at === "unknown" ? LOOKING : found;
}

/** What the admission needs to know of it. A room that is nowhere is looked for here, which counts a wrong code. */
function plainly(found: Whereabouts | Refused): "here" | Elsewhere | Refused {
  if (isRefused(found)) return found;
  if (found.at === "elsewhere") return { home: found.home };
  return found.at === "here" || found.at === "nowhere" ? "here" : LOOKING;
}
