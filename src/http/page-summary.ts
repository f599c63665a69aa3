/** Reads the head of a game's page: the title, description and pictures that the landing page shows. */
import { decodeHTML } from "entities";

export interface PageSummary {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** The picture (`og:image`) as the page's author wrote it: an address relative to the page. */
  readonly image: string | undefined;
  /** The icon as the page's author wrote it: an address relative to the page. */
  readonly icon: string | undefined;
  /** Scripts, styles and icons that the head loads. */
  readonly assets: readonly string[];
}

/** A page's bytes decoded to text. */
export interface PageText {
  readonly text: string;
  /** The encoding of a page that is not UTF-8, as the rest of a sentence. The server declares UTF-8, and browsers follow the server. */
  readonly notUtf8: string | undefined;
}

const UTF8 = "utf-8";
/** Browsers look for an encoding declaration in the first 1,024 bytes (WHATWG HTML, "prescan"). */
const CHARSET_WITHIN = 1_024;

/** The byte order mark decides, then the declaration, then UTF-8, as in browsers. */
export function decodePage(bytes: Uint8Array): PageText {
  const marked = utf16Of(bytes);
  if (marked !== undefined) return { text: new TextDecoder(marked).decode(bytes), notUtf8: undefined };
  const unmarked = unmarkedUtf16Of(bytes);
  if (unmarked !== undefined) {
    return { text: new TextDecoder(unmarked).decode(bytes), notUtf8: "is UTF-16 without a byte order mark" };
  }
  const head = Buffer.from(bytes.subarray(0, CHARSET_WITHIN)).toString("latin1");
  const named = /<meta\s[^>]*\bcharset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1];
  const decoder = named === undefined ? undefined : decoderOf(named);
  // A page whose declaration of UTF-16 can be read as ASCII is not UTF-16.
  const isForeign = decoder !== undefined && decoder.encoding !== UTF8 && !decoder.encoding.startsWith("utf-16");
  if (isForeign) return { text: decoder.decode(bytes), notUtf8: `says charset=${named}` };
  return { text: new TextDecoder(UTF8).decode(bytes), notUtf8: isUtf8(bytes) ? undefined : "is in another encoding" };
}

function utf16Of([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

/** Detects UTF-16 without a byte order mark: a page begins with `<` or white space, and one of its two bytes is zero. */
function unmarkedUtf16Of([first, second]: Uint8Array): string | undefined {
  if (first === undefined || second === undefined || (first === 0) === (second === 0)) return undefined;
  return first === 0 ? "utf-16be" : "utf-16le";
}

/** Whether the bytes are UTF-8. The last character may be incomplete. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder(UTF8, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined; // The encoding is unknown.
  }
}

/** Parses the tags of a head. Comments are skipped; attributes may be quoted or not. */
export function summarizePage(page: string): PageSummary {
  const source = page.replace(/<!--[\s\S]*?-->/g, "");
  const metas = elements(source, /<meta\s([^>]*)>/gi);
  const links = elements(source, /<link\s([^>]*)>/gi);
  const scripts = elements(source, /<script\s([^>]*)>/gi);
  return {
    title: tidy(/<title[^>]*>([^<]*)<\/title/i.exec(source)?.[1]),
    description: tidy(metas.find((meta) => meta.get("name")?.toLowerCase() === "description")?.get("content")),
    image: tidy(metas.find((meta) => meta.get("property")?.toLowerCase() === "og:image")?.get("content")),
    icon: tidy(links.find((link) => /(?:^|\s)icon(?:\s|$)/i.test(link.get("rel") ?? ""))?.get("href")),
    assets: [...links.map((link) => link.get("href")), ...scripts.map((script) => script.get("src"))].flatMap(
      (address) => tidy(address) ?? [],
    ),
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
  return decodeHTML(text).replace(/\s+/g, " ").trim() || undefined;
}
