/**
 * The seats that the tabs of this browser have or had, in `localStorage`: a tab that is closed, and opened again by its QR code, sits
 * where it sat. Each seat is held by one tab at a time, which says every two seconds that it is there. Web Locks would tell
 * that better, but pages that came over plain http do not have them, and a page that holds one is never kept for the way back.
 */
import type { SessionStorage } from "./session.ts";

interface Seat {
  readonly secret: string;
  /** Which load of which page holds it; empty where none does. */
  readonly page: string;
  /** When that was last said, in milliseconds since 1970. */
  readonly at: number;
}

/** By room, those used last at the end. */
type Book = Readonly<Record<string, readonly Seat[]>>;

const KEY = "couchwire:seats";
export const SAY_EVERY_MS = 2_000;
/** A tab that has said nothing for so long is gone, or sleeps so deeply that another may have its seat. */
export const HELD_FOR_MS = 7_000;
/** Past this a game is over. */
export const KEPT_FOR_MS = 12 * 3_600_000;
export const MAX_ROOMS = 8;
export const MAX_SEATS = 8;

export class DeviceSeats {
  readonly #storage: SessionStorage;
  readonly #page: string;

  /** `page` tells this load of the page from all others. */
  constructor(storage: SessionStorage, page: string) {
    this.#storage = storage;
    this.#page = page;
  }

  /** Whether a tab of this browser has, or had, a seat in this room; this page itself does not count. */
  has(room: string): boolean {
    return this.#others(room).length > 0;
  }

  /**
   * The secret of the seat that was used last and that no tab holds, which this page holds from now on. With `isTakenOver` that of
   * the seat that was used last, whether or not another tab holds it.
   */
  take(room: string, isTakenOver = false): string | undefined {
    const secret = this.#others(room)
      .reverse()
      .find((seat) => isTakenOver || !isHeld(seat))?.secret;
    if (secret !== undefined) this.hold(room, secret);
    return secret;
  }

  /** Whether this seat is one of them. */
  knows(room: string, secret: string): boolean {
    return this.#seat(room, secret) !== undefined;
  }

  /** This page sits there. */
  hold(room: string, secret: string): void {
    this.#change(room, secret, { secret, page: this.#page, at: Date.now() });
  }

  /** Says that this page still sits there; `false` where another page does now. */
  sayAgain(room: string, secret: string): boolean {
    const seat = this.#seat(room, secret);
    if (seat !== undefined && seat.page !== this.#page && isHeld(seat)) return false;
    this.hold(room, secret);
    return true;
  }

  /** This page is gone from there; the next one may have the seat. */
  letGo(room: string, secret: string): void {
    const seat = this.#seat(room, secret);
    if (seat?.page === this.#page) this.#change(room, secret, { ...seat, page: "" });
  }

  /** The seat is no more. */
  forget(room: string, secret: string): void {
    this.#change(room, secret, undefined);
  }

  #others(room: string): Seat[] {
    return [...(this.#read()[room] ?? [])].filter(({ page, at }) => page !== this.#page && !isOld(at));
  }

  #seat(room: string, secret: string): Seat | undefined {
    return this.#read()[room]?.find((seat) => seat.secret === secret);
  }

  #change(room: string, secret: string, seat: Seat | undefined): void {
    const { [room]: seats = [], ...others } = this.#read();
    const left = seats.filter((other) => other.secret !== secret);
    const changed = (seat === undefined ? left : [...left, seat]).slice(-MAX_SEATS);
    const rooms = [...Object.entries(others), [room, changed] as const]
      .filter(([, kept]) => kept.some(({ at }) => !isOld(at)))
      .slice(-MAX_ROOMS);
    try {
      if (rooms.length === 0) this.#storage.removeItem(KEY);
      else this.#storage.setItem(KEY, JSON.stringify(Object.fromEntries(rooms)));
    } catch {
      // Full, or forbidden: the seat lasts as long as the tab.
    }
  }

  #read(): Book {
    try {
      const book: unknown = JSON.parse(this.#storage.getItem(KEY) ?? "{}");
      const rooms = Object.entries(book ?? {}).filter(([, seats]) => Array.isArray(seats));
      return Object.fromEntries(rooms.map(([room, seats]: [string, unknown[]]) => [room, seats.filter(isSeat)]));
    } catch {
      return {}; // not ours, or not to be read
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

/** A clock that was set back does not keep a seat held for ever. */
function isHeld({ page, at }: Seat): boolean {
  return page !== "" && Math.abs(Date.now() - at) < HELD_FOR_MS;
}

function isOld(at: number): boolean {
  return Math.abs(Date.now() - at) > KEPT_FOR_MS;
}
