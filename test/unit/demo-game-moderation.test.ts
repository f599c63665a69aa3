/** Names that the demo game does not show. */
import { beforeAll, expect, test } from "@jest/globals";

interface Moderation {
  isRude(name: string): boolean;
  niceName(id: number): string;
}

let moderation: Moderation;

beforeAll(async () => {
  moderation = await import(new URL("../../demo-game/moderation.js", import.meta.url).href);
});

test.each([
  "fuck",
  "FUCK you",
  "Mofucker",
  "fuuuuck",
  "f.u.c.k",
  "f u c k",
  "Mr f u c k",
  "s h 1 t",
  "Fück",
  "sh1t",
  "$h!t",
  "SHIIIT",
  "5h1th34d",
  "b1tch",
  "@$$",
  "Sch4ge Nazi",
  "N4z1",
  "scheiße",
  "Cabrón",
  "ｆｕｃｋ",
  "👑 cunt 👑",
])("%s is not shown", (name) => {
  expect(moderation.isRude(name)).toBe(true);
});

test.each([
  "Ada",
  "Scunthorpe",
  "Matsushita",
  "Ignazio",
  "Cassandra",
  "Cass",
  "Salopek",
  "Cabronero",
  "Dick Van Dyke",
  "Niger",
  "Computador",
  "Hancock",
  "Grapes",
  "Peacock 7",
  "Rabbit Chan",
  "Orbit Charlie",
  "Swan Kermit",
  "Who Rex",
  "Whit Lerner",
  "J. R. R. Tolkien",
  "Player 1",
  "Player 455",
  "Bob 7175",
  "455",
  "4711",
  "王小明",
  "محمد",
  "👨‍👩‍👧‍👦",
  "",
])("%s is shown", (name) => {
  expect(moderation.isRude(name)).toBe(false);
});

test("a player keeps the nice name, which is no rude one", () => {
  for (let id = 1; id <= 20; id++) {
    expect(moderation.niceName(id)).toBe(moderation.niceName(id));
    expect(moderation.niceName(id).length).toBeLessThanOrEqual(12);
    expect(moderation.isRude(moderation.niceName(id))).toBe(false);
  }
});
