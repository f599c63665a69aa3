/** Keeps the screen on, so that phones and the TV do not go dark in the middle of a game. */

/**
 * Keeps the screen on where the browser can (a secure context), and asks again whenever the page is seen or touched, for
 * browsers let go of it when a page is hidden and some want a touch first. Elsewhere it does nothing. Returns what ends it.
 */
export function keepAwake(): () => void {
  if (typeof document === "undefined" || typeof navigator === "undefined" || !("wakeLock" in navigator)) {
    return () => undefined;
  }
  let lock: WakeLockSentinel | undefined;
  let isOver = false;
  const ask = async (): Promise<void> => {
    if (document.visibilityState !== "visible" || (lock !== undefined && !lock.released)) return;
    try {
      const granted = await navigator.wakeLock.request("screen");
      if (isOver) await granted.release();
      else lock = granted;
    } catch {
      // The browser rejects for now, for instance at a low battery. The next event tries again.
    }
  };
  const onOccasion = (): void => void ask();
  document.addEventListener("visibilitychange", onOccasion);
  document.addEventListener("pointerdown", onOccasion);
  onOccasion();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", onOccasion);
    document.removeEventListener("pointerdown", onOccasion);
    void lock?.release();
  };
}
