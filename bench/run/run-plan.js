/** Takes all turns of a plan, one after the other. */
import { setTimeout } from "node:timers/promises";
import { costOf } from "../report/statistics.js";
import { runLoad } from "./load-process.js";
import { startServer } from "./server-process.js";
import { countSystemCalls } from "./system-calls.js";
import { turnsOf } from "./turns.js";

/** Before a noisy turn is taken again, for others to be done with what they do. */
const PAUSE_MS = 3000;

/** Each turn connects from other loopback addresses, because used ports rest for a minute. */
const FIRST_ADDRESS = 1;
const ADDRESSES = 250;
const ADDRESSES_PER_TURN = 4;

/**
 * @param {import("../command-line.js").Plan} plan
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 */
export async function runPlan(plan, signal, say) {
  const turns = turnsOf(plan);
  const runs = [];
  for (const [index, turn] of turns.entries()) {
    if (signal.aborted) break;
    const { row, label, repetition } = turn;
    const title = `[${index + 1}/${turns.length}] ${row.name} · ${label} · ${repetition}`;
    const firstAddress = FIRST_ADDRESS + ((index * ADDRESSES_PER_TURN) % ADDRESSES);
    let measured = await take(turn, plan, firstAddress, signal);
    for (let again = 0; measured.isNoisy && again < plan.patience && !signal.aborted; again += 1) {
      say(`${title}: noisy, they waited for a processor ${percent(measured.waitedShare)} of the time; once more`);
      await setTimeout(PAUSE_MS);
      measured = await take(turn, plan, firstAddress, signal);
    }
    if (signal.aborted) break;
    const run = { row: row.name, peer: label, repetition, ...measured };
    runs.push(run);
    for (const line of alarms(run)) say(`!!! ${title}: ${line}`);
    say(`${title}: ${summary(run)}`);
  }
  return runs;
}

/**
 * One peer in one row, once. A failure is a result too: the others go on.
 * @param {import("./turns.js").Turn} turn @param {import("../command-line.js").Plan} plan @param {number} firstAddress @param {AbortSignal} signal
 */
async function take({ scene, peer }, plan, firstAddress, signal) {
  let server;
  let endCount;
  try {
    server = await startServer(peer.launch(scene));
    const { ports, pids, ask } = server;
    const answers = {};
    const task = {
      dialectUrl: peer.dialect.href,
      row: scene,
      ports,
      serverPids: pids,
      warmUpMs: plan.isQuick ? plan.warmUpMs : Math.max(plan.warmUpMs, scene.leastWarmUpMs ?? 0),
      measureMs: Math.max(plan.measureMs, scene.leastMeasureMs ?? 0),
      firstAddress,
    };
    let systemCalls;
    const measured = await runLoad(task, signal, async (phase) => {
      if (phase === "measuring" && plan.isTraced) endCount = await countSystemCalls(pids[0]);
      if (phase === "measured") systemCalls = await endCount?.();
      for (const question of questionsAt(phase, scene)) answers[`${phase}: ${question}`] = await ask(question);
    });
    return {
      ...measured,
      ...costOf(measured),
      systemCalls,
      loopDelay: answers["measured: end delay"],
      heap: heapOf(answers["started: collect garbage"], answers["joined: collect garbage"], measured.connections),
    };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    await endCount?.();
    await server?.close();
  }
}

/** What the server is asked when the load generator is so far. @param {string} phase @param {import("../rows/index.js").Row} row */
function questionsAt(phase, row) {
  if (phase === "measuring") return ["begin delay"];
  if (phase === "measured") return ["end delay"];
  // Only where memory is what a row is about: elsewhere a server collects when it wants.
  return row.isQuiet && (phase === "started" || phase === "joined") ? ["collect garbage"] : [];
}

/** Bytes of JavaScript's own heap, and beside it, for each connection. */
function heapOf(before, after, connections) {
  if (before === undefined || after === undefined) return undefined;
  return {
    heapPerConnection: (after.heapUsed - before.heapUsed) / connections,
    externalPerConnection: (after.external - before.external) / connections,
  };
}

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

/** The line of a stack that says what happened; all of it is in the results. @param {string} failure */
function tellingLine(failure) {
  const lines = failure.split("\n");
  return lines.find((line) => /^\w*Error/.test(line)) ?? lines[0];
}

/** What makes a figure worthless, said before the figure. */
function alarms({ failure, lost, wrong, problems }) {
  if (failure !== undefined) return [`FAILED: ${tellingLine(failure)}`];
  const lines = [];
  if (lost > 0) lines.push(`LOST ${lost} frames`);
  if (wrong > 0) lines.push(`${wrong} things WRONG: ${problems.join("; ")}`);
  return lines;
}

/** @param {object} run */
function summary({
  failure,
  systemCalls,
  whole,
  isNoisy,
  waitedShare,
  usPerFrame,
  framesPerSecond,
  latency,
  memory,
  joins,
  cpuShare,
}) {
  if (failure !== undefined) return "no figure";
  if (usPerFrame === undefined) {
    const kibibytes = (memory.perConnection / 1024).toFixed(1);
    return `${kibibytes} KiB a connection, ${Math.round(joins.perSecond)} joins/s, ${(cpuShare * 100).toFixed(1)} % CPU`;
  }
  if (systemCalls !== undefined) return `${describeCalls(systemCalls, whole.frames)} a frame`;
  const noise = isNoisy ? ` (noisy: they waited for a processor ${percent(waitedShare)} of the time)` : "";
  const times = Object.values(latency).map(({ p50, p99 }) => `${p50.toFixed(2)}/${p99.toFixed(2)} ms`);
  return `${usPerFrame.toFixed(2)} µs a frame, ${Math.round(framesPerSecond)} frames/s, p50/p99 ${times.join(", ")}${noise}`;
}

/** Those that there is more than one of in a hundred frames. @param {Record<string, number>} calls @param {number} frames */
function describeCalls(calls, frames) {
  const each = Object.entries(calls).map(([name, count]) => [name, count / frames]);
  return each
    .filter(([, perFrame]) => perFrame >= 0.01)
    .map(([name, perFrame]) => `${perFrame.toFixed(2)} ${name}`)
    .join(", ");
}
