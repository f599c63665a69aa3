import { describe, expect, test } from "@jest/globals";
import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
} from "../../../support/property-testing.ts";
import { budget } from "../../../support/seeded-random.ts";
import { SendWindow, type WindowMemory } from "../../../../src/protocol/reliable/send-window.ts";

interface TestFrame {
  readonly name: string;
  readonly cost: number;
  readonly expiresAt: number;
}

class TestMemory implements WindowMemory<TestFrame> {
  readonly limit: number;
  bytes = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get isOverLimit(): boolean {
    return this.bytes > this.limit;
  }

  take({ cost }: TestFrame): void {
    this.bytes += cost;
  }

  giveBack({ cost }: TestFrame): void {
    this.bytes -= cost;
  }
}

function frame(name: string, { cost = 1, expiresAt = Infinity }: Partial<TestFrame> = {}): TestFrame {
  return { name, cost, expiresAt };
}

function createWindow(...names: readonly string[]): SendWindow<TestFrame> {
  const window = new SendWindow(new TestMemory(Infinity));
  for (const name of names) window.push(frame(name));
  return window;
}

/** The names of the frames that wait, which count as sent then. */
function sendAll(window: SendWindow<TestFrame>): string[] {
  const names: string[] = [];
  for (let next = window.takeUnsent(); next !== undefined; next = window.takeUnsent()) names.push(next.name);
  return names;
}

/** The names of the frames that are kept. */
function kept(window: SendWindow<TestFrame>): (string | undefined)[] {
  return Array.from({ length: window.size }, (_, index) => window.frame(window.first + index)?.name);
}

describe("numbers", () => {
  test("P5.5 the first frame has the number 1", () => {
    const window = createWindow();
    expect([window.first, window.last, window.size]).toEqual([1, 0, 0]);
    window.push(frame("one"));
    expect([window.first, window.last, window.size]).toEqual([1, 1, 1]);
    expect([window.frame(0), window.frame(1)?.name, window.frame(2)]).toEqual([undefined, "one", undefined]);
  });

  test("P5.5 each frame is sent once over a connection, in order", () => {
    const window = createWindow("one", "two");
    expect([window.hasUnsent, window.unsentBytes]).toEqual([true, 2]);
    expect(sendAll(window)).toEqual(["one", "two"]);
    window.push(frame("three"));
    window.markSent();
    expect([sendAll(window), window.sent, window.hasUnsent, window.unsentBytes]).toEqual([[], 3, false, 0]);
  });
});

describe("what has arrived", () => {
  test("P5.5.3 is dropped, and an older count tells nothing", () => {
    const window = createWindow("one", "two", "three");
    window.markSent();
    window.acknowledge(2);
    window.acknowledge(1);
    expect([window.first, window.acknowledged, kept(window)]).toEqual([3, 2, ["three"]]);
  });

  test("P5.5.10 stays where it is pinned, until the pin moves", () => {
    const window = createWindow("one", "two", "three", "four");
    window.markSent();
    window.pin(1);
    window.acknowledge(3);
    expect(kept(window)).toEqual(["two", "three", "four"]);
    window.pin(2);
    expect(kept(window)).toEqual(["three", "four"]);
    window.pin(Infinity);
    expect(kept(window)).toEqual(["four"]);
  });

  test("P5.5.10 waits to be sent again over another connection, also where its pin goes", () => {
    const window = createWindow("one", "two", "three");
    window.markSent();
    window.pin(1);
    window.acknowledge(3);
    window.rewind(1);
    window.pin(Infinity);
    expect(sendAll(window)).toEqual(["two", "three"]);
    window.acknowledge(3);
    expect(kept(window)).toEqual([]);
  });
});

describe("another connection", () => {
  test("P5.5.2 is sent everything after what the other end has", () => {
    const window = createWindow("one", "two", "three");
    window.markSent();
    window.rewind(1);
    expect([window.lostAfter(1), window.sent, window.unsentBytes]).toEqual([0, 1, 2]);
    expect(sendAll(window)).toEqual(["two", "three"]);
  });

  test("P5.5.9 skips the frames that are gone, and says how many", () => {
    const window = createWindow("one", "two", "three", "four");
    window.drop(3);
    expect([window.lostAfter(1), window.lostAfter(3), window.lostAfter(4)]).toEqual([2, 0, 0]);
    window.rewind(1);
    expect([window.sent, sendAll(window), window.sent]).toEqual([3, ["four"], 4]);
  });

  test("P5.5.6 of a count that no frame has yet is sent nothing, and what comes next has the next number", () => {
    const window = createWindow("one");
    window.acknowledge(Number.MAX_SAFE_INTEGER);
    window.rewind(Number.MAX_SAFE_INTEGER);
    expect([window.acknowledged, window.unsentBytes, sendAll(window)]).toEqual([1, 0, []]);
    window.push(frame("two", { expiresAt: 1 }));
    window.markSent();
    window.expire(1);
    expect([window.last, window.sent, kept(window)]).toEqual([2, 2, ["two"]]);
  });
});

