import { describe, expect, test } from "@jest/globals";
import { digest } from "../../../src/hub/digest.ts";
import { Visitors } from "../../../src/hub/visitors.ts";

const PHONE = "Mozilla/5.0 (Linux; Android 16)";

describe("a visitor's name", () => {
  test("is the same whenever the visitor comes, and another for another address or program", () => {
    const visitors = new Visitors();
    const name = visitors.nameOf("192.0.2.1", PHONE);
    expect(visitors.nameOf("192.0.2.1", PHONE)).toBe(name);
    expect(visitors.nameOf("192.0.2.2", PHONE)).not.toBe(name);
    expect(visitors.nameOf("192.0.2.1", `${PHONE}!`)).not.toBe(name);
  });

  test("has nothing of the address in it", () => {
    expect(new Visitors().nameOf("192.0.2.1", PHONE)).toBe(digest(`192.0.2.1 ${PHONE}`));
  });

  test("is still the same when a thousand others have come since, of whom some say a great deal", () => {
    const visitors = new Visitors();
    const name = visitors.nameOf("192.0.2.1", PHONE);
    for (let other = 0; other < 1_000; other++) visitors.nameOf(`2001:db8::${other}`, PHONE.repeat(1 + (other % 40)));
    expect(visitors.nameOf("192.0.2.1", PHONE)).toBe(name);
  });
});
