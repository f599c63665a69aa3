/** Which language the server's own pages speak. */
import { describe, expect, test } from "@jest/globals";
import { startServer } from "../support/server.ts";

/** What a browser with these languages gets. */
async function get(url: string, language?: string): Promise<Response> {
  return await fetch(url, {
    redirect: "manual",
    headers: { Accept: "text/html", ...(language !== undefined && { "Accept-Language": language }) },
  });
}

const headOf = async (answer: Response): Promise<string> => /<html[^>]*>/.exec(await answer.text())?.[0] ?? "";

describe("issue 22.5: the server's own pages", () => {
  test.each([
    ["en-GB,en;q=0.9", '<html lang="en" dir="ltr">'],
    ["de-CH,de;q=0.9,en;q=0.8", '<html lang="de" dir="ltr">'],
    ["pt-BR,fr;q=0.7", '<html lang="fr" dir="ltr">'],
    ["ar", '<html lang="ar" dir="rtl">'],
    ["ja-JP", '<html lang="ja" dir="ltr">'],
    ["es-MX", '<html lang="es" dir="ltr">'],
    ["tlh", '<html lang="en" dir="ltr">'],
    [undefined, '<html lang="en" dir="ltr">'],
  ])("a browser that asks for %s gets %s on each of them", async (language, head) => {
    const server = await startServer();
    for (const path of ["/", "/games/", "/ZZZZ", "/nothing/here"]) {
      const answer = await get(server.url + path, language);
      expect([path, answer.headers.get("vary")]).toEqual([path, expect.stringMatching(/Accept-Language/)]);
      expect([path, answer.headers.get("content-language")]).toEqual([path, /lang="(..)"/.exec(head)?.[1]]);
      expect([path, await headOf(answer)]).toEqual([path, head]);
    }
  });

  test("?lang goes before what the browser asks for", async () => {
    const server = await startServer();
    expect(await headOf(await get(`${server.url}/?lang=de`, "fr"))).toBe('<html lang="de" dir="ltr">');
    expect(await headOf(await get(`${server.url}/?lang=<b>`, "fr"))).toBe('<html lang="en" dir="ltr">');
  });

  test("why a game has ended is said in that language, and the page's script has its words", async () => {
    const server = await startServer();
    const page = await (await get(`${server.url}/?closed=kicked`, "de")).text();
    expect(page).toContain("Du wurdest aus dem Spiel entfernt.");
    const words: unknown = JSON.parse(/id="words">([^<]*)</.exec(page)?.[1] ?? "null");
    expect(words).toMatchObject({ checking: "Der Raum wird gesucht …" });
  });

  test("the launcher finds its words at /words.js, also below a base path", async () => {
    const server = await startServer({ publicUrl: "http://tv.example/party" });
    for (const path of ["/words.js", "/party/words.js"]) {
      const answer = await get(server.url + path, "ar");
      expect(answer.headers.get("content-type")).toMatch(/^text\/javascript/);
      expect(answer.headers.get("vary")).toMatch(/Accept-Language/);
      const text = await answer.text();
      expect(text).toContain('{"tag":"ar","direction":"rtl"}');
      expect(text).toContain("أمسكوا هواتفكم.");
    }
  });
});
