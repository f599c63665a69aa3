/** The session storage of a phone's pages, for many phones in one process. */
import type { JoinRoomOptions } from "../sdk/node.ts";

type SessionStorage = NonNullable<JoinRoomOptions["storage"]>;

/**
 * The storage of one phone. Each call of `page` returns a view for a new page that sees the entries of earlier pages. Without
 * separate views the SDK would take two pages of one process for one page and give the second a new session. Entries are
 * never removed, because a closed page has not left the game.
 */
export function createPhoneStorage(): { page(): SessionStorage } {
  const kept = new Map<string, string>();
  return {
    page() {
      const own = new Map([...kept].map(([key, value]) => [key, asOfAnotherPage(value)]));
      return {
        getItem: (key) => own.get(key) ?? null,
        setItem(key, value) {
          own.set(key, value);
          kept.set(key, value);
        },
        removeItem: () => undefined,
      };
    },
  };
}

function asOfAnotherPage(value: string): string {
  const entry: unknown = JSON.parse(value);
  return JSON.stringify(typeof entry === "object" ? { ...entry, page: "" } : entry);
}
