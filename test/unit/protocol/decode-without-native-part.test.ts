import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { encode as encodeWithCborg } from "cborg";
import * as fc from "fast-check";
import type { decodeHostFrame as DecodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { commands, text, writeInSomeShape } from "./cbor-shapes.ts";

/** What cbor-x looks at when it is loaded: its native part is optional, and missing on some machines. */
const SWITCH = "CBOR_NATIVE_ACCELERATION_DISABLED";

describe("a host's command where cbor-x has no native part", () => {
  const before = process.env[SWITCH];
  let decodeHostFrame: typeof DecodeHostFrame;

  beforeAll(async () => {
    process.env[SWITCH] = "true";
    ({ decodeHostFrame } = await import("../../../src/protocol/decode-host-frame.ts"));
    const { isNativeAccelerationEnabled } = await import("cbor-x");
    expect(isNativeAccelerationEnabled).toBe(false);
  });

  afterAll(() => {
    if (before === undefined) delete process.env[SWITCH];
    else process.env[SWITCH] = before;
  });

  test("P2 is read in every shape", () => {
    fc.assert(
      fc.property(fc.gen(), commands, (choose, command) => {
        expect(decodeHostFrame(writeInSomeShape(choose, command), false)).toEqual({ ok: true, value: command });
      }),
    );
  });

  test("P2.6 keeps the byte order mark that a text begins with, short or long", () => {
    fc.assert(
      fc.property(text(200), fc.nat({ max: 200 }), (rest, length) => {
        const data = `\u{feff}${rest}${"x".repeat(length)}`;
        expect(decodeHostFrame(encodeWithCborg({ cmd: "to_str", to: [], data }), false)).toEqual({
          ok: true,
          value: { cmd: "to_str", to: "everybody", data: new Uint8Array(Buffer.from(data)) },
        });
      }),
    );
  });
});
