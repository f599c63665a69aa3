/**
 * What one node says to another: gathers it into one bus message a turn, numbers those, and keeps them while the bus is away. Either side names its stream by a
 * number of its own; what belongs to other streams than these two is of an earlier conversation.
 */
import { randomInt } from "node:crypto";
import type { MemoryAccount, MemoryBudget, MemoryHolder } from "../../room/memory-budget.ts";
import { isLater, type Eventually } from "../../protocol/eventually.ts";
import type { NodeId } from "../ports.ts";
import { ITEM_BYTES, MAIL_TYPES, MAIL_VERSIONS, mailHeadBytes, writeItemHead, writeMailHead } from "./mail-format.ts";

/** A bus message ends at this size: NATS takes 1 MB by default. */
const MAX_BATCH_BYTES = 524_288;
/** A larger body is split where the room that is left would take less than this. */
const LEAST_PART_BYTES = 4_096;
const FIRST_BATCH_BYTES = 1_024;
/** Bytes that the bus has taken and not yet passed on; what is over that waits here. */
const MAX_IN_FLIGHT_BYTES = 4_194_304;
/** What stands for no body that could be extended. */
export const NO_MARK = 0;
const MAX_STREAM = 0xff_ff_ff_ff;

export interface ConversationOwner {
  readonly self: NodeId;
  readonly budget: MemoryBudget;
  /** Bytes that may wait for one node. */
  readonly maxWaiting: number;
  readonly isBusUp: () => boolean;
  publish(to: NodeId, message: Uint8Array): Eventually<unknown>;
  /** Something is to be sent when the turn ends. */
  toFlush(conversation: Conversation): void;
  /** Nothing can be said to the node any more without a gap. Never called within `add`. */
  onBroken(conversation: Conversation, why: string): void;
}

export class Conversation implements MemoryHolder {
  readonly node: NodeId;
  /** The names of both streams. `theirs` is 0 until the node has answered: what is said until then waits. */
  readonly mine = randomInt(1, MAX_STREAM);
  theirs = 0;
  version: number = MAIL_VERSIONS.min;
  /** The number of the last mail that was sent, and that came. */
  sent = 0;
  received = 0;
  /** Heartbeats since something came from the node, and since something was said by either side. */
  quiet = 0;
  idle = 0;
  /** How many here need to hear that the node is there. */
  holders = 0;
  /** Whether the node waits for pulses of this one, as it said last, and whether this one does, as it said last. */
  isWaitedFor = false;
  isWaiting = true;
  /** The parts of a body that is not over. */
  readonly parts: Uint8Array[] = [];
  partBytes = 0;
  readonly #owner: ConversationOwner;
  readonly #memory: MemoryAccount;
  #batch: Buffer | undefined;
  #batchBytes = 0;
  #usualBytes = FIRST_BATCH_BYTES;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #inFlightBytes = 0;
  #isBroken = false;
  /** Stands for the body that was added last, which begins there in the batch. */
  #mark = NO_MARK;
  #itemAt = 0;

  constructor(node: NodeId, owner: ConversationOwner) {
    this.node = node;
    this.#owner = owner;
    this.#memory = owner.budget.open(this);
  }

  /** Bytes that wait, and those that the bus has not passed on. */
  get queued(): number {
    return this.#waitingBytes + this.#inFlightBytes;
  }

