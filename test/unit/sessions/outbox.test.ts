import { expect, test } from "@jest/globals";
import { array, assert, constant, constantFrom, integer, nat, oneof, property, record } from "fast-check";
import { compact } from "../../../src/room/borrowed-buffer.ts";
import { memoryOf } from "../../support/memory-budget.ts";
import { Outbox } from "../../../src/session/outbox.ts";

const OVERHEAD = 64;

type Step =
  | { readonly do: "push"; readonly size: number }
  | { readonly do: "trim" | "evict" | "look"; readonly number: number };

const size = oneof(constant(0), nat(20), nat(400));
const steps = array(
  oneof(
    { weight: 3, arbitrary: record({ do: constant("push" as const), size }) },
    record({ do: constantFrom("trim" as const, "evict" as const, "look" as const), number: nat(120) }),
  ),
  { maxLength: 200 },
);

test("P5.5 an outbox numbers, keeps and lets go of frames as a plain list would", () => {
  assert(
    property(steps, integer({ min: 1, max: 2_000 }), (script: readonly Step[], limit) => {
      const memory = memoryOf(limit);
      const outbox = new Outbox(memory);
      let kept: { number: number; head: Uint8Array | undefined; data: Uint8Array }[] = [];
      let last = 0;
      const cost = (): number =>
        kept.reduce((sum, { head, data }) => sum + (head?.length ?? 0) + data.length + OVERHEAD, 0);
      for (const step of script) {
        if (step.do === "push") {
          const data = new Uint8Array(step.size);
          const head = step.size % 3 === 0 ? new Uint8Array(3) : undefined;
          kept.push({ number: ++last, head, data });
          outbox.push(head, data, true);
        } else if (step.do === "trim") {
          outbox.trim(step.number);
          kept = kept.filter(({ number }) => number > step.number);
        } else if (step.do === "evict") {
          outbox.evict(step.number);
          while (cost() > limit && (kept[0]?.number ?? Infinity) <= step.number) kept.shift();
        } else {
          const seen: Uint8Array[] = [];
          for (let number = step.number + 1; number <= outbox.last; number++) {
            const frame = outbox.at(number);
            if (frame !== undefined) seen.push(frame.data);
          }
          const expected = kept.filter(({ number }) => number > step.number).map(({ data }) => data);
          expect(seen).toHaveLength(expected.length);
          expect(seen.every((data, index) => data === expected[index])).toBe(true);
          for (const data of expected) expect(outbox.holdsAfter(step.number, data)).toBe(true);
          expect(outbox.holdsAfter(step.number, new Uint8Array(3))).toBe(false);
        }
        expect(outbox.last).toBe(last);
        expect(outbox.first).toBe(kept[0]?.number ?? last + 1);
        expect(memory.bytes).toBe(cost());
        expect(memory.isOverLimit).toBe(cost() > limit);
      }
    }),
    { numRuns: 300 },
  );
});

test("P5.5 an empty frame is not free, so a million of them are bounded too", () => {
  const outbox = new Outbox(memoryOf(64 * 1_000));
  for (let count = 0; count < 5_000; count++) {
    outbox.push(undefined, new Uint8Array(0), true);
    outbox.evict(outbox.last);
  }
  expect([outbox.first, outbox.last]).toEqual([4_001, 5_000]);
});

test("P5.5 a kept frame does not keep the large buffer that it came in", () => {
  const chunk = new Uint8Array(65_536);
  const small = compact(chunk.subarray(100, 110));
  expect(small.buffer.byteLength).toBe(10);
  const large = chunk.subarray(1);
  expect(compact(large)).toBe(large);
});
