/** Which pages may use this server: the origins of the option `origins`, and the server's own. */
import { matchesOrigin, OPAQUE_ORIGIN, parseOrigin, parseOriginList } from "../protocol/origin-list.ts";

export class Origins {
  /** `undefined`: pages of every origin may connect. */
  readonly #listed: ReturnType<typeof readList> | undefined;

  /** @param list as the option writes it: `https://games.example.com,https://*.example.org`. `undefined`: there is no list. */
  constructor(list: string | undefined) {
    this.#listed = list === undefined ? undefined : readList(list);
  }

  /** Whether there is a list, so that other pages than the server's own have to be on it. */
  get isRestricted(): boolean {
    return this.#listed !== undefined;
  }

  /**
   * Whether a page of this origin may open a connection. `undefined` is a program: only browsers send an origin, and they always do. `own` are
   * the origins of the server's own pages, as this request reached it.
   */
  isAllowed(origin: string | undefined, own: readonly string[]): boolean {
    return this.#listed === undefined || origin === undefined || this.isListed(origin) || isOneOf(origin, own);
  }

  /** Whether the list names this origin. Without a list none is named. */
  isListed(origin: string): boolean {
    if (this.#listed === undefined) return false;
    if (origin === OPAQUE_ORIGIN) return this.#listed.includes(OPAQUE_ORIGIN);
    const page = parsePage(origin);
    return (
      page !== undefined && this.#listed.some((pattern) => pattern !== OPAQUE_ORIGIN && matchesOrigin(pattern, page))
    );
  }
}

function readList(text: string) {
  const parsed = parseOriginList(text);
  if (!parsed.ok) throw new TypeError(`The list of origins has an entry that is none: ${parsed.failure}`);
  return parsed.value;
}

/** A browser writes no slash at the end and no pattern. */
function parsePage(origin: string) {
  return origin.endsWith("/") || origin.includes("*") ? undefined : parseOrigin(origin);
}

function isOneOf(origin: string, own: readonly string[]): boolean {
  const page = parsePage(origin);
  return (
    page !== undefined &&
    own.some((text) => {
      const other = parsePage(text);
      return other !== undefined && matchesOrigin(other, page);
    })
  );
}
