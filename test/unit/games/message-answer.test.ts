/** What `onMessage` may answer, and what is a mistake of the program. */
import { expect, test } from "@jest/globals";
import { readMessageAnswer } from "../../../src/games/message-answer.ts";

test.each([
  [undefined, { is: "pass" }],
  [null, { is: "pass" }],
  [{ drop: true }, { is: "drop" }],
  [{ refuse: "why" }, { is: "refuse", reason: "why" }],
  [{ replace: "text" }, { is: "replace", data: "text", json: '"text"' }],
  [{ replace: null }, { is: "replace", data: null, json: "null" }],
  [{ replace: { a: [1] } }, { is: "replace", data: { a: [1] }, json: '{"a":[1]}' }],
])("row 53: %j is %j", (answer, verdict) => {
  expect(readMessageAnswer(answer)).toEqual(verdict);
});

test("row 53: bytes that replace a message are copied, since the program may go on writing into its buffer", () => {
  const own = new Uint8Array([1, 2]);
  const verdict = readMessageAnswer({ replace: own });
  own[0] = 9;
  expect(verdict).toEqual({ is: "replace", data: new Uint8Array([1, 2]), json: "" });
  const view = new DataView(new Uint8Array([7, 8, 9]).buffer, 1);
  expect(readMessageAnswer({ replace: view })).toEqual({ is: "replace", data: new Uint8Array([8, 9]), json: "" });
});

test.each([
  ["text", "it returned string."],
  [true, "it returned boolean."],
  [{ replace: undefined }, "it returned an object with the fields replace."],
  [{ drop: 1 }, "it returned an object with the fields drop."],
  [{ refuse: 7 }, "it returned an object with the fields refuse."],
  [[], "it returned an array."],
])("row 54: %j is a mistake that is named", (answer, sentence) => {
  expect(() => readMessageAnswer(answer)).toThrow(sentence);
});

test("row 54: what JSON cannot carry is a mistake", () => {
  expect(() => readMessageAnswer({ replace: () => {} })).toThrow("not by function.");
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  expect(() => readMessageAnswer({ replace: circular })).toThrow(TypeError);
});
