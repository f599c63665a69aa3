/**
 * Nodes, rooms, and the phones and hosts of these, over virtual time. Rooms live by the real rules of `SimulatedNode`; a peer is a number, of which arrays
 * say where it is. Peers come back as the SDK does (`retryDelayMs`), to any node that a balancer without stickiness picks.
 */
import { createRandom, type Random } from "../src/chaos/random.ts";
import type { NodeId } from "../src/cluster/ports.ts";
import { keyOfCode } from "../src/cluster/room-keys.ts";
import { CLOSE_CODES } from "../src/protocol/close-codes.ts";
import { CUT, MIN_UPTIME_MS } from "../src/sdk/reconnecting-socket.ts";
import { retryDelayMs } from "../src/sdk/retry-delay.ts";
import { DirectoryMeter, DirectoryServer } from "./directory-server.ts";
import { Samples } from "./figures.ts";
import { Loss, type Recovery } from "./loss.ts";
import type { WorldParameters } from "./parameters.ts";
import { seatPhones } from "./seating.ts";
import { SimulatedNode, type RoomPlace } from "./simulated-node.ts";
import { VirtualClock } from "./virtual-clock.ts";

const AWAY = -1;

/** Longer than that no loss is watched. */
const LONGEST_RECOVERY_MS = 180_000;
/** In which the records of all rooms are written when the world is filled. */
const SETTLING_MS = 500;
/** Leases that pass before anything is measured. */
const WARM_UP_LEASES = 2;

export class World {
  readonly parameters: WorldParameters;
  readonly clock = new VirtualClock();
  readonly server: DirectoryServer;
  readonly nodes: readonly SimulatedNode[];
  /** Of each peer: its room. Phones come first, then the host of each room. */
  readonly roomOf: Uint32Array;
  /** The node at which it arrived, and the one at which its room was at home then; `AWAY`. */
  readonly edgeOf: Int16Array;
  readonly homeOf: Int16Array;
  /** Milliseconds for which rooms waited for their codes. */
  readonly codeWaitMs = new Samples();
  /** Rooms that got no code. */
  codeless = 0;
  readonly #random: Random;
  readonly #keys: string[] = [];
  readonly #roomHome: Int16Array;
  /** Where the phones of each room begin. */
  readonly #phonesFrom: Uint32Array;
  readonly #attempts: Uint8Array;
  readonly #since: Float64Array;
  /** Grows with each connection of a peer: what belongs to an earlier one is void. */
  readonly #turns: Uint32Array;
  readonly #isNew: Uint8Array;
  readonly #byLife = new Map<NodeId, SimulatedNode>();
  #reachable: SimulatedNode[];
  #loss: Loss | undefined;
  #turnedAway = 0;

  constructor(parameters: WorldParameters) {
    this.parameters = parameters;
    const { seed, nodes, rooms, phones, leaseMs, keepMs, roundTripMs, shards, callUs } = parameters;
    const { clock } = this;
    this.#random = createRandom(seed);
    this.server = new DirectoryServer({ clock, terms: { leaseMs, keepMs }, roundTripMs, shards, callUs });
    this.nodes = Array.from(
      { length: nodes },
      (_, index) =>
        new SimulatedNode({
          index,
          clock,
          server: this.server,
          parameters,
          random: this.#random.fork(index),
          onLost: (room, node) => this.#roomLost(room, node),
          onReopened: (room, node) => this.#roomReopened(room, node),
        }),
    );
    this.#reachable = [...this.nodes];
    const peers = phones + rooms;
    this.roomOf = new Uint32Array(peers);
    this.edgeOf = new Int16Array(peers).fill(AWAY);
    this.homeOf = new Int16Array(peers).fill(AWAY);
    this.#roomHome = new Int16Array(rooms).fill(AWAY);
    this.#attempts = new Uint8Array(peers);
    this.#since = new Float64Array(peers);
    this.#turns = new Uint32Array(peers);
    this.#isNew = new Uint8Array(peers);
    this.#phonesFrom = seatPhones(parameters, this.#random, this.roomOf);
  }

