import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  DeviceSeats,
  HELD_FOR_MS,
  KEPT_FOR_MS,
  MAX_ROOMS,
  MAX_SEATS,
  SAY_EVERY_MS,
} from "../../src/sdk/device-seats.ts";
import { hasSeat } from "../../src/sdk/join-room.ts";

const ROOM = "couchwire:player:http://tv/BCDF";
const secretOf = (seat: number): string => seat.toString(16).padStart(32, "0");

function refuse(): never {
  throw new DOMException("Denied", "SecurityError");
}

/** Pages of one browser. */
function createDevice() {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  return { items, page: (name: string) => new DeviceSeats(storage, name) };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe("the seats of a device", () => {
  test("a tab that was closed leaves its seat to the next one that opens the room", () => {
    const { page } = createDevice();
    const [first, next] = [page("first"), page("next")];
    first.hold(ROOM, secretOf(1));
    expect([next.has(ROOM), next.hasFree(ROOM)]).toEqual([true, false]);
    first.letGo(ROOM, secretOf(1));
    expect([next.has(ROOM), next.hasFree(ROOM), first.hasFree(ROOM)]).toEqual([true, true, true]);
    expect(next.take("another room")).toBeUndefined();
    expect(next.take(ROOM)).toBe(secretOf(1));
    expect(page("third").take(ROOM)).toBeUndefined();
  });

  test("a tab that was killed says nothing more, and is taken for gone", () => {
    const { page } = createDevice();
    page("killed").hold(ROOM, secretOf(1));
    jest.advanceTimersByTime(HELD_FOR_MS - 1);
    expect(page("next").take(ROOM)).toBeUndefined();
    jest.advanceTimersByTime(1);
    expect(page("next").take(ROOM)).toBe(secretOf(1));
  });

  test("a tab that is open keeps its seat for as long as it says so", () => {
    const { page } = createDevice();
    const open = page("open");
    open.hold(ROOM, secretOf(1));
    for (let said = 0; said < 20; said++) {
      jest.advanceTimersByTime(SAY_EVERY_MS);
      expect(open.sayAgain(ROOM, secretOf(1))).toBe(true);
    }
    expect(page("second").take(ROOM)).toBeUndefined();
  });

  test("a tab whose seat another has taken over does not take it back, nor let go of it", () => {
    const { page } = createDevice();
    const [old, now] = [page("old"), page("now")];
    old.hold(ROOM, secretOf(1));
    expect(now.take(ROOM, true)).toBe(secretOf(1));
    expect(old.sayAgain(ROOM, secretOf(1))).toBe(false);
    old.letGo(ROOM, secretOf(1));
    expect(page("third").take(ROOM)).toBeUndefined();
  });

  test("of several that are free the one that was used last is taken, and each page gets another", () => {
    const { page } = createDevice();
    for (const seat of [1, 2]) page(`tab ${seat}`).hold(ROOM, secretOf(seat));
    for (const seat of [2, 1]) page(`tab ${seat}`).letGo(ROOM, secretOf(seat));
    expect([3, 4, 5].map((tab) => page(`tab ${tab}`).take(ROOM))).toEqual([secretOf(1), secretOf(2), undefined]);
  });

  test("a seat that is no more is forgotten, and the storage left clean", () => {
    const { page, items } = createDevice();
    const only = page("only");
    only.hold(ROOM, secretOf(1));
    only.forget(ROOM, secretOf(1));
    expect(items.size).toBe(0);
  });

  test("they are bounded: so many rooms, so many seats each, and half a day", () => {
    const { page, items } = createDevice();
    for (let room = 0; room < 50; room++) page("tab").hold(`room ${room}`, secretOf(room));
    for (let seat = 0; seat < 50; seat++) page(`tab ${seat}`).hold(ROOM, secretOf(seat));
    const book: Record<string, unknown[]> = JSON.parse([...items.values()].join(""));
    expect(Object.keys(book)).toHaveLength(MAX_ROOMS);
    expect(book[ROOM]).toHaveLength(MAX_SEATS);
    expect(book).toHaveProperty(["room 49"]);
    jest.advanceTimersByTime(KEPT_FOR_MS + 1);
    expect(page("next").has(ROOM)).toBe(false);
    page("next").hold("room tomorrow", secretOf(1));
    expect(Object.keys(JSON.parse([...items.values()].join("")))).toEqual(["room tomorrow"]);
  });

  test.each(["", "nonsense", "null", "[]", '{"x":7}', `{"${ROOM}":[null,{"secret":"short","page":"","at":0}]}`])(
    "what is stored and is none is nothing: %j",
    (stored) => {
      const { page, items } = createDevice();
      items.set("couchwire:seats", stored);
      expect(page("tab").take(ROOM)).toBeUndefined();
      page("tab").hold(ROOM, secretOf(1));
      expect(page("next").has(ROOM)).toBe(true);
    },
  );

  test("a storage that throws keeps nothing, and disturbs nothing", () => {
    const seats = new DeviceSeats({ getItem: refuse, setItem: refuse, removeItem: refuse }, "tab");
    seats.hold(ROOM, secretOf(1));
    seats.forget(ROOM, secretOf(1));
    expect(seats.take(ROOM)).toBeUndefined();
  });
});

test("without a page there is no seat on this device, and a code has to be one", () => {
  expect(hasSeat("BCDF", "http://tv")).toBe(false);
  expect(() => hasSeat("nonsense", "http://tv")).toThrow("A room code is four letters");
});
