/**
 * The end of a link at the home: a connection like those of other transports, whose socket is at another node. What it sends leaves while the other end has taken
 * enough of it; the rest waits here, where the rules for slow peers see it. What comes while the room reads nothing waits here too, within a window.
 */
import { CLOSE_CODES, fitCloseReason, type CloseName } from "../../protocol/close-codes.ts";
import { toOwned } from "../../room/borrowed-buffer.ts";
import type { AudienceNode, ConnectionHandler, DepartureReason } from "../../room/ports.ts";
import { joined } from "../../session/host-encoder.ts";
import { Connection, type ConnectionOwner } from "../../transport/connection.ts";
import type { NodeId } from "../ports.ts";
import { encodeLetIn } from "./edge-link.ts";
import {
  costOfFrame,
  encodeClose,
  encodeCount,
  readCount,
  readDeparture,
  readText,
  REPORT_BYTES,
  TO_EDGE,
  TO_HOME,
  WINDOW_BYTES,
} from "./link-format.ts";
import type { LinkWire } from "./link-wire.ts";

export interface LinkOwner extends ConnectionOwner {
  readonly wire: LinkWire;
  /** There is no link any more. */
  forget(link: LinkConnection): void;
}

/** Something that waits until the other end has taken more: a frame, or what has its place behind frames. */
interface WaitingSend {
  readonly op: number;
  readonly data: Uint8Array;
  readonly isFrame: boolean;
}

/** What has come and was not read. */
type Unread =
  | { readonly what: "frame"; readonly data: Uint8Array; readonly isText: boolean }
  | { readonly what: "part" }
  | { readonly what: "gone"; readonly why: DepartureReason };

const NOTHING = new Uint8Array(0);
/** What a frame takes up while it waits, besides its bytes. */
const WAITING_BYTES = 64;

export class LinkConnection extends Connection {
  readonly id: number;
  readonly edge: NodeId;
  /** The other node, where that counts the votes of its watchers itself. */
  audienceNode: AudienceNode | undefined;
  readonly #owner: LinkOwner;
  /** Of what is sent: what has left, and what the peer's socket has taken. */
  #sent = 0;
  #taken = 0;
  /** The peer's socket has not taken all that it was given. */
  #isStuck = false;
  #waiting: WaitingSend[] = [];
  #waitingBytes = 0;
  /** More was sent than could leave; the handler is told when all has. */
  #hasWaited = false;
  /** Of what has come: what came, what was read, and what the other end was told of that. */
  #unread: Unread[] = [];
  #read = 0;
  #reported = 0;
  #isReading = true;
  #isPumping = false;
  #isAwaited = false;
  #isLetIn = false;
  #hasEnded = false;
  #answerThere: ((isThere: boolean) => void) | undefined;
  #rtt: number | undefined;

  constructor(owner: LinkOwner, edge: NodeId, id: number) {
    super(owner);
    this.#owner = owner;
    this.edge = edge;
    this.id = id;
  }

  override get isLink(): boolean {
    return true;
  }

  /** What waits here, and what is known to wait at the other end. */
  get queued(): number {
    return this.#waitingBytes + (this.#isStuck ? this.#sent - this.#taken : 0);
  }

  override get queuedHere(): number {
    return this.#waitingBytes;
  }

  get isBusy(): boolean {
    return this.#isStuck || !this.#mayLeave;
  }

  get rtt(): number | undefined {
    return this.#rtt;
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#send(isText ? TO_EDGE.text : TO_EDGE.binary, data);
  }

