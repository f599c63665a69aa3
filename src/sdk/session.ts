/** The secret that makes a page, when it is loaded again, the same host or the same player. */

/** The part of `sessionStorage` or `localStorage` that is needed. */
export interface SessionStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface Session {
  /** To be shown to the server, and to nobody else. */
  readonly secret: string;
  /** What was noted down beside it before the page was loaded again. */
  readonly notes: unknown;
  /** Notes something down, as JSON, for the next load. */
  note(notes: unknown): void;
  /** This page is done with it; the next load may have it. */
  release(): void;
  /** Nobody is to have it again. */
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
const THIS_PAGE = newSecret();

/**
 * The session that is kept under this name, or a new one. A page that asks twice for the same name gets two, and both again
 * in the same order when it is loaded anew; another page, or a later load, takes over what it finds.
 */
export function claimSession(storage: SessionStorage | undefined, name: string): Session {
  let key = name;
  let found = read(storage, key);
  for (let copy = 2; found?.page === THIS_PAGE; copy++) {
    key = `${name}#${copy}`;
    found = read(storage, key);
  }
  let entry: Entry = { ...found, secret: found?.secret ?? newSecret(), page: THIS_PAGE };
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
  try {
    return typeof window === "undefined" ? undefined : window.sessionStorage;
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

/** A session in the storage that the game chose, or in the page's own. */
export function claimPageSession(storage: SessionStorage | "frame" | undefined, name: string): Session {
  if (storage === "frame") return claimSession(pageStorage(), `${name}@${frameOfPage()}`);
  return claimSession(storage ?? pageStorage(), name);
}

/** Not `randomUUID`: pages that came over plain http, as in every living room, do not have it. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
