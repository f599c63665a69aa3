/**
 * What the connections of all transports share: who may connect, admission, the heartbeat, and how all of them end. Knows connections,
 * not sockets.
 */
import type { Admission, ConnectRequest, Rejection } from "../admission/admission.ts";
import { NetworkLedger } from "../hub/network-ledger.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { PeerIds } from "../room/ports.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import { createHeartbeat, type Heartbeat } from "./heartbeat.ts";

export interface ConnectionManagerOptions {
  readonly admission: Admission;
  /** Counts what waits for the peers. */
  readonly budget: MemoryBudget;
  /** Connections at one time, of hosts and players; past them one is closed with 1013. */
  readonly maxConnections: number;
  readonly pingMs: number;
  readonly idleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told of exceptions, which are bugs here: the peer whose frame met it is closed, no other notices. */
  readonly onBug: (error: unknown, peer: PeerIds) => void;
  /** Told of connections that were turned away when they arrived. */
  readonly onRefused: (why: CloseName) => void;
}

/** Refused peers that are waited for at one time, until they have answered their Close. */
const MAX_LINGERING = 1_000;
/** How long peers may take to answer a Close when the server itself ends. */
const DRAIN_TIMEOUT_MS = 2_000;

export class ConnectionManager implements ConnectionOwner {
  readonly budget: MemoryBudget;
  readonly now: () => number;
  readonly #options: ConnectionManagerOptions;
  /** Peers that were let in. */
  readonly #connections = new Set<Connection>();
  /** The same, by network. */
  readonly #ledger: NetworkLedger<Connection>;
  readonly #heartbeat: Heartbeat;
  /** Peers that were refused, and have not hung up yet. They take no place. */
  readonly #refused = new Set<Connection>();
  #draining: Promise<void> | undefined;
  #onAllGone: (() => void) | undefined;

  constructor(options: ConnectionManagerOptions) {
    const { budget, maxConnections, now } = options;
    this.#options = options;
    this.budget = budget;
    this.now = now;
    this.#ledger = new NetworkLedger({
      capacity: maxConnections,
      idleRank: ({ handler }, ageMs) => handler?.idleRank(ageMs),
      now,
    });
    this.#heartbeat = createHeartbeat(this.#connections, options);
  }

  /** Connections that were let in. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Lets the peer of a new connection in, or closes the connection with the reason why not. Never throws. */
  accept(connection: Connection, request: ConnectRequest): void {
    const refusal = this.#refusalFor(request) ?? this.#admit(connection, request);
    if (refusal !== undefined) {
      this.#turnAway(connection, refusal);
      return;
    }
    this.#makePlaceFor(request);
    this.#connections.add(connection);
    this.#ledger.enter(connection, request.address);
    this.#heartbeat.begin(connection);
  }

  /** Closes all connections with 1012, and resolves when all are gone or were cut after a while. Safe twice. */
  drain(): Promise<void> {
    this.#draining ??= this.#endAll();
    return this.#draining;
  }

  onBug(error: unknown, peer: PeerIds): void {
    this.#options.onBug(error, peer);
  }

  onEnded(connection: Connection): void {
    this.#connections.delete(connection);
    this.#ledger.leave(connection);
    this.#refused.delete(connection);
    if (this.#connections.size + this.#refused.size === 0) this.#onAllGone?.();
  }

  /** Why no connection from there may come in now, whatever it asks for. */
  #refusalFor({ address }: ConnectRequest): Rejection | undefined {
    if (this.#draining !== undefined) return { name: "restarting" };
    const isFull = !this.#ledger.hasPlaceFor(address) && this.#ledger.idleHoldingFor(address) === undefined;
    return isFull ? { name: "overloaded" } : undefined;
  }

  /** Returns why the peer may not come in, which may be that a bug was met. */
  #admit(connection: Connection, request: ConnectRequest): Rejection | undefined {
    try {
      const outcome = this.#options.admission.admit(connection, request);
      if (outcome.at === "refused") return outcome;
      connection.handler = outcome.handler;
      return undefined;
    } catch (error) {
      this.onBug(error, {});
      return { name: "internal_error" };
    }
  }

  /** Ends an idle connection where there is no place without that; for a peer that has been let in, never for one that is refused. */
  #makePlaceFor({ address }: ConnectRequest): void {
    const idle = this.#ledger.hasPlaceFor(address) ? undefined : this.#ledger.idleHoldingFor(address);
    if (idle === undefined) return;
    this.#connections.delete(idle);
    this.#ledger.leave(idle);
    idle.end("overloaded");
    this.#turnAway(idle, { name: "overloaded" });
  }

  /** Tells a peer why it was refused. Of those that then do not hang up, the oldest are cut off. */
  #turnAway(connection: Connection, { name, reason }: Rejection): void {
    this.#refused.add(connection);
    connection.close(name, reason);
    this.#options.onRefused(name);
    const [oldest] = this.#refused;
    if (oldest !== undefined && this.#refused.size > MAX_LINGERING) oldest.terminate();
  }

  async #endAll(): Promise<void> {
    if (this.#connections.size + this.#refused.size > 0) {
      for (const connection of this.#connections) connection.close("restarting");
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => {
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
