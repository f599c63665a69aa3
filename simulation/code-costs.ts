/** What a code costs when most of them are in use: the real pool of one node over a directory in which others have so many. */
import { createRandom } from "../src/chaos/random.ts";
import { keyOfCode } from "../src/cluster/room-keys.ts";
import { isOffensive, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../src/protocol/room-code.ts";
import { DirectoryMeter, DirectoryServer } from "./directory-server.ts";
import type { WorldParameters } from "./parameters.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface CodeCost {
  readonly inUse: number;
  /** For each room: claims, codes that they ask for, and codes that are let go again. */
  readonly claims: number;
  readonly asked: number;
  readonly released: number;
  /** Rooms that got no code, of those that asked. */
  readonly without: number;
  /** Microseconds of the directory's server for each room. */
  readonly us: number;
}

/** All codes of so many letters that are given to rooms. */
export function usableCodes(letters: number = ROOM_CODE_LENGTH): string[] {
  let codes = [""];
  for (let letter = 0; letter < letters; letter++) {
    codes = codes.flatMap((code) =>
      Array.from(ROOM_CODE_ALPHABET, (next) => code + next).filter((one) => !isOffensive(one)),
    );
  }
  return codes;
}

const OTHERS = "another-node";
const ROOMS = 300;

/** Opens rooms one after the other, while so many codes are another node's. */
export async function countCodeCost(parameters: WorldParameters, inUse: number): Promise<CodeCost> {
  const { seed, leaseMs, keepMs, callUs } = parameters;
  const clock = new VirtualClock();
  const server = new DirectoryServer({ clock, terms: { leaseMs, keepMs }, roundTripMs: 0, shards: 1, callUs });
  server.isInstant = true;
  const random = createRandom(seed);
  const codes = usableCodes();
  // The first places of a shuffled list are as good as any draw.
  for (let place = 0; place < inUse; place++) {
    const other = random.whole(place, codes.length - 1);
    [codes[place], codes[other]] = [codes[other] ?? "", codes[place] ?? ""];
  }
  server.table.enrol(OTHERS);
  server.table.claim(
    OTHERS,
    codes.slice(0, inUse).map((code) => ({ key: keyOfCode(code), record: new Uint8Array(1) })),
  );
  const node = new SimulatedNode({
    index: 0,
    clock,
    server,
    parameters,
    random,
    onLost: () => {},
    onReopened: () => {},
  });
  await node.lease.start();
  await clock.pass(1); // the pool is full
  const meter = new DirectoryMeter();
  server.meter = meter;
  let without = 0;
  for (let room = 0; room < ROOMS; room++) {
    const code = await node.takeCode();
    await clock.pass(0);
    if (code === undefined) without += 1;
    else server.table.release(node.lease.node ?? "", keyOfCode(code), 1); // as many stay in use
  }
  return {
    inUse,
    claims: meter.count("claim") / ROOMS,
    asked: meter.claimedCodes / ROOMS,
    released: meter.count("release") / ROOMS,
    without,
    us: (meter.claimedCodes * callUs.claim + meter.count("release") * callUs.release) / ROOMS,
  };
}
