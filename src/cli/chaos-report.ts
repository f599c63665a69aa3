/** What `couchwire chaos` says while it runs, and in the end. */
import { DEEDS } from "../chaos/misbehaviour.ts";
import type { ChaosPlan, ChaosResult, Progress } from "../chaos/plan.ts";

export function describePlan({ server, code, phones, minutes, seed }: ChaosPlan): string {
  const where = code === undefined ? `a room of its own at ${server}` : `room ${code} at ${server}`;
  return `Chaos: ${count(phones, "phone")}, ${count(minutes, "minute")}, in ${where}. The seed is ${seed}.\n`;
}

export function describeProgress({ seconds, deeds, framesUp, framesDown }: Progress, { minutes }: ChaosPlan): string {
  const time = `${clock(seconds)} of ${clock(minutes * 60)}`;
  return `  ${time}  ${count(deeds, "misdeed")}, ${count(framesUp, "frame")} up, ${framesDown} down\n`;
}

export function describeResult({ isReliable, isStopped, deeds, findings, notes, faults }: ChaosResult): string {
  const done = DEEDS.flatMap(([action, what]) => {
    const times = deeds[action];
    return times === undefined ? [] : [`  ${String(times).padStart(5)}  ${what}`];
  });
  return [
    "What was done:",
    ...done,
    "What came of it:",
    ...[...findings, ...notes].map(indent),
    describeVerdict(isReliable, isStopped),
    ...faults.map(indent),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function describeVerdict(isReliable: boolean, isStopped: boolean): string {
  if (isReliable) {
    return isStopped
      ? "Stopped early. So far nothing was doubled or out of order; what was under way is not judged."
      : "Exact: nothing was lost, doubled or out of order.";
  }
  return isStopped ? "Stopped early, and not exact so far:" : "Not exact:";
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
