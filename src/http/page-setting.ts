/** What a request says of how its page is to speak. */
import type { Request, RequestHandler, Response } from "express";
import { languageOfRequest, textsIn, varyByLanguage } from "./page-language.ts";
import { LAUNCHER_WORDS } from "./page-words.ts";
import type { PageSetting } from "./pages.ts";

/** The setting of the page that answers this request; the answer is marked as one of several languages. */
export function settingOf(request: Request, response: Response, base: string): PageSetting {
  const language = languageOfRequest(request);
  varyByLanguage(response, language);
  return { base, language };
}

/** `/words.js`: what the launcher says, in the language that the browser asks for. Its pages are files, which are the same for all. */
export function wordsScript(): RequestHandler {
  return (request, response) => {
    const language = languageOfRequest(request);
    const { tag, direction } = language;
    const lines = [
      `export const LANGUAGE = ${JSON.stringify({ tag, direction })};`,
      `export const WORDS = ${JSON.stringify(textsIn(LAUNCHER_WORDS, language))};`,
    ];
    varyByLanguage(response, language).set("Cache-Control", "private, no-cache");
    response.type("text/javascript; charset=utf-8").send(`${lines.join("\n")}\n`);
  };
}
