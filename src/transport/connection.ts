/** One peer from its arrival to its end: the port that a room sends to, and the place from which the room is told what the peer says. */
import { joined } from "../session/host-encoder.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { LedgerEntry } from "../hub/network-ledger.ts";
import type { MemoryAccount, MemoryBudget, MemoryHolder } from "../room/memory-budget.ts";
import type { ArrivingPort, ConnectRequest } from "../admission/connect-request.ts";
import type { Farewell } from "../admission/farewell.ts";
import type { LineToken } from "../admission/line-token.ts";
import type { Cancel, ConnectionHandler, DepartureReason, PeerIds } from "../room/ports.ts";
import { NO_SLOT, type SlotSetMember } from "../room/slot-set.ts";
import { EarlyFrames } from "./early-frames.ts";
import type { HeartbeatTarget } from "./heartbeat.ts";
import type { TokenTerm } from "./token-terms.ts";

/** What a connection gets from its manager, and tells it. */
export interface ConnectionOwner {
  /** Counts what waits for the peers. */
  readonly budget: MemoryBudget;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Takes an exception, which is a bug here. The connection whose frame met it is closed, no other notices. */
  onBug(error: unknown, peer: PeerIds & { readonly requestId?: string | undefined }): void;
  /** The way to a peer and back took so many milliseconds. */
  onRoundTrip?(ms: number): void;
  /** The connection has another token than before, or none any more. */
  onToken(connection: Connection): void;
  /** There is no connection any more. Called once, at last. */
  onEnded(connection: Connection): void;
}

/** What a connection holds while its admission is undecided. */
export interface Undecided {
  /** Calls off its deadline. */
  readonly cancel: Cancel;
  /** Its place among the undecided of its network. */
  readonly entry: LedgerEntry<Connection>;
}

/** How long a peer may take to hang up after it was told that the connection ends. */
const CLOSE_TIMEOUT_MS = 5_000;
/**
 * Turns of the event loop after which a socket that is read again has brought the bytes, and the end, that had come before. The current turn may have asked
 * the system already; Bun tells of the end one turn later.
 */
const READ_AHEAD_TURNS = 3;

/**
 * A transport extends this class by how its wire sends, pings and closes, and calls the `tell` methods for what comes. They call the
 * handler that the admission returned, with nothing between. A connection is one object, since most connections idle.
 */
export abstract class Connection implements ArrivingPort, MemoryHolder, HeartbeatTarget, SlotSetMember {
  /** Is told what the peer says: its seat or its room, or `EarlyFrames` while the admission is undecided. `undefined` for a peer that is refused at once. */
  handler: ConnectionHandler | undefined;
  farewell: Farewell | undefined;
  /** What the log calls it, from its arrival on. */
  requestId: string | undefined;
  /** Its place among the connections of its network. The manager's own. */
  entry: LedgerEntry<Connection> | undefined;
  /** `undefined`: its admission is decided. The manager's own. */
  undecided: Undecided | undefined;
  /** `undefined`: it ends with no token. Set by `TokenTerms`. */
  term: TokenTerm<Connection> | undefined;
  slot = NO_SLOT;
  /** Over what it came. */
  transport: ConnectRequest["transport"] = "websocket";
  /** The bytes that wait to be written, and those of a message that is not over. */
  protected readonly memory: MemoryAccount;
  readonly #owner: ConnectionOwner;
  #token: LineToken | undefined;
  #isCut = false;
  /** The admission is undecided: nothing is read until it has answered, whatever the room says. */
  #isHeld = false;
  #closeTimer: NodeJS.Timeout | undefined;

