/** Whether a run was exact, and what was wrong where it was not. */
import type { Phone } from "./phone.ts";
import type { TestHost } from "./test-host.ts";

export interface RunReport {
  readonly isReliable: boolean;
  /** What was found out, for people. */
  readonly findings: readonly string[];
  readonly faults: readonly string[];
}

/** What a game, or its host, may say to a phone without anything being wrong. */
const GAME_OVER: ReadonlySet<number> = new Set([1001, 4503]);
/** Closes at which a phone that had its seat, or should have got one, wonders. */
const NOBODY_GOT_IN = "No phone got into the room, so nothing was checked.";

/** In a room of the kit's own everything is known; but of a run that was stopped, not what would still have come. */
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
      faults.push(`Phone ${phone.lane}: it was closed with ${phone.end.code} ${phone.end.reason}`);
    if (!isStopped && !testHost.isLevelWith(phone)) faults.push(...missing(phone, testHost));
  }
  const findings = [
    `${up} frames of the phones arrived at the TV, ${down} of the TV at the phones.`,
    ...(repeated > 0
      ? [`${repeated} came again to a page that was loaded again before it could say it had them.`]
      : []),
  ];
  return { isReliable: faults.length === 0, findings, faults };
}

/** In another's game one sees what comes, and what does not come back. */
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
      faults.push(`Phone ${phone.lane}: it had a seat, and was closed with ${phone.end.code} ${phone.end.reason}`);
    }
  }
  const inside = phones.filter((phone) => phone.wasIn).length;
  if (inside === 0) faults.push(NOBODY_GOT_IN);
  const lost = phones.reduce((sum, phone) => sum + phone.lostFrames, 0);
  const findings = [
    `${inside} of ${phones.length} phones got a seat; ${frames} frames came to them, ${lost} were lost.`,
    `Closed: ${[...closes].map(([why, times]) => `${times} times ${why}`).join(", ") || "none"}.`,
  ];
  return { isReliable: faults.length === 0, findings, faults };
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
      ? [`Phone ${phone.lane} to TV: of page ${page}, numbers ${arrived + 1} to ${number} never came.`]
      : []),
    ...(came < sent ? [`TV to phone ${phone.lane}: numbers ${came + 1} to ${sent} never came.`] : []),
  ];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
