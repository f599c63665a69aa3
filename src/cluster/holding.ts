/** One key that is at home at this node: by which life and fence it has it, what is behind it, and what the directory was told of that. */
import { createHash } from "node:crypto";
import type { Cancel } from "../room/ports.ts";
import type { NodeId } from "./ports.ts";

/** What is at home here under a key. */
export interface Tenant {
  /** What another node needs to go on with it. Asked when the record is to be written. */
  record(): Uint8Array;
  /** Another node has it by now: it is to end here, and to say nothing to the directory. */
  lost(): void;
}

export interface Holding {
  readonly key: string;
  /** The life of this node in which it was claimed. */
  life: NodeId;
  fence: number;
  /** `undefined`: the key is kept, and nothing is behind it. */
  tenant: Tenant | undefined;
  /** What an orphan came with, until it has its tenant. */
  inherited: Uint8Array | undefined;
  readonly aliases: Set<string>;
  /** When its record was looked at last. */
  savedAt: number;
  /** When the directory was given its record last. */
  writtenAt: number;
  /** The digest of that record; `undefined`: it may be another one. */
  written: string | undefined;
  isChanged: boolean;
  isSaving: boolean;
  cancelSave: Cancel | undefined;
}

export const NOTHING = new Uint8Array(0);

export function newHolding({
  now,
  ...known
}: Pick<Holding, "key" | "life" | "fence" | "tenant"> & { readonly now: number }): Holding {
  return {
    ...known,
    inherited: undefined,
    aliases: new Set(),
    savedAt: -Infinity,
    writtenAt: now,
    written: undefined,
    isChanged: false,
    isSaving: false,
    cancelSave: undefined,
  };
}

/** What another node needs to go on with it. */
export function recordOf({ tenant, inherited }: Holding): Uint8Array {
  return tenant?.record() ?? inherited ?? NOTHING;
}

/** Tells records apart. It is kept instead of the record, which may be large. */
export function digestOf(record: Uint8Array): string {
  return createHash("sha256").update(record).digest("base64");
}
