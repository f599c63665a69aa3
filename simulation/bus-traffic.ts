/**
 * What links say over the bus in one second of play: each frame of a phone that is at another node than its room, as the links write it. What one turn of a node
 * says to another leaves in one bus message (`NodeMail`), so frames are counted by turn and pair of nodes.
 */
import { createRandom } from "../src/chaos/random.ts";
import {
  controlHead,
  encodeCount,
  encodeLinkId,
  frameHead,
  REPORT_BYTES,
  TO_EDGE,
  TO_HOME,
} from "../src/cluster/link/link-format.ts";
import { encodePulse, ITEM_BYTES, mailHeadBytes, MAIL_VERSIONS } from "../src/cluster/mail/mail-format.ts";
import { ACK_AFTER_MS } from "../src/sdk/reliable-connection.ts";
import type { WorldParameters } from "./parameters.ts";

export interface BusTraffic {
  /** Phones at another node than their room's home. */
  readonly linkedPhones: number;
  /** Frames that travel over links each second, one for each phone that it is for. */
  readonly frames: number;
  /** Bus messages each second, the pulses included, and their bytes. */
  readonly messages: number;
  readonly bytes: number;
  readonly pulses: number;
  /** Of one node each second: what it publishes. */
  readonly messagesOfNode: number;
}

/** Where the phones are. */
export interface Placement {
  readonly roomOf: Uint32Array;
  readonly edgeOf: Int16Array;
  readonly homeOf: Int16Array;
}

const WINDOW_MS = 1_000;
const PULSES_PER_LEASE = 5;
/** A life's name, as nanoid draws it. */
const A_LIFE = "x".repeat(21);
/** What `couchwire.v1` says for an ack: NUL, a word and a count. */
const ACK_BYTES = 10;

const MAIL_HEAD = mailHeadBytes(A_LIFE);
const FRAME_HEAD = ITEM_BYTES + frameHead(TO_HOME.binary, 0).length;
const LINK_ID = encodeLinkId(1).length;
const REPORT = ITEM_BYTES + controlHead(TO_EDGE.taken, 1).length + encodeCount(0).length;
const PULSE_HEAD = { version: MAIL_VERSIONS.max, from: A_LIFE, mine: 1, theirs: 1 };
const PULSE = encodePulse(PULSE_HEAD, 1, true).length;

/** Counts one second. The phones come first in `placement`, those of a room side by side. */
export function countBusTraffic(parameters: WorldParameters, placement: Placement): BusTraffic {
  const { nodes, phones, leaseMs, turnMs, seed } = parameters;
  const { roomOf, edgeOf, homeOf } = placement;
  const turns = Math.ceil(WINDOW_MS / turnMs);
  const random = createRandom(seed);
  /** Bit by bit: whether that turn says something to that node. */
  const said = new Uint8Array(turns * nodes * nodes);
  let [linkedPhones, frames, messages, bytes] = [0, 0, 0, 0];

  const say = (turn: number, from: number, to: number, size: number): void => {
    const slot = (turn * nodes + from) * nodes + to;
    bytes += size;
    if (said[slot] === 1) return;
    said[slot] = 1;
    messages += 1;
    bytes += MAIL_HEAD;
  };
  /** So many times a second, evenly apart from a random moment on. */
  const timesOf = (rate: number): number[] => {
    const from = random.next();
    const count = Math.floor(rate) + Number(random.next() < rate - Math.floor(rate));
    return Array.from({ length: count }, (_, index) => Math.floor((((index + from) / count) % 1) * turns));
  };

  const { phoneFrames, phoneFrameBytes, hostFrames, hostFrameBytes, answerFrames, answerFrameBytes } = parameters;
  const heard = hostFrames + answerFrames;
  // A phone acknowledges half a second after the first frame that it has not acknowledged.
  const acks = heard > 0 ? 1_000 / (ACK_AFTER_MS + 1_000 / heard) : 0;
  for (let first = 0; first < phones;) {
    const room = roomOf[first];
    let end = first;
    while (end < phones && roomOf[end] === room) end += 1;
    /** Phones of this room by the node that they arrived at. */
    const linked = new Map<number, number>();
    const home = homeOf[first] ?? -1;
    for (let phone = first; phone < end; phone++) {
      const edge = edgeOf[phone] ?? -1;
      if (edge < 0 || home < 0 || edge === home) continue;
      linkedPhones += 1;
      linked.set(edge, (linked.get(edge) ?? 0) + 1);
      for (const turn of timesOf(phoneFrames)) say(turn, edge, home, FRAME_HEAD + phoneFrameBytes + LINK_ID);
      for (const turn of timesOf(acks)) say(turn, edge, home, FRAME_HEAD + ACK_BYTES + LINK_ID);
      for (const turn of timesOf(answerFrames)) say(turn, home, edge, FRAME_HEAD + answerFrameBytes + LINK_ID);
      frames += phoneFrames + acks + heard;
    }
    for (const turn of timesOf(hostFrames)) {
      for (const [edge, links] of linked) say(turn, home, edge, FRAME_HEAD + hostFrameBytes + links * LINK_ID);
    }
    first = end;
  }
  // Either end reports what it has taken, each so many bytes; those of a link are few a second.
  const reports = (linkedPhones * (hostFrames * hostFrameBytes + answerFrames * answerFrameBytes)) / REPORT_BYTES;
  const pulses = (nodes * (nodes - 1) * PULSES_PER_LEASE * 1_000) / leaseMs;
  return {
    linkedPhones,
    frames: Math.round(frames),
    messages: Math.round(messages + pulses + reports),
    bytes: Math.round(bytes + pulses * PULSE + reports * (MAIL_HEAD + REPORT)),
    pulses: Math.round(pulses),
    messagesOfNode: (messages + pulses + reports) / nodes,
  };
}

/** Phones and rooms as a balancer without stickiness places them, for sizes of which no world is needed. */
export function placeAtRandom({ seed, nodes, rooms, phones }: WorldParameters): Placement {
  const random = createRandom(seed).fork(1);
  const roomOf = Uint32Array.from({ length: phones }, () => random.whole(0, rooms - 1)).toSorted();
  const homes = Int16Array.from({ length: rooms }, () => random.whole(0, nodes - 1));
  return {
    roomOf,
    edgeOf: Int16Array.from({ length: phones }, () => random.whole(0, nodes - 1)),
    homeOf: Int16Array.from(roomOf, (room) => homes[room] ?? -1),
  };
}
