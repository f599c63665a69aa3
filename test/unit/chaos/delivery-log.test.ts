import { describe, expect, test } from "@jest/globals";
import { DeliveryLog } from "../../../src/chaos/delivery-log.ts";
import { decodeNumbered, encodeNumbered } from "../../../src/chaos/numbered-frames.ts";

function logOf(...numbers: readonly (readonly [page: number, number: number])[]): DeliveryLog {
  const deliveryLog = new DeliveryLog("phone to TV");
  for (const [page, number] of numbers) deliveryLog.take(encodeNumbered({ lane: 1, page, number }));
  return deliveryLog;
}

describe("numbered frames", () => {
  test("are text and bytes, some that the wire has to escape, and say what they are", () => {
    const frames = Array.from({ length: 200 }, (_, index) => encodeNumbered({ lane: 7, page: 2, number: index + 1 }));
    expect(frames.map(decodeNumbered)).toEqual(
      Array.from({ length: 200 }, (_, index) => ({ lane: 7, page: 2, number: index + 1 })),
    );
    expect(frames.filter((frame) => typeof frame !== "string").length).toBe(66);
    expect(frames.some((frame) => typeof frame === "string" && frame.startsWith("\0"))).toBe(true);
  });

  test("are known when they were changed", () => {
    const text = encodeNumbered({ lane: 1, page: 1, number: 4 });
    const bytes = encodeNumbered({ lane: 1, page: 1, number: 6 });
    if (typeof text !== "string" || typeof bytes === "string") throw new Error("4 is text, and 6 is bytes.");
    const flipped = bytes.slice();
    flipped[flipped.length - 1] = 0;
    for (const frame of [`${text}x`, `\0${text}`, "", "hello", flipped, bytes.subarray(1), new Uint8Array()]) {
      expect(decodeNumbered(frame)).toBeUndefined();
    }
  });
});

describe("the delivery log", () => {
  test("has nothing to say of what came once, whole and in order", () => {
    const deliveryLog = logOf([1, 1], [1, 2], [1, 3], [2, 1], [2, 2]);
    expect(deliveryLog).toMatchObject({ faults: [], got: 5, repeated: 0, last: { lane: 1, page: 2, number: 2 } });
  });

  test.each([
    ["a first one that is not the first", [[1, 2]], "before number 2, number 1 is missing"],
    [
      "a gap",
      [
        [1, 1],
        [1, 5],
      ],
      "before number 5, numbers 2 to 4 are missing",
    ],
    [
      "a gap at the start of a page",
      [
        [1, 1],
        [2, 2],
      ],
      "before number 2 of page 2, number 1 is missing",
    ],
    [
      "one that came twice",
      [
        [1, 1],
        [1, 2],
        [1, 2],
      ],
      "number 2 came after number 2",
    ],
    [
      "one that came late",
      [
        [1, 1],
        [1, 2],
        [1, 1],
      ],
      "number 1 came after number 2",
    ],
    [
      "one of a page that is gone",
      [
        [1, 1],
        [2, 1],
        [1, 2],
      ],
      "number 2 came after number 1 of page 2",
    ],
  ] as const)("tells of %s", (_, numbers, sentence) => {
    expect(logOf(...numbers).faults).toEqual([`phone to TV: ${sentence}.`]);
  });

  test("tells of a frame of another sender, and of one that was never sent", () => {
    const deliveryLog = logOf([1, 1]);
    deliveryLog.take(encodeNumbered({ lane: 2, page: 1, number: 2 }));
    deliveryLog.take("what?");
    deliveryLog.take(new Uint8Array(3));
    expect(deliveryLog.faults).toEqual([
      "phone to TV: number 2 of sender 2 came among those of sender 1.",
      'phone to TV: received a frame that was never sent: "what?".',
      "phone to TV: received a frame that was never sent: 3 bytes.",
    ]);
  });

  test("lets a page that was reloaded get again what it had got, and miss nothing", () => {
    const deliveryLog = logOf([1, 1], [1, 2], [1, 3]);
    deliveryLog.forget();
    for (const number of [2, 3, 4]) deliveryLog.take(encodeNumbered({ lane: 1, page: 1, number }));
    expect(deliveryLog).toMatchObject({ faults: [], got: 4, repeated: 2 });
    deliveryLog.take(encodeNumbered({ lane: 1, page: 1, number: 4 }));
    deliveryLog.forget();
    deliveryLog.take(encodeNumbered({ lane: 1, page: 1, number: 6 }));
    expect(deliveryLog.faultCount).toBe(2);
  });

  test("says a few things, and counts the rest", () => {
    const deliveryLog = logOf(...Array.from({ length: 9 }, () => [1, 1] as const));
    expect(deliveryLog.faults).toHaveLength(6);
    expect(deliveryLog.faults.at(-1)).toBe("phone to TV: and 3 more.");
  });
});
