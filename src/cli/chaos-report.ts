/** The text that `couchwire chaos` prints. */
import { ACTION_LABELS } from "../chaos/misbehaviour.ts";
import type { ChaosPlan, ChaosResult, Progress } from "../chaos/plan.ts";

export function describePlan({ server, code, phones, minutes, seed }: ChaosPlan): string {
  const where = code === undefined ? `a room of its own at ${server}` : `room ${code} at ${server}`;
  return `Chaos: ${count(phones, "phone")}, ${count(minutes, "minute")}, in ${where}. The seed is ${seed}.\n`;
}

export function describeProgress({ seconds, actions, framesUp, framesDown }: Progress, { minutes }: ChaosPlan): string {
  const time = `${clock(seconds)} of ${clock(minutes * 60)}`;
  return `  ${time}  ${count(actions, "action")}, ${count(framesUp, "frame")} up, ${framesDown} down\n`;
}

export function describeResult({ hasPassed, isStopped, actions, findings, notes, faults }: ChaosResult): string {
  const done = ACTION_LABELS.flatMap(([action, what]) => {
    const times = actions[action];
    return times === undefined ? [] : [`  ${String(times).padStart(5)}  ${what}`];
  });
  return [
    "Actions:",
    ...done,
    "Results:",
    ...[...findings, ...notes].map(indent),
    describeOutcome(hasPassed, isStopped),
    ...faults.map(indent),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function describeOutcome(hasPassed: boolean, isStopped: boolean): string {
  if (hasPassed) {
    return isStopped
      ? "Stopped early. So far no frame was doubled or out of order; frames under way were not checked."
      : "Passed: no frame was lost, doubled or out of order.";
  }
  return isStopped ? "Stopped early. So far the run failed:" : "Failed:";
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