  /**
   * Adds a body, of these parts one behind the other, to what leaves when the turn ends. The bytes are copied. Returns a mark by which more may be added to the
   * end of the body.
   */
  add(kind: number, parts: readonly Uint8Array[]): number {
    if (this.#isBroken) return NO_MARK;
    this.#mark += 1;
    this.idle = 0;
    let left = 0;
    for (const part of parts) left += part.length;
    const room = MAX_BATCH_BYTES - mailHeadBytes(this.#owner.self) - ITEM_BYTES;
    if (left > this.#room && (left <= room || this.#room < LEAST_PART_BYTES)) this.#endBatch();
    if (left > this.#room) {
      this.#split(kind, parts, left);
      return NO_MARK;
    }
    this.#itemAt = this.#write(kind, parts, left);
    return this.#mark;
  }

  /** Adds to the end of the body that was added last, which this mark stands for. `false`: something else was added since, it has left, or there is no room. */
  extend(mark: number, bytes: Uint8Array): boolean {
    if (mark !== this.#mark || this.#batch === undefined || this.#isBroken) return false;
    if (this.#batchBytes + bytes.length > MAX_BATCH_BYTES) return false;
    const batch = this.#roomFor(bytes.length);
    batch.set(bytes, this.#batchBytes);
    this.#batchBytes += bytes.length;
    writeItemHead(batch, this.#itemAt, batch[this.#itemAt] ?? 0, false, this.#batchBytes - this.#itemAt - ITEM_BYTES);
    return true;
  }

  /** Sends what was gathered, and what has waited for the bus. */
  flush(): void {
    this.#endBatch();
    while (this.theirs !== 0 && this.#owner.isBusUp() && this.#inFlightBytes < MAX_IN_FLIGHT_BYTES) {
      const message = this.#waiting.shift();
      if (message === undefined || this.#isBroken) return;
      this.#waitingBytes -= message.length;
      this.#send(message);
    }
  }

  /** Counts the bytes of a body that comes in parts. */
  keepPart(part: Uint8Array): void {
    this.parts.push(new Uint8Array(part));
    this.partBytes += part.length;
    this.#memory.add(part.length);
  }

  /** The whole body, of which this is the last part. */
  takeParts(last: Uint8Array): Uint8Array {
    const body = Buffer.concat([...this.parts, last]);
    this.#memory.add(-this.partBytes);
    this.parts.length = 0;
    this.partBytes = 0;
    return body;
  }

  /** The memory of the process is used up. */
  cut(): void {
    this.#break("the memory of the process is used up");
  }

  /** Nothing more is sent. Safe twice. */
  close(): void {
    this.#isBroken = true;
    this.#batch = undefined;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.parts.length = 0;
    this.#memory.close();
  }

  /** Bytes of a body that the batch takes. */
  get #room(): number {
    const begun = this.#batch === undefined ? mailHeadBytes(this.#owner.self) : this.#batchBytes;
    return MAX_BATCH_BYTES - begun - ITEM_BYTES;
  }

  /** Returns where the item begins. */
  #write(kind: number, parts: readonly Uint8Array[], bytes: number, isMore = false): number {
    const batch = this.#roomFor(ITEM_BYTES + bytes);
    const begin = this.#batchBytes;
    let at = writeItemHead(batch, this.#batchBytes, kind, isMore, bytes);
    for (const part of parts) {
      batch.set(part, at);
      at += part.length;
    }
    this.#batchBytes = at;
    return begin;
  }

  /** Writes a body that no batch takes whole: as much as each of them takes. */
  #split(kind: number, parts: readonly Uint8Array[], bytes: number): void {
    const rest = [...parts];
    let left = bytes;
    while (left > 0 && !this.#isBroken) {
      const size = Math.min(left, this.#room);
      const piece: Uint8Array[] = [];
      for (let taken = 0; taken < size;) {
        const [first] = rest;
        if (first === undefined) break;
        const part = first.subarray(0, size - taken);
        if (part.length === first.length) rest.shift();
        else rest[0] = first.subarray(part.length);
        piece.push(part);
        taken += part.length;
      }
      left -= size;
      this.#write(kind, piece, size, left > 0);
      if (left > 0) this.#endBatch();
    }
  }

  #roomFor(bytes: number): Buffer {
    const head = mailHeadBytes(this.#owner.self);
    if (this.#batch === undefined) {
      this.#batch = Buffer.allocUnsafe(Math.min(MAX_BATCH_BYTES, Math.max(this.#usualBytes, head + bytes)));
      this.#batchBytes = head;
      this.#owner.toFlush(this);
    }
    const needed = this.#batchBytes + bytes;
    if (needed > this.#batch.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_BATCH_BYTES, Math.max(needed, 2 * this.#batch.length)));
      larger.set(this.#batch.subarray(0, this.#batchBytes));
      this.#batch = larger;
    }
    return this.#batch;
  }

  #endBatch(): void {
    if (this.#batch === undefined) return;
    const message = this.#batch.subarray(0, this.#batchBytes);
    this.#batch = undefined;
    this.#mark += 1;
    // The next batch is likely to be about as large: a buffer of that size need not grow, which would copy it.
    this.#usualBytes = Math.max(FIRST_BATCH_BYTES, Math.ceil((this.#usualBytes + message.length) / 2));
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
    this.#memory.add(message.length);
    if (this.queued > this.#owner.maxWaiting) this.#break("too much waited for the node");
  }

  #send(message: Buffer | Uint8Array): void {
    this.sent += 1;
    const head = { version: this.version, type: MAIL_TYPES.mail, from: this.#owner.self };
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
    writeMailHead(bytes, { ...head, mine: this.mine, theirs: this.theirs }, this.sent);
    try {
      const published = this.#owner.publish(this.node, message);
      if (isLater(published)) void this.#awaitPassedOn(published, message.length);
      else this.#memory.add(-message.length);
    } catch {
      this.#break("the bus did not take a message");
    }
  }

  async #awaitPassedOn(published: PromiseLike<unknown>, bytes: number): Promise<void> {
    this.#inFlightBytes += bytes;
    try {
      await published;
    } catch {
      return this.#break("the bus did not take a message");
    }
    this.#inFlightBytes -= bytes;
    this.#memory.add(-bytes);
    if (!this.#isBroken && this.#waiting.length > 0) this.flush();
  }

  #break(why: string): void {
    if (this.#isBroken) return;
    this.close();
    queueMicrotask(() => this.#owner.onBroken(this, why));
  }
}
