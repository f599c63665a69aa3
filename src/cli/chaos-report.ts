/** What `couchwire chaos` says while it runs, and in the end. */
import { DEEDS } from "../chaos/misbehaviour.ts";
import type { ChaosPlan, ChaosResult, Progress } from "../chaos/run-chaos.ts";

export function describePlan({ server, code, phones, minutes, seed }: ChaosPlan): string {
  const where = code === undefined ? `a room of its own at ${server}` : `room ${code} at ${server}`;
  return `Chaos: ${count(phones, "phone")}, ${count(minutes, "minute")}, in ${where}. The seed is ${seed}.\n`;
}

export function describeProgress({ seconds, deeds, framesUp, framesDown }: Progress, { minutes }: ChaosPlan): string {
  const time = `${clock(seconds)} of ${clock(minutes * 60)}`;
  return `  ${time}  ${count(deeds, "misdeed")}, ${count(framesUp, "frame")} up, ${framesDown} down\n`;
}

export function describeResult({ isExact, deeds, findings, notes, faults }: ChaosResult): string {
  const done = DEEDS.flatMap(([deed, what]) => {
    const times = deeds[deed];
    return times === undefined ? [] : [`  ${String(times).padStart(5)}  ${what}`];
  });
  const verdict = isExact ? "Exact: nothing was lost, doubled or out of order." : "Not exact:";
  return [
    "What was done:",
    ...done,
    "What came of it:",
    ...[...findings, ...notes].map(indent),
    verdict,
    ...faults.map(indent),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

function indent(line: string): string {
  return `  ${line}`;
}
