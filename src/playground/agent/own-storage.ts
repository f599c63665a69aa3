/** `localStorage` and `sessionStorage` of one frame: the frames of a page share both, while each phone has its own. */

/** Puts a storage of the frame's own in the place of both. They end with the tab. `frame`: the frame's name. */
export function isolateStorage(frame: string): void {
  let shared: Storage;
  try {
    shared = window.sessionStorage;
  } catch {
    return; // The browser blocks storage, as for a real page.
  }
  for (const name of ["localStorage", "sessionStorage"] as const) {
    Object.defineProperty(window, name, {
      configurable: true,
      enumerable: true,
      value: partOf(shared, `${frame}/${name}/`),
    });
  }
}

/** Forgets what this frame has stored, also what the SDK has stored for it in a page without storage of its own. */
export function forgetStored(frame: string, shared: Storage): void {
  for (const key of Object.keys(shared)) {
    if (key.startsWith(`${frame}/`) || key.endsWith(`@${frame}`)) shared.removeItem(key);
  }
}

/** The keys that begin with this, as a storage. */
function partOf(shared: Storage, prefix: string): Storage {
  const keys = (): string[] =>
    Object.keys(shared)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  const methods = {
    getItem: (key: unknown) => shared.getItem(prefix + String(key)),
    setItem: (key: unknown, value: unknown) => shared.setItem(prefix + String(key), String(value)),
    removeItem: (key: unknown) => shared.removeItem(prefix + String(key)),
    clear: () => keys().forEach((key) => shared.removeItem(prefix + key)),
    key: (index: number) => keys()[index] ?? null,
  };
  const isMethod = (key: string): key is keyof typeof methods => Object.keys(methods).includes(key);
  // Pages also read and write items as properties.
  return new Proxy<Storage>(Object.create(Storage.prototype), {
    get(_target, key) {
      if (typeof key !== "string") return undefined;
      if (key === "length") return keys().length;
      return isMethod(key) ? methods[key] : (methods.getItem(key) ?? undefined);
    },
    set(_target, key, value) {
      if (typeof key === "string") methods.setItem(key, value);
      return true;
    },
    deleteProperty(_target, key) {
      if (typeof key === "string") methods.removeItem(key);
      return true;
    },
    has: (_target, key) =>
      typeof key === "string" && (isMethod(key) || key === "length" || methods.getItem(key) !== null),
    ownKeys: () => keys(),
    getOwnPropertyDescriptor(_target, key) {
      const value = typeof key === "string" ? methods.getItem(key) : null;
      return value === null ? undefined : { configurable: true, enumerable: true, writable: true, value };
    },
  });
}
