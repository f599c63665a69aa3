/**
 * What the connections of all transports share: who may connect, admission, the heartbeat, and how all of them end. Knows connections,
 * not sockets.
 */
import type { Admission } from "../admission/admission.ts";
import type { AdmissionOutcome, ConnectRequest, Rejection } from "../admission/connect-request.ts";
import { isLater, type Eventually } from "../protocol/eventually.ts";
import type { BanKeys } from "../hub/bans.ts";
import { NetworkLedger } from "../hub/network-ledger.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { PeerIds } from "../room/ports.ts";
import { SlotSet } from "../room/slot-set.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import { createHeartbeat, type Heartbeat } from "./heartbeat.ts";
import type { TokenTerms } from "./token-terms.ts";

export interface ConnectionManagerOptions {
  readonly admission: Admission;
  /** Counts what waits for the peers. */
  readonly budget: MemoryBudget;
  /** Connections at one time, of hosts and players; past them one is closed with 1013. */
  readonly maxConnections: number;
  readonly pingMs: number;
  readonly idleMs: number;
  /** How long the admission may take, in milliseconds. @default 5000 */
  readonly admissionMs?: number | undefined;
  /** Ends connections with the tokens of their peers. @default no peer comes with a token */
  readonly tokenTerms?: TokenTerms<Connection> | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told of exceptions, which are bugs here. The connection whose frame met one is closed, no other notices. */
  readonly onBug: (error: unknown, peer: NamedPeer) => void;
  /** Told of connections that were turned away when they arrived, and of the names of their requests. */
  readonly onRefused: (why: CloseName, requestId: string | undefined) => void;
  /** Told of connections that were let in. @default no function is called */
  readonly onLetIn?: ((request: ConnectRequest, peer: PeerIds) => void) | undefined;
  /** Told how long the way to a peer and back took, in milliseconds. @default no function is called */
  readonly onRoundTrip?: ((ms: number) => void) | undefined;
}

/** Whose connection it is, and what the log calls it. */
export interface NamedPeer extends PeerIds {
  readonly requestId?: string | undefined;
}

const ADMISSION_TIMEOUT_MS = 5_000;
/** Connections whose admission is undecided at one time. */
const MAX_UNDECIDED = 1_000;
const TOOK_TOO_LONG: Rejection = {
  name: "overloaded",
  reason: "The server took too long to let you in. Come back in a moment.",
};
/** Refused peers that may take their time to answer their Close, at one time. */
const MAX_LINGERING = 1_000;
/** How long peers may take to answer a Close when the server itself ends. */
const DRAIN_TIMEOUT_MS = 2_000;

export class ConnectionManager implements ConnectionOwner {
  readonly budget: MemoryBudget;
  readonly now: () => number;
  readonly onRoundTrip?: (ms: number) => void;
  readonly #options: ConnectionManagerOptions;
  /** Peers that were let in. */
  readonly #connections = new SlotSet<Connection>();
  /** The same, by network. */
  readonly #ledger: NetworkLedger<Connection>;
  readonly #heartbeat: Heartbeat;
  /** Peers whose admission is undecided. They hold a place in the ledger. */
  readonly #undecided = new SlotSet<Connection>();
  /** The same, by network, so that one network cannot keep all others out. */
  readonly #undecidedLedger: NetworkLedger<Connection>;
  /** Of those that hold a place, how many have their sockets at other nodes. */
  #links = 0;
  /** Peers that were refused and have not hung up. They take no place. */
  readonly #refused = new Set<Connection>();
  #draining: Promise<void> | undefined;
  /** The time that a drain gives its peers is over: those that still come are cut off. */
  #isDrainOver = false;
  #onAllGone: (() => void) | undefined;

