/**
 * Carries what nodes say to each other, over any bus: in order, each thing once, or not at all and told so. What one turn of the event loop says to one node
 * leaves in one bus message, with a number; a gap in the numbers, silence, or another life of the node ends all that was said between the two (`onLost`).
 *
 * Two nodes begin with a greeting, in which each names its stream and the versions that it speaks. Nodes that have something to say to each other, or hold each
 * other, pulse; others cost nothing.
 */
import type { MemoryBudget } from "../../room/memory-budget.ts";
import type { Cancel } from "../../room/ports.ts";
import { isLater, type Eventually } from "../../protocol/eventually.ts";
import type { Bus, NodeId, Unsubscribe } from "../ports.ts";
import { Subjects } from "../subjects.ts";
import { Conversation, NO_MARK, type ConversationOwner } from "./conversation.ts";
import { FaultLog } from "./fault-log.ts";
import {
  encodeBroadcast,
  encodeHello,
  encodeOver,
  encodePulse,
  MAIL_VERSIONS,
  MAX_KIND,
  readBusMessage,
  readItems,
  type BusMessage,
} from "./mail-format.ts";

export interface NodeMailOptions {
  readonly bus: Bus;
  /** The first part of all subjects. */
  readonly prefix: string;
  /** Milliseconds after which a silent node counts as lost. A node that is held pulses five times in that. */
  readonly leaseMs: number;
  readonly budget: MemoryBudget;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told what is worth a line in the log: at most once a minute for each sentence. */
  readonly onFault: (sentence: string, about: Readonly<Record<string, unknown>>) => void;
  /** Told of exceptions, which are bugs here. */
  readonly onBug: (error: unknown) => void;
  /** Bytes of one body. @default 67108864 */
  readonly maxBody?: number;
  /** Bytes that may wait for one node. @default 67108864 */
  readonly maxWaiting?: number;
}

type MailHandler = (from: NodeId, body: Uint8Array) => void;

const PULSES_PER_LEASE = 5;
/**
 * A greeting that is not answered is said again after this time, and then each time after twice as long, until the pulses do so: a node can be known to the others a
 * moment before it hears them.
 */
const GREET_AGAIN_MS = 50;
/** A node that was silent for a lease, and is spoken to again, is lost again after so many pulses without a word of it. */
const PULSES_FOR_SILENT = 2;
/** Nodes between which nothing was said for so many pulses, and which hold each other not, say nothing more. */
const IDLE_PULSES = 2 * PULSES_PER_LEASE;
const MAX_BODY_BYTES = 67_108_864;
/** Conversations at one time. Past them the one that has been idle for longest, and that nothing holds, is forgotten. */
const MAX_CONVERSATIONS = 2_000;
const MAX_BROADCAST_BYTES = 524_288; // it is one bus message

export class NodeMail {
  readonly #options: NodeMailOptions;
  readonly #faults: FaultLog;
  readonly #conversations = new Map<NodeId, Conversation>();
  readonly #handlers = new Map<number, MailHandler>();
  readonly #broadcastHandlers = new Map<number, MailHandler>();
  readonly #lostHandlers: ((node: NodeId) => void)[] = [];
  readonly #maxBody: number;
  readonly #subjects: Subjects;
  /** Nodes that were lost by their silence less than a lease ago, and when. Most of them are dead, and those that ask for them are to look for another home soon. */
  readonly #silent = new Map<NodeId, number>();
  #self: NodeId | undefined;
  #owner: ConversationOwner | undefined;
  #subscriptions: Unsubscribe[] = [];
  /** Grows with each life: what an earlier one subscribed late is ended at once. */
  #life = 0;
  #toFlush: Conversation[] = [];
  #pulse: NodeJS.Timeout | undefined;

