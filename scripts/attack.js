/**
 * `npm run attack`: every attack of `test/attack` at full size, each on a server of its own on loopback, with what it cost. Bounded in count and
 * time; it ends by itself, with 1 where a defence did not hold. `npm run attack -- 1 5` runs those rows alone. Needs a build.
 */
import { loadAttacks, runAttack } from "../test/attack/attack.js";

const wanted = process.argv.slice(2).map(Number);
const attacks = (await loadAttacks()).filter(({ row }) => wanted.length === 0 || wanted.includes(row));
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
console.log(`\n${attacks.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