  constructor(options: ConnectionManagerOptions) {
    const { budget, maxConnections, now } = options;
    this.#options = options;
    this.budget = budget;
    this.now = now;
    if (options.onRoundTrip !== undefined) this.onRoundTrip = options.onRoundTrip;
    this.#ledger = new NetworkLedger({
      capacity: maxConnections,
      idleRank: ({ handler }, ageMs) => handler?.idleRank(ageMs),
      now,
    });
    this.#undecidedLedger = new NetworkLedger({ capacity: MAX_UNDECIDED, idleRank: () => undefined, now });
    this.#heartbeat = createHeartbeat(this.#connections, options);
  }

  /** Connections that hold a place: those that were let in, and those whose admission is undecided. */
  get connectionCount(): number {
    return this.#connections.size + this.#undecided.size;
  }

  /** The same without links: those are sockets of other nodes, and count there. */
  get socketCount(): number {
    return this.connectionCount - this.#links;
  }

  /** How many sockets there are over each transport, and the bytes that wait in this process to be written, links included. Looks at each of them. */
  census(): Record<ConnectRequest["transport"] | "queuedBytes", number> {
    const census = { websocket: 0, tcp: 0, queuedBytes: 0 };
    for (const connection of [...this.#connections, ...this.#undecided]) {
      if (!connection.isLink) census[connection.transport] += 1;
      census.queuedBytes += connection.queuedHere;
    }
    return census;
  }

  /**
   * Lets the peer of a new connection in, or closes the connection with the reason why not: in this call, or when the admission answers.
   * Never throws.
   */
  accept(connection: Connection, request: ConnectRequest): void {
    if (this.#isDrainOver) return connection.terminate();
    connection.requestId = request.requestId;
    connection.transport = request.transport;
    const refusal = this.#refusalFor(request);
    if (refusal !== undefined) return this.#turnAway(connection, refusal);
    const outcome = this.#ask(connection, request);
    if (isLater(outcome)) void this.#waitFor(outcome, connection, request);
    else this.#settle(outcome, connection, request);
  }

  /** Closes all connections with 1012, and resolves when all are gone or were cut after a while. Safe twice. */
  drain(): Promise<void> {
    this.#draining ??= this.#endAll();
    return this.#draining;
  }

  /** A program has banned these addresses, users or sessions of tokens: their connections leave their rooms, and are closed with 4503. */
  expel(isBanned: (keys: BanKeys) => boolean, reason: string): void {
    const byToken = this.#options.tokenTerms?.heldBy(isBanned) ?? [];
    for (const connection of [...this.#ledger.heldFrom((address) => isBanned({ address })), ...byToken]) {
      if (this.#undecided.has(connection)) this.#turnAway(connection, { name: "kicked", reason });
      else connection.handler?.expel?.(reason);
      if (!connection.isClosing) connection.end("kicked", reason);
    }
  }

  onBug(error: unknown, peer: NamedPeer): void {
    this.#options.onBug(error, peer);
  }

  onToken(connection: Connection): void {
    if (this.#connections.has(connection)) this.#options.tokenTerms?.watch(connection);
  }

  onEnded(connection: Connection): void {
    this.#giveUpPlace(connection);
    this.#refused.delete(connection);
    if (this.#count === 0) this.#onAllGone?.();
  }

  get #count(): number {
    return this.#connections.size + this.#undecided.size + this.#refused.size;
  }

  /** Why no connection from there may come in now, whatever it asks for. */
  #refusalFor({ address }: ConnectRequest): Rejection | undefined {
    if (this.#draining !== undefined) return { name: "restarting" };
    const isFull = !this.#ledger.hasPlaceFor(address) && this.#ledger.idleHoldingFor(address) === undefined;
    // The admission is not asked what cannot wait for its answer: questions to another machine are limited too.
    const mayWait = this.#undecidedLedger.hasPlaceFor(address);
    return isFull || !mayWait ? { name: "overloaded" } : undefined;
  }

  /** A bug refuses the peer. */
  #ask(connection: Connection, request: ConnectRequest): Eventually<AdmissionOutcome> {
    try {
      return this.#options.admission.admit(connection, request);
    } catch (error) {
      return this.#outcomeOfBug(error);
    }
  }

  #outcomeOfBug(error: unknown): AdmissionOutcome {
    this.onBug(error, {});
    return { at: "refused", name: "internal_error" };
  }

  #settle(outcome: AdmissionOutcome, connection: Connection, request: ConnectRequest): void {
    switch (outcome.at) {
      case "refused":
        return this.#turnAway(connection, outcome);
      case "admitted":
      case "queued":
        if (!this.#undecided.has(connection)) this.#makePlaceFor(request);
        this.#giveUpPlace(connection); // that of an undecided one
        this.#connections.add(connection);
        this.#takePlace(connection, request);
        this.#heartbeat.begin(connection);
        connection.letIn(outcome.handler);
        this.#options.onLetIn?.(request, outcome.handler.ids);
        this.onToken(connection);
        return;
      default:
        outcome satisfies never;
    }
  }

  /** Holds the connection until the admission has answered, or its time is over. */
  async #waitFor(
    answer: PromiseLike<AdmissionOutcome>,
    connection: Connection,
    request: ConnectRequest,
  ): Promise<void> {
    this.#hold(connection, request);
    let outcome: AdmissionOutcome;
    try {
      outcome = await answer;
    } catch (error) {
      outcome = this.#outcomeOfBug(error);
    }
    const isWaiting = this.#undecided.has(connection) && !connection.isGone;
    if (isWaiting) this.#settle(outcome, connection, request);
    else if (outcome.at !== "refused") {
      connection.handler = outcome.handler; // it was let in too late, and has to hear that its peer is gone
      connection.end("normal");
    }
  }

  #hold(connection: Connection, request: ConnectRequest): void {
    connection.hold();
    this.#makePlaceFor(request);
    const timer = setTimeout(() => {
      if (connection.isGone) connection.terminate();
      else this.#turnAway(connection, TOOK_TOO_LONG);
    }, this.#options.admissionMs ?? ADMISSION_TIMEOUT_MS);
    this.#undecided.add(connection);
    connection.undecided = {
      cancel: () => clearTimeout(timer),
      entry: this.#undecidedLedger.enter(connection, request.address),
    };
    this.#takePlace(connection, request);
  }

  #takePlace(connection: Connection, { address }: ConnectRequest): void {
    if (connection.isLink) this.#links += 1;
    connection.entry = this.#ledger.enter(connection, address);
  }

  /** Safe for a connection that has no place. */
  #giveUpPlace(connection: Connection): void {
    const hadPlace = this.#connections.delete(connection) || this.#undecided.delete(connection);
    if (!hadPlace) return;
    if (connection.isLink) this.#links -= 1;
    this.#options.tokenTerms?.forget(connection);
    this.#ledger.leave(connection.entry);
    connection.entry = undefined;
    connection.undecided?.cancel();
    this.#undecidedLedger.leave(connection.undecided?.entry);
    connection.undecided = undefined;
  }

  /** Ends an idle connection where no place is free. Not called for a peer that is refused at once. */
  #makePlaceFor({ address }: Pick<ConnectRequest, "address">): void {
    const idle = this.#ledger.hasPlaceFor(address) ? undefined : this.#ledger.idleHoldingFor(address);
    if (idle === undefined) return;
    this.#turnAway(idle, { name: "overloaded" });
  }

  /** Tells a peer why it was refused. Cuts off the oldest of the refused peers where too many do not hang up. */
  #turnAway(connection: Connection, { name, reason }: Rejection): void {
    // One that arrived at another node is told, and counted, there.
    const isToldElsewhere = connection.isLink && !this.#connections.has(connection);
    this.#giveUpPlace(connection);
    this.#refused.add(connection);
    connection.end(name, reason);
    if (!isToldElsewhere) this.#options.onRefused(name, connection.requestId);
    const [oldest] = this.#refused;
    if (oldest !== undefined && this.#refused.size > MAX_LINGERING) oldest.terminate();
  }

  async #endAll(): Promise<void> {
    for (const connection of this.#undecided) this.#turnAway(connection, { name: "restarting" });
    if (this.#count > 0) {
      for (const connection of this.#connections) connection.close("restarting");
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => {
          this.#isDrainOver = true;
          for (const connection of [...this.#connections, ...this.#refused]) connection.terminate();
        }, DRAIN_TIMEOUT_MS);
        this.#onAllGone = () => {
          clearTimeout(deadline);
          resolve();
        };
      });
    }
    this.#heartbeat.close();
  }
}