  constructor(options: NodeMailOptions) {
    this.#options = options;
    this.#subjects = new Subjects(options.prefix);
    this.#maxBody = options.maxBody ?? MAX_BODY_BYTES;
    this.#faults = new FaultLog(options.now, options.onFault);
    options.bus.onStatus?.((isUp) => {
      if (!isUp) return;
      for (const conversation of this.#conversations.values()) this.#greetOrFlush(conversation);
    });
  }

  /** The name of this life. Throws before the first `start`. */
  get self(): NodeId {
    if (this.#self === undefined) throw new Error("NodeMail has not started: it has no name yet.");
    return this.#self;
  }

  /** A new life: forgets all nodes (`onLost` is told of each). Resolves when what is said to it arrives. */
  async start(self: NodeId): Promise<void> {
    this.#end();
    const life = this.#life;
    this.#self = self;
    const { bus, budget, maxWaiting = MAX_BODY_BYTES } = this.#options;
    this.#owner = {
      self,
      budget,
      maxWaiting,
      isBusUp: () => bus.isUp !== false,
      publish: (to, message) => bus.publish(this.#subjects.node(to), message),
      toFlush: (conversation) => this.#flushLater(conversation),
      onBroken: (conversation, why) => this.#lose(conversation, why),
    };
    this.#pulse = setInterval(() => this.#pulseAll(), this.#options.leaseMs / PULSES_PER_LEASE);
    this.#pulse.unref();
    await Promise.all([this.#subscribe(this.#subjects.node(self), life), this.#subscribe(this.#subjects.all, life)]);
  }

  /** Says farewell to all nodes. The bus stays open, as it is not this object's. Safe twice. */
  async close(): Promise<void> {
    this.#end();
    this.#self = undefined;
    this.#owner = undefined;
  }

  /**
   * Sends a body, of these parts one behind the other, in order. The bytes are copied. What is sent to a node that cannot be reached is dropped, and `onLost` is
   * told of it. To itself a node may speak too. Returns a mark for `extend`.
   */
  send(to: NodeId, kind: number, ...parts: readonly Uint8Array[]): number {
    if (kind < 0 || kind > MAX_KIND) throw new RangeError(`The kind of mail ${kind} is not 0 to ${MAX_KIND}.`);
    if (this.#owner === undefined) return NO_MARK;
    if (to !== this.#self) return this.#with(to, this.#owner).add(kind, parts);
    this.#sendToSelf(to, kind, Buffer.concat(parts));
    return NO_MARK;
  }

  /** Adds to the end of the body that was sent to this node last. `false` where that can no longer be: then the caller sends it anew. */
  extend(to: NodeId, mark: number, bytes: Uint8Array): boolean {
    return mark !== NO_MARK && this.#conversations.get(to)?.extend(mark, bytes) === true;
  }

  /** Tells all other nodes that are subscribed now, at most once; a node that misses it is not told so. Throws where the body is over 512 KiB. */
  broadcast(kind: number, body: Uint8Array): void {
    if (body.length > MAX_BROADCAST_BYTES)
      throw new RangeError(`All nodes are told at most ${MAX_BROADCAST_BYTES} bytes at once, not ${body.length}.`);
    if (this.#self !== undefined) this.#publish(this.#subjects.all, encodeBroadcast(this.#self, kind, body));
  }

  /** One handler takes what is sent with this kind. The bytes may be a view of a larger buffer: a handler that stores them copies them (`toOwned`). */
  on(kind: number, handler: (from: NodeId, body: Uint8Array) => void): void {
    this.#handlers.set(kind, handler);
  }

  /** As `on`, for what other nodes `broadcast`. */
  onBroadcast(kind: number, handler: (from: NodeId, body: Uint8Array) => void): void {
    this.#broadcastHandlers.set(kind, handler);
  }

  /** All that was said between the two is void: a gap, silence, or another life. What is said from then on begins anew. */
  onLost(handler: (node: NodeId) => void): void {
    this.#lostHandlers.push(handler);
  }

  /** Bytes that wait for this node, and those that the bus has not passed on. */
  queued(to: NodeId): number {
    return this.#conversations.get(to)?.queued ?? 0;
  }

  /** Until it is called off, the silence of this node is noticed. Ends by itself when the node is lost. */
  hold(to: NodeId): Cancel {
    if (this.#owner === undefined || to === this.#self) return () => {};
    const conversation = this.#with(to, this.#owner);
    conversation.holders += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      conversation.holders -= 1;
    };
  }

  #end(): void {
    this.#life += 1;
    clearInterval(this.#pulse);
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
    for (const conversation of this.#conversations.values()) this.#lose(conversation, undefined);
    this.#silent.clear();
  }

  async #subscribe(subject: string, life: number): Promise<void> {
    const unsubscribe = await this.#options.bus.subscribe(subject, (data) => {
      if (life === this.#life) this.#take(data);
    });
    if (life === this.#life) this.#subscriptions.push(unsubscribe);
    else unsubscribe();
  }

  #sendToSelf(self: NodeId, kind: number, body: Uint8Array): void {
    queueMicrotask(() => {
      if (self === this.#self) this.#dispatch(self, kind, body);
    });
  }

  #with(node: NodeId, owner: ConversationOwner): Conversation {
    const known = this.#conversations.get(node);
    if (known !== undefined) return known;
    if (this.#conversations.size >= MAX_CONVERSATIONS) this.#forgetIdlest();
    const conversation = new Conversation(node, owner);
    if (this.#silent.has(node)) conversation.quiet = PULSES_PER_LEASE - PULSES_FOR_SILENT;
    this.#conversations.set(node, conversation);
    this.#greet(conversation);
    this.#greetAgainAfter(GREET_AGAIN_MS, conversation);
    return conversation;
  }

  #greetAgainAfter(ms: number, conversation: Conversation): void {
    if (ms >= this.#options.leaseMs / PULSES_PER_LEASE) return; // a pulse comes sooner
    const timer = setTimeout(() => {
      if (this.#conversations.get(conversation.node) !== conversation || conversation.theirs !== 0) return;
      this.#greet(conversation);
      this.#greetAgainAfter(2 * ms, conversation);
    }, ms);
    timer.unref();
  }

  #forgetIdlest(): void {
    let idlest: Conversation | undefined;
    for (const one of this.#conversations.values()) {
      if (one.holders === 0 && (idlest === undefined || one.idle > idlest.idle)) idlest = one;
    }
    idlest ??= this.#conversations.values().next().value;
    if (idlest !== undefined) this.#lose(idlest, "there are too many nodes");
  }

  #greet({ node, mine, theirs }: Conversation): void {
    this.#publish(this.#subjects.node(node), encodeHello(this.self, mine, theirs));
  }

  #greetOrFlush(conversation: Conversation): void {
    if (conversation.theirs === 0) this.#greet(conversation);
    else conversation.flush();
  }

  #flushLater(conversation: Conversation): void {
    if (this.#toFlush.push(conversation) > 1) return;
    setImmediate(() => {
      const conversations = this.#toFlush;
      this.#toFlush = [];
      for (const one of conversations) one.flush();
    });
  }

  #take(data: Uint8Array): void {
    const message = readBusMessage(data);
    if (message === undefined) return this.#faults.note("a bus message was not understood", { bytes: data.length });
    if (message.from === this.#self) {
      if (message.kind !== "broadcast") this.#faults.note("another node has the name of this one", {});
      return;
    }
    switch (message.kind) {
      case "hello":
        return this.#takeHello(message);
      case "over":
        return this.#takeOver(message);
      case "mail":
        return this.#takeMail(message, data);
      case "pulse":
        return this.#takePulse(message);
      case "broadcast":
        return this.#tell(
          this.#broadcastHandlers.get(data[message.at] ?? 0),
          message.from,
          data.subarray(message.at + 1),
        );
      case "foreign":
        return this.#refuseVersion(message, { version: message.version });
      default:
        message satisfies never;
    }
  }

  /** A node names its stream. One that named another before has begun anew. */
  #takeHello(message: BusMessage & { readonly kind: "hello" }): void {
    const { from, mine, theirs, versions } = message;
    const version = Math.min(versions.max, MAIL_VERSIONS.max);
    if (version < Math.max(versions.min, MAIL_VERSIONS.min)) return this.#refuseVersion(message, { versions });
    if (mine === 0 || this.#owner === undefined) return;
    const known = this.#conversations.get(from);
    if (known !== undefined && known.theirs !== 0 && known.theirs !== mine) this.#lose(known, "it has begun anew");
    const conversation = this.#with(from, this.#owner);
    conversation.theirs = mine;
    conversation.version = version;
    conversation.quiet = 0;
    this.#silent.delete(from);
    if (theirs !== conversation.mine) this.#greet(conversation);
    conversation.flush();
  }

  #takeOver({ from, mine, theirs, reason }: BusMessage & { readonly kind: "over" }): void {
    const conversation = this.#conversations.get(from);
    if (conversation === undefined || theirs !== conversation.mine) return;
    if (conversation.theirs !== 0 && mine !== conversation.theirs && mine !== 0) return;
    const why = reason === "version" ? "it speaks another version" : "it has ended the conversation";
    this.#remove(conversation, why);
  }

  #takeMail(message: BusMessage & { readonly kind: "mail" }, data: Uint8Array): void {
    const conversation = this.#conversationOf(message);
    if (conversation === undefined) return;
    if (message.number !== conversation.received + 1) return this.#lose(conversation, "a message is missing");
    conversation.received = message.number;
    conversation.idle = 0;
    const isWhole = readItems(data, message.at, (kind, isMore, body) =>
      this.#takeItem(conversation, kind, isMore, body),
    );
    if (!isWhole) this.#lose(conversation, "a message was not understood");
  }

  #takeItem(conversation: Conversation, kind: number, isMore: boolean, body: Uint8Array): void {
    if (this.#conversations.get(conversation.node) !== conversation) return; // lost by what came before it
    if (conversation.partBytes + body.length > this.#maxBody) return this.#lose(conversation, "a body is too large");
    if (isMore) conversation.keepPart(body);
    else this.#dispatch(conversation.node, kind, conversation.partBytes > 0 ? conversation.takeParts(body) : body);
  }

  #takePulse(message: BusMessage & { readonly kind: "pulse" }): void {
    const conversation = this.#conversationOf(message);
    if (conversation === undefined) return;
    conversation.isWaitedFor = message.isWaiting;
    if (message.number > conversation.received) this.#lose(conversation, "the last message is missing");
  }

  /** The conversation that a message belongs to. The sender of one that belongs to none is told so. */
  #conversationOf({ from, mine, theirs }: BusMessage): Conversation | undefined {
    const conversation = this.#conversations.get(from);
    if (conversation?.mine === theirs && conversation.theirs === 0) conversation.theirs = mine; // its greeting was lost
    if (conversation?.mine === theirs && conversation.theirs === mine) {
      conversation.quiet = 0;
      return conversation;
    }
    this.#publish(this.#subjects.node(from), encodeOver(this.self, theirs, mine, "lost"));
    return undefined;
  }

  #refuseVersion({ from, mine, theirs }: BusMessage, about: object): void {
    this.#faults.note("a node speaks another version than this one", { node: from, ...about, own: MAIL_VERSIONS });
    this.#publish(this.#subjects.node(from), encodeOver(this.self, theirs, mine, "version"));
  }

