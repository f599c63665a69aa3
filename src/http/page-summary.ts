/** What a game's page says about itself in its head: the title and the description the landing page shows. */

export interface PageSummary {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** The picture (`og:image`) as the page's author wrote it: an address relative to the page. */
  readonly image: string | undefined;
  /** The icon, likewise. */
  readonly icon: string | undefined;
}

const NAMED_CHARACTERS: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  nbsp: " ",
  quot: '"',
};

const CHARACTER_REFERENCE = /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi;

const LAST_CODE_POINT = 0x10ffff;

/** Reads a head, not any HTML: comments are skipped, attributes may be quoted either way or not at all. */
export function summarizePage(page: string): PageSummary {
  const source = page.replace(/<!--[\s\S]*?-->/g, "");
  const metas = elements(source, /<meta\s([^>]*)>/gi);
  const links = elements(source, /<link\s([^>]*)>/gi);
  return {
    title: tidy(/<title[^>]*>([^<]*)<\/title/i.exec(source)?.[1]),
    description: tidy(metas.find((meta) => meta.get("name")?.toLowerCase() === "description")?.get("content")),
    image: tidy(metas.find((meta) => meta.get("property")?.toLowerCase() === "og:image")?.get("content")),
    icon: tidy(links.find((link) => /(?:^|\s)icon(?:\s|$)/i.test(link.get("rel") ?? ""))?.get("href")),
  };
}

function elements(source: string, pattern: RegExp): readonly ReadonlyMap<string, string>[] {
  return [...source.matchAll(pattern)].map(([, attributes = ""]) => readAttributes(attributes));
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = text.matchAll(/([a-z:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi);
  return new Map([...attributes].map(([, name = "", a, b, c]) => [name.toLowerCase(), a ?? b ?? c ?? ""]));
}

function tidy(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const decoded = text.replace(
    CHARACTER_REFERENCE,
    (reference: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED_CHARACTERS[name] ?? reference;
      const codePoint = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return codePoint <= LAST_CODE_POINT ? String.fromCodePoint(codePoint) : reference;
    },
  );
  return decoded.replace(/\s+/g, " ").trim() || undefined;
}
