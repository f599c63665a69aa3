/** This node among others: its lease, what is at home here, and what it says to the other nodes. Puts together what is in this folder. */
import type { AuthorizedPeer } from "../admission/authorize.ts";
import type { AdmissionOutcome, ArrivingPort, ConnectRequest, Refused } from "../admission/connect-request.ts";
import type { Elsewhere, OtherNodes } from "../admission/other-nodes.ts";
import type { Eventually } from "../protocol/eventually.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import type { OtherRooms } from "../transport/tcp/other-rooms.ts";
import type { ConnectionManager } from "../transport/connection-manager.ts";
import { Homes } from "./homes.ts";
import { Links, type LinkHome } from "./link/links.ts";
import { createOtherRooms } from "./link/member-joins.ts";
import { FaultLog } from "./mail/fault-log.ts";
import { NodeCalls } from "./mail/node-calls.ts";
import { NodeMail } from "./mail/node-mail.ts";
import { NodeLease } from "./node-lease.ts";
import type { Bus, Directory, DirectoryTerms, NodeId } from "./ports.ts";
import { RoomHomes, type LocalRooms } from "./room-homes.ts";
import { companionOf } from "./room-keys.ts";

export interface ClusterOptions {
  readonly bus: Bus;
  readonly directory: Directory;
  readonly terms: DirectoryTerms;
  /** The first part of all subjects. */
  readonly prefix: string;
  readonly codeCooldownMs: number;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** Told what is worth a line in the log. */
  readonly onFault: (sentence: string, about: Readonly<Record<string, unknown>>) => void;
  /** Told of exceptions, which are bugs here. */
  readonly onBug: (error: unknown) => void;
}

/** The node as the cluster finds it. */
export interface LocalNode {
  readonly connections: ConnectionManager;
  readonly rooms: LocalRooms;
  /** Gives a client over TCP of another node its place in an open room. */
  readonly joinMember: LinkHome["joinMember"];
  /** The node has a place among the others, at first or again: the rooms that are to stand begin. */
  readonly onJoined: () => void;
  /** The bus is back: what was said meanwhile may be lost. */
  readonly onBusBack: () => void;
}

const UNREAD_CALL = "another node has asked what this one does not read";
const NOT_REOPENED = "a room of a lost node could not be opened again here; another node may do it";
const STARTS_ALONE =
  "the other nodes cannot be reached: this node starts without them, is not ready, and tries again until they can";

/** Milliseconds between two lines of the log about a directory that cannot be reached. */
const AWAY_LOG_MS = 60_000;

export class Cluster implements OtherNodes {
  readonly calls: NodeCalls;
  readonly mail: NodeMail;
  readonly homes: Homes;
  readonly rooms: RoomHomes;
  /** Open rooms at other nodes, for clients over TCP. */
  readonly otherRooms: OtherRooms;
  readonly #options: ClusterOptions;
  readonly #lease: NodeLease;
  readonly #links: Links;
  #local: LocalNode | undefined;
  #lives = 0;
  /** The life under which this node speaks to others. */
  #speaksAs: NodeId | undefined;
  #starting: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  /** The bus was away, or the lease was over: a directory that knows nothing has lost what it knew. */
  #wasCutOff = false;
  #stopAwaiting: Cancel | undefined;
  /** Ends the wait of `start` for the bus. */
  #whenUp: () => void = () => {};
  #toldOfAwayAt = -Infinity;

