/** All turns of a plan: row by row, and within a row the peers in turn, A B C A B C, so that what drifts meets all of them. */
import { costOf } from "../report/statistics.js";
import { runLoad } from "./load-process.js";
import { startServer } from "./server-process.js";

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
  const turns = plan.rows.flatMap((row) =>
    Array.from({ length: plan.repetitions }, (_, index) => index + 1).flatMap((repetition) =>
      plan.peers.map((peer) => ({ row, repetition, peer })),
    ),
  );
  const runs = [];
  for (const [index, { row, repetition, peer }] of turns.entries()) {
    if (signal.aborted) break;
    const title = `[${index + 1}/${turns.length}] ${row.name} · ${peer.name} · ${repetition}`;
    const lacks = (row.needs ?? []).filter((need) => !peer.can.includes(need));
    if (lacks.length > 0) {
      say(`${title}: skipped, it has no ${lacks.join(" and no ")}`);
      continue;
    }
    const firstAddress = FIRST_ADDRESS + ((index * ADDRESSES_PER_TURN) % ADDRESSES);
    const measured = await takeTurn({ row, peer, plan, firstAddress, signal });
    const run = { row: row.name, peer: peer.name, repetition, ...measured };
    if (signal.aborted) break;
    runs.push(run);
    for (const line of alarms(run)) say(`!!! ${title}: ${line}`);
    say(`${title}: ${summary(run)}`);
  }
  return runs;
}

/** One peer in one row, once. A failure is a result too: the others go on. */
async function takeTurn({ row, peer, plan, firstAddress, signal }) {
  let server;
  try {
    server = await startServer(peer.launch(row));
    const { port, pids, delay } = server;
    const { warmUpMs, measureMs } = plan;
    let loopDelay = Promise.resolve(undefined);
    const task = { dialectUrl: peer.dialect.href, row, port, serverPids: pids, warmUpMs, measureMs, firstAddress };
    const measured = await runLoad(task, signal, (phase) => {
      if (phase === "measuring") delay.begin();
      if (phase === "measured") loopDelay = delay.end();
    });
    return { ...measured, ...costOf(measured), loopDelay: await loopDelay };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    await server?.close();
  }
}

/** What makes a figure worthless, said before the figure. */
function alarms({ failure, lost, wrong, problems }) {
  if (failure !== undefined) return [`FAILED: ${failure}`];
  const lines = [];
  if (lost > 0) lines.push(`LOST ${lost} frames`);
  if (wrong > 0) lines.push(`${wrong} things WRONG: ${problems.join("; ")}`);
  return lines;
}

/** @param {object} run */
function summary({ failure, usPerFrame, framesPerSecond, latency }) {
  if (failure !== undefined) return "no figure";
  const times = Object.values(latency).map(({ p50, p99 }) => `${p50.toFixed(2)}/${p99.toFixed(2)} ms`);
  return `${usPerFrame.toFixed(2)} µs a frame, ${Math.round(framesPerSecond)} frames/s, p50/p99 ${times.join(", ")}`;
}
