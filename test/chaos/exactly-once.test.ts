/**
 * Eight phones and a TV on the SDK, all nine through the cutting proxy: over a thousand lines are cut, by RST and by FIN, in
 * the middle of handshakes and frames, for both sides or for one alone, and every frame arrives once and in order.
 *
 * A run that fails names its seed: `COUCHWIRE_TEST_SEED=` repeats it. Add it to `exactly-once-known-seeds.test.ts`.
 */
import { describe, expect, test } from "@jest/globals";
import { seeds } from "../support/seeded-random.ts";
import { EVERY_FRAME_ONCE, playCutParty } from "./cut-party.ts";

describe("eight phones and a TV whose connections are cut a thousand times", () => {
  test.each(seeds([]))("get every frame once and in order, both ways (seed %i)", async (seed) => {
    expect(await playCutParty(seed)).toEqual(EVERY_FRAME_ONCE);
  });
});
