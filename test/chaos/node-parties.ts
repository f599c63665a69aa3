/** Many parties at one time: opens them, keeps them under play, and waits for what has to come, within a bound. */
import { onTestEnd } from "../support/clean-up.ts";
import { NodeParty, type PartyPlaces } from "./node-party.ts";

const OPENED_AT_ONCE = 20;
const PLAY_EVERY_MS = 250;
/** What recovery may take at all, before the test says which rooms are not back. */
const BOUND_MS = 60_000;
const LOOK_AGAIN_MS = 20;

export async function openParties(count: number, places: PartyPlaces): Promise<NodeParty[]> {
  const parties: NodeParty[] = [];
  while (parties.length < count) {
    const some = Math.min(OPENED_AT_ONCE, count - parties.length);
    parties.push(...(await Promise.all(Array.from({ length: some }, () => NodeParty.over(places)))));
  }
  return parties;
}

/** All sides say their next numbers, again and again, until this is called off or the test ends. */
export function keepPlaying(parties: readonly NodeParty[]): () => void {
  const playing = setInterval(() => parties.forEach((party) => party.play()), PLAY_EVERY_MS);
  const stop = (): void => clearInterval(playing);
  onTestEnd(stop);
  return stop;
}

/** Waits until each party, or these phones of it, has played since that moment; returns after how many milliseconds each had. */
export async function untilPlayed(
  parties: readonly NodeParty[],
  moment: number,
  phones?: readonly number[],
): Promise<readonly number[]> {
  const times = new Map<NodeParty, number>();
  await untilAll(parties, "all rooms are played", (party) => {
    if (!party.hasPlayedSince(moment, phones)) return false;
    if (!times.has(party)) times.set(party, performance.now() - moment);
    return true;
  });
  return [...times.values()];
}

/** Waits until it is so for all parties, or fails with those for which it is not. Returns after how many milliseconds it was so for each. */
export async function untilAll(
  parties: readonly NodeParty[],
  what: string,
  isSo: (party: NodeParty) => boolean,
): Promise<readonly number[]> {
  const since = performance.now();
  const times = new Map<NodeParty, number>();
  for (;;) {
    const late = parties.filter((party) => !isSo(party));
    const passed = performance.now() - since;
    for (const party of parties) if (!late.includes(party) && !times.has(party)) times.set(party, passed);
    if (late.length === 0) return [...times.values()];
    if (passed > BOUND_MS) {
      const faults = late.slice(0, 5).map(({ code, faults: of, roster }) => `${code} (${roster}): ${of.join("; ")}`);
      throw new Error(`It never came to this: ${what}. ${late.length} rooms are late: ${faults.join(" | ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** All phones have seats, and something has arrived on every way. */
export async function untilUnderPlay(parties: readonly NodeParty[]): Promise<void> {
  await untilAll(parties, "all phones have seats", ({ isComplete }) => isComplete);
  await untilPlayed(parties, performance.now());
}

/** The TV of each knows its phones, no other ones, and none of them as away. */
export async function untilWhole(parties: readonly NodeParty[]): Promise<void> {
  await untilAll(parties, "the TV has all phones and no other", ({ isWhole }) => isWhole);
}

/** Prints how long something took, in milliseconds for each party. */
export function tellTimes(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other);
  const [p50 = 0, p99 = 0] = [0.5, 0.99].map((part) => sorted[Math.floor(part * (sorted.length - 1))]);
  process.stdout.write(`${what} after ${Math.round(p50)} ms (p50), ${Math.round(p99)} ms (p99)\n`);
}

/** What is wrong with these parties: what came twice, too late or in a wrong seat, and what was lost without a word. */
export function wrongsOf(parties: readonly NodeParty[]): readonly string[] {
  return parties.flatMap(({ faults, silentLosses }) => [...faults, ...silentLosses]);
}
