import { describe, expect, test } from "@jest/globals";
import { RoomCodeAllocator } from "../../../src/hub/room-code-allocator.ts";
import { isOffensive, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../../../src/protocol/room-code.ts";

const COOLDOWN_MS = 60_000;

class FakeClock {
  ms = 0;
  readonly now = (): number => this.ms;
}

/** Every code that may be given out at all. */
function allCodes(): string[] {
  let codes = [""];
  for (let length = 0; length < ROOM_CODE_LENGTH; length++) {
    codes = codes.flatMap((code) => Array.from(ROOM_CODE_ALPHABET, (letter) => code + letter));
  }
  return codes.filter((code) => !isOffensive(code));
}

/** Draws the given codes in turn, and the last one for ever; tells how often it was asked. */
function drawing(...codes: readonly string[]): { draw: () => string; count: () => number } {
  let asked = 0;
  return {
    draw: () => codes[Math.min(asked++, codes.length - 1)] ?? "",
    count: () => asked,
  };
}

function firstCodes(): (string | undefined)[] {
  const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0 });
  return Array.from({ length: 10 }, () => book.take());
}

describe("the book of room codes", () => {
  test("gives out four letters of the alphabet, none twice and none offensive", () => {
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0 });
    const codes = Array.from({ length: 5_000 }, () => book.take());
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) {
      expect(code).toMatch(new RegExp(`^[${ROOM_CODE_ALPHABET}]{${ROOM_CODE_LENGTH}}$`));
      expect(isOffensive(code ?? "")).toBe(false);
    }
  });

  test("draws at random: two books do not begin alike", () => {
    expect(firstCodes()).not.toEqual(firstCodes());
  });

  test("turns down what is taken or offensive, and draws again", () => {
    const { draw } = drawing("BCDF", "BCDF", "FCKX", "GHJK");
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0, draw });
    expect([book.take(), book.take()]).toEqual(["BCDF", "GHJK"]);
  });

  test("does not draw for ever: after a while it walks on from where it is to the next free code", () => {
    const { draw, count } = drawing("BBBB");
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0, draw });
    expect([book.take(), book.take(), book.take()]).toEqual(["BBBB", "BBBC", "BBBD"]);
    expect(count()).toBeLessThan(200);
  });

  test("walks on from the last code to the first, and past offensive ones", () => {
    const { draw } = drawing("ZZZZ");
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0, draw });
    expect([book.take(), book.take()]).toEqual(["ZZZZ", "BBBB"]);
    const { draw: nearOffence } = drawing("BSHS");
    const other = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0, draw: nearOffence });
    expect([other.take(), other.take()]).toEqual(["BSHS", "BSHW"]); // and not BSHT
  });

  test("lets a code rest for the whole cool-down, and then gives it out again", () => {
    const clock = new FakeClock();
    const { draw } = drawing("BBBB");
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: clock.now, draw });
    expect(book.take()).toBe("BBBB");
    book.release("BBBB");
    expect(book.take()).toBe("BBBC");
    clock.ms = COOLDOWN_MS - 1;
    expect(book.take()).toBe("BBBD");
    clock.ms = COOLDOWN_MS;
    expect(book.take()).toBe("BBBB");
  });

  test("counts the cool-down of each code from its own release", () => {
    const clock = new FakeClock();
    const { draw } = drawing("BBBB");
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: clock.now, draw });
    book.take();
    book.take();
    book.release("BBBC");
    clock.ms = 10_000;
    book.release("BBBB");
    clock.ms = COOLDOWN_MS;
    expect(book.take()).toBe("BBBC");
    clock.ms = COOLDOWN_MS + 10_000;
    expect(book.take()).toBe("BBBB");
  });

  test("gives a code out again at once where there is no cool-down", () => {
    const book = new RoomCodeAllocator({ cooldownMs: 0, now: () => 5, draw: () => "BBBB" });
    expect(book.take()).toBe("BBBB");
    book.release("BBBB");
    expect(book.take()).toBe("BBBB");
  });

  test("ignores the release of what is not taken: a second one does not let it rest longer", () => {
    const clock = new FakeClock();
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: clock.now, draw: () => "BBBB" });
    book.take();
    book.release("BBBB");
    clock.ms = 30_000;
    book.release("BBBB");
    book.release("ZZZZ");
    clock.ms = COOLDOWN_MS;
    expect([book.take(), book.take()]).toEqual(["BBBB", "BBBC"]);
  });

  test("gives out every code there is exactly once, then says that none is left, until one is freed", () => {
    const clock = new FakeClock();
    const expected = allCodes();
    // In order, so that the whole book is gone through in one pass; a random start is the other tests' matter.
    const { draw, count } = drawing(...expected);
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: clock.now, draw });
    const taken: (string | undefined)[] = [];
    for (let index = 0; index < expected.length; index++) taken.push(book.take());
    expect(new Set(taken)).toEqual(new Set(expected));
    expect(taken).toHaveLength(expected.length);

    const drawnSoFar = count();
    for (let again = 0; again < 1_000; again++) expect(book.take()).toBeUndefined();
    expect(count() - drawnSoFar).toBeLessThanOrEqual(1_000 * 64); // bounded draws, and no fuzzRun through the book

    book.release("BCDF");
    expect([book.take(), book.take()]).toEqual(["BCDF", undefined]);
  });

  test("P5.9.6 where all codes rest, gives out the one that has rested longest", () => {
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0 });
    const expected = allCodes();
    for (let code = book.take(); code !== undefined; code = book.take());
    for (const code of expected) book.release(code);
    expect([book.take(), book.take()]).toEqual(expected.slice(0, 2));
  });

  test("finds the last free codes with random draws too", () => {
    const book = new RoomCodeAllocator({ cooldownMs: COOLDOWN_MS, now: () => 0 });
    const expected = allCodes();
    const taken = new Set<string | undefined>();
    for (let index = 0; index < expected.length; index++) taken.add(book.take());
    expect(taken).toEqual(new Set(expected));
    expect(book.take()).toBeUndefined();
  });
});
