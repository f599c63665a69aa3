/**
 * What the two nodes of a share of an audience say to each other. A message is one byte for what it is, four for the number of the share, and its content. Numbers
 * are given once in the life of the home's process. What comes is input, so it is validated.
 */
import { z } from "zod";
import { MAX_POLL_ID_BYTES } from "../../protocol/command-fields.ts";
import type { ShareTerms, VoteReport } from "../../room/ports.ts";
import type { TallyCounts } from "../../room/tally.ts";
import { MAX_TALLIED_TEXTS } from "../../room/tally.ts";
import { VoteRound } from "../../room/vote-round.ts";
import { MAX_VOTE_BYTES } from "../../room/watchers.ts";
import { controlHead, readControl } from "./link-format.ts";

/** A node says in which version it counts votes when it sends a peer to its home. With one that says nothing of it, or 0, there are no shares. */
export const SHARE_VERSION = 1;

/** From the home of a room to the node of the watchers. */
export const SHARE_TO_EDGE = {
  /** The share begins, without watchers: `ShareTerms`. */
  open: 1,
  /** The peer of this link is a watcher of the share. */
  add: 2,
  /** Said to all of them. */
  text: 3,
  binary: 4,
  /** Another round of votes begins. */
  begin: 5,
  /** No watcher is left. */
  end: 6,
} as const;

/** From the node of the watchers to the home of the room. */
export const SHARE_TO_HOME = {
  report: 1,
  /** So many bytes of what was said to all have arrived. */
  taken: 2,
  /** The share has ended, and all its votes were told. */
  over: 3,
} as const;

/** The largest number of a share; a life of a process does not open so many. */
export const MAX_SHARE = 0xff_ff_ff_ff;
/** A report of 64 texts, each of which JSON writes with six letters for a byte, is less than half of this. */
export const MAX_SHARE_JSON_BYTES = 65_536;
const MAX_ROOM_LENGTH = 64;
const LINK_BYTES = 4;
const SPEAKS_CONTROL = 1;

const count = z.int().min(0);
const round = z.object({ number: count, poll: z.union([z.string().max(MAX_POLL_ID_BYTES), z.int()]).optional() });
const shareTerms = z.object({
  room: z.string().max(MAX_ROOM_LENGTH),
  limits: z.object({
    sendQueue: count,
    playerRate: z.number().min(0),
    playerBurst: z.number().min(0),
    playerBytes: z.number().min(0),
  }),
  round,
});
const voteText = z.string().refine((text) => Buffer.byteLength(text) <= MAX_VOTE_BYTES);
const voteReport = z.object({
  round: count,
  votes: z
    .object({
      texts: z
        .array(z.tuple([voteText, z.int().min(1)]))
        .max(MAX_TALLIED_TEXTS)
        .refine((texts) => new Set(texts.map(([text]) => text)).size === texts.length),
      other: count,
    })
    .optional(),
  isLast: z.boolean(),
  frames: count,
  bytes: count,
});

/** What comes before the content of each message. */
export const shareHead = controlHead;

/** The share that a message is for, and its content. */
export const readShare = readControl;

export function encodeShareTerms({ room, limits, round: present }: ShareTerms): Buffer {
  const { sendQueue, playerRate, playerBurst, playerBytes } = limits;
  const named = { sendQueue, playerRate, playerBurst, playerBytes };
  return encodeJson({ room, limits: named, round: plainRound(present) } satisfies z.input<typeof shareTerms>);
}

export function readShareTerms(content: Uint8Array): ShareTerms | undefined {
  const { data: read } = shareTerms.safeParse(decodeJson(content));
  return read && { ...read, round: new VoteRound(read.round.number, read.round.poll) };
}

export function encodeRound(begun: VoteRound): Buffer {
  return encodeJson(plainRound(begun));
}

export function readRound(content: Uint8Array): VoteRound | undefined {
  const { data: read } = round.safeParse(decodeJson(content));
  return read && new VoteRound(read.number, read.poll);
}

/** The link whose peer becomes a watcher. `speaksControl`: control frames of it are no votes. */
export function encodeAdded(link: number, speaksControl: boolean): Buffer {
  const content = Buffer.alloc(LINK_BYTES + 1);
  content[content.writeUInt32BE(link)] = speaksControl ? SPEAKS_CONTROL : 0;
  return content;
}

export function readAdded(content: Uint8Array): { readonly link: number; readonly speaksControl: boolean } | undefined {
  if (content.length < LINK_BYTES + 1) return undefined;
  const link = Buffer.from(content.buffer, content.byteOffset, LINK_BYTES).readUInt32BE();
  return { link, speaksControl: ((content[LINK_BYTES] ?? 0) & SPEAKS_CONTROL) !== 0 };
}

export function encodeReport({ round: number, sum, isLast, frames, bytes }: VoteReport): Buffer {
  const votes = sum && { texts: Object.entries(sum.tally), other: sum.other ?? 0 };
  return encodeJson({ round: number, votes, isLast, frames, bytes } satisfies z.input<typeof voteReport>);
}

export function readReport(content: Uint8Array): VoteReport | undefined {
  const { data: read } = voteReport.safeParse(decodeJson(content));
  if (read === undefined) return undefined;
  const { votes, ...rest } = read;
  const sum: TallyCounts | undefined = votes && { tally: Object.fromEntries(votes.texts), other: votes.other };
  return { ...rest, sum };
}

function plainRound({ number, poll }: VoteRound): z.input<typeof round> {
  return { number, poll };
}

function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function decodeJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_SHARE_JSON_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    return value;
  } catch {
    return undefined; // it is no message of this version
  }
}
