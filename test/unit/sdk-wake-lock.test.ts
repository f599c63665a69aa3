import { afterEach, describe, expect, test } from "@jest/globals";
import { keepAwake } from "../../src/sdk/wake-lock.ts";

const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, "navigator");

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { configurable: true, value });
}

/** A browser whose wake locks are granted, refused and dropped by hand. */
function createBrowser({ isRefusing = false } = {}) {
  const listeners = new Map<string, () => void>();
  const locks: { released: boolean; release: () => Promise<void> }[] = [];
  const browser = { visibilityState: "visible", isRefusing, asked: 0, locks, listeners };
  define("document", {
    get visibilityState() {
      return browser.visibilityState;
    },
    addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
    removeEventListener: (name: string) => listeners.delete(name),
  });
  const request = async (): Promise<(typeof locks)[number]> => {
    browser.asked += 1;
    if (browser.isRefusing) throw new DOMException("Low battery", "NotAllowedError");
    const lock = {
      released: false,
      async release() {
        lock.released = true;
      },
    };
    locks.push(lock);
    return lock;
  };
  define("navigator", { wakeLock: { request } });
  return browser;
}

/** Promises that are settled already have had their say after this. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, "document");
  if (navigatorBefore === undefined) Reflect.deleteProperty(globalThis, "navigator");
  else Object.defineProperty(globalThis, "navigator", navigatorBefore);
});

describe("keeping the screen on", () => {
  test("holds one lock, takes it again when the page is seen again, and lets go at the end", async () => {
    const browser = createBrowser();
    const end = keepAwake();
    await settled();
    browser.listeners.get("visibilitychange")?.();
    await settled();
    expect(browser.locks).toHaveLength(1);
    await browser.locks[0]?.release(); // as browsers do when the page is hidden
    browser.visibilityState = "hidden";
    browser.listeners.get("visibilitychange")?.();
    await settled();
    expect(browser.asked).toBe(1);
    browser.visibilityState = "visible";
    browser.listeners.get("visibilitychange")?.();
    await settled();
    expect(browser.locks.map(({ released }) => released)).toEqual([true, false]);
    end();
    expect(browser.locks.map(({ released }) => released)).toEqual([true, true]);
    expect(browser.listeners.size).toBe(0);
  });

  test("asks again at a touch where it was refused", async () => {
    const browser = createBrowser({ isRefusing: true });
    keepAwake();
    await settled();
    browser.isRefusing = false;
    browser.listeners.get("pointerdown")?.();
    await settled();
    expect(browser).toMatchObject({ asked: 2, locks: [{ released: false }] });
  });

  test("lets go of a lock that is granted too late", async () => {
    const browser = createBrowser();
    keepAwake()();
    await settled();
    expect(browser.locks.map(({ released }) => released)).toEqual([true]);
  });

  test("does nothing where there is no page, or no wake lock, as over plain http", () => {
    keepAwake()();
    const browser = createBrowser();
    define("navigator", {});
    keepAwake()();
    expect(browser.asked).toBe(0);
  });
});
