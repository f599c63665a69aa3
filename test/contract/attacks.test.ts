/** The attacks of `npm run attack` in a small form: what is asserted is bytes, counts and outcomes, never times. */
import { expect, test } from "@jest/globals";
import { loadAttacks, runAttack } from "../attack/attack.js";

/** How much smaller than at full size. */
const SCALE = 0.1;

const attacks = await loadAttacks();

test.each(attacks.map((attack) => ({ name: `attack ${attack.row}: ${attack.title}`, attack })))(
  "$name",
  async ({ attack }) => {
    const { broken } = await runAttack(attack, SCALE);
    expect(broken).toEqual([]);
  },
);
