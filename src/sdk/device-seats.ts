/**
 * The seats of this browser's tabs, in `localStorage`: a player who closes the tab and scans the QR code again gets the same seat.
 * One tab holds each seat and renews its claim every two seconds. Web Locks would be more exact, but pages over plain http do
 * not have them, and a page that holds one is not kept in the back/forward cache.
 */
import type { SessionStorage } from "./session.ts";

interface Seat {
  readonly secret: string;
  /** The page load that holds the seat; empty if none does. */
  readonly page: string;
  /** When the claim was renewed, in milliseconds since 1970. */
  readonly at: number;
}

/** By room; the seat used last is at the end. */
type Book = Readonly<Record<string, readonly Seat[]>>;

const KEY = "couchwire:seats";
export const SAY_EVERY_MS = 2_000;
/** A tab that has not renewed its claim for this long is gone or frozen. Another tab may take its seat. */
export const HELD_FOR_MS = 7_000;
/** Seats older than this are forgotten. */
export const KEPT_FOR_MS = 12 * 3_600_000;
export const MAX_ROOMS = 8;
export const MAX_SEATS = 8;

export class DeviceSeats {
  readonly #storage: SessionStorage;
  readonly #page: string;

  /** `page` identifies this load of the page. */
  constructor(storage: SessionStorage, page: string) {
    this.#storage = storage;
    this.#page = page;
  }

  /** Whether another tab of this browser has, or had, a seat in this room. */
  has(room: string): boolean {
    return this.others(room).length > 0;
  }

  /** Whether `take` would find a seat that no tab holds. */
  hasFree(room: string): boolean {
    return this.others(room).some((seat) => !isHeld(seat));
  }

  /**
   * Claims the seat that was used last and that no tab holds, and returns its secret. With `isTakenOver`, claims the seat that was
   * used last even if another tab holds it.
   */
  take(room: string, isTakenOver = false): string | undefined {
    const secret = this.others(room)
      .reverse()
      .find((seat) => isTakenOver || !isHeld(seat))?.secret;
    if (secret !== undefined) this.hold(room, secret);
    return secret;
  }

  /** Whether this seat is in the list. */
  knows(room: string, secret: string): boolean {
    return this.seat(room, secret) !== undefined;
  }

  /** Claims a seat for this page. */
  hold(room: string, secret: string): void {
    this.change(room, secret, { secret, page: this.#page, at: Date.now() });
  }

  /** Renews the claim; `false` if another page holds the seat now. */
  sayAgain(room: string, secret: string): boolean {
    const seat = this.seat(room, secret);
    if (seat !== undefined && seat.page !== this.#page && isHeld(seat)) return false;
    this.hold(room, secret);
    return true;
  }

  /** Releases the claim, so that the next page may take the seat. */
  letGo(room: string, secret: string): void {
    const seat = this.seat(room, secret);
    if (seat?.page === this.#page) this.change(room, secret, { ...seat, page: "" });
  }

  /** Forgets a seat that no longer exists. */
  forget(room: string, secret: string): void {
    this.change(room, secret, undefined);
  }

  private others(room: string): Seat[] {
    return [...(this.read()[room] ?? [])].filter(({ page, at }) => page !== this.#page && !isOld(at));
  }

  private seat(room: string, secret: string): Seat | undefined {
    return this.read()[room]?.find((seat) => seat.secret === secret);
  }

  private change(room: string, secret: string, seat: Seat | undefined): void {
    const { [room]: seats = [], ...others } = this.read();
    const left = seats.filter((other) => other.secret !== secret);
    const changed = (seat === undefined ? left : [...left, seat]).slice(-MAX_SEATS);
    const rooms = [...Object.entries(others), [room, changed] as const]
      .filter(([, kept]) => kept.some(({ at }) => !isOld(at)))
      .slice(-MAX_ROOMS);
    try {
      if (rooms.length === 0) this.#storage.removeItem(KEY);
      else this.#storage.setItem(KEY, JSON.stringify(Object.fromEntries(rooms)));
    } catch {
      // The storage is full or forbidden: the seat lasts as long as the tab.
    }
  }

  private read(): Book {
    try {
      const book: unknown = JSON.parse(this.#storage.getItem(KEY) ?? "{}");
      const rooms = Object.entries(book ?? {}).filter(([, seats]) => Array.isArray(seats));
      return Object.fromEntries(rooms.map(([room, seats]: [string, unknown[]]) => [room, seats.filter(isSeat)]));
    } catch {
      return {}; // Another program wrote the value, or it is unreadable.
    }
  }
}

function isSeat(value: unknown): value is Seat {
  if (typeof value !== "object" || value === null) return false;
  const [secret, page, at] = ["secret", "page", "at"].map((name): unknown => Reflect.get(value, name));
  return (
    typeof secret === "string" && /^[0-9a-f]{32}$/.test(secret) && typeof page === "string" && typeof at === "number"
  );
}

/** A claim in the future, from before a clock was set back, does not count. */
function isHeld({ page, at }: Seat): boolean {
  return page !== "" && Math.abs(Date.now() - at) < HELD_FOR_MS;
}

function isOld(at: number): boolean {
  return Math.abs(Date.now() - at) > KEPT_FOR_MS;
}
