/** A party of eight phones and a TV on the SDK, all nine through the cutting proxy: over a thousand lines are cut, and every frame arrives once and in order. */
import { jest } from "@jest/globals";
import { NO_FAULTS } from "../../src/chaos/fault-profile.ts";
import { startServer } from "../support/server.ts";
import { ChaosParty } from "./party.ts";

const PHONES = 8;
const FRAMES_PER_PHONE = 2_500;
const FRAMES = PHONES * FRAMES_PER_PHONE;
const MIN_CUTS = 1_000;
const BOUND_MS = 110_000;

const ODDS = { ...NO_FAULTS, reset: 10, end: 10, deaf_server: 2, late: 2, deaf_client: 0.05, stall: 1, delay: 1 };
const FAULT_PROFILES = {
  // From the middle of a handshake to some dozen frames.
  phones: { bytes: [40, 2_600], odds: ODDS, stallMs: 60, delayMs: 20 },
  testHost: { bytes: [40, 60_000], odds: ODDS, stallMs: 60, delayMs: 20 },
} as const;

/** Impatient, so that a line which is dead for one side is soon dead for both. */
const SERVER = {
  hostRate: 0,
  playerRate: 0,
  playerBytes: 0,
  maxConnections: 100_000,
  pingMs: 1_000,
  idleMs: 3_000,
  awayMs: 50,
};

jest.setTimeout(BOUND_MS + 30_000);

function sum(ways: ChaosParty["ups"]): number {
  return ways.reduce((total, { deliveryLog }) => total + deliveryLog.got, 0);
}

/** What comes of such a party where every frame arrives once: none is missing, and enough lines were cut for that to mean something. */
export const EVERY_FRAME_ONCE = { up: FRAMES, down: FRAMES, missing: "", isCutOften: true };

/** Plays such a party, with cuts drawn from this seed. */
export async function playCutParty(seed: number): Promise<typeof EVERY_FRAME_ONCE> {
  const startedAt = performance.now();
  const party = await ChaosParty.begin({
    server: await startServer(SERVER),
    seed,
    faultProfile: FAULT_PROFILES,
    phones: PHONES,
    frames: FRAMES_PER_PHONE,
    window: 16,
    boundMs: BOUND_MS,
  });
  await party.arrived;

  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const { phones, testHost } = party.proxies;
  const faults = JSON.stringify({ phones: phones.counts, testHost: testHost.counts });
  process.stdout.write(`seed ${seed}: ${party.cuts} cuts in ${seconds} s, ${faults}\n`);
  return { up: sum(party.ups), down: sum(party.downs), missing: party.missing, isCutOften: party.cuts >= MIN_CUTS };
}
