/** One peer from its handshake to its end: its port, and its handler once it has been let in. */
import type { CloseName } from "../../protocol/close-codes.ts";
import type { Result } from "../../protocol/result.ts";
import type { MemoryAccount, MemoryBudget, MemoryHolder } from "../../room/memory-budget.ts";
import type { ConnectionHandler, DepartureReason, PeerIds } from "../../room/ports.ts";
import type { Rejection } from "../../admission/admission.ts";
import type { EngineSocket, FrameFault, SocketListener } from "./engine.ts";
import { WebSocketPort, type PortOwner, type WebSocketPortOptions } from "./websocket-port.ts";

/** Whom a connection tells. */
export interface ConnectionOwner {
  /** An exception, which is a bug here: the peer whose frame met it is closed, no other notices. */
  onBug(error: unknown, logContext: PeerIds): void;
  /** There is no connection any more. Called once, at last. */
  onEnded(connection: Connection): void;
}

/** What a page sends that closes on purpose; one that is reloaded or navigates away says 1001 or nothing. */
const LEFT_ON_PURPOSE = 1000;

export class Connection implements PortOwner, MemoryHolder {
  readonly port: WebSocketPort;
  readonly #owner: ConnectionOwner;
  readonly #memory: MemoryAccount;
  #handler: ConnectionHandler | undefined;
  #isCut = false;

  constructor(
    owner: ConnectionOwner,
    options: WebSocketPortOptions,
    budget: MemoryBudget,
    accept: (listener: SocketListener, memory: MemoryAccount) => EngineSocket,
  ) {
    this.#owner = owner;
    this.#memory = budget.open(this);
    try {
      this.port = new WebSocketPort(this, options, (listener) => accept(listener, this.#memory));
    } catch (error) {
      this.#memory.close(); // there is no connection whose end would do it
      throw error;
    }
  }

  /** Puts the peer before the reception; returns why it may not come in, which may be that a bug was met. */
  arrive(admission: (port: WebSocketPort) => Result<ConnectionHandler, Rejection>): Rejection | undefined {
    try {
      const received = admission(this.port);
      if (!received.ok) return received.failure;
      this.#handler = received.value;
      return undefined;
    } catch (error) {
      this.#owner.onBug(error, {});
      return { name: "internal_error" };
    }
  }

  /** As `ConnectionHandler` has it; a peer that has not been let in, or is gone, takes no place. */
  idleRank(ageMs: number): number | undefined {
    return this.#handler?.idleRank(ageMs);
  }

  onMessage(data: Uint8Array, isText: boolean): void {
    try {
      this.#handler?.message(data, isText);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  onPart(): void {
    try {
      this.#handler?.part();
    } catch (error) {
      this.#meetBug(error);
    }
  }

  onDrained(): void {
    try {
      this.#handler?.drained();
    } catch (error) {
      this.#meetBug(error);
    }
  }

  onConfirmed(count: number): void {
    try {
      this.#handler?.confirmed(count);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** Told at once, before the peer has answered a Close, or hung up. */
  onGone(how: number | FrameFault | undefined): void {
    this.#tellGone(typeof how === "string" ? how : how === LEFT_ON_PURPOSE ? "left" : "cut");
  }

  onPingFlood(): void {
    this.end("rate_limited", this.#handler?.ban());
  }

  /** The memory of the process is used up, and this connection has the most of it. The second time even what the socket has not taken has to go. */
  cut(): void {
    if (this.#isCut) return this.port.terminate();
    this.#isCut = true;
    this.port.closeAndDrop("slow_consumer");
    this.#tellGone("slow_consumer");
  }

  onEnded(): void {
    this.#memory.close();
    this.#owner.onEnded(this);
  }

  /** Closes the connection, and does not wait for the peer to agree. */
  end(name: CloseName, reason?: string): void {
    this.port.close(name, reason);
    this.#tellGone(name);
  }

  #tellGone(why: DepartureReason): void {
    try {
      this.#handler?.gone(why);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  #meetBug(error: unknown): void {
    this.#owner.onBug(error, this.#handler?.ids ?? {});
    this.port.close("internal_error");
  }
}
