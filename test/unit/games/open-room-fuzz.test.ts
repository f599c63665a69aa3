import { expect, test } from "@jest/globals";
import { OpenRoomFuzzer } from "../../support/room/open-room-fuzzer.ts";
import { repeatWith, SeededRandom, seeds } from "../../support/seeded-random.ts";

const ROOMS = 60;
const OPERATIONS = 150;
/** Seeds that failed once. */
const KEPT: readonly number[] = [];

test.each(seeds(KEPT))(
  `row 34 P6.4 P6.6 members hear what they have to, once and in order, in ${ROOMS} rooms of ${OPERATIONS} operations (seed %i)`,
  async (seed) => {
    let steps = 0;
    for (let room = 0; room < ROOMS; room++) {
      const fuzzer = new OpenRoomFuzzer(new SeededRandom(seed + room));
      try {
        for (let operation = 0; operation < OPERATIONS; operation++, steps++) await fuzzer.step();
        await fuzzer.end();
      } catch (error) {
        throw new Error(`room ${room}, step ${steps % OPERATIONS}: ${repeatWith(seed)}`, { cause: error });
      }
    }
    expect(steps).toBe(ROOMS * OPERATIONS);
  },
);
