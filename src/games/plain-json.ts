/** Tells a state that JSON carries as it is from one that would come back as something else, such as a Map, a date, or an object of a class. */

/** How deep lists and objects may be nested. */
const MAX_NESTING = 100;

const utf8 = new TextEncoder();

/** The JSON of the value, where it has at most so many bytes and gives the same value when it is parsed; fields that are `undefined` are left out. */
export function plainJsonOf(value: unknown, maxBytes: number): string | undefined {
  if (new PlainJsonCheck(maxBytes).costOf(value, 0) > maxBytes) return undefined;
  const json = JSON.stringify(value);
  return utf8.encode(json).length > maxBytes ? undefined : json;
}

/** Looks at no more of a value than may be kept of it. */
class PlainJsonCheck {
  readonly #most: number;
  #cost = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The least number of bytes that its JSON has; `Infinity` where it has none. */
  costOf(value: unknown, depth: number): number {
    this.#cost += 1;
    if (this.#cost > this.#most || depth > MAX_NESTING) return Infinity;
    switch (typeof value) {
      case "string":
        this.#cost += value.length;
        return this.#cost;
      case "boolean":
        return this.#cost;
      case "number":
        return Number.isFinite(value) ? this.#cost : Infinity;
      case "object":
        return value === null ? this.#cost : this.#costOfObject(value, depth);
      default:
        return Infinity;
    }
  }

  #costOfObject(value: object, depth: number): number {
    const prototype: unknown = Object.getPrototypeOf(value);
    if ("toJSON" in value) return Infinity;
    if (Array.isArray(value)) return prototype === Array.prototype ? this.#costOfList(value, depth) : Infinity;
    if (prototype !== Object.prototype && prototype !== null) return Infinity;
    const keys = Object.keys(value);
    if (keys.length > this.#most) return Infinity;
    for (const key of keys) {
      const part: unknown = Reflect.get(value, key);
      if (part === undefined) continue;
      this.#cost += key.length;
      if (this.costOf(part, depth + 1) === Infinity) return Infinity;
    }
    return this.#cost;
  }

  /** A hole of a list would come back as null, as `undefined` would. */
  #costOfList(list: readonly unknown[], depth: number): number {
    if (list.length > this.#most) return Infinity;
    for (const part of list) if (this.costOf(part, depth + 1) === Infinity) return Infinity;
    return this.#cost;
  }
}
