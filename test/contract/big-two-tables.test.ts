/** Many tables of Big Two at once, played by bots in real time; `node examples/big-two/stress.js` does the same with a thousand and prints the delays. */
import { expect, test } from "@jest/globals";
import { stress } from "../../examples/big-two/stress.js";

test("row 107, row 58: forty tables of four bots play a hand at once, and every play is legal", async () => {
  const result = await stress(40);
  expect(result).toMatchObject({ tables: 40, over: 40, illegal: 0, refused: 0 });
  expect(result.plays).toBeGreaterThan(40 * 13);
}, 120_000);
