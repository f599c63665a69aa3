/**
 * One node: its real lease, homes and code pool over a line to the directory, and a processor that does one thing after the other. What `RoomHomes` does
 * with rooms, this does with their numbers.
 */
import { CodePool } from "../src/cluster/code-pool.ts";
import type { Tenant } from "../src/cluster/holding.ts";
import { Homes, type Whereabouts } from "../src/cluster/homes.ts";
import { NodeLease } from "../src/cluster/node-lease.ts";
import type { NodeId } from "../src/cluster/ports.ts";
import { codeOf, companionOf, keyOfCode, sessionAlias } from "../src/cluster/room-keys.ts";
import type { Random } from "../src/chaos/random.ts";
import { ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../src/protocol/room-code.ts";
import type { Clock } from "../src/room/ports.ts";
import { DirectoryLine, type DirectoryServer } from "./directory-server.ts";
import type { WorldParameters } from "./parameters.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface SimulatedNodeOptions {
  readonly index: number;
  readonly clock: VirtualClock;
  readonly server: DirectoryServer;
  readonly parameters: WorldParameters;
  readonly random: Random;
  /** A room that was at home here is another node's by now. */
  readonly onLost: (room: number, node: SimulatedNode) => void;
  /** A room whose home was lost is at home here. */
  readonly onReopened: (room: number, node: SimulatedNode) => void;
}

/** Where a peer's room is. */
export type RoomPlace =
  | { readonly at: "here" }
  | { readonly at: "elsewhere"; readonly home: NodeId }
  | { readonly at: "nowhere" }
  /** The directory cannot say now. */
  | { readonly at: "unknown" };

/** As long as those that nanoid draws. */
const LIFE_LENGTH = 21;
/** Pulses in a lease: `NodeMail`. A node that was silent for so many of its own is lost. */
const PULSES = 5;

export class SimulatedNode {
  readonly index: number;
  readonly line: DirectoryLine;
  readonly homes: Homes;
  readonly pool: CodePool;
  readonly lease: NodeLease;
  /** The rooms that are at home here, by their keys. */
  readonly rooms = new Map<string, number>();
  isDead = false;
  lives = 0;
  /** Rooms of lost nodes that were opened again here. */
  taken = 0;
  readonly #options: SimulatedNodeOptions;
  readonly #clock: Pick<Clock, "now" | "after">;
  /** When the silence of a lost life is noticed here. */
  readonly #noticed = new Map<NodeId, number>();
  /** When the first pulse of this node is. */
  readonly #pulseAt: number;
  #busyUntil = 0;

