/** Unsent work of a control, such as a text: a reload does not lose it. */
import type { ControlTarget } from "./control.ts";

const PREFIX = "couchwire:draft";
/** A drawing of very many strokes is not kept: a page's storage holds some 5 MiB. */
const MAX_CHARACTERS = 1_000_000;

/** A target that says which seat of which room it is. */
interface Seat {
  readonly code?: unknown;
  readonly id?: unknown;
  on?(event: "open", listener: () => void): unknown;
}

export interface Draft {
  /** Empty: there is nothing to keep. */
  save(text: string): void;
  /** The control goes out of its page, which goes on: the next one of that name begins with nothing. A reload does not call it. */
  drop(): void;
}

/**
 * Keeps drafts of this control of this player, and gives `restore` the one that was left. The seat is part of the name,
 * so another player, or another room, on the same phone finds nothing; it is known when the room is open.
 */
export function keepDraft(target: ControlTarget & Seat, event: string, restore: (text: string) => void): Draft {
  let key: string | undefined;
  let isOver = false;
  const begin = (): void => {
    if (key !== undefined || isOver) return;
    key = [PREFIX, target.code, target.id, event].join(":");
    const text = read(key);
    if (text !== null) restore(text);
  };
  if (target.id !== undefined || typeof target.on !== "function") begin();
  else target.on("open", begin);
  return {
    save(text) {
      if (key !== undefined && !isOver) write(key, text);
    },
    drop() {
      if (key !== undefined) write(key, "");
      isOver = true;
    },
  };
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // Browsers that block storage throw on access.
  }
}

function write(key: string, text: string): void {
  try {
    if (text === "" || text.length > MAX_CHARACTERS) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // The storage is full or forbidden: the draft lasts as long as the page.
  }
}
