import { expect, test } from "@jest/globals";
import { seeds, SeededRandom } from "../../support/seeded-random.ts";
import { RoomModelFuzzer } from "../../support/room/room-fuzzer.ts";

const OPERATIONS = 100_000;
/** Seeds that found something once. */
const KEPT: readonly number[] = [];

test.each(seeds(KEPT))(
  `P5 what must always hold of a room holds after each of ${OPERATIONS} operations (seed %i)`,
  (seed) => {
    let rooms = 0;
    let fuzzer = new RoomModelFuzzer(new SeededRandom(seed));
    for (let operation = 0; operation < OPERATIONS; operation++) {
      try {
        fuzzer.step();
      } catch (error) {
        throw new Error(`operation ${operation} of seed ${seed}`, { cause: error });
      }
      if (!fuzzer.isOver) continue;
      rooms += 1;
      fuzzer = new RoomModelFuzzer(new SeededRandom(seed + rooms));
    }
    expect(rooms).toBeGreaterThan(20);
  },
);
