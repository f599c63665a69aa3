import { expect, test } from "@jest/globals";
import { repeatWith, SeededRandom, seeds } from "../../support/seeded-random.ts";
import { RoomFuzzer } from "../../support/room/room-fuzzer.ts";

const OPERATIONS = 100_000;
/** Seeds that failed once. */
const KEPT: readonly number[] = [];

test.each(seeds(KEPT))(
  `P2 P5 host and players are told what they have to be after each of ${OPERATIONS} operations in rooms (seed %i)`,
  (seed) => {
    let rooms = 0;
    let fuzzer = new RoomFuzzer(new SeededRandom(seed));
    for (let operation = 0; operation < OPERATIONS; operation++) {
      try {
        fuzzer.step();
      } catch (error) {
        throw new Error(`operation ${operation}: ${repeatWith(seed)}`, { cause: error });
      }
      if (!fuzzer.isOver) continue;
      rooms += 1;
      fuzzer = new RoomFuzzer(new SeededRandom(seed + rooms));
    }
    expect(rooms).toBeGreaterThan(20);
  },
);
