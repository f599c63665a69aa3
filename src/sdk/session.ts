/** The session secret that makes a reloaded page the same host or player. */

/** The part of `sessionStorage` or `localStorage` that is needed. */
export interface SessionStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface ClaimedSession {
  /** The secret that owns the seat. It is sent to the server only. */
  readonly secret: string;
  /** Notes that the page stored before it was reloaded. */
  readonly notes: unknown;
  /** Stores notes, as JSON, for the next load. */
  note(notes: unknown): void;
  /** The page got its seat or room. */
  seated?(): void;
  /** Releases the session; the next load may take it. */
  release(): void;
  /** Forgets the session, so that no later load gets it. */
  forget(): void;
}

/** A session that may go on to the page of another game. */
export interface TransferableSession extends ClaimedSession {
  /** What the page of another game handed over with this session. */
  readonly evening: unknown;
  /** Stores what is handed over, as JSON, for the next load. */
  noteEvening(evening: unknown): void;
  /**
   * Gives the session with its notes to the page that will claim this other name, and lets go of it: nothing is stored here any more. `false` without
   * a storage.
   */
  handOver(name: string, evening: unknown): boolean;
}

interface Entry {
  readonly secret: string;
  /** The page load that uses the session. */
  readonly page: string;
  readonly notes?: unknown;
  readonly evening?: unknown;
}

const SECRET = /^[0-9a-f]{32}$/;

/** Identifies this load of the page. */
export const THIS_PAGE = newSecret();

export interface ClaimOptions {
  /** A secret to use if none is stored. */
  readonly spare?: () => string | undefined;
  /** Whether `spare` takes precedence over the stored secret. */
  readonly isSpareFirst?: boolean;
}

/**
 * Claims the session stored under this name, or creates one. A page that claims a name twice gets two sessions, and the same
 * two in the same order after a reload. Another page, or a later load, takes over what it finds.
 */
export function claimSession(
  storage: SessionStorage | undefined,
  name: string,
  options: ClaimOptions = {},
): TransferableSession {
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
  let isHandedOver = false;
  const keep = (changes: Partial<Entry>): void => {
    entry = { ...entry, ...changes };
    if (!isHandedOver) write(storage, key, entry);
  };
  keep({});
  return {
    secret: entry.secret,
    notes: entry.notes,
    evening: entry.evening,
    note: (notes) => keep({ notes }),
    noteEvening: (evening) => keep({ evening }),
    handOver(to, evening) {
      if (storage === undefined) return false;
      isHandedOver = true;
      remove(storage, key);
      write(storage, to, { ...entry, evening, page: "" });
      return true;
    },
    release: () => keep({ page: "" }),
    forget() {
      if (!isHandedOver) remove(storage, key);
    },
  };
}

/** Moves what is stored under one name to another name under which nothing is stored. */
export function moveSession(storage: SessionStorage | undefined, from: string, to: string): void {
  const entry = read(storage, from);
  if (entry === undefined || read(storage, to) !== undefined) return;
  write(storage, to, entry);
  remove(storage, from);
}

/** `sessionStorage`, if the page has one. */
export function pageStorage(): SessionStorage | undefined {
  return storageOf("sessionStorage");
}

/** `localStorage`, which outlives the tab, if the page has one. */
export function deviceStorage(): SessionStorage | undefined {
  return storageOf("localStorage");
}

function storageOf(name: "sessionStorage" | "localStorage"): SessionStorage | undefined {
  try {
    return typeof window === "undefined" ? undefined : (window[name] ?? undefined);
  } catch {
    return undefined; // Browsers that block storage throw on access.
  }
}

/** Identifies this frame among the frames of its page, also after a reload. */
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

/** The name under which this frame alone has its session. */
export function nameInFrame(name: string): string {
  return `${name}@${frameOfPage()}`;
}

/** Claims a session for this frame alone. */
export function claimFrameSession(name: string): TransferableSession {
  return claimSession(pageStorage(), nameInFrame(name));
}

/** `randomUUID` is not available to pages over plain http, so it is not used. */
export function newSecret(): string {
  return Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Old TVs and simulated pages have no `crypto`: their secret comes from `Math.random` and is easier to guess. */
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
    return { secret, page, notes: Reflect.get(entry, "notes"), evening: Reflect.get(entry, "evening") };
  } catch {
    return undefined; // Another program wrote the value, or it is unreadable: a new session is created.
  }
}

function write(storage: SessionStorage | undefined, key: string, entry: Entry): void {
  try {
    storage?.setItem(key, JSON.stringify(entry));
  } catch {
    // The storage is full or forbidden: the session lasts as long as the page.
  }
}

function remove(storage: SessionStorage | undefined, key: string): void {
  try {
    storage?.removeItem(key);
  } catch {
    // As above.
  }
}
