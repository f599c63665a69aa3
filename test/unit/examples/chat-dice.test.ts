/** What `/roll` of `examples/chat` understands, and what it rolls. */
import { describe, expect, test } from "@jest/globals";
import { diceText, parseRoll, roll } from "../../../examples/chat/dice.js";

describe("row 100: /roll", () => {
  test.each([
    ["/roll", "1d6"],
    ["/roll 2d6", "2d6"],
    ["/ROLL d20", "1d20"],
    ["/roll 3d8 + 4 ", "3d8+4"],
  ])("%s rolls %s", (text, dice) => {
    const parsed = parseRoll(text);
    expect(typeof parsed === "string" ? parsed : diceText(parsed)).toBe(dice);
  });

  test.each([
    ["/roll 21d6", "Roll 1 to 20 dice at once."],
    ["/roll 0d6", "Roll 1 to 20 dice at once."],
    ["/roll 2d1", "A die has 2 to 1000 sides."],
    ["/roll 2d1001", "A die has 2 to 1000 sides."],
    ["/roll two", "Roll like this: /roll 2d6, or /roll d20+3."],
    ["/pour", "Roll like this: /roll 2d6, or /roll d20+3."],
  ])("%s is answered by what is wrong", (text, sentence) => {
    expect(parseRoll(text)).toBe(sentence);
  });

  test("each face is from one to the number of sides, and the total is their sum and what is added", () => {
    const numbers = [0, 0.5, 0.999];
    const random = () => numbers.shift() ?? 0;
    expect(roll({ count: 3, sides: 6, plus: 2 }, random)).toEqual({ faces: [1, 4, 6], total: 13 });
  });
});
