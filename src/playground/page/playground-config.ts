/** What the server and the address of the page ask for. */
import { failure, success, type Result } from "../../protocol/result.ts";

export interface PlaygroundConfig {
  /** The path below which the server is, such as `/party`. */
  readonly base: string;
  /** The served game; `undefined` where the pages are elsewhere. */
  readonly game: string | undefined;
  readonly games: readonly { readonly name: string; readonly title: string }[];
  /** The TV's page. */
  readonly tv: string;
  /** The phones' page, where the TV's own word does not count. */
  readonly phone: string | undefined;
  readonly phones: number;
}

/** Why there is nothing to show, and where there is something. */
export interface Choice {
  readonly sentence: string;
  readonly links: readonly { readonly href: string; readonly text: string }[];
}

const DEFAULT_PHONES = 4;
const MAX_PHONES = 16;

/** Reads what the server has written on the page's body, and the query: `phones`, `tv`, `phone`. */
export function readPlaygroundConfig(
  { dataset: { base = "", game = "", games: list = "[]" } }: Pick<HTMLElement, "dataset">,
  { search }: Pick<Location, "search">,
): Result<PlaygroundConfig, Choice> {
  const query = new URLSearchParams(search);
  const games: PlaygroundConfig["games"] = JSON.parse(list);
  const pages = { tv: query.get("tv") ?? undefined, phone: query.get("phone") ?? undefined };
  const links = games.map(({ name, title }) => ({
    href: `${base}/playground/${encodeURIComponent(name)}?phones=${DEFAULT_PHONES}`,
    text: title,
  }));
  for (const [name, address] of Object.entries(pages)) {
    if (address !== undefined && !isPageAddress(address)) {
      return failure({ sentence: `“${name}” has to be an http or https address; this is “${address}”.`, links });
    }
  }
  const own = game === "" ? undefined : `${base}/games/${encodeURIComponent(game)}/`;
  const tv = pages.tv ?? own;
  if (tv === undefined) {
    return failure({ sentence: "Choose a game, or add ?tv=ADDRESS for a page of your own dev server.", links });
  }
  return success({
    base,
    game: pages.tv === undefined ? game : undefined,
    games,
    tv,
    phone: pages.phone,
    phones: countOf(query.get("phones")),
  });
}

/** Scripts must not come in by the address. */
function isPageAddress(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false; // not an address
  }
}

function countOf(phones: string | null): number {
  if (phones === null || !/^\d{1,3}$/.test(phones)) return DEFAULT_PHONES;
  return Math.min(MAX_PHONES, Number(phones));
}
