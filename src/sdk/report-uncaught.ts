/**
 * Reports an error of a game's listener as uncaught, without interrupting the running code: the page's own `error` event and console tell of it. A
 * program without a page, which an uncaught error would end, and its room with it, has it on its console.
 */
export function reportUncaught(error: unknown): void {
  if (typeof document === "undefined") console.error(error);
  else if (typeof reportError === "function") reportError(error);
  else {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** The same for what a listener returned: a promise that is rejected is an error of the listener. */
export function reportRejected(returned: unknown): void {
  if (returned instanceof Promise) returned.catch(reportUncaught);
}
