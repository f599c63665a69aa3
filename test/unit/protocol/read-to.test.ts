import { describe, expect, test } from "@jest/globals";
import { encode as encodeWithCborg } from "cborg";
import { Encoder } from "cbor-x";
import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  string,
  uint8Array,
} from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { decodeCborCommand } from "../../../src/protocol/decode-host-frame.ts";
import { readTo } from "../../../src/protocol/read-to.ts";
import { success } from "../../../src/protocol/result.ts";
import { encodeCbor } from "../../../src/protocol/cbor-writer.ts";
import type { CborValue } from "../../../src/protocol/cbor-reader.ts";
import { fromHex } from "../../support/hex.ts";

/** How hosts write: the SDK, cbor-x as it comes and as WMBP's clients set it, and another library. */
const WRITERS: Readonly<Record<string, (command: NonNullable<CborValue>) => Uint8Array>> = {
  "the SDK": encodeCbor,
  "cbor-x": (command) => new Encoder({ useRecords: false }).encode(command),
  "cbor-x, short": (command) =>
    new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false }).encode(command),
  cborg: (command) => encodeWithCborg(command),
};

const ids = array(integer({ min: 0, max: 0xffff_ffff }), { maxLength: 40 });
const toCommand = record(
  { cmd: constantFrom("to"), to: ids, data: uint8Array({ maxLength: 300 }), volatile: boolean() },
  { requiredKeys: ["cmd", "to", "data"] },
);
const toStrCommand = record(
  { cmd: constantFrom("to_str"), to: ids, data: string({ unit: "grapheme", maxLength: 300 }), volatile: boolean() },
  { requiredKeys: ["cmd", "to", "data"] },
);
const command = oneof(toCommand, toStrCommand);

/** Whatever is read in place is what the general decoder reads. */
function agrees(frame: Uint8Array): boolean {
  const read = readTo(frame);
  if (read === undefined) return false;
  expect(withPlainData(success(read))).toEqual(withPlainData(decodeCborCommand(frame)));
  return true;
}

/** Views of different buffers are compared by their bytes. */
function withPlainData(result: ReturnType<typeof decodeCborCommand>): unknown {
  if (!result.ok || (result.value.cmd !== "to" && result.value.cmd !== "to_str")) return result;
  return { ...result.value, data: [...result.value.data] };
}

describe("`to` and `to_str`, read in place", () => {
  test.each(Object.keys(WRITERS))(
    "P2.5 P2.6 as %s writes them: understood, and as the general decoder does",
    (name) => {
      assert(
        property(command, uint8Array({ maxLength: 4 }), (sent, padding) => {
          const item = WRITERS[name]?.(sent) ?? new Uint8Array(0);
          expect(agrees(Buffer.concat([item, padding]))).toBe(true);
        }),
      );
    },
  );

  test("P2.5 with bytes changed, cut off or put in: refused, or as the general decoder reads it", () => {
    let understood = 0;
    const wounded = record({
      command,
      writer: constantFrom(...Object.keys(WRITERS)),
      at: nat(),
      byte: nat(255),
    });
    assert(
      property(wounded, constantFrom("change", "cut", "insert"), ({ command: sent, writer, at, byte }, wound) => {
        const item = WRITERS[writer]?.(sent) ?? new Uint8Array(0);
        const place = at % item.length;
        const frame = [...item];
        if (wound === "change") frame[place] = byte;
        else if (wound === "cut") frame.length = place;
        else frame.splice(place, 0, byte);
        if (agrees(Uint8Array.from(frame))) understood += 1;
      }),
      { numRuns: budget(5_000) },
    );
    expect(understood).toBeGreaterThan(100);
  });

  test.each([
    ["another command", "a163636d64647374617274"],
    ["a field that is not known", "a463636d6462746f62746f8064646174614001"],
    ["a field twice", "a463636d6462746f62746f8062746f8064646174614101"],
    ["a hole among the ids", "a363636d6462746f62746f81f664646174614101"],
    ["bytes as integers", "a363636d6462746f62746f8064646174618101"],
    ["text where bytes belong", "a363636d6462746f62746f8064646174616161"],
    ["bytes where text belongs", "a363636d6466746f5f73747262746f8064646174614161"],
    ["text that is no UTF-8", "a363636d6466746f5f73747262746f80646461746161ff"],
    ["more bytes than there are", "a363636d6462746f62746f8064646174615affffffff00"],
    ["a map without an end", "bf63636d6462746f62746f8064646174614101ff"],
    ["nothing", ""],
  ])("is left to the general decoder: %s", (_what, hex) => {
    expect(readTo(fromHex(hex))).toBeUndefined();
  });

  test("P2.5 the payload is not copied", () => {
    const frame = WRITERS["cborg"]?.({ cmd: "to", to: [1], data: Uint8Array.of(7, 8) }) ?? new Uint8Array(0);
    expect(readTo(frame)?.data.buffer).toBe(frame.buffer);
  });
});
