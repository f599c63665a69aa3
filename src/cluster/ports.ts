/**
 * What nodes need from what is between them: a `Bus` that carries bytes, and a `Directory` that knows which node is whose home. Redis, NATS and
 * this process stand behind these ports (`redis/`, `nats/`, `memory/`); a program may give `createServer` its own.
 */
import type { Eventually } from "../protocol/eventually.ts";

/** The name of one life of a node. A node whose lease was over takes a new one: under the old one nothing is ever its again. */
export type NodeId = string;

/** Ends a subscription. Safe twice. */
export type Unsubscribe = () => void;

/**
 * Carries bytes between nodes. Each subscriber of a subject gets what is published there, on this node too, at most once and, from one publisher, in
 * order. What is published while the bus is away may be lost: who needs more numbers it.
 */
export interface Bus {
  /** Subjects are 1 to 200 letters, digits, `_`, `-` and `.` (which ends a part of the name). The bytes are the bus's from now on. */
  publish(subject: string, data: Uint8Array): Eventually<unknown>;
  /** Answers once the subscription stands: what is published after that arrives. */
  subscribe(subject: string, listener: (data: Uint8Array) => void): Eventually<Unsubscribe>;
  /** Ends all subscriptions and connections. */
  close(): Eventually<unknown>;
  /** Whether the bus is there. @default it always is */
  readonly isUp?: boolean;
  /** `listener` is told when the bus goes away, or cannot be reached at first, and when it is there, with all subscriptions standing. @default it never goes away */
  onStatus?(listener: (isUp: boolean) => void): void;
}

/** What the directory keeps of something that has one home. */
export interface DirectoryEntry {
  /** The node that it is at home at. */
  readonly home: NodeId;
  /** Whether the lease of that node stands. */
  readonly isAlive: boolean;
  /** Grows by one with each change of the home (a fencing token): what a home writes with an older one is refused. */
  readonly fence: number;
  /** What another node needs to go on with it; empty where that is nothing. */
  readonly record: Uint8Array;
}

/**
 * Knows the home of rooms and channels by key. Nodes hold leases; an entry belongs to its home for as long as the lease of that node stands, and another
 * node may take it over after that. Every method is atomic over all nodes. All but `close` reject where the directory cannot be reached.
 *
 * Keys are 1 to 600 bytes of any text. An entry that its home has not saved for the time of `keepMs` is forgotten.
 */
export interface Directory {
  /** Begins the lease of a node. `false` where there is one of that name, or was a moment ago. */
  enrol(node: NodeId): Promise<boolean>;
  /** Prolongs the lease. `false`: it was over; the node is to take another name, and to claim again what it has. */
  renew(node: NodeId): Promise<boolean>;
  /** Ends the lease: what is at home there may be taken over at once. */
  resign(node: NodeId): Promise<void>;
  /** Nodes whose lease stands. */
  nodes(): Promise<readonly NodeId[]>;

  /** Makes the node the home of each of these keys that has no entry; returns which those are. Their fence is 1. */
  claim(
    node: NodeId,
    entries: readonly { readonly key: string; readonly record: Uint8Array }[],
  ): Promise<readonly string[]>;
  find(key: string): Promise<DirectoryEntry | undefined>;
  /**
   * Makes the node the home of an entry whose home has lost its lease, if its fence is still the one that was seen; the record stays. `undefined` where
   * another was first, the entry is gone, or the lease of its home stands.
   */
  takeOver(node: NodeId, key: string, seenFence: number): Promise<DirectoryEntry | undefined>;
  /**
   * Puts back an entry that the directory may have lost, or that belongs to an earlier life of the same node, with the next fence: where there is no entry,
   * or its home is `formerly` and its fence is `fence`. `undefined` where it is another's by now.
   */
  reclaim(
    node: NodeId,
    entry: { readonly key: string; readonly record: Uint8Array; readonly fence: number; readonly formerly: NodeId },
  ): Promise<DirectoryEntry | undefined>;
  /** Writes the record. `false` where the entry is no longer this node's with that fence. */
  save(node: NodeId, key: string, fence: number, record: Uint8Array): Promise<boolean>;
  /** Deletes the entry, if it is still this node's with that fence. */
  release(node: NodeId, key: string, fence: number): Promise<void>;

  /**
   * Names beside a key under which its entry is found, such as a host's session. Kept for as long as the entry; the newest call wins. Only the home of `key`
   * may call it.
   */
  alias(alias: string, key: string): Promise<void>;
  /** Ends an alias, if it stands for this key. */
  unalias(alias: string, key: string): Promise<void>;
  /** The key that this alias stands for. */
  resolve(alias: string): Promise<string | undefined>;

  /** Milliseconds since the directory began with nothing in it. Within one lease of that, what is not found may only be not there yet. */
  age(): Promise<number>;
  close(): Promise<void>;
}

/** What all nodes of one cluster agree on. */
export interface DirectoryTerms {
  /** Milliseconds for which a lease stands unless it is renewed. */
  readonly leaseMs: number;
  /** Milliseconds for which an entry is kept after its home has saved it last. Longer than rooms wait for their hosts. */
  readonly keepMs: number;
}
