/** Single steps with what a directory keeps in NATS, each of which reads once or writes once. */
import type { NodeId } from "../ports.ts";
import { unlessChanged, valueIn, type NatsBuckets } from "./nats-buckets.ts";
import { decodeEntry, encodeEntry, type StoredEntry } from "./nats-entry.ts";

/** Times that a step is begun again because another node changed the entry in between. */
const MAX_TRIES = 50;

/** An entry as it stood at one revision. */
export interface HeldEntry extends StoredEntry {
  readonly revision: number;
}

export async function isAlive({ leases }: NatsBuckets, node: NodeId): Promise<boolean> {
  return (await valueIn(leases, node)) !== undefined;
}

export async function entryIn({ entries }: NatsBuckets, key: string): Promise<HeldEntry | undefined> {
  const found = await valueIn(entries, partOf(key));
  return found && { ...decodeEntry(key, found.value), revision: found.revision };
}

/** `false` where the entry has changed since it was read. */
export async function writeEntry(
  { entries }: NatsBuckets,
  key: string,
  { revision, ...entry }: HeldEntry,
): Promise<boolean> {
  return (await unlessChanged(entries.update(partOf(key), encodeEntry(entry), revision))) !== undefined;
}

/** Any text as one part of a key in NATS. */
export function partOf(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** Begins again where a step has found that another node was faster. */
export async function untilUnchanged<T>(step: () => Promise<{ readonly answer: T } | undefined>): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const done = await step();
    if (done !== undefined) return done.answer;
  }
  throw new Error(`other nodes changed the same entry ${MAX_TRIES} times in between.`);
}