describe("what is of no use to the other end any more", () => {
  test("P5.9.7 is settled: what it may know of counts as arrived, the rest goes without a number, and nothing is lost", () => {
    const window = createWindow("one", "two");
    window.markSent();
    window.push(frame("never sent"));
    window.pin(0);
    window.settle(window.known);
    expect([window.last, window.acknowledged, window.unsentBytes, kept(window)]).toEqual([2, 2, 0, []]);
    expect(window.lostAfter(2)).toBe(0);
    window.push(frame("three"));
    expect([window.last, sendAll(window)]).toEqual([3, ["three"]]);
  });

  test("P5.9.7 but for what this connection has to get, since the other end counts on it", () => {
    const window = createWindow("one", "two", "three");
    window.markSent();
    window.rewind(1);
    window.settle(window.sent);
    expect(sendAll(window)).toEqual(["two", "three"]);
  });
});

describe("a frame that may expire", () => {
  test("P5.9.1 leaves no hole where it was never sent: the frames behind it move up", () => {
    const window = createWindow("one");
    window.markSent();
    window.push(frame("brief", { expiresAt: 10 }));
    window.push(frame("long", { expiresAt: 30, cost: 5 }));
    window.push(frame("last"));
    window.expire(9);
    expect(kept(window)).toEqual(["one", "brief", "long", "last"]);
    window.expire(10);
    expect([window.last, window.unsentBytes, kept(window)]).toEqual([3, 6, ["one", "long", "last"]]);
    window.expire(30);
    expect([window.last, kept(window)]).toEqual([2, ["one", "last"]]);
  });

  test("P5.9.1 keeps its number where another connection goes on behind it", () => {
    const window = createWindow();
    window.push(frame("known", { expiresAt: 10 }));
    window.push(frame("waiting", { expiresAt: 10 }));
    window.rewind(1);
    window.expire(10);
    expect([window.last, window.sent, kept(window)]).toEqual([1, 1, ["known"]]);
  });

  test("P5.9.1 is kept like any other from its first sending on, also where it has to be sent again", () => {
    const window = createWindow();
    window.push(frame("sent", { expiresAt: 10 }));
    window.push(frame("waiting", { expiresAt: 10 }));
    expect(window.takeUnsent()?.name).toBe("sent");
    window.rewind(0);
    window.expire(10);
    expect(sendAll(window)).toEqual(["sent"]);
  });
});

describe("memory", () => {
  test("P5.4.7 that is over its limit is freed of the oldest frames, and of none after a given one", () => {
    const memory = new TestMemory(3);
    const window = new SendWindow<TestFrame>(memory);
    for (const name of ["one", "two", "three", "four", "five"]) window.push(frame(name));
    window.drop(1, true);
    expect(kept(window)).toEqual(["two", "three", "four", "five"]);
    window.drop(5, true);
    expect([memory.bytes, window.unsentBytes, kept(window)]).toEqual([3, 3, ["three", "four", "five"]]);
  });

  test("P5.5 of a window that drops its oldest frame each time stays small, and no frame is moved often", () => {
    const memory = new TestMemory(1_000);
    const window = new SendWindow<TestFrame>(memory);
    for (let count = 1; count <= 100_000; count++) {
      window.push(frame(String(count)));
      window.drop(window.last, true);
    }
    expect([window.first, window.last, memory.bytes]).toEqual([99_001, 100_000, 1_000]);
  });
});

type Step =
  | { readonly do: "push"; readonly cost: number; readonly ttl: number }
  | {
      readonly do: "acknowledge" | "drop" | "evict" | "rewind" | "pin";
      readonly number: number;
    }
  | { readonly do: "send" | "markSent" | "unpin" | "expire" | "settleSent" | "settleKnown" };

const steps = array(
  oneof(
    {
      weight: 8,
      arbitrary: record({
        do: constant("push" as const),
        cost: oneof(constant(0), nat(20), nat(400)),
        ttl: oneof(constant(Infinity), nat(30)),
      }),
    },
    {
      weight: 4,
      arbitrary: record({ do: constantFrom("acknowledge", "drop", "evict", "rewind", "pin"), number: nat(60) }),
    },
    {
      weight: 6,
      arbitrary: record({
        do: constantFrom("send", "send", "markSent", "unpin", "expire"),
      }),
    },
    { weight: 1, arbitrary: record({ do: constantFrom("settleSent", "settleKnown") }) },
  ),
  { maxLength: 200 },
);

