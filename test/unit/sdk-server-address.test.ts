import { afterEach, describe, expect, test } from "@jest/globals";
import {
  codeOfPage,
  forgetFreshOfPage,
  forgetRescueOfPage,
  gameOfPage,
  parseServer,
  rescueOfPage,
} from "../../src/sdk/server-address.ts";

function onPage(address: string): void {
  Object.defineProperty(globalThis, "location", { value: new URL(address), configurable: true });
}

afterEach(() => void Reflect.deleteProperty(globalThis, "location"));

describe("the server's address", () => {
  test.each([
    ["http://192.168.1.7:8081", "http://192.168.1.7:8081", "ws://192.168.1.7:8081"],
    ["https://party.example/", "https://party.example", "wss://party.example"],
    ["HTTPS://party.example/tv//?x#y", "https://party.example/tv", "wss://party.example/tv"],
    ["ws://[::1]:9000", "http://[::1]:9000", "ws://[::1]:9000"],
    ["wss://party.example", "https://party.example", "wss://party.example"],
  ])("%s", (text, http, ws) => {
    expect(parseServer(text)).toEqual({ http, ws });
    expect(parseServer(new URL(text))).toMatchObject({ ws });
  });

  test.each(["party.example", "ftp://party.example", "http://", "//party.example", "javascript:alert(1)"])(
    "is refused where it is none: %s",
    (text) => {
      expect(() => parseServer(text)).toThrow("`server` has to be an address");
    },
  );

  test("is the page's origin where it was not said", () => {
    onPage("http://tv:8081/games/duck/index.html?x");
    expect(parseServer(undefined)).toEqual({ http: "http://tv:8081", ws: "ws://tv:8081" });
  });

  test.each([
    ["https://x.example/party/games/duck/", "https://x.example/party", "duck"],
    ["https://x.example/a/b/games/duck/player.html?room=BCDF", "https://x.example/a/b", "duck"],
    ["https://x.example/games/duck/games/inner.html", "https://x.example", "duck"],
  ])("has the path that stands before the games: %s", (page, http, game) => {
    onPage(page);
    expect(parseServer(undefined).http).toBe(http);
    expect(gameOfPage()).toBe(game);
  });

  test("has to be said on a page that is a file", () => {
    onPage("file:///home/me/duck/index.html");
    expect(() => parseServer(undefined)).toThrow("There is no page to take the server's address from");
  });
});

describe("what the page's address says", () => {
  test.each([
    ["http://tv/games/duck/", "duck"],
    ["http://tv/games/duck/index.html", "duck"],
    ["http://tv/couch/games/big%20duck/player.html", "big duck"],
    ["http://tv/games/100%/", "100%"],
    ["http://tv/", ""],
  ])("the game of %s", (address, game) => {
    onPage(address);
    expect(gameOfPage()).toBe(game);
  });

  test("the room's code is `room` in its query", () => {
    onPage("http://tv/games/duck/player.html?room=bcdf");
    expect(codeOfPage()).toBe("bcdf");
    onPage("http://tv/games/duck/player.html");
    expect(codeOfPage()).toBeUndefined();
  });

  test("the token of a rescue link, which is taken out of the address once it is used", () => {
    expect(rescueOfPage()).toBeUndefined();
    onPage("http://tv/games/duck/player.html?room=BCDF&rescue=TOKEN#x");
    expect(rescueOfPage()).toBe("TOKEN");
    const shown: string[] = [];
    const replaceState = (_state: unknown, _title: string, url: URL): void => void shown.push(url.href);
    Object.defineProperty(globalThis, "history", { value: { state: null, replaceState }, configurable: true });
    forgetRescueOfPage();
    Reflect.deleteProperty(globalThis, "history");
    forgetRescueOfPage(); // a page without a history: nothing to do
    expect(shown).toEqual(["http://tv/games/duck/player.html?room=BCDF#x"]);
  });

  test.each([
    ["?fresh", true],
    ["?fresh=1&draw=20", true],
    ["?refresh", false],
    ["", false],
  ])("whether it starts anew, which is taken out of the address: %s", (query, isFresh) => {
    const shown: string[] = [];
    const replaceState = (_state: unknown, _title: string, url: URL): void => void shown.push(url.search);
    onPage(`http://tv/games/duck/${query}`);
    Object.defineProperty(globalThis, "history", { value: { state: null, replaceState }, configurable: true });
    expect(forgetFreshOfPage()).toBe(isFresh);
    Reflect.deleteProperty(globalThis, "history");
    expect(shown).toEqual(isFresh ? [query === "?fresh" ? "" : "?draw=20"] : []);
  });
});
