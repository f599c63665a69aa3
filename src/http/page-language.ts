/** The languages of the server's own pages, and which of them a page speaks. */
import type { Request, Response } from "express";
import { escapeHtml, Html } from "./html.ts";

/** Those of the kit. */
export const PAGE_LANGUAGES = ["en", "de", "es", "fr", "ja", "ar"] as const;

/** One text in all languages, in the order of `PAGE_LANGUAGES`. `{name}` stands for a value. */
export type PageText = readonly [en: string, de: string, es: string, fr: string, ja: string, ar: string];

export interface PageLanguage {
  readonly tag: (typeof PAGE_LANGUAGES)[number];
  /** Its place in `PAGE_LANGUAGES`. */
  readonly index: number;
  readonly direction: "ltr" | "rtl";
}

/** `?lang=de` in the page's address decides, else what the browser asks for. English stands in for other languages. */
export function languageOfRequest(request: Request): PageLanguage {
  const { lang } = request.query;
  const wanted =
    typeof lang === "string" ? lang.slice(0, 2).toLowerCase() : request.acceptsLanguages([...PAGE_LANGUAGES]);
  const index = Math.max(
    0,
    PAGE_LANGUAGES.findIndex((language) => language === wanted),
  );
  const tag = PAGE_LANGUAGES[index] ?? "en";
  return { tag, index, direction: tag === "ar" ? "rtl" : "ltr" };
}

/** Says that the answer depends on the language that the browser asks for. */
export function varyByLanguage(response: Response, { tag }: PageLanguage): Response {
  return response.set("Content-Language", tag).vary("Accept-Language");
}

/** The text in this language. `{name}` is replaced by `values.name`, of which `Html` stays markup. */
export function phrase(
  text: PageText,
  { index }: PageLanguage,
  values: Readonly<Record<string, string | number | Html>> = {},
): Html {
  const parts = (text[index] ?? text[0]).split(/\{(\w+)\}/);
  const markup = parts.map((part, place) => {
    const value = place % 2 === 0 ? part : (values[part] ?? "");
    return value instanceof Html ? value.toString() : escapeHtml(String(value));
  });
  return new Html(markup.join(""));
}

/** The texts of a table in this language, by name, for the script of a page. */
export function textsIn(table: Readonly<Record<string, PageText>>, { index }: PageLanguage): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([name, text]) => [name, text[index] ?? text[0]]));
}
