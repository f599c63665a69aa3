/**
 * `node examples/big-two/stress.js [TABLES]`: so many tables of four bots play a hand at once on one node (1,000 without a number). Every play is judged a second
 * time. Prints how long the event loop kept others waiting.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { createServer, defineRoom } from "couchwire";
import { bigTwo } from "./room.js";
import { legal } from "./rules.js";

const THINK_MS = [20, 60];
/** Tables that are opened before others have their turn. */
const TABLES_AT_ONCE = 2;
const RESOLUTION_MS = 1;
const NS_IN_MS = 1e6;

/** @param {number} tables */
export async function stress(tables) {
  const counts = { tables, turns: 0, plays: 0, refused: 0, illegal: 0, over: 0 };
  let end;
  const whenOver = new Promise((resolve) => (end = resolve));
  const watched = defineRoom({
    ...bigTwo,
    onMessage(room, member, message) {
      const before = room.state.table.game;
      room.state.table.hear(member, message);
      const { game } = room.state.table;
      if (game === before) counts.refused += 1;
      else countMove(counts, before, game);
      if (game.phase === "game-over") counts.over += 1;
      if (counts.over === tables) end();
    },
  });
  const server = createServer({ port: 0, host: "127.0.0.1", logLevel: "warn", maxRooms: tables }, { rooms: [watched] });
  await server.listen();
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  for (let table = 0; table < tables; table++) {
    server.rooms.create("big-two", { name: `table ${table}`, meta: { bots: 4, hands: 1, thinkMs: THINK_MS } });
    if (table % TABLES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await whenOver;
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const ms = (percentile) => Math.max(0, delay.percentile(percentile) / NS_IN_MS - RESOLUTION_MS);
  const result = {
    ...counts,
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    delayP50: ms(50),
    delayP99: ms(99),
    delayMax: Math.max(0, delay.max / NS_IN_MS - RESOLUTION_MS),
  };
  await server.close();
  return result;
}

function countMove(counts, before, game) {
  counts.turns += 1;
  const { current } = game;
  if (current === null || current === before.current) return; // a pass
  counts.plays += 1;
  const lying = before.current === null ? null : before.current.cards;
  const isHeld = current.cards.every((card) => before.hands[before.turn].includes(card));
  const verdict = legal(lying, current.cards, { first: before.first || false, variant: before.rules.variant });
  if (!verdict.legal || !isHeld || current.seat !== before.turn) counts.illegal += 1;
}

async function main() {
  const tables = Number(process.argv[2] || 1000);
  const result = await stress(tables);
  const { turns, plays, refused, illegal, seconds, cpuSeconds } = result;
  console.log(`${tables} tables of four bots, a hand each: ${turns} turns, ${plays} plays in ${seconds.toFixed(1)} s.`);
  console.log(
    `${illegal} illegal plays, ${refused} refused messages, ${((cpuSeconds / turns) * 1e6).toFixed(0)} µs of processor a turn.`,
  );
  const [p50, p99, most] = [result.delayP50, result.delayP99, result.delayMax].map((ms) => `${ms.toFixed(1)} ms`);
  console.log(`Event-loop delay: p50 ${p50}, p99 ${p99}, at most ${most}.`);
  process.exitCode = illegal === 0 && result.over === tables ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
