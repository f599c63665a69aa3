/** What the simulation takes for granted: the size of the world, what its people do, and what machines cost. Each says where its default is from. */
import type { DirectoryCallName } from "./directory-server.ts";

export interface WorldParameters {
  readonly seed: number;
  readonly nodes: number;
  readonly rooms: number;
  readonly phones: number;
  /** `COUCHWIRE_LEASE_MS`. */
  readonly leaseMs: number;
  /** For which an entry is kept that nothing writes: `directoryTerms` of the default options. */
  readonly keepMs: number;
  /** `COUCHWIRE_CODE_COOLDOWN_MS`. */
  readonly codeCooldownMs: number;

  /** A room is closed and another opened in its place after so long, on average: an evening of some games. */
  readonly roomLifeMs: number;
  /** The phones of a new room join within this time. */
  readonly joinWithinMs: number;
  /** A phone loses its connection once in so long, on average: it is locked, or changes networks. */
  readonly phoneUpMs: number;
  /** A room's record changes once in so long, on average, besides by those that join: the game saves. */
  readonly saveEveryMs: number;
  /** Of a room's record: `test/unit/simulation` measures one with eight seats and a checkpoint of 512 bytes. */
  readonly recordBytes: number;

  /** Frames that a phone says to its host each second, and their bytes: as `bench`'s `input`, at a party's pace. */
  readonly phoneFrames: number;
  readonly phoneFrameBytes: number;
  /** Frames that a host says to all its phones each second, and their bytes. */
  readonly hostFrames: number;
  readonly hostFrameBytes: number;
  /** Frames that a host says to each phone alone each second, and their bytes. */
  readonly answerFrames: number;
  readonly answerFrameBytes: number;
  /** Milliseconds of one turn of a node's event loop: what a turn says to one node leaves in one bus message. */
  readonly turnMs: number;
  /** Pulses, of which a lease has five, after which a node that was silent before is lost again: `NodeMail`. */
  readonly pulsesForSilent: number;

  /** Milliseconds from a node to the directory's server, or to another node over the bus, and back. */
  readonly roundTripMs: number;
  /** Milliseconds in which a client has a connection, handshakes included. */
  readonly connectMs: number;
  /** Microseconds of a node's processor for a connection that comes: `bench`'s `joins`. */
  readonly joinUs: number;
  /** The same for a room that is opened again. */
  readonly reopenUs: number;
  /** Servers of the directory; keys are shared out by the code's first letters. */
  readonly shards: number;
  /** Microseconds of a directory server's one thread for each call; for `claim`, for each code. */
  readonly callUs: Readonly<Record<DirectoryCallName, number>>;
  /** Microseconds of the bus server's one thread for a message, with its delivery. */
  readonly publishUs: number;
}

/** 100,000 simple commands a second and core are ten microseconds each; a script is several commands. */
export const ASSUMED_CALL_US: WorldParameters["callUs"] = {
  enrol: 20,
  renew: 20,
  resign: 20,
  nodes: 20,
  claim: 10,
  find: 20,
  takeOver: 35,
  reclaim: 35,
  save: 25,
  release: 25,
  alias: 30,
  unalias: 15,
  resolve: 15,
  age: 15,
};

export const DEFAULTS: WorldParameters = {
  seed: 21,
  nodes: 100,
  rooms: 70_000,
  phones: 600_000,
  leaseMs: 5_000,
  keepMs: 600_000,
  codeCooldownMs: 60_000,
  roomLifeMs: 2_400_000,
  joinWithinMs: 60_000,
  phoneUpMs: 600_000,
  saveEveryMs: 10_000,
  recordBytes: 1_850,
  phoneFrames: 1,
  phoneFrameBytes: 24,
  hostFrames: 2,
  hostFrameBytes: 300,
  answerFrames: 0.5,
  answerFrameBytes: 100,
  turnMs: 1,
  pulsesForSilent: 2,
  roundTripMs: 1,
  connectMs: 100,
  joinUs: 150,
  reopenUs: 300,
  shards: 1,
  callUs: ASSUMED_CALL_US,
  publishUs: 10,
};

/** The same cluster with fewer nodes: each of them has as many rooms and phones. */
export function withNodes(parameters: WorldParameters, nodes: number): WorldParameters {
  const share = nodes / parameters.nodes;
  return {
    ...parameters,
    nodes,
    rooms: Math.round(parameters.rooms * share),
    phones: Math.round(parameters.phones * share),
  };
}