  constructor(options: ClusterOptions) {
    const { bus, directory, terms, prefix, codeCooldownMs, clock, budget, onFault, onBug } = options;
    this.#options = options;
    const onFailure = (error: unknown): void => this.#noteFailure(error);
    const now = (): number => clock.now();
    const faults = new FaultLog(now, onFault);
    this.mail = new NodeMail({ bus, prefix, leaseMs: terms.leaseMs, budget, now, onFault, onBug });
    this.#links = new Links({ mail: this.mail, clock, onFault, onBug });
    this.calls = new NodeCalls({
      mail: this.mail,
      nodes: () => directory.nodes(),
      onFailure: onBug,
      onUnread: (problem, call) => faults.note(UNREAD_CALL, { call, problem }),
    });
    const node = (): NodeId | undefined => this.#lease.node;
    this.homes = new Homes({ directory, terms, clock, node, companionOf, onFailure });
    const wasCutOff = (): boolean => this.#wasCutOff;
    this.rooms = new RoomHomes({
      homes: this.homes,
      clock,
      codeCooldownMs,
      leaseMs: terms.leaseMs,
      wasCutOff,
      onFailure,
      onNotReopened: (room, why) => faults.note(NOT_REOPENED, { room, why }),
    });
    this.otherRooms = createOtherRooms({ links: this.#links, homes: this.rooms });
    this.#lease = new NodeLease({ directory, terms, clock, onLife: (life) => this.#live(life), onFailure });
    bus.onStatus?.((isUp) => {
      this.homes.doubt();
      if (!isUp) {
        this.#wasCutOff = true;
        return;
      }
      if (this.#wasCutOff) this.#awaitHomes();
      this.#whenUp();
      this.#lease.check();
      if (this.#lives > 0) this.#local?.onBusBack();
    });
  }

  /** The node's own parts, which come into being after this. */
  attach(local: LocalNode): void {
    this.#local = local;
    this.rooms.attach(local.rooms);
    this.#links.attach(local);
  }

  /** Joins the other nodes. Fulfilled when that is done, or after the time of a lease: then it goes on being tried, and `isUp` tells when it is done. */
  start(): Promise<void> {
    return (this.#starting ??= this.#start());
  }

  /** Before the rooms end: writes their records for the other nodes. */
  async beforeEnd(): Promise<void> {
    this.#stopAwaiting?.();
    this.rooms.codes.close();
    await this.homes.close();
  }

  /** The rooms have ended here: other nodes may take them over at once. What this node has said is still on its way. */
  leave(): Promise<void> {
    return (this.#leaving ??= this.#lease.end());
  }

  /** Leaves the other nodes, once all connections are gone. */
  async end(): Promise<void> {
    await this.leave();
    await this.mail.close();
  }

  /** Whether this node has a place among the others and can reach them. */
  get isUp(): boolean {
    return this.#options.bus.isUp !== false && this.#lives > 0 && this.#lease.node !== undefined;
  }

  /** The life that this node has now. */
  get self(): NodeId | undefined {
    return this.#lease.node;
  }

  /** Links to other nodes, and from them. */
  get links(): { readonly atEdge: number; readonly atHome: number } {
    return this.#links.counts;
  }

  isHere(peer: AuthorizedPeer): boolean {
    return this.rooms.isHere(peer);
  }

  isNowhere(peer: AuthorizedPeer): boolean {
    return this.rooms.isNowhere(peer);
  }

  whereIs(peer: AuthorizedPeer, mayOpen?: boolean): Eventually<"here" | Elsewhere | Refused> {
    return this.rooms.whereIs(peer, mayOpen);
  }

  open(port: ArrivingPort, request: ConnectRequest, home: NodeId): Eventually<AdmissionOutcome> {
    return this.#links.open(port, request, home);
  }

  async #start(): Promise<void> {
    const { bus, clock, terms, onFault } = this.#options;
    let stopWaiting: Cancel | undefined;
    const late = new Promise<void>((resolve) => (stopWaiting = clock.after(terms.leaseMs, resolve)));
    const up = bus.isUp === false ? new Promise<void>((resolve) => (this.#whenUp = resolve)) : Promise.resolve();
    const joined = Promise.race([up, late]).then(() => this.#lease.start());
    await Promise.race([joined, late]);
    stopWaiting?.();
    if (!this.isUp) onFault(STARTS_ALONE, { waitedMs: terms.leaseMs });
  }

  async #live(life: NodeId): Promise<void> {
    // A lease that has ended may have done so for all nodes at once, also where the bus says nothing of its losses.
    if (this.#speaksAs !== undefined && this.#speaksAs !== life) {
      this.#wasCutOff = true;
      this.#awaitHomes();
    }
    // What follows may fail and be tried again; what other nodes were told meanwhile stands.
    if (this.#speaksAs !== life) await this.mail.start(life);
    this.#speaksAs = life;
    await this.homes.reclaim();
    this.rooms.reclaimed();
    this.#lives += 1;
    this.#local?.onJoined();
  }

  /** Codes that cannot be claimed meanwhile are claimed at once after that. */
  #awaitHomes(): void {
    const { clock, terms } = this.#options;
    this.homes.awaitHomes();
    this.#stopAwaiting?.();
    this.#stopAwaiting = clock.after(terms.leaseMs, () => this.rooms.reclaimed());
  }

  #noteFailure(error: unknown): void {
    const { clock, onFault } = this.#options;
    if (clock.now() - this.#toldOfAwayAt < AWAY_LOG_MS) return;
    this.#toldOfAwayAt = clock.now();
    onFault("the directory of the nodes did not do what was asked", { err: error });
  }
}
