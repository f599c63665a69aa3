/** The name and the character that a person chose on this device, and the rooms that this tab is in. */

export interface DeviceProfile {
  readonly name: string;
  readonly avatar: number;
}

/** Frames of one page are phones of their own: each remembers its own person. */
const FRAME = typeof window === "undefined" || window.parent === window ? "" : `@${window.name}`;
const PROFILE = `couchwire:profile${FRAME}`;
const joinedKey = (code: string): string => `couchwire:joined${FRAME}:${code}`;

export function readProfile(): DeviceProfile | undefined {
  try {
    const profile: unknown = JSON.parse(localStorage.getItem(PROFILE) ?? "null");
    if (typeof profile !== "object" || profile === null) return undefined;
    const { name, avatar } = profile as Partial<Record<string, unknown>>;
    return typeof name === "string" && typeof avatar === "number" ? { name, avatar } : undefined;
  } catch {
    return undefined; // Storage is blocked, or another program wrote the value.
  }
}

/** Keeps the name and the character for the next room. */
export function rememberProfile(profile: DeviceProfile): void {
  try {
    localStorage.setItem(PROFILE, JSON.stringify(profile));
  } catch {
    // Storage is full or blocked: the form asks again next time.
  }
}

/** Whether a tab is in a room, with a seat, to watch, or in the line of those who wait for a seat. */
export type JoinNote = "player" | "audience" | "queue" | "out";

const JOIN_NOTES: readonly unknown[] = ["player", "audience", "queue", "out"] satisfies readonly JoinNote[];
const isJoinNote = (note: unknown): note is JoinNote => JOIN_NOTES.includes(note);

/** Notes for the next load of this tab whether it is in the room. */
export function noteJoined(code: string, note: JoinNote): void {
  try {
    sessionStorage.setItem(joinedKey(code), note);
  } catch {
    // As above.
  }
}

/** Whether this tab was in the room before it was loaded again; `undefined` where it never was, or storage is blocked. */
export function readJoined(code: string): JoinNote | undefined {
  try {
    const note = sessionStorage.getItem(joinedKey(code));
    return isJoinNote(note) ? note : undefined;
  } catch {
    return undefined;
  }
}
