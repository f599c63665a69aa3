/** The secret that makes a page, when it is loaded again, the same host or the same player. */

/** The part of `sessionStorage` or `localStorage` that is needed. */
export interface SessionStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface ClaimedSession {
  /** For the server alone: it is the seat. */
  readonly secret: string;
  /** What was noted down beside it before the page was loaded again. */
  readonly notes: unknown;
  /** Notes something down, as JSON, for the next load. */
  note(notes: unknown): void;
  /** The page has what the session is for. */
  seated?(): void;
  /** This page is done with it; the next load may have it. */
  release(): void;
  /** No later load of the page gets it. */
  forget(): void;
}

interface Entry {
  readonly secret: string;
  /** Which load of which page uses it. */
  readonly page: string;
  readonly notes?: unknown;
}

const SECRET = /^[0-9a-f]{32}$/;

/** Tells this load of the page from all others. */
export const THIS_PAGE = newSecret();

export interface ClaimOptions {
  /** A secret to begin with where nothing is kept. */
  readonly spare?: () => string | undefined;
  /** It goes before what is kept. */
  readonly isSpareFirst?: boolean;
}

/**
 * The session that is kept under this name, or a new one. A page that asks twice for the same name gets two, and both again
 * in the same order when it is loaded anew; another page, or a later load, takes over what it finds.
 */
export function claimSession(
  storage: SessionStorage | undefined,
  name: string,
  options: ClaimOptions = {},
): ClaimedSession {
  const { spare, isSpareFirst = false } = options;
  let key = name;
  let found = read(storage, key);
  for (let copy = 2; found?.page === THIS_PAGE; copy++) {
    key = `${name}#${copy}`;
    found = read(storage, key);
  }
  const first = isSpareFirst ? spare?.() : found?.secret;
  const second = isSpareFirst ? found?.secret : found === undefined ? spare?.() : undefined;
  let entry: Entry = { ...found, secret: first ?? second ?? newSecret(), page: THIS_PAGE };
  const keep = (changes: Partial<Entry>): void => {
    entry = { ...entry, ...changes };
    write(storage, key, entry);
  };
  keep({});
  return {
    secret: entry.secret,
    notes: entry.notes,
    note: (notes) => keep({ notes }),
    release: () => keep({ page: "" }),
    forget: () => remove(storage, key),
  };
}

/** `sessionStorage`, where there is a page that has one. */
export function pageStorage(): SessionStorage | undefined {
  return storageOf("sessionStorage");
}

/** `localStorage`, which outlives the tab. */
export function deviceStorage(): SessionStorage | undefined {
  return storageOf("localStorage");
}

function storageOf(name: "sessionStorage" | "localStorage"): SessionStorage | undefined {
  try {
    return typeof window === "undefined" ? undefined : (window[name] ?? undefined);
  } catch {
    return undefined; // a browser that is told to keep nothing throws at the mere look
  }
}

/** Tells this frame from the others of its page, and is the same when the page is loaded again. */
function frameOfPage(): string {
  if (typeof window === "undefined") return "";
  if (window.name !== "") return window.name;
  let path = "";
  for (let inner: Window = window; inner !== inner.parent; inner = inner.parent) {
    let index = 0;
    while (index < inner.parent.length && inner.parent[index] !== inner) index++;
    path = `.${index}${path}`;
  }
  return path;
}

/** A session for this frame alone, of however many in its page. */
export function claimFrameSession(name: string): ClaimedSession {
  return claimSession(pageStorage(), `${name}@${frameOfPage()}`);
}

/** Not from `randomUUID`: pages over plain http, as in every living room, do not have it. */
export function newSecret(): string {
  return Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Old TVs and simulated pages have no `crypto`: there the secret is easier to guess, and the game works all the same. */
function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  if (typeof crypto === "undefined" || typeof crypto.getRandomValues !== "function") {
    return bytes.map(() => Math.floor(Math.random() * 256));
  }
  return crypto.getRandomValues(bytes);
}

function read(storage: SessionStorage | undefined, key: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(storage?.getItem(key) ?? "null");
    if (typeof entry !== "object" || entry === null) return undefined;
    const secret: unknown = Reflect.get(entry, "secret");
    const page: unknown = Reflect.get(entry, "page");
    if (typeof secret !== "string" || !SECRET.test(secret) || typeof page !== "string") return undefined;
    return { secret, page, notes: Reflect.get(entry, "notes") };
  } catch {
    return undefined; // not ours, or not to be read: a new one does
  }
}

function write(storage: SessionStorage | undefined, key: string, entry: Entry): void {
  try {
    storage?.setItem(key, JSON.stringify(entry));
  } catch {
    // Full, or forbidden: the session lasts as long as the page, which is better than none.
  }
}

function remove(storage: SessionStorage | undefined, key: string): void {
  try {
    storage?.removeItem(key);
  } catch {
    // As above.
  }
}
