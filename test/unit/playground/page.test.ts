import { describe, expect, test } from "@jest/globals";
import { readPlaygroundConfig } from "../../../src/playground/page/playground-config.ts";
import { RoomWatch } from "../../../src/playground/page/room-watch.ts";
import { fittingScale } from "../../../src/playground/page/tile-layout.ts";

const BODY = { dataset: { base: "/party", game: "quiz", games: '[{"name":"quiz","title":"Quiz"}]' } };

describe("the address of the playground", () => {
  test("names the game and how many phones there are", () => {
    expect(readPlaygroundConfig(BODY, { search: "?phones=2" })).toMatchObject({
      ok: true,
      value: { game: "quiz", tv: "/party/games/quiz/", phone: undefined, phones: 2 },
    });
  });

  test.each([
    ["", 4],
    ["?phones=many", 4],
    ["?phones=99", 16],
    ["?phones=0", 0],
  ])("%j gives %i phones", (search, phones) => {
    expect(readPlaygroundConfig(BODY, { search })).toMatchObject({ value: { phones } });
  });

  test("may name pages of another origin, and of the web alone", () => {
    const body = { dataset: { games: "[]" } };
    expect(readPlaygroundConfig(body, { search: "?tv=http://localhost:5173/" })).toMatchObject({
      value: { game: undefined, tv: "http://localhost:5173/" },
    });
    expect(readPlaygroundConfig(BODY, { search: "?tv=javascript:alert(1)" })).toMatchObject({ ok: false });
    expect(readPlaygroundConfig(BODY, { search: "?phone=nowhere" })).toMatchObject({ ok: false });
    expect(readPlaygroundConfig(body, { search: "" })).toMatchObject({ ok: false, failure: { links: [] } });
  });
});

test("the host's frames tell of its room", () => {
  const room = new RoomWatch();
  room.said({ cmd: "prepare", name: "quiz", join_url: "https://quiz.example/play" });
  room.heard({ cmd: "state", name: "quiz", players: [1, 2] });
  room.heard({ cmd: "prepare_reply", key: "BCDF" });
  room.heard({ cmd: "player_joined", player: 3 });
  room.heard({ cmd: "player_away", player: 2 });
  expect(room).toMatchObject({ code: "BCDF", name: "quiz", joinUrl: "https://quiz.example/play" });
  expect([...room.players, [...room.away]]).toEqual([1, 2, 3, [2]]);
  room.heard({ cmd: "player_left", player: 2 });
  room.said({ cmd: "game", name: "chess" });
  expect([room.name, ...room.players, room.away.size]).toEqual(["chess", 1, 3, 0]);
});

describe("phones are drawn", () => {
  const area = { gap: 10, border: { width: 10, height: 70 }, screen: { width: 390, height: 844 }, minScale: 0.3 };

  test("as large as all of them fit", () => {
    expect(fittingScale(4, { ...area, width: 4 * 205 + 30, height: 492 })).toBeCloseTo(0.5); // in one row
    expect(fittingScale(4, { ...area, width: 2 * 205 + 10, height: 2 * 492 + 10 })).toBeCloseTo(0.5); // in two
    expect(fittingScale(1, { ...area, width: 5_000, height: 492 })).toBeCloseTo(0.5);
  });

  test("never larger than they are, and never too small to be read", () => {
    expect(fittingScale(1, { ...area, width: 5_000, height: 5_000 })).toBe(1);
    expect(fittingScale(16, { ...area, width: 300, height: 300 })).toBe(0.3);
  });
});
