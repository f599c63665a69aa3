/** Where the error of a game's listener is told. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { reportRejected, reportUncaught } from "../../src/sdk/report-uncaught.ts";
import { catchReports } from "../support/reported-errors.ts";

const NAMES = ["document", "reportError", "queueMicrotask"];
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
const bug = new Error("a bug in the game");

/** A page has these, and no others of the three. */
function setGlobals(values: Readonly<Record<string, unknown>>): void {
  for (const name of NAMES) Object.defineProperty(globalThis, name, { value: values[name], configurable: true });
}

afterEach(() => {
  for (const [name, descriptor] of before) {
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, descriptor);
  }
});

describe("an error of a listener", () => {
  test("is an uncaught one of the page", () => {
    const errors: unknown[] = [];
    const printed = catchReports();
    setGlobals({ document: {}, reportError: (error: unknown) => errors.push(error) });
    reportUncaught(bug);
    expect([errors, printed]).toEqual([[bug], []]);
  });

  test("is thrown by itself in browsers that cannot report one", () => {
    const turns: (() => void)[] = [];
    setGlobals({ document: {}, queueMicrotask: (turn: () => void) => turns.push(turn) });
    reportUncaught(bug);
    expect(turns).toHaveLength(1);
    expect(turns[0]).toThrow(bug);
  });

  test("is on the console of a program, which goes on", async () => {
    const printed = catchReports();
    reportUncaught(bug);
    reportRejected(Promise.reject(bug));
    reportRejected(Promise.resolve());
    reportRejected("no promise");
    await Promise.resolve();
    expect(printed).toEqual([bug, bug]);
  });
});
