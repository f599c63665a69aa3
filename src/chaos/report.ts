/** Decides whether a run passed, and lists its faults. */
import type { Phone } from "./phone.ts";
import type { TestHost } from "./test-host.ts";

export interface RunReport {
  readonly hasPassed: boolean;
  /** Sentences about what the run measured. */
  readonly findings: readonly string[];
  readonly faults: readonly string[];
}

/** Closes that are no fault of the server: the host closed the room (1001) or removed the player (4503). */
const GAME_OVER: ReadonlySet<number> = new Set([1001, 4503]);
const NO_PHONE_GOT_IN = "No phone got into the room, so nothing was checked.";

/** In the run's own room every frame is checked. After an early stop, frames under way do not count as missing. */
export function describeOwnRoom(phones: readonly Phone[], testHost: TestHost, isStopped: boolean): RunReport {
  const faults = [...testHost.faults];
  let up = 0;
  let down = 0;
  let repeated = 0;
  for (const phone of phones) {
    const player = testHost.playerOf(phone.lane);
    faults.push(...phone.faults, ...phone.deliveryLog.faults, ...(player?.deliveryLog.faults ?? []));
    up += player?.deliveryLog.got ?? 0;
    down += phone.deliveryLog.got;
    repeated += phone.deliveryLog.repeated;
    if (phone.end !== undefined)
      faults.push(`Phone ${phone.lane}: the server closed it with ${phone.end.code} ${phone.end.reason}`);
    if (!isStopped && !testHost.isLevelWith(phone)) faults.push(...missing(phone, testHost));
  }
  const findings = [
    `${up} frames from the phones arrived at the TV, ${down} frames from the TV arrived at the phones.`,
    ...(repeated > 0
      ? [`${repeated} frames were sent again, because a page was reloaded before it acknowledged them.`]
      : []),
  ];
  return { hasPassed: faults.length === 0, findings, faults };
}

/** In a foreign game only the gaps that the SDK reports and the closes are checked. */
export function describeGame(phones: readonly Phone[]): RunReport {
  const faults: string[] = [];
  const closes = new Map<string, number>();
  let frames = 0;
  for (const phone of phones) {
    faults.push(...phone.faults);
    frames += phone.frames;
    for (const { code } of phone.closes) count(closes, String(code));
    if (phone.end === undefined) continue;
    count(closes, `${phone.end.code} (${phone.end.reason})`);
    if (phone.wasIn && !GAME_OVER.has(phone.end.code)) {
      faults.push(
        `Phone ${phone.lane}: it had a seat, and the server closed it with ${phone.end.code} ${phone.end.reason}`,
      );
    }
  }
  const inside = phones.filter((phone) => phone.wasIn).length;
  if (inside === 0) faults.push(NO_PHONE_GOT_IN);
  const lost = phones.reduce((sum, phone) => sum + phone.lostFrames, 0);
  const findings = [
    `${inside} of ${phones.length} phones got a seat. ${frames} frames arrived at them, ${lost} were lost.`,
    `Closes: ${[...closes].map(([why, times]) => `${times} times ${why}`).join(", ") || "none"}.`,
  ];
  return { hasPassed: faults.length === 0, findings, faults };
}

function missing(phone: Phone, testHost: TestHost): string[] {
  const player = testHost.playerOf(phone.lane);
  const got = player?.deliveryLog.last;
  const { page, number } = phone.sent;
  const arrived = got?.page === page ? got.number : 0;
  const came = phone.deliveryLog.last?.number ?? 0;
  const sent = player?.sent ?? 0;
  return [
    ...(arrived < number
      ? [`Phone ${phone.lane} to TV: numbers ${arrived + 1} to ${number} of page ${page} never arrived.`]
      : []),
    ...(came < sent ? [`TV to phone ${phone.lane}: numbers ${came + 1} to ${sent} never arrived.`] : []),
  ];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
