/** Vibration, where the device has it: iPhones do not let pages use it. The player may switch it off; the browser remembers that. */

const KEY = "couchwire:vibration";
const MAX_STEPS = 32;

/** Switches vibration on or off for all games of this site. It is on at first. */
export function setVibration(isOn: boolean): void {
  document.documentElement.dataset.cwVibration = isOn ? "on" : "off"; // for as long as the page, where there is no storage
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // The storage is full or forbidden.
  }
}

/** Whether this phone can vibrate and its player has not switched it off. */
export function canVibrate(): boolean {
  return typeof navigator !== "undefined" && "vibrate" in navigator && choice() !== "off";
}

/**
 * Vibrates for so many milliseconds, or in a pattern of vibrations and pauses. `false` where it cannot, or must not. The TV makes a
 * phone vibrate by an event of the game: `me.on("buzz", vibrate)` here, `player.emit("buzz", 200)` there.
 */
export function vibrate(pattern: unknown = 30): boolean {
  const times: unknown[] = Array.isArray(pattern) ? pattern : [pattern];
  const lengths = times.filter((time): time is number => typeof time === "number" && time >= 0);
  if (lengths.length === 0 || !canVibrate()) return false;
  // Before the first tap Chromium refuses, and says so on the console.
  if ("userActivation" in navigator && !navigator.userActivation.hasBeenActive) return false;
  return navigator.vibrate(lengths.slice(0, MAX_STEPS));
}

function choice(): string | null | undefined {
  const { cwVibration } = document.documentElement.dataset;
  if (cwVibration !== undefined) return cwVibration;
  try {
    return localStorage.getItem(KEY);
  } catch {
    return undefined;
  }
}
