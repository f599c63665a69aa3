import { execFileSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { array, assert, constantFrom, nat, property, tuple } from "../../support/property-testing.ts";
import { NO_SLOT, SlotSet, type SlotSetMember } from "../../../src/room/slot-set.ts";

class Member implements SlotSetMember {
  slot = NO_SLOT;
}

const slotSetOf = (count: number) => {
  const members = Array.from({ length: count }, () => new Member());
  const set = new SlotSet<Member>();
  for (const member of members) set.add(member);
  return { members, set };
};

describe("a slot set", () => {
  test("has what a set has, however its members come and go", () => {
    const step = tuple(constantFrom<Step>("add", "delete", "clear"), nat(MOST - 1));
    assert(property(array(step, { maxLength: 60 }), agreesWithSet));
  });

  test("is walked while members leave and come: each that stays is met once", () => {
    const { members, set } = slotSetOf(100);
    const met: Member[] = [];
    for (const member of set) {
      met.push(member);
      const number = members.indexOf(member);
      if (number % 3 === 0) set.delete(member);
      if (number === 50) for (const gone of members.slice(60, 70)) set.delete(gone);
    }
    expect(met).toEqual([...members.slice(0, 60), ...members.slice(70)]);
  });

  test("is walked while members come: each that was there is met once, also where all others have gone", () => {
    const { members, set } = slotSetOf(10);
    const met: Member[] = [];
    for (const member of set) {
      met.push(member);
      if (met.length === 3) {
        for (const gone of members.slice(0, 3)) set.delete(gone);
        for (const _ of members) set.add(new Member()); // behind the walk, and before it
      }
    }
    expect(met.slice(0, 10)).toEqual(members);
    expect(met).toHaveLength(17);
    expect(new Set(met).size).toBe(17);
  });

  test("is walked while it is emptied and filled again: the walk ends, and the next one meets all", () => {
    const { members, set } = slotSetOf(10);
    const met: Member[] = [];
    for (const member of set) {
      met.push(member);
      if (met.length > 1) continue;
      for (const gone of members) set.delete(gone);
      for (const again of members.toReversed()) set.add(again);
    }
    expect(met[0]).toBe(members[0]);
    expect([...set].toSorted(bySlot)).toEqual(members.toReversed());
    set.clear();
    expect([[...set], set.size, members.some((member) => set.has(member))]).toEqual([[], 0, false]);
  });

  test("says of a member that is in a slot set already that it is", () => {
    const { members, set } = slotSetOf(2);
    const [first] = members;
    expect(() => first && new SlotSet<Member>().add(first)).toThrow("in a slot set already");
    expect(first && new SlotSet<Member>().delete(first)).toBe(false);
    expect(set.size).toBe(2);
  });

  test("keeps nothing of those who left through collections of young objects, as a set does", () => {
    expect(bytesKeptBy("slots") * 2).toBeLessThan(bytesKeptBy("set"));
  });
});

type Step = "add" | "delete" | "clear";

const MOST = 10;

const bySlot = (one: Member, other: Member): number => one.slot - other.slot;

/** Takes these steps with a slot set and with a set, and compares them after each. */
function agreesWithSet(steps: readonly (readonly [Step, number])[]): void {
  const members = Array.from({ length: MOST }, () => new Member());
  const set = new SlotSet<Member>();
  const model = new Set<Member>();
  for (const [step, number] of steps) {
    const member = members[number] ?? new Member();
    if (step === "clear") {
      set.clear();
      model.clear();
    } else if (step === "delete") {
      expect(set.delete(member)).toBe(model.delete(member));
    } else if (!model.has(member)) {
      set.add(member);
      model.add(member);
    }
    expect(set.size).toBe(model.size);
    expect(members.filter((one) => set.has(one))).toEqual(members.filter((one) => model.has(one)));
    expect([...set].toSorted(bySlot)).toEqual([...model].toSorted(bySlot));
  }
}

/** Bytes of those who left that collections of young objects alone do not free. */
function bytesKeptBy(kind: "slots" | "set"): number {
  return Number(execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", churn(kind)]));
}

/** A program that prints how many bytes are kept once 20,000 members came and went, of which 500 were there at one time. */
function churn(kind: "slots" | "set"): string {
  const module = new URL("../../../dist/room/slot-set.js", import.meta.url).href;
  return `
    import { NO_SLOT, SlotSet } from ${JSON.stringify(module)};
    const group = ${kind === "set" ? "new Set()" : "new SlotSet()"};
    const present = new Array(500).fill(undefined);
    let next = 0;
    const turn = () => {
      const member = { slot: NO_SLOT, body: Array.from({ length: 100 }, (_, index) => index) };
      if (present[next] !== undefined) group.delete(present[next]);
      present[next] = member;
      next = (next + 1) % present.length;
      group.add(member);
    };
    for (let count = 0; count < 2000; count++) turn();
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let count = 1; count <= 20_000; count++) {
      turn();
      if (count % 1000 === 0) gc({ type: "minor" });
    }
    console.log(process.memoryUsage().heapUsed - before);
  `;
}
