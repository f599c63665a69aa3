import { describe, expect, test } from "@jest/globals";
import type { TokenTerm } from "../../../src/admission/member-rooms.ts";
import type { Result } from "../../../src/protocol/result.ts";
import { FakeOpenRooms, NOON } from "../../support/room/fake-open-rooms.ts";

const MINUTE = 60_000;
const NOON_S = NOON / 1_000;

/** Tokens are numbers of minutes after noon; all else counts for nothing. */
async function renew(token: string): Promise<Result<TokenTerm, string>> {
  const minutes = Number(token);
  if (Number.isNaN(minutes)) return { ok: false, failure: "Your token is no valid JWT." };
  return { ok: true, value: { exp: NOON_S + minutes * 60, expiresAt: NOON + minutes * MINUTE } };
}

function setUp() {
  const fake = new FakeOpenRooms();
  const ann = fake.joinNow("lobby", "ann", { expiresAt: NOON + 10 * MINUTE, renew });
  const ben = fake.joinNow("lobby", "ben");
  ann.heard();
  return { fake, ann, ben };
}

/** What was promised has been kept. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the end of a token", () => {
  test("P6.10 closes its line, to the millisecond, and no other", () => {
    const { fake, ann, ben } = setUp();
    fake.clock.pass(10 * MINUTE - 1);
    expect(ann.port.closing).toBeUndefined();
    fake.clock.pass(1);
    expect([ann.port.closing?.name, ben.port.closing]).toEqual(["token_expired", undefined]);
  });

  test("P6.10 leaves the seat, to which a new token leads back", () => {
    const { fake, ann, ben } = setUp();
    fake.clock.pass(10 * MINUTE);
    ann.leave("cut");
    ben.heard();
    ben.say("kept");
    const port = fake.joinNow("lobby", "ann", { expiresAt: NOON + 20 * MINUTE, renew }).port;
    expect(fake.rooms.get("lobby")?.members.map(({ id }) => id)).toEqual(["ann", "ben"]);
    fake.clock.pass(10 * MINUTE - 1);
    expect(port.closing).toBeUndefined();
    fake.clock.pass(1);
    expect(port.closing?.name).toBe("token_expired");
  });

  test("P6.10 is put off by a new token, which is answered", async () => {
    const { fake, ann, ben } = setUp();
    ann.sayRaw('{"token":"30"}');
    await settled();
    expect(ann.heard()).toEqual([{ event: "renewed", exp: NOON_S + 1_800 }]);
    fake.clock.pass(30 * MINUTE - 1);
    expect(ann.port.closing).toBeUndefined();
    fake.clock.pass(1);
    expect(ann.port.closing?.name).toBe("token_expired");
    fake.clock.pass(10_000);
    expect(ben.heard()).toMatchObject([{ event: "away", member: { id: "ann" } }]);
  });

  test("P6.10 stays where the new token does not count, as the member is told", async () => {
    const { fake, ann } = setUp();
    ann.sayRaw('{"token":"x"}');
    await settled();
    expect(ann.heard()).toEqual([{ error: { code: "unauthorized", message: "Your token is no valid JWT." } }]);
    fake.clock.pass(10 * MINUTE);
    expect(ann.port.closing?.name).toBe("token_expired");
  });

  test("P6.10 is nothing that a member without a token can renew", async () => {
    const { ben } = setUp();
    ben.sayRaw('{"token":"30"}');
    await settled();
    expect(ben.heard()).toMatchObject([{ error: { code: "unauthorized" } }]);
  });

  test("P6.10 is not put off by a token that was judged when its line had ended", async () => {
    const { fake, ann } = setUp();
    ann.sayRaw('{"token":"30"}');
    const again = fake.joinNow("lobby", "ann", { expiresAt: NOON + 10 * MINUTE, renew: async (token) => renew(token) });
    await settled();
    expect([ann.port.closing?.name, again.heard()]).toEqual(["replaced", []]);
    fake.clock.pass(10 * MINUTE);
    expect(again.port.closing?.name).toBe("token_expired");
  });

  test("P6.10 keeps what the member says behind a token in order", async () => {
    const { ann, ben } = setUp();
    ben.heard();
    ann.say(1);
    ann.sayRaw('{"token":"30"}');
    ann.say(2);
    ann.say(3);
    await settled();
    expect(ben.messages()).toEqual([1, 2, 3]);
  });

  test("P6.10 that is far away takes no notice of the longest timer of Node", () => {
    const fake = new FakeOpenRooms();
    const year = 365 * 24 * 60 * MINUTE;
    const ann = fake.joinNow("lobby", "ann", { expiresAt: NOON + year, renew });
    fake.clock.pass(year - 1);
    expect(ann.port.closing).toBeUndefined();
    fake.clock.pass(1);
    expect(ann.port.closing?.name).toBe("token_expired");
  });
});
