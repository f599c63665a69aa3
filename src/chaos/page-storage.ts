/** What a phone's pages keep from one load to the next, for many phones in one process. */
import type { JoinRoomOptions } from "../sdk/node.ts";

type SessionStorage = NonNullable<JoinRoomOptions["storage"]>;

/**
 * The storage of one phone. Each call of `page` is a page of its own that finds what the one before it has noted: the SDK
 * would otherwise take two pages of one process for one that asks twice, and give the second another session. Nothing is
 * forgotten, because a page that is closed here has not left the game.
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
