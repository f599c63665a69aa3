import { describe, expect, test } from "@jest/globals";
import type { Result } from "../../../src/protocol/result.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";

/** Tokens are the seconds at which they end; all else counts for nothing. */
async function renew(token: string): Promise<Result<{ readonly exp: number }, string>> {
  const exp = Number(token);
  return Number.isNaN(exp) ? { ok: false, failure: "Your token is no valid JWT." } : { ok: true, value: { exp } };
}

function setUp() {
  const fake = new FakeOpenRooms();
  const ann = fake.joinNow("lobby", "ann", { renew });
  const ben = fake.joinNow("lobby", "ben");
  ann.heard();
  return { fake, ann, ben };
}

/** What was promised has been kept. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a token in a frame", () => {
  test("P6.10 renews the one of the line, and is answered", async () => {
    const { ann } = setUp();
    ann.sayRaw('{"token":"1800"}');
    await settled();
    expect(ann.heard()).toEqual([{ event: "renewed", exp: 1_800 }]);
  });

  test("P6.10 that does not count is refused like a frame, and the line stays", async () => {
    const { ann } = setUp();
    ann.sayRaw('{"token":"x"}');
    await settled();
    expect(ann.heard()).toEqual([{ error: { code: "unauthorized", message: "Your token is no valid JWT." } }]);
    expect(ann.port.closing).toBeUndefined();
  });

  test("P6.10 is nothing that a member without a token can renew", async () => {
    const { ben } = setUp();
    ben.sayRaw('{"token":"30"}');
    await settled();
    expect(ben.heard()).toMatchObject([{ error: { code: "unauthorized" } }]);
  });

  test("P6.10 is not answered on the line that has taken the place of its own", async () => {
    const { fake, ann } = setUp();
    ann.sayRaw('{"token":"30"}');
    const again = fake.joinNow("lobby", "ann", { renew: async (token) => renew(token) });
    await settled();
    expect([ann.port.closing?.name, again.heard()]).toEqual(["replaced", []]);
  });

  test("P6.10 keeps what the member says behind it in order", async () => {
    const { ann, ben } = setUp();
    ben.heard();
    ann.say(1);
    ann.sayRaw('{"token":"30"}');
    ann.say(2);
    ann.say(3);
    await settled();
    expect(ben.messages()).toEqual([1, 2, 3]);
  });
});
