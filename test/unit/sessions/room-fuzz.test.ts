import { expect, test } from "@jest/globals";
import { Dice, seedOfThisRun } from "../../support/sessions/dice.ts";
import { RoomDrill } from "../../support/sessions/room-drill.ts";

const OPERATIONS = 100_000;
const SEED = seedOfThisRun();
/** Seeds that found something once. */
const KEPT: readonly number[] = [];

test.each([...KEPT, SEED])(
  `P5 what must always hold of a room holds after each of ${OPERATIONS} operations (seed %i)`,
  (seed) => {
    let rooms = 0;
    let drill = new RoomDrill(new Dice(seed));
    for (let operation = 0; operation < OPERATIONS; operation++) {
      try {
        drill.step();
      } catch (error) {
        throw new Error(`operation ${operation} of seed ${seed}`, { cause: error });
      }
      if (!drill.isOver) continue;
      rooms += 1;
      drill = new RoomDrill(new Dice(seed + rooms));
    }
    expect(rooms).toBeGreaterThan(20);
  },
);
