import { execFileSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { array, assert, constantFrom, nat, property, tuple } from "../../support/property-testing.ts";
import { NO_PLACE, Roster, type RosterMember } from "../../../src/room/roster.ts";

class Member implements RosterMember {
  rosterPlace = NO_PLACE;
}

const rosterOf = (count: number) => {
  const members = Array.from({ length: count }, () => new Member());
  const roster = new Roster<Member>();
  for (const member of members) roster.add(member);
  return { members, roster };
};

describe("a roster", () => {
  test("has what a set has, however its members come and go", () => {
    const step = tuple(constantFrom<Step>("add", "delete", "clear"), nat(MOST - 1));
    assert(property(array(step, { maxLength: 60 }), agreesWithSet));
  });

  test("is walked while members leave and come: each that stays is met once", () => {
    const { members, roster } = rosterOf(100);
    const met: Member[] = [];
    for (const member of roster) {
      met.push(member);
      const number = members.indexOf(member);
      if (number % 3 === 0) roster.delete(member);
      if (number === 50) for (const gone of members.slice(60, 70)) roster.delete(gone);
    }
    expect(met).toEqual([...members.slice(0, 60), ...members.slice(70)]);
    const late = new Member();
    roster.add(late);
    expect([...roster]).toContain(late);
  });

  test("says of a member that is in a roster already that it is", () => {
    const { members, roster } = rosterOf(2);
    const [first] = members;
    expect(() => first && new Roster<Member>().add(first)).toThrow("in a roster already");
    expect(first && new Roster<Member>().delete(first)).toBe(false);
    expect(roster.size).toBe(2);
  });

  test("keeps nothing of those who left through collections of young objects, as a set does", () => {
    expect(bytesKeptBy("roster") * 2).toBeLessThan(bytesKeptBy("set"));
  });
});

type Step = "add" | "delete" | "clear";

const MOST = 10;

const byPlace = (one: Member, other: Member): number => one.rosterPlace - other.rosterPlace;

/** Takes these steps with a roster and with a set, and compares them after each. */
function agreesWithSet(steps: readonly (readonly [Step, number])[]): void {
  const members = Array.from({ length: MOST }, () => new Member());
  const roster = new Roster<Member>();
  const model = new Set<Member>();
  for (const [step, number] of steps) {
    const member = members[number] ?? new Member();
    if (step === "clear") {
      roster.clear();
      model.clear();
    } else if (step === "delete") {
      expect(roster.delete(member)).toBe(model.delete(member));
    } else if (!model.has(member)) {
      roster.add(member);
      model.add(member);
    }
    expect(roster.size).toBe(model.size);
    expect(members.filter((one) => roster.has(one))).toEqual(members.filter((one) => model.has(one)));
    expect([...roster].toSorted(byPlace)).toEqual([...model].toSorted(byPlace));
  }
}

/** Bytes of those who left that collections of young objects alone do not free. */
function bytesKeptBy(kind: "roster" | "set"): number {
  return Number(execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", churn(kind)]));
}

/** A program that prints how many bytes are kept once 20,000 members came and went, of which 500 were there at one time. */
function churn(kind: "roster" | "set"): string {
  const roster = new URL("../../../dist/room/roster.js", import.meta.url).href;
  return `
    import { NO_PLACE, Roster } from ${JSON.stringify(roster)};
    const group = ${kind === "set" ? "new Set()" : "new Roster()"};
    const present = new Array(500).fill(undefined);
    let next = 0;
    const turn = () => {
      const member = { rosterPlace: NO_PLACE, body: Array.from({ length: 100 }, (_, index) => index) };
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