  /** The server has let go of this peer: what the peer still says is not passed on. */
  isClosing = false;
  /** The peer has hung up, or the server has closed the connection. */
  isGone = false;
  isPaused = false;
  wasHeard = true;
  bytesHeard = 0;
  isPingStuck = false;
  unanswered = 0;
  heardAt = 0;
  pingAt = 0;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    this.memory = owner.budget.open(this);
  }

  abstract readonly queued: number;
  abstract readonly isBusy: boolean;
  abstract readonly rtt: number | undefined;
  abstract send(data: Uint8Array, isText: boolean): void;
  abstract close(name: CloseName, reason?: string): void;
  abstract confirm(count: number): void;
  abstract probe(): void;
  /** Stops reading from the peer. Frames of the read that is under way may still come. */
  protected abstract stopReading(): void;
  protected abstract startReading(): void;
  /** Cuts the connection without a Close, for a peer that would not read it. */
  abstract terminate(): void;

  /** Of `queued`, the bytes that wait in this process. */
  get queuedHere(): number {
    return this.queued;
  }

  /** Whether its socket is at another node, which watches over it. */
  get isLink(): boolean {
    return false;
  }

  /** The admission is undecided. */
  protected get isHeld(): boolean {
    return this.#isHeld;
  }

  /** The token by which the peer is here, and with which the connection ends. */
  get token(): LineToken | undefined {
    return this.#token;
  }

  set token(token: LineToken | undefined) {
    if (token === this.#token) return;
    this.#token = token;
    if (token !== undefined) token.onRenewed = () => this.#owner.onToken(this);
    this.#owner.onToken(this);
  }

  pause(): void {
    if (this.isClosing) return; // the peer's own Close has to be read
    this.isPaused = true;
    this.stopReading();
  }

  resume(): void {
    this.isPaused = false;
    if (!this.#isHeld) this.startReading();
  }

  /** Reads nothing from the peer until it is let in or closed. */
  hold(): void {
    this.#isHeld = true;
    this.handler = new EarlyFrames(this.memory, {
      stop: () => this.stopReading(),
      end: (name, reason) => this.end(name, reason),
    });
    this.stopReading();
  }

  isStillThere(): boolean | Promise<boolean> {
    return this.isGone || !this.#isHeld ? !this.isGone : this.#readAhead();
  }

  /** From now on this handler is told what the peer says, and first what has waited for it. */
  letIn(handler: ConnectionHandler): void {
    const before = this.handler;
    this.handler = handler;
    if (before instanceof EarlyFrames) {
      before.passOn({
        drained: () => this.tellDrained(),
        message: (data, isText) => this.tellMessage(data, isText),
      });
    }
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (!this.isPaused) this.startReading();
  }

  /** A transport that can write two parts as they are saves the copy. */
  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.send(joined(head, data), isText);
  }

  /** A transport that cannot put two frames into one write sends the first one at once. */
  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  /** As `close`, for a peer whose queue takes up too much memory: drops what still waits, as far as the transport can. */
  closeAndDrop(name: CloseName): void {
    this.close(name);
  }

  ping(intervalMs: number): void {
    this.notePing(intervalMs);
    this.probe();
    this.isPingStuck = this.queued > 0;
  }

  /** Nothing: the ping leaves by itself when it is due. */
  pingWithNext(_intervalMs: number): void {}

  /** Closes the connection, and does not wait for the peer to agree. */
  end(name: CloseName, reason?: string): void {
    this.close(name, reason);
    this.tellGone(name);
  }

  /** The memory of the process is used up and this connection holds the most. The first time it is closed; the second time even what its socket has not taken goes. */
  cut(): void {
    if (this.#isCut) return this.terminate();
    this.#isCut = true;
    this.closeAndDrop("slow_consumer");
    this.tellGone("slow_consumer");
  }

  /** The peer is told that the connection ends: what it still says is not passed on, and it is cut off where it does not hang up in time. */
  protected beginClosing(): void {
    this.isClosing = true;
    this.#closeTimer = setTimeout(() => this.terminate(), CLOSE_TIMEOUT_MS);
  }

  /** Reads again, whatever held that up: the peer's own Close has to be read, or what still comes is to be thrown away. */
  protected readToEnd(): void {
    this.isPaused = false;
    this.#isHeld = false;
    this.startReading();
  }

  /** Notes that a ping leaves. One that leaves before it is due does not make the next one due any sooner. */
  protected notePing(intervalMs: number): void {
    this.pingAt = Math.max(this.pingAt, Math.round(this.#owner.now())) + intervalMs;
    this.unanswered += 1;
    this.bytesHeard = 0;
  }

  /** So many bytes have come from the peer, whether they make a whole message or not. */
  protected tellBytes(count: number): void {
    this.wasHeard = true;
    this.bytesHeard += count;
  }

  protected tellMessage(data: Uint8Array, isText: boolean): void {
    if (this.isClosing) return;
    try {
      this.handler?.message(data, isText);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** A read is over in the middle of a message: more of the message is on its way. */
  protected tellPart(): void {
    if (this.isClosing) return;
    try {
      this.handler?.part();
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** All that was sent has left this process, after some of it had to wait. */
  protected tellDrained(): void {
    try {
      this.handler?.drained();
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** The peer has confirmed that so many frames arrived. */
  protected tellConfirmed(count: number): void {
    try {
      this.handler?.confirmed(count);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** The peer has left, was cut, or has broken the protocol. May be called twice. */
  protected tellGone(why: DepartureReason): void {
    this.isGone = true;
    try {
      this.handler?.gone(why);
    } catch (error) {
      this.#meetBug(error);
    }
  }

  /** Tells of an exception that met no frame: the connection stays. */
  noteBug(error: unknown): void {
    this.#owner.onBug(error, { ...this.handler?.ids, requestId: this.requestId });
  }

  /** There is no connection any more. A transport calls this once, last. */
  protected tellEnded(): void {
    clearTimeout(this.#closeTimer);
    this.memory.close();
    this.#owner.onEnded(this);
  }

  /** Reads what has come while the connection was held. The frames wait for the handler that is to come. */
  async #readAhead(): Promise<boolean> {
    this.startReading();
    for (let turn = 0; turn < READ_AHEAD_TURNS; turn++) await new Promise((resolve) => void setImmediate(resolve));
    if (this.#isHeld) this.stopReading();
    return !this.isGone;
  }

  #meetBug(error: unknown): void {
    this.noteBug(error);
    this.close("internal_error");
  }
}
