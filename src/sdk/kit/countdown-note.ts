/** How long a countdown is from its beginning on, for the next load of this tab: its ring shows what is left of the whole, not of the rest. */

const PREFIX = "couchwire:countdown:";

/** The milliseconds of the whole countdown up to this deadline, of which so many are left. `name` is the countdown's in this tab. */
export function wholeOf(name: string, deadline: number, leftMs: number): number {
  try {
    const [noted, wholeMs = 0] = (sessionStorage.getItem(PREFIX + name) ?? "").split(" ").map(Number);
    if (noted === deadline && wholeMs >= leftMs) return wholeMs;
    if (leftMs > 0) sessionStorage.setItem(PREFIX + name, `${deadline} ${leftMs}`);
  } catch {
    // Storage is full or blocked: after a reload the ring begins anew.
  }
  return leftMs;
}
