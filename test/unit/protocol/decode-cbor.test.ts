import { describe, expect, test } from "@jest/globals";
import { Encoder } from "cbor-x";
import { encode as encodeWithCborg } from "cborg";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import type { HostCommand } from "../../../src/protocol/commands.ts";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { commands, head, writeInSomeShape } from "./cbor-shapes.ts";
import { fromHex } from "../../support/hex.ts";

const cborX = new Encoder({ useRecords: false, variableMapSize: true });
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The command as a host's program has it before it encodes it. */
function asWritten(command: HostCommand): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...command };
  if ("to" in command && command.to === "everybody") fields["to"] = [];
  if (command.cmd === "to_str") fields["data"] = utf8.decode(command.data);
  return fields;
}

function decoded(frame: Uint8Array): unknown {
  const result = decodeHostFrame(frame, false);
  if (!result.ok) return result.failure;
  // A view on the frame and a copy are the same command.
  const { value } = result;
  return "data" in value && typeof value.data !== "string" ? { ...value, data: new Uint8Array(value.data) } : value;
}

function recipientsOf(to: readonly unknown[]): unknown {
  const result = decodeHostFrame(cborX.encode({ cmd: "to_str", to, data: "" }), false);
  return result.ok && result.value.cmd === "to_str" ? result.value.to : result;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe("a host's command in CBOR is read", () => {
  test("P2 however the host's library writes it", () => {
    fc.assert(
      fc.property(commands, (command) => {
        expect(decoded(encodeWithCborg(asWritten(command)))).toEqual(command);
        expect(decoded(cborX.encode(asWritten(command)))).toEqual(command);
      }),
      { numRuns: budget(300) },
    );
  });

  test("P2 in every shape that RFC 8949 allows: any width, chunked or not, any order, with unknown fields", () => {
    fc.assert(
      fc.property(fc.gen(), commands, (choose, command) => {
        expect(decoded(writeInSomeShape(choose, command))).toEqual(command);
      }),
      { numRuns: budget(500) },
    );
  });

  test("P2 with zeros or the left-overs of an earlier message behind it (WMBP C4)", () => {
    fc.assert(
      fc.property(fc.gen(), commands, commands, fc.uint8Array({ maxLength: 256 }), (choose, command, earlier, junk) => {
        const item = writeInSomeShape(choose, command);
        expect(decoded(concat(item, new Uint8Array(junk.length)))).toEqual(command);
        expect(decoded(concat(item, junk))).toEqual(command);
        expect(decoded(concat(item, writeInSomeShape(choose, earlier).subarray(junk.length)))).toEqual(command);
      }),
      { numRuns: budget(300) },
    );
  });

  test("P2 where it lies inside a larger buffer, as slices of a socket's chunk do", () => {
    fc.assert(
      fc.property(commands, fc.uint8Array({ maxLength: 20 }), (command, around) => {
        const item = encodeWithCborg(asWritten(command));
        const chunk = concat(around, item, around);
        expect(decoded(chunk.subarray(around.length, around.length + item.length))).toEqual(command);
      }),
    );
  });

  test("P2.5 with `data` as an array, a byte string, and tagged as uint8, clamped uint8 or int8", () => {
    const command = { cmd: "to", to: [1], data: new Uint8Array([1, 2, 200]) };
    const to = "a3 63636d64 62746f 62746f 8101 6464617461";
    for (const data of ["83010218c8", "430102c8", "d840430102c8", "d844430102c8", "d848430102c8", "9f0102f95a40ff"]) {
      expect(decoded(fromHex(`${to} ${data}`))).toEqual(command);
    }
  });

  test("P2.5 with lengths in eight bytes, as writers have them that know no others", () => {
    const data = new Uint8Array(200).fill(7);
    const short = fromHex("a3 63636d64 62746f 62746f 8101 6464617461");
    const long = fromHex("a3 63636d64 7b0000000000000002746f 62746f 9b0000000000000001 01 6464617461");
    for (const to of [short, long]) {
      for (const tag of [[], head(6, 64, 1)]) {
        const frame = Uint8Array.from([...to, ...tag, ...head(2, data.length, 8), ...data]);
        expect(decoded(frame)).toEqual({ cmd: "to", to: [1], data });
      }
    }
  });

  test("P2.5 with `data` of a megabyte, each way", () => {
    const data = new Uint8Array(1_048_576).map((_byte, index) => index);
    for (const written of [data, [...data]]) {
      const result = decodeHostFrame(encodeWithCborg({ cmd: "to", to: [], data: written }), false);
      if (!result.ok || result.value.cmd !== "to") throw new Error("not read");
      expect(Buffer.compare(result.value.data, data)).toBe(0);
    }
  });

  test("P2.5 with holes among the ids; a `to` that is empty only after skipping them means no player", () => {
    expect(recipientsOf([1, undefined, 3, null])).toEqual([1, 3]);
    expect(recipientsOf([undefined])).toEqual([]);
    expect(recipientsOf([null, null])).toEqual([]);
    expect(recipientsOf([])).toBe("everybody");
  });

  test("P2.5 with ids kept in their order, doubles included", () => {
    expect(recipientsOf([3, 1, 3])).toEqual([3, 1, 3]);
  });

  test("P2.2 without a name, which is then empty", () => {
    for (const fields of [{}, { name: null }, { name: undefined }, { name: "", join_url: null }]) {
      const frame = cborX.encode({ cmd: "prepare", max_players: 8, ...fields });
      expect(decoded(frame)).toEqual({ cmd: "prepare", max_players: 8, name: "" });
    }
  });

  test("P2.2 with numbers that are written as floats or in eight bytes, because some libraries know no others", () => {
    for (const eight of [
      "08",
      "1808",
      "190008",
      "1a00000008",
      "1b0000000000000008",
      "f94800",
      "fa41000000",
      "fb4020000000000000",
    ]) {
      expect(decoded(fromHex(`a2 63636d64 6770726570617265 6b6d61785f706c6179657273 ${eight}`))).toEqual({
        cmd: "prepare",
        max_players: 8,
        name: "",
      });
    }
  });

  test("P2 with `__proto__`, `constructor` and `toString` as extra fields, which change nothing", () => {
    const frame = encodeWithCborg(
      new Map<string, unknown>([
        ["__proto__", { cmd: "stop", player: 9, isAdmin: true }],
        ["constructor", { prototype: { isAdmin: true } }],
        ["toString", "no function"],
        ["cmd", "start"],
      ]),
    );
    expect(decoded(frame)).toEqual({ cmd: "start" });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect({}).not.toHaveProperty("isAdmin");
  });
});
