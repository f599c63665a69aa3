/**
 * Subjects of the bus. Names of rooms and channels are any text, and a subject has letters, digits, `_`, `-` and `.` only: NATS gives a meaning to `*`, `>`
 * and spaces, patterns of Redis one to `*`, `?` and `[`. Two names never have one subject.
 */
import { createHash } from "node:crypto";
import type { NodeId } from "./ports.ts";

/** Characters of the longest part; a name that needs more has the hash of all of it. */
export const MAX_PART_LENGTH = 100;

const SPECIAL = /[^A-Za-z0-9-]/g;
/** No escaped name begins so: behind its first `_` stands a digit of an escape, or nothing. */
const HASHED = "__";
const EMPTY = "_";

/**
 * The name as one part of a subject: letters, digits and `-` stand for themselves, every other UTF-16 code unit is `_` and its number in four digits. So
 * halves of surrogate pairs are told apart too.
 */
export function subjectPart(name: string): string {
  if (name === "") return EMPTY;
  if (name.length > MAX_PART_LENGTH) return hashed(name);
  const part = name.replaceAll(SPECIAL, escaped);
  return part.length > MAX_PART_LENGTH ? hashed(name) : part;
}

function escaped(character: string): string {
  return `_${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** UTF-8 would make one of all halves of surrogate pairs. */
function hashed(name: string): string {
  return `${HASHED}${createHash("sha256").update(Buffer.from(name, "utf16le")).digest("base64url")}`;
}

/** The subjects of one cluster. Clusters with other prefixes may share a bus. */
export class Subjects {
  readonly prefix: string;
  /** What all nodes hear. */
  readonly all: string;
  /** What nodes without a directory hear of the channels of rooms that end. */
  readonly endedRooms: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.all = `${prefix}.all`;
    this.endedRooms = `${prefix}.ended-rooms`;
  }

  /** What one node hears. */
  node(id: NodeId): string {
    return `${this.prefix}.node.${subjectPart(id)}`;
  }

  /** What nodes hear that have a subscriber of this channel. */
  channel(name: string): string {
    return `${this.prefix}.channel.${subjectPart(name)}`;
  }
}
