/**
 * `npm run attack`: every attack of `test/attack` at full size, each on a server of its own on loopback, with what it cost. Bounded in count and
 * time; it ends by itself, with 1 where a defence did not hold. `npm run attack -- 1 5` runs those rows alone. Builds first.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loadAttacks, runAttack } from "../test/attack/attack.js";

const NOT_UNDERSTOOD = 2;

const all = await loadAttacks();
const rows = new Set(all.map(({ row }) => String(row)));
const wanted = process.argv.slice(2);
const unknown = wanted.find((row) => !rows.has(row));
if (unknown !== undefined) {
  console.error(`There is no attack "${unknown}". Give numbers out of ${[...rows].join(", ")}, or none for all:`);
  for (const { row, title } of all) console.error(`${String(row).padStart(4)}  ${title}`);
  process.exit(NOT_UNDERSTOOD);
}

const build = spawnSync(process.execPath, [fileURLToPath(new URL("build.js", import.meta.url))], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const attacks = all.filter(({ row }) => wanted.length === 0 || wanted.includes(String(row)));
let failed = 0;
for (const attack of attacks) {
  console.log(`\n${attack.row}  ${attack.title}`);
  const startedAt = performance.now();
  const { figures, broken } = await runAttack(attack, 1);
  for (const [what, figure] of Object.entries(figures)) console.log(`     ${what}: ${figure}`);
  for (const sentence of broken) console.log(`   ! ${sentence}`);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`     ${broken.length === 0 ? "held" : "BROKEN"}, in ${seconds} s`);
  if (broken.length > 0) failed += 1;
}
console.log(`\n${attacks.length - failed} held, ${failed} broken`);
process.exitCode = failed > 0 ? 1 : 0;
