import { describe, expect, test } from "@jest/globals";
import type { SavedValue } from "../../../src/protocol/commands.ts";
import { Checkpoints } from "../../../src/session/checkpoints.ts";

const KIB = 1_024;

function save(checkpoints: Checkpoints, keys: Readonly<Record<string, SavedValue | null>>): string | undefined {
  return checkpoints.save({ cmd: "save", keys: new Map(Object.entries(keys)) })?.code;
}

describe("what a host has saved", () => {
  test("P5.9.8 is the newest of each key beside the one without, and nothing where nothing was saved", () => {
    const checkpoints = new Checkpoints();
    expect(checkpoints.restore).toBeUndefined();
    save(checkpoints, { a: "1", b: Uint8Array.of(2) });
    expect(checkpoints.restore).toEqual({ cmd: "restore", keys: { a: "1", b: Uint8Array.of(2) } });
    checkpoints.save({ cmd: "save", data: "whole" });
    save(checkpoints, { a: null, c: "3", never: null });
    expect(checkpoints.restore).toEqual({ cmd: "restore", data: "whole", keys: { b: Uint8Array.of(2), c: "3" } });
    save(checkpoints, { b: null, c: null });
    expect(checkpoints.restore).toEqual({ cmd: "restore", data: "whole" });
  });

  test("P5.9.8 a command past 256 KiB of all values is kept not at all", () => {
    const checkpoints = new Checkpoints();
    expect(save(checkpoints, { a: "x".repeat(200 * KIB), b: "x".repeat(56 * KIB) })).toBeUndefined();
    expect(save(checkpoints, { fits: "", c: "x" })).toBe("too_large");
    expect(Object.keys(checkpoints.restore?.keys ?? {})).toEqual(["a", "b"]);
    // What is replaced or forgotten by the same command makes room.
    expect(save(checkpoints, { c: "x".repeat(200 * KIB), a: null })).toBeUndefined();
    expect(save(checkpoints, { c: "ü".repeat(100 * KIB) })).toBeUndefined();
    expect(save(checkpoints, { c: "ü".repeat(100 * KIB + 1) })).toBe("too_large");
  });

  test("P5.9.8 and so is one past 4,096 keys; a key that is saved again is no other key", () => {
    const checkpoints = new Checkpoints();
    const all = Object.fromEntries(Array.from({ length: 4_096 }, (_, index) => [`k${index}`, ""]));
    expect(save(checkpoints, all)).toBeUndefined();
    expect(save(checkpoints, { k0: "again" })).toBeUndefined();
    expect(save(checkpoints, { k1: null, more: "" })).toBeUndefined();
    expect(save(checkpoints, { andMore: "" })).toBe("too_large");
  });

  test("P5.9.8 counts as memory with its keys, and as none once it is forgotten", () => {
    const checkpoints = new Checkpoints();
    save(checkpoints, { aa: "x".repeat(1_000), bb: "x" });
    expect(checkpoints.bytes).toBeGreaterThan(1_005);
    save(checkpoints, { aa: "ü" });
    expect(checkpoints.bytes).toBeLessThan(1_000);
    save(checkpoints, { aa: null, bb: null });
    expect(checkpoints.bytes).toBe(0);
    save(checkpoints, { cc: "x" });
    checkpoints.save({ cmd: "save", data: "whole" });
    checkpoints.clear();
    expect([checkpoints.bytes, checkpoints.restore]).toEqual([0, undefined]);
  });
});