  #dispatch(from: NodeId, kind: number, body: Uint8Array): void {
    this.#tell(this.#handlers.get(kind), from, body);
  }

  #tell(handler: MailHandler | undefined, from: NodeId, body: Uint8Array): void {
    try {
      handler?.(from, body);
    } catch (error) {
      this.#options.onBug(error);
    }
  }

  /** Says that this node is there, and which mail was its last, where either side waits for that; notices nodes that are silent. */
  #pulseAll(): void {
    const { now, leaseMs } = this.#options;
    for (const [node, since] of this.#silent) if (now() - since >= leaseMs) this.#silent.delete(node);
    for (const conversation of this.#conversations.values()) {
      conversation.idle += 1;
      const isWaiting = conversation.holders > 0 || conversation.idle < IDLE_PULSES;
      const isOver = !isWaiting && !conversation.isWaitedFor && !conversation.isWaiting;
      if (isOver) conversation.quiet = 0;
      else this.#pulseTo(conversation, isWaiting);
    }
  }

  #pulseTo(conversation: Conversation, isWaiting: boolean): void {
    const { node, mine, theirs, version } = conversation;
    conversation.quiet += 1;
    // Ticks do not add up while the process itself is held up.
    if (conversation.quiet >= PULSES_PER_LEASE) {
      conversation.isWaitedFor = false;
      if (isWaiting) {
        this.#silent.set(node, this.#options.now());
        return this.#lose(conversation, "it is silent");
      }
    }
    if (theirs === 0) return this.#greet(conversation);
    conversation.flush();
    if (conversation.queued > 0) return; // the pulse would overtake it
    conversation.isWaiting = isWaiting;
    const { sent } = conversation; // what has just been flushed included
    this.#publish(this.#subjects.node(node), encodePulse({ version, from: this.self, mine, theirs }, sent, isWaiting));
  }

  /** Ends a conversation, and tells the node so. */
  #lose(conversation: Conversation, why: string | undefined): void {
    const { node, mine, theirs } = conversation;
    if (this.#conversations.get(node) !== conversation) return;
    this.#publish(this.#subjects.node(node), encodeOver(this.self, mine, theirs, "lost"));
    this.#remove(conversation, why);
  }

  #remove(conversation: Conversation, why: string | undefined): void {
    const { node } = conversation;
    this.#conversations.delete(node);
    conversation.close();
    if (why !== undefined) this.#faults.note("a node was lost", { node, why });
    for (const handler of this.#lostHandlers) {
      try {
        handler(node);
      } catch (error) {
        this.#options.onBug(error);
      }
    }
  }

  /** For what may be lost: it is said again, or its loss is noticed. */
  #publish(subject: string, message: Uint8Array): void {
    const noteUntaken = (): void => this.#faults.note("the bus did not take a message", {});
    try {
      const published: Eventually<unknown> = this.#options.bus.publish(subject, message);
      if (isLater(published)) void Promise.resolve(published).catch(noteUntaken);
    } catch {
      noteUntaken();
    }
  }
}