  /** Opens all rooms, with all their phones in, and lets the codes of those before them cool down. */
  async fill(): Promise<void> {
    const { nodes, server, parameters } = this;
    const { rooms, leaseMs, roomLifeMs, codeCooldownMs } = parameters;
    server.isInstant = true;
    for (const node of nodes) await node.lease.start();
    for (let room = 0; room < rooms; room++) {
      const node = this.#pick();
      const code = await node.takeCode();
      if (code === undefined) throw new Error(`There is no code for the room number ${room} of ${rooms}.`);
      this.#openAt(room, node, keyOfCode(code));
    }
    const cooling = Math.round((rooms * codeCooldownMs) / roomLifeMs);
    for (let index = 0; index < cooling; index++) {
      const node = this.#pick();
      const code = await node.takeCode();
      if (code !== undefined) node.releaseSoon(keyOfCode(code), this.#random.next() * codeCooldownMs);
    }
    for (let phone = 0; phone < parameters.phones; phone++) {
      this.edgeOf[phone] = this.#pick().index;
      this.homeOf[phone] = this.#roomHome[this.roomOf[phone] ?? 0] ?? AWAY;
    }
    await this.clock.pass(SETTLING_MS);
    server.isInstant = false;
    // The nodes have not all begun in the same moment.
    for (const node of nodes) this.clock.after(this.#random.next() * (leaseMs / 3), () => node.lease.check());
    await this.clock.pass(WARM_UP_LEASES * leaseMs);
  }

  /** What people do all the time: rooms end and others open, phones come back, games save. */
  live(): void {
    const { rooms, phones, roomLifeMs, phoneUpMs, saveEveryMs } = this.parameters;
    const eachTime = (meanMs: number, action: () => void): void =>
      this.clock.atRandomTimes(this.#random, meanMs, action);
    eachTime(saveEveryMs / rooms, () => {
      const room = this.#random.whole(0, rooms - 1);
      this.nodes[this.#roomHome[room] ?? AWAY]?.changed(this.#keyOf(room));
    });
    eachTime(phoneUpMs / phones, () => {
      const phone = this.#random.whole(0, phones - 1);
      if (this.homeOf[phone] !== AWAY) this.#lose(phone, CUT.code);
    });
    eachTime(roomLifeMs / rooms, () => this.#replaceRoom(this.#random.whole(0, rooms - 1)));
  }

  /** Lets so many milliseconds pass, and returns what the directory was asked in them. */
  async watch(ms: number): Promise<DirectoryMeter> {
    const meter = new DirectoryMeter();
    this.server.meter = meter;
    await this.clock.pass(ms);
    return meter;
  }

  /** Loses so many nodes at once, by `kill -9`, and lets time pass until all peers are back. */
  async loseNodes(count: number): Promise<Recovery> {
    if (count >= this.#reachable.length)
      throw new RangeError(`Of ${this.#reachable.length} nodes at least one has to stay.`);
    const lost = new Set<SimulatedNode>();
    while (lost.size < count) lost.add(this.#pick());
    const loss = this.#beginLoss();
    const livesBefore = this.nodes.map(({ lives }) => lives);
    const lostRooms = [...lost].reduce((sum, { rooms }) => sum + rooms.size, 0);
    for (const node of lost) node.die();
    this.#reachable = this.#reachable.filter((node) => !lost.has(node));
    for (const node of this.#reachable) node.taken = 0;
    this.#cutOff(loss, lost);
    const load = new DirectoryMeter();
    this.server.meter = load;
    await this.clock.pass(LONGEST_RECOVERY_MS, () => loss.missing === 0);
    this.#loss = undefined;
    const survivors = this.#reachable;
    return {
      lostNodes: count,
      lostRooms,
      rooms: loss.rooms.spread,
      hosts: loss.hosts.spread,
      phones: loss.phones.spread,
      wholeRooms: loss.wholeRooms(this.roomOf),
      stillAway: loss.missing,
      turnedAway: this.#turnedAway,
      takenMean: survivors.reduce((sum, { taken }) => sum + taken, 0) / Math.max(1, survivors.length),
      takenMost: Math.max(0, ...survivors.map(({ taken }) => taken)),
      lapsedLeases: survivors.filter(({ index, lives }) => lives !== livesBefore[index]).length,
      load,
    };
  }

  /** Cuts a node off from the directory and the other nodes for so long. Its own peers stay, and the balancer sends it no new ones. */
  cut(node: SimulatedNode, ms: number): void {
    node.line.isCut = true;
    this.#reachable = this.#reachable.filter((other) => other !== node);
    for (let peer = 0; peer < this.roomOf.length; peer++) {
      const [edge, home] = [this.edgeOf[peer] ?? AWAY, this.homeOf[peer] ?? AWAY];
      if (edge === home || (edge !== node.index && home !== node.index)) continue;
      this.#loseLater(peer, this.nodes[edge], this.nodes[home]);
    }
    this.clock.after(ms, () => {
      node.line.isCut = false;
      this.#reachable.push(node);
      node.lease.check();
    });
  }

  /** Rooms that are at home at more than one living node, and those of which the directory says something else than their home. */
  splitRooms(): readonly string[] {
    const homes = new Map<string, SimulatedNode>();
    const split = new Set<string>();
    for (const node of this.nodes) {
      if (node.isDead) continue;
      for (const key of node.rooms.keys()) {
        if (homes.has(key) || this.server.table.find(key)?.home !== node.lease.node) split.add(key);
        homes.set(key, node);
      }
    }
    return [...split];
  }

  /** Rooms that are at home at a living node. */
  get openRooms(): number {
    return this.nodes.reduce((sum, { isDead, rooms }) => sum + (isDead ? 0 : rooms.size), 0);
  }

  #openAt(room: number, node: SimulatedNode, key: string): void {
    this.#keys[room] = key;
    this.#roomHome[room] = node.index;
    const host = this.#hostOf(room);
    this.edgeOf[host] = node.index;
    this.homeOf[host] = node.index;
    this.#since[host] = this.clock.now();
    node.settle(room, key);
  }

  /** Ends a room, and opens another in its place, with as many phones. */
  #replaceRoom(room: number): void {
    const former = this.nodes[this.#roomHome[room] ?? AWAY];
    if (former === undefined || former.isDead || !former.rooms.has(this.#keyOf(room))) return;
    former.end(this.#keyOf(room));
    this.#roomHome[room] = AWAY;
    for (const peer of this.#peersOf(room)) this.#leave(peer);
    const node = this.#pick();
    node.work(this.parameters.joinUs, () => void this.#open(room, node));
  }

  /** The host of a new room has arrived. */
  async #open(room: number, node: SimulatedNode): Promise<void> {
    const askedAt = this.clock.now();
    const code = await node.takeCode();
    if (node.isDead) return;
    if (code === undefined) {
      this.codeless += 1;
      return;
    }
    this.codeWaitMs.add(this.clock.now() - askedAt);
    this.#openAt(room, node, keyOfCode(code));
    for (let phone = this.#phonesFrom[room] ?? 0; phone < (this.#phonesFrom[room + 1] ?? 0); phone++) {
      this.#isNew[phone] = 1;
      this.#arriveAfter(phone, this.#random.next() * this.parameters.joinWithinMs);
    }
  }

  *#peersOf(room: number): Iterable<number> {
    for (let phone = this.#phonesFrom[room] ?? 0; phone < (this.#phonesFrom[room + 1] ?? 0); phone++) yield phone;
    yield this.#hostOf(room);
  }

  #leave(peer: number): void {
    this.#turns[peer] = (this.#turns[peer] ?? 0) + 1;
    this.edgeOf[peer] = AWAY;
    this.homeOf[peer] = AWAY;
    this.#loss?.forget(peer);
  }

  #hostOf(room: number): number {
    return this.parameters.phones + room;
  }

  #keyOf(room: number): string {
    return this.#keys[room] ?? "";
  }

  /** A node that the balancer sends a peer to. */
  #pick(): SimulatedNode {
    const node = this.#reachable[this.#random.whole(0, this.#reachable.length - 1)];
    if (node === undefined) throw new Error("No node is left.");
    return node;
  }

  /** A peer's connection has ended with that code: it comes back. */
  #lose(peer: number, code: number): void {
    const now = this.clock.now();
    this.#turns[peer] = (this.#turns[peer] ?? 0) + 1;
    if (now - (this.#since[peer] ?? 0) >= MIN_UPTIME_MS) this.#attempts[peer] = 0;
    const attempt = (this.#attempts[peer] ?? 0) + 1;
    this.#attempts[peer] = Math.min(attempt, 250);
    this.edgeOf[peer] = AWAY;
    this.homeOf[peer] = AWAY;
    this.#arriveAfter(peer, retryDelayMs(attempt, code, this.#random.next()));
  }

  #arriveAfter(peer: number, ms: number): void {
    const turn = this.#turns[peer];
    this.clock.after(ms + this.parameters.connectMs, () => {
      if (this.#turns[peer] === turn) this.#arrive(peer);
    });
  }

  #arrive(peer: number): void {
    const edge = this.#pick();
    const turn = (this.#turns[peer] ?? 0) + 1;
    this.#turns[peer] = turn;
    this.edgeOf[peer] = edge.index;
    this.#since[peer] = this.clock.now();
    edge.work(this.parameters.joinUs, () => void this.#lookFor(peer, turn, edge));
  }

  async #lookFor(peer: number, turn: number, edge: SimulatedNode): Promise<void> {
    if (this.#turns[peer] !== turn) return;
    const place = await this.#placeOf(peer, edge);
    if (this.#turns[peer] !== turn) return;
    switch (place.at) {
      case "here":
        return this.#letIn(peer, edge);
      case "elsewhere":
        return this.#link(peer, turn, edge, place.home);
      case "unknown":
        return this.#lose(peer, CLOSE_CODES.overloaded.code);
      case "nowhere":
        this.#turnedAway += 1;
        return this.#leave(peer);
      default:
        place satisfies never;
    }
  }

  /** Where a peer's room is: a phone asks by the code, a host by its session. */
  async #placeOf(peer: number, edge: SimulatedNode): Promise<RoomPlace> {
    const room = this.roomOf[peer] ?? 0;
    const key = this.#keyOf(room);
    return peer < this.parameters.phones ? edge.find(key) : edge.findForHost(room, key);
  }

  #link(peer: number, turn: number, edge: SimulatedNode, life: NodeId): void {
    const home = this.#nodeOf(life);
    if (home === undefined || home.line.isCut) return this.#loseAt(peer, edge.noticesAt(life));
    const { roundTripMs, joinUs } = this.parameters;
    this.clock.after(roundTripMs / 2, () => {
      home.work(joinUs, () => {
        if (this.#turns[peer] !== turn) return;
        if (home.line.isCut) return this.#loseAt(peer, edge.noticesAt(life)); // it was lost meanwhile
        if (home.rooms.has(this.#keyOf(this.roomOf[peer] ?? 0))) this.#letIn(peer, home);
        else this.#lose(peer, CLOSE_CODES.restarting.code);
      });
    });
  }

  #letIn(peer: number, home: SimulatedNode): void {
    this.homeOf[peer] = home.index;
    this.#attempts[peer] = 0;
    if (this.#isNew[peer] === 1) home.changed(this.#keyOf(this.roomOf[peer] ?? 0)); // its seat is in the record
    this.#isNew[peer] = 0;
    this.#loss?.back(peer, this.clock.now());
  }

  #nodeOf(life: NodeId): SimulatedNode | undefined {
    const known = this.#byLife.get(life);
    if (known !== undefined) return known.lease.node === life ? known : undefined;
    for (const node of this.nodes) if (node.lease.node !== undefined) this.#byLife.set(node.lease.node, node);
    return this.#byLife.get(life);
  }

  #roomLost(room: number, node: SimulatedNode): void {
    for (const peer of this.#peersOf(room)) {
      if (this.homeOf[peer] === node.index) this.#lose(peer, CLOSE_CODES.restarting.code);
    }
  }

  #roomReopened(room: number, node: SimulatedNode): void {
    this.#roomHome[room] = node.index;
    this.#loss?.reopened(this.clock.now());
  }

  #beginLoss(): Loss {
    this.#turnedAway = 0;
    this.#loss = new Loss(this.clock.now(), this.parameters.phones, this.roomOf.length);
    return this.#loss;
  }

  /** Peers that were connected to a lost node see that at once; those that were linked to it, once its silence is noticed. */
  #cutOff(loss: Loss, lost: ReadonlySet<SimulatedNode>): void {
    const isLost = this.nodes.map((node) => lost.has(node));
    for (let peer = 0; peer < this.roomOf.length; peer++) {
      const [edge, home] = [this.edgeOf[peer] ?? AWAY, this.homeOf[peer] ?? AWAY];
      const isCut = isLost[edge] === true;
      if (!isCut && isLost[home] !== true) continue;
      loss.note(peer);
      if (isCut) this.#lose(peer, CUT.code);
      else this.#loseLater(peer, this.nodes[edge], this.nodes[home]);
    }
  }

  #loseLater(peer: number, edge: SimulatedNode | undefined, home: SimulatedNode | undefined): void {
    const life = home?.lease.node;
    if (edge !== undefined && life !== undefined) this.#loseAt(peer, edge.noticesAt(life));
  }

  #loseAt(peer: number, at: number): void {
    const turn = this.#turns[peer];
    this.clock.after(at - this.clock.now(), () => {
      if (this.#turns[peer] === turn) this.#lose(peer, CLOSE_CODES.restarting.code);
    });
  }
}