  constructor(options: SimulatedNodeOptions) {
    const { index, clock, server, parameters, random } = options;
    this.#options = options;
    this.index = index;
    this.line = new DirectoryLine(server);
    // What a node does ends with it.
    this.#clock = {
      now: () => clock.now(),
      after: (ms, action) =>
        clock.after(ms, () => {
          if (!this.isDead) action();
        }),
    };
    this.#pulseAt = random.next() * (parameters.leaseMs / PULSES);
    const { terms } = server.options;
    this.homes = new Homes({
      directory: this.line,
      terms,
      clock: this.#clock,
      node: () => this.lease.node,
      companionOf,
      onFailure: ignore,
    });
    this.pool = new CodePool({
      claim: async (codes) => (await this.homes.claim(codes.map(keyOfCode))).map(codeOf),
      release: (code) => this.homes.release(keyOfCode(code)),
      cooldownMs: parameters.codeCooldownMs,
      clock: this.#clock,
      draw: () => drawCode(random),
      onFailure: ignore,
    });
    this.lease = new NodeLease({
      directory: this.line,
      terms,
      clock: this.#clock,
      draw: () => `node-${index}-${(this.lives += 1)}`.padEnd(LIFE_LENGTH, "-"),
      onLife: async () => {
        await this.homes.reclaim();
        this.pool.keepOnly((code) => this.homes.has(keyOfCode(code)));
      },
      onFailure: ignore,
    });
  }

  /** Does something that takes the processor so long, behind what it has to do before. Called though the node has died meanwhile. */
  work(us: number, action: () => void): void {
    const { clock } = this.#options;
    const now = clock.now();
    this.#busyUntil = Math.max(now, this.#busyUntil) + us / 1_000;
    clock.after(this.#busyUntil - now, action);
  }

  /** A code for a new room. */
  async takeCode(): Promise<string | undefined> {
    return this.pool.takeLater();
  }

  /** The room of this code is at home here from now on. */
  settle(room: number, key: string): void {
    this.rooms.set(key, room);
    this.homes.settle(key, this.#tenantOf(room, key));
  }

  /** The room's record is another one now. */
  changed(key: string): void {
    this.homes.changed(key);
  }

  /** The room is over; its code cools down. */
  end(key: string): void {
    this.rooms.delete(key);
    this.homes.vacate(key);
    this.pool.release(codeOf(key));
  }

  /** Lets a code go that has cooled down already for some time. */
  releaseSoon(key: string, ms: number): void {
    this.#clock.after(ms, () => this.homes.release(key));
  }

  /** Ends at once, by `kill -9`. */
  die(): void {
    this.isDead = true;
    this.line.isCut = true;
  }

  /** As `find`, for a host that comes back with its session. */
  async findForHost(room: number, key: string): Promise<RoomPlace> {
    if (this.rooms.has(key)) return { at: "here" };
    let known: string | undefined;
    try {
      known = await this.homes.resolve(aliasOf(room));
    } catch {
      return { at: "unknown" };
    }
    return known === undefined ? { at: "nowhere" } : this.find(known);
  }

  /** Where the room is. One whose home was lost is opened again here. */
  async find(key: string): Promise<RoomPlace> {
    if (this.rooms.has(key)) return { at: "here" };
    let found: Whereabouts;
    try {
      found = await this.homes.find(key);
    } catch {
      return { at: "unknown" };
    }
    switch (found.at) {
      case "here":
        return { at: found.tenant === undefined ? "nowhere" : "here" };
      case "elsewhere":
        return { at: "elsewhere", home: found.home };
      case "orphaned":
        if (found.record.length < RECORD_HEAD) return { at: "unknown" }; // its end was written just before it was taken over
        this.#reopen(roomIn(found.record), key);
        return { at: "here" };
      case "with":
      case "nowhere":
        return { at: "nowhere" };
      case "lost":
      case "unknown":
        return { at: "unknown" };
      default:
        return found satisfies never;
    }
  }

  /** When this node notices that a node of that life is silent, to which it begins to speak now, or has spoken before. */
  noticesAt(life: NodeId): number {
    const now = this.#clock.now();
    const { leaseMs, pulsesForSilent } = this.#options.parameters;
    const known = this.#noticed.get(life);
    if (known !== undefined && known > now) return known;
    const wasSilent = known !== undefined && now < known + leaseMs;
    const pulseMs = leaseMs / PULSES;
    const sincePulse = (now - this.#pulseAt + pulseMs) % pulseMs;
    const at = now + ((wasSilent ? pulsesForSilent : PULSES) * pulseMs - sincePulse);
    this.#noticed.set(life, at);
    return at;
  }

  #reopen(room: number, key: string): void {
    if (this.rooms.has(key)) return;
    this.taken += 1;
    this.work(this.#options.parameters.reopenUs, () => {});
    this.settle(room, key);
    this.#options.onReopened(room, this);
  }

  #tenantOf(room: number, key: string): Tenant {
    const { parameters, onLost } = this.#options;
    return {
      record: () => {
        this.homes.alias(key, aliasOf(room));
        return recordOf(room, parameters.recordBytes);
      },
      lost: () => {
        this.rooms.delete(key);
        onLost(room, this);
      },
    };
  }
}

/** As long as the hash of a session is. */
function aliasOf(room: number): string {
  return sessionAlias("host", String(room).padStart(43, "0"));
}

/** A record of that size that says which room it is of. */
function recordOf(room: number, bytes: number): Uint8Array {
  const record = new Uint8Array(Math.max(bytes, RECORD_HEAD));
  record[0] = RECORD_KIND;
  new DataView(record.buffer).setUint32(1, room);
  return record;
}

const RECORD_KIND = 1;
const RECORD_HEAD = 5;

function roomIn(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset, record.length).getUint32(1);
}

function drawCode(random: Random): string {
  let code = "";
  for (let letter = 0; letter < ROOM_CODE_LENGTH; letter++) {
    code += ROOM_CODE_ALPHABET[random.whole(0, ROOM_CODE_ALPHABET.length - 1)] ?? "";
  }
  return code;
}

/** What the directory does not answer is tried again. */
function ignore(): void {}
