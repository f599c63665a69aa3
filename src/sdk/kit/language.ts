/** The languages of the elements, and which of them an element speaks. */

export const LANGUAGES = ["en", "de", "es", "fr", "ja", "ar"] as const;

/** One text in all languages, in the order of `LANGUAGES`. `{name}` stands for a value. */
export type Translations = readonly [en: string, de: string, es: string, fr: string, ja: string, ar: string];

export interface Language {
  /** As the page or the browser says it, such as `de-CH`: for numbers. */
  readonly tag: string;
  /** Its place in `LANGUAGES`. */
  readonly index: number;
  readonly isRightToLeft: boolean;
}

/** The attribute `lang` of the nearest ancestor decides, else the browser's settings. English stands in for other languages. */
export function languageOf(element: Element): Language {
  const own = inheritedAttribute(element, "lang");
  const tags = own ? [own] : navigator.languages;
  for (const tag of tags) {
    const index = LANGUAGES.findIndex((language) => language === tag.slice(0, 2).toLowerCase());
    if (index >= 0 && /^..(?:-|$)/.test(tag)) return { tag, index, isRightToLeft: LANGUAGES[index] === "ar" };
  }
  return { tag: "en", index: 0, isRightToLeft: false };
}

/** An attribute of the element or of its nearest ancestor that has it, shadow trees included. */
export function inheritedAttribute(element: Element, name: string): string | null {
  for (let at: Element | undefined = element; at !== undefined;) {
    const found = at.closest(`[${name}]`);
    if (found !== null) return found.getAttribute(name);
    const root = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : undefined;
  }
  return null;
}

/** The text in this language, with `{name}` replaced by `values.name`. */
export function translate(
  translations: Translations,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const text = translations[language.index] ?? translations[0];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
