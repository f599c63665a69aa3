import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { JoinPolicy } from "../../../src/room/join-policy.ts";
import { isSameSecret } from "../../../src/room/same-secret.ts";

describe("the join policy of a room", () => {
  test("P5.3.2 so many sessions are banned at a time; one that is banned again counts as the latest", () => {
    const joinPolicy = new JoinPolicy({ maxPlayers: 8, pin: undefined }, 0);
    for (let number = 0; number < 1_024; number++) joinPolicy.ban(String(number));
    joinPolicy.ban("0");
    joinPolicy.ban("one more");
    expect(["0", "1", "2", "one more"].map((sessionHash) => joinPolicy.isBanned({ sessionHash }))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test("P5.3.9 a PIN is right to the letter", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (shown, secret) => {
        expect(isSameSecret(shown, secret)).toBe(shown === secret);
        expect(isSameSecret(secret, secret)).toBe(true);
        expect(isSameSecret(`${secret}${secret}`, secret)).toBe(secret === "");
      }),
    );
  });
});
