import { describe, expect, test } from "@jest/globals";
import { AVATARS, avatarSvg } from "../../src/sdk/ui/avatars.ts";
import { ownCharacter } from "../../src/sdk/ui/own-characters.ts";

/** Players of a room, by what they have chosen; one without a choice has the character of its number. */
function room(...avatars: readonly (number | undefined)[]) {
  return avatars.map((chosen, index) => {
    const meta: Record<string, unknown> = chosen === undefined ? {} : { avatar: chosen };
    const setProfile = (changes: object): object => Object.assign(meta, changes);
    return { id: index + 1, name: `Player ${index + 1}`, isAway: false, meta, setProfile };
  });
}

describe("row 19.4 no two players have the same character:", () => {
  test.each<[string, (number | undefined)[], number]>([
    ["another one than the others' stays", [3, 4, 5], 5],
    ["one that is taken becomes the next free one", [3, 4, 3], 5],
    ["after the last one comes the first", [23, 0, 23], 1],
    ["a number past the last one goes round", [1, 25], 2],
    ["a player who has chosen none has that of its number", [undefined, 0], 1],
  ])("%s", (_what, avatars, result) => {
    const players = room(...avatars);
    const last = players[players.length - 1];
    if (last === undefined) throw new Error("There are players.");
    ownCharacter(last, players);
    expect(last.meta["avatar"]).toBe(result);
  });

  test("where all are taken, two share one", () => {
    const players = room(...AVATARS.keys(), 7);
    const last = players[players.length - 1];
    if (last === undefined) throw new Error("There are players.");
    ownCharacter(last, players);
    expect(last.meta["avatar"]).toBe(7);
  });
});

describe("avatarSvg of a player", () => {
  test.each<[string, unknown, number]>([
    ["draws the character that its phone has chosen", 5, 5],
    ["draws that of a number past the last one, which goes round", 29, 5],
    ["draws that of the player's number where the phone says none", undefined, 2],
    ["draws that where the phone says a text", "<img src=x onerror=alert(1)>", 2],
    ["draws that where the phone says a list", [5], 2],
    ["draws that where the phone says null", null, 2],
  ])("%s", (_what, avatar, index) => {
    expect(avatarSvg({ id: 3, meta: { avatar } })).toBe(avatarSvg(index));
  });
});