/** The same rules over a plain list. */
class Model {
  list: { number: number; frame: TestFrame; isFixed: boolean }[] = [];
  last = 0;
  sent = 0;
  acknowledged = 0;
  pinned = Infinity;

  get first(): number {
    return this.list[0]?.number ?? this.last + 1;
  }

  bytesAfter(after: number): number {
    return this.list.reduce((sum, { number, frame: { cost } }) => sum + (number > after ? cost : 0), 0);
  }

  drop(through: number): void {
    this.list = this.list.filter(({ number }) => number > through);
    this.sent = Math.max(this.sent, this.first - 1);
  }

  fix(through: number): void {
    for (const item of this.list) if (item.number <= through) item.isFixed = true;
  }

  settle(arrived = 0): void {
    this.fix(this.acknowledged);
    this.drop(Math.min(this.acknowledged, this.pinned, Math.max(arrived, this.sent)));
  }

  expire(now: number): void {
    const before = this.first;
    const left = this.list.filter(({ frame: { expiresAt }, isFixed }) => isFixed || expiresAt > now);
    this.list = left.map((item, index) => ({ ...item, number: before + index }));
    this.last = before + left.length - 1;
  }
}

test("P5.5 a window numbers, keeps, sends and drops frames as a plain list would", () => {
  assert(
    property(steps, integer({ min: 1, max: 2_000 }), (script: readonly Step[], limit) => {
      const memory = new TestMemory(limit);
      const window = new SendWindow<TestFrame>(memory);
      const model = new Model();
      let now = 0;
      for (const step of script) {
        now += 1;
        const number = "number" in step ? Math.min(step.number, model.last) : 0;
        switch (step.do) {
          case "push": {
            const pushed = frame(String(now), { cost: step.cost, expiresAt: now + step.ttl });
            model.list.push({ number: ++model.last, frame: pushed, isFixed: false });
            window.push(pushed);
            break;
          }
          case "acknowledge":
            model.acknowledged = Math.max(model.acknowledged, number);
            model.settle(number);
            window.acknowledge(number);
            break;
          case "drop":
            model.drop(number);
            window.drop(number);
            break;
          case "evict":
            while (model.bytesAfter(0) > limit && model.first <= Math.min(number, model.last)) model.drop(model.first);
            window.drop(number, true);
            break;
          case "rewind":
            expect(window.lostAfter(number)).toBe(Math.max(0, model.first - 1 - number));
            model.sent = Math.max(number, model.first - 1);
            model.fix(model.sent);
            window.rewind(number);
            break;
          case "pin":
            model.pinned = number;
            model.settle();
            window.pin(number);
            break;
          case "unpin":
            model.pinned = Infinity;
            model.settle();
            window.pin(Infinity);
            break;
          case "send": {
            const next = model.list.find(({ number: its }) => its === model.sent + 1);
            if (next !== undefined) {
              next.isFixed = true;
              model.sent += 1;
            }
            expect(window.takeUnsent()).toBe(next?.frame);
            break;
          }
          case "markSent":
            model.sent = model.last;
            for (const item of model.list) item.isFixed = true;
            window.markSent();
            break;
          case "expire":
            model.expire(now);
            window.expire(now);
            break;
          case "settleSent":
          case "settleKnown": {
            const through = step.do === "settleSent" ? window.sent : window.known;
            const before = model.first;
            model.list = model.list.filter(({ isFixed }) => isFixed);
            model.last = before + model.list.length - 1;
            model.pinned = Infinity;
            model.acknowledged = Math.max(model.acknowledged, through, model.first - 1);
            model.drop(model.acknowledged);
            window.settle(through);
            expect(window.lostAfter(window.acknowledged)).toBe(0);
            break;
          }
          default:
            step satisfies never;
        }
        const { first, last, sent, acknowledged, pinned, unsentBytes, hasUnsent } = window;
        expect([
          first,
          last,
          sent,
          acknowledged,
          pinned,
          unsentBytes,
          hasUnsent,
          memory.bytes,
          ...kept(window),
        ]).toEqual([
          model.first,
          model.last,
          model.sent,
          model.acknowledged,
          model.pinned,
          model.bytesAfter(model.sent),
          model.sent < model.last,
          model.bytesAfter(0),
          ...model.list.map(({ frame: { name } }) => name),
        ]);
      }
    }),
    { numRuns: budget(1_000) },
  );
});
