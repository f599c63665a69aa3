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

/** This tab is in the room, as this person. */
export function rememberJoin(code: string, profile: DeviceProfile): void {
  try {
    localStorage.setItem(PROFILE, JSON.stringify(profile));
    sessionStorage.setItem(joinedKey(code), "1");
  } catch {
    // Storage is full or blocked: the form asks again next time.
  }
}

export function forgetJoin(code: string): void {
  try {
    sessionStorage.removeItem(joinedKey(code));
  } catch {
    // As above.
  }
}

/** Whether this tab was in the room before it was loaded again. */
export function hasJoined(code: string): boolean {
  try {
    return sessionStorage.getItem(joinedKey(code)) !== null;
  } catch {
    return false;
  }
}