  override sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.#send(isText ? TO_EDGE.text : TO_EDGE.binary, data, head);
  }

  override sendCorked(data: Uint8Array, isText: boolean): void {
    this.#send(isText ? TO_EDGE.corkedText : TO_EDGE.corkedBinary, data);
  }

  confirm(count: number): void {
    this.#sendBehind(TO_EDGE.confirm, encodeCount(count));
  }

  probe(): void {
    this.#sendBehind(TO_EDGE.probe, NOTHING);
  }

  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.isClosing) return;
    // What takes its place is sent all of it again; a peer that does not read would not come to the reason.
    if (name === "replaced" || name === "slow_consumer") this.#dropWaiting();
    const close = { name, reason: fitCloseReason(reason), hasFarewell: this.farewell !== undefined };
    this.#sendBehind(TO_EDGE.close, encodeClose(close));
    this.beginClosing();
    this.readToEnd();
  }

  override closeAndDrop(name: CloseName): void {
    this.#dropWaiting();
    this.close(name);
  }

  terminate(): void {
    this.isClosing = true;
    if (this.#hasEnded) return;
    const close = this.#waiting.find(({ op }) => op === TO_EDGE.close);
    if (close !== undefined) this.#tell(close.op, close.data); // it waited behind what the peer did not read
    this.#tell(TO_EDGE.terminate);
    this.#end("cut");
  }

  override hold(): void {
    this.#isAwaited = true;
    super.hold();
  }

  override letIn(handler: ConnectionHandler): void {
    this.#isAwaited = false;
    super.letIn(handler);
    if (this.isClosing) return;
    const letIn = encodeLetIn({ ids: handler.ids, hasFarewell: this.farewell !== undefined });
    this.#tell(TO_EDGE.letIn, letIn);
    this.#isLetIn = true;
    if (!this.#isReading) this.#tell(TO_EDGE.pause);
  }

  /** The other end knows whether the peer has hung up while it was not read. */
  override isStillThere(): boolean | Promise<boolean> {
    if (this.isGone || !this.#isAwaited) return !this.isGone;
    this.#tell(TO_EDGE.ask);
    return new Promise((resolve) => (this.#answerThere = resolve));
  }

  /** The peer is certain to be let in. */
  tellAdmitted(): void {
    this.#tell(TO_EDGE.admitted);
  }

  /** A frame of the peer. */
  take(data: Uint8Array, isText: boolean): void {
    if (this.#isReading && this.#unread.length === 0) {
      this.tellMessage(data, isText);
      this.#noteRead(data.length);
    } else if (this.isClosing) {
      this.#noteRead(data.length);
    } else {
      this.memory.add(data.length + WAITING_BYTES);
      this.#unread.push({ what: "frame", data: toOwned(data), isText });
    }
  }

  /** What the other end says besides frames. What is unknown is ignored. */
  obey(op: number, content: Uint8Array): void {
    const { count, flag } = readCount(content) ?? { count: 0, flag: false };
    switch (op) {
      case TO_HOME.part:
        return this.#inOrder({ what: "part" });
      case TO_HOME.confirmed:
        return this.tellConfirmed(count);
      case TO_HOME.taken:
        return this.#takeCredit(count, flag);
      case TO_HOME.gone:
        return this.#inOrder({ what: "gone", why: readDeparture(content) });
      case TO_HOME.ban:
        return this.end("rate_limited", this.handler?.ban());
      case TO_HOME.expel:
        return this.#expel(fitCloseReason(readText(content)));
      case TO_HOME.there:
        return this.#answerThere?.(content[0] === 1);
      case TO_HOME.rtt:
        this.#rtt = count;
        return;
      default: // a later version says more
    }
  }

  /** The other node, or the way there, is lost, and it is unknown since when: what the peer did not confirm counts as never arrived. */
  lose(): void {
    this.isClosing = true;
    this.#end("timeout");
  }

  protected stopReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    if (this.#isLetIn) this.#tell(TO_EDGE.pause);
  }

  protected startReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    if (this.#isLetIn && !this.isClosing) this.#tell(TO_EDGE.resume);
    if (this.#unread.length === 0 || this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => this.#pump()); // not in the stack of the room
  }

  /** The window has room, and nothing waits that has to leave before. */
  get #mayLeave(): boolean {
    return this.#waiting.length === 0 && this.#sent - this.#taken < WINDOW_BYTES;
  }

  #send(op: number, data: Uint8Array, head?: Uint8Array): void {
    if (this.isClosing) return;
    if (this.#mayLeave) return this.#leave(op, data, head);
    this.#hasWaited = true;
    const whole = head === undefined ? this.#owner.wire.owned(data) : joined(head, data);
    this.#waitingBytes += costOfFrame(whole.length);
    this.memory.hold(whole, WAITING_BYTES);
    this.#waiting.push({ op, data: whole, isFrame: true });
  }

  #leave(op: number, data: Uint8Array, head?: Uint8Array): void {
    this.#owner.wire.frame(this.edge, this.id, op, data, head);
    this.#sent += costOfFrame(data.length + (head?.length ?? 0));
    if (this.#sent - this.#taken >= WINDOW_BYTES) this.#hasWaited = true;
  }

  /** Sends what has its place behind the frames before it. */
  #sendBehind(op: number, content: Uint8Array): void {
    if (this.isClosing) return;
    if (this.#waiting.length === 0) this.#tell(op, content);
    else this.#waiting.push({ op, data: content, isFrame: false });
  }

  #takeCredit(taken: number, isStuck: boolean): void {
    if (taken > this.#sent) return;
    this.#taken = Math.max(this.#taken, taken);
    this.#isStuck = isStuck;
    if (isStuck) this.#hasWaited = true;
    this.#sendWaiting();
    if (this.isBusy || !this.#hasWaited || this.isClosing) return;
    this.#hasWaited = false;
    this.tellDrained();
  }

  #sendWaiting(): void {
    let count = 0;
    for (const { op, data, isFrame } of this.#waiting) {
      if (isFrame && this.#sent - this.#taken >= WINDOW_BYTES) break;
      count += 1;
      if (isFrame) this.#leaveLate(op, data);
      else this.#tell(op, data);
    }
    if (count > 0) this.#waiting = this.#waiting.slice(count);
  }

  #leaveLate(op: number, data: Uint8Array): void {
    this.#waitingBytes -= costOfFrame(data.length);
    this.memory.release(data, WAITING_BYTES);
    this.#leave(op, data);
  }

  #dropWaiting(): void {
    for (const { data, isFrame } of this.#waiting) if (isFrame) this.memory.release(data, WAITING_BYTES);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** The peer's frames come first, whether they were read or not. */
  #inOrder(what: Unread): void {
    if (this.#unread.length > 0 && !this.isClosing) this.#unread.push(what);
    else this.#hear(what);
  }

  #hear(what: Unread): void {
    switch (what.what) {
      case "frame":
        this.memory.add(-what.data.length - WAITING_BYTES);
        this.tellMessage(what.data, what.isText);
        return this.#noteRead(what.data.length);
      case "part":
        return this.tellPart();
      case "gone":
        return this.#end(what.why);
      default:
        what satisfies never;
    }
  }

  /** Hears what has come, as long as the room reads. */
  #pump(): void {
    this.#isPumping = false;
    let count = 0;
    for (const what of this.#unread) {
      if (!this.#isReading || this.#hasEnded) break;
      count += 1;
      this.#hear(what);
    }
    this.#unread = this.#unread.slice(count);
  }

  /** Tells the other end how much was read, where that is worth it. */
  #noteRead(bytes: number): void {
    this.#read += costOfFrame(bytes);
    if (this.#read - this.#reported < REPORT_BYTES || this.#hasEnded) return;
    this.#reported = this.#read;
    this.#tell(TO_EDGE.taken, encodeCount(this.#read));
  }

  #expel(reason: string): void {
    this.handler?.expel?.(reason);
    if (!this.isClosing) this.end("kicked", reason);
  }

  #tell(op: number, content?: Uint8Array): void {
    if (!this.#hasEnded) this.#owner.wire.control(this.edge, this.id, op, content);
  }

  #end(why: DepartureReason): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#dropWaiting();
    this.#answerThere?.(false);
    this.#owner.forget(this);
    this.tellGone(why);
    this.tellEnded();
  }
}
