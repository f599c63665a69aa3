import { afterEach, describe, expect, test } from "@jest/globals";
import { claimSession, moveSession, pageStorage, type SessionStorage } from "../../src/sdk/session.ts";

function createStorage(): SessionStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

function refuse(): never {
  throw new DOMException("The operation is insecure.", "SecurityError");
}

/** What another load of the page finds: this one's mark would tell it that the session is in use here. */
function loadAgain(storage: ReturnType<typeof createStorage>): void {
  for (const [key, value] of storage.items) {
    storage.items.set(key, value.replace(/"page":"\w*"/, '"page":"another"'));
  }
}

describe("a session", () => {
  test("is a secret that the server takes, and no two are the same", () => {
    const secrets = Array.from({ length: 50 }, () => claimSession(undefined, "room").secret);
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{16,128}$/);
  });

  test("is such a secret where the page has no `crypto`", () => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, "crypto") ?? {};
    expect(Reflect.deleteProperty(globalThis, "crypto")).toBe(true);
    try {
      const secrets = Array.from({ length: 50 }, () => claimSession(undefined, "room").secret);
      expect(new Set(secrets).size).toBe(50);
      for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{32}$/);
    } finally {
      Object.defineProperty(globalThis, "crypto", descriptor);
    }
  });

  test("is the same on the next load of the page, with what was noted down", () => {
    const storage = createStorage();
    const session = claimSession(storage, "room");
    expect(session.notes).toBeUndefined();
    session.note({ names: { 1: "Ada" } });
    loadAgain(storage);
    const again = claimSession(storage, "room");
    expect(again).toMatchObject({ secret: session.secret, notes: { names: { 1: "Ada" } } });
    expect(claimSession(storage, "another room").secret).not.toBe(session.secret);
  });

  test("is another one for each time that one page asks for it, and each is found again in the same order", () => {
    const storage = createStorage();
    const secrets = [1, 2, 3].map(() => claimSession(storage, "room").secret);
    expect(new Set(secrets).size).toBe(3);
    loadAgain(storage);
    expect([1, 2, 3].map(() => claimSession(storage, "room").secret)).toEqual(secrets);
  });

  test("may be had again by the same page after it was released, and by nobody after it was forgotten", () => {
    const storage = createStorage();
    const session = claimSession(storage, "room");
    session.release();
    const again = claimSession(storage, "room");
    expect(again.secret).toBe(session.secret);
    again.forget();
    expect(storage.items.size).toBe(0);
    expect(claimSession(storage, "room").secret).not.toBe(session.secret);
  });

  test("is handed over to the page of another name, with its notes, and is not there any more under its own", () => {
    const storage = createStorage();
    const session = claimSession(storage, "room/lobby");
    session.note({ names: { 1: "Ada" } });
    expect(session.handOver("room/quiz", { isNew: true })).toBe(true);
    session.note("too late");
    session.release();
    session.forget();
    expect([...storage.items.keys()]).toEqual(["room/quiz"]);
    const next = claimSession(storage, "room/quiz");
    expect(next).toMatchObject({
      secret: session.secret,
      notes: { names: { 1: "Ada" } },
      evening: { isNew: true },
    });
    next.noteEvening({ isNew: false });
    loadAgain(storage);
    expect(claimSession(storage, "room/quiz")).toMatchObject({ secret: session.secret, evening: { isNew: false } });
  });

  test("is not handed over where nothing can be stored", () => {
    expect(claimSession(undefined, "room/lobby").handOver("room/quiz", {})).toBe(false);
  });

  test("is moved to a name that has none, and never over another", () => {
    const storage = createStorage();
    const { secret } = claimSession(storage, "room/quiz");
    moveSession(storage, "room/nothing", "room/lobby");
    expect(storage.items.has("room/lobby")).toBe(false);
    moveSession(storage, "room/quiz", "room/lobby");
    expect([...storage.items.keys()]).toEqual(["room/lobby"]);
    const other = claimSession(storage, "room/quiz");
    moveSession(storage, "room/quiz", "room/lobby");
    loadAgain(storage);
    expect(claimSession(storage, "room/lobby").secret).toBe(secret);
    expect(claimSession(storage, "room/quiz").secret).toBe(other.secret);
  });

  test.each(["", "nonsense", "null", "[]", '{"secret":"short","page":""}', '{"secret":7,"page":""}', "{}"])(
    "what is stored and is none is replaced: %j",
    (stored) => {
      const storage = createStorage();
      storage.items.set("room", stored);
      const { secret } = claimSession(storage, "room");
      expect(secret).toMatch(/^[0-9a-f]{32}$/);
      expect(storage.items.get("room")).toContain(secret);
    },
  );

  test("lasts as long as the page where the storage throws", () => {
    const session = claimSession({ getItem: refuse, setItem: refuse, removeItem: refuse }, "room");
    session.note(1);
    session.release();
    session.forget();
    expect(session.secret).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("the page's own storage", () => {
  afterEach(() => void Reflect.deleteProperty(globalThis, "window"));

  test("is its `sessionStorage`; there is none without a page, nor where the look at it throws", () => {
    expect(pageStorage()).toBeUndefined();
    const sessionStorage = createStorage();
    Reflect.set(globalThis, "window", { sessionStorage });
    expect(pageStorage()).toBe(sessionStorage);
    Object.defineProperty(globalThis, "window", {
      configurable: true,
      value: {
        get sessionStorage() {
          throw new DOMException("Denied", "SecurityError");
        },
      },
    });
    expect(pageStorage()).toBeUndefined();
  });
});
