/** `Object.hasOwn`, which the oldest browsers of the SDK do not have (scripts/browser-floor.js). */
export function hasOwn(object: object, name: PropertyKey): boolean {
  return Object.prototype.hasOwnProperty.call(object, name);
}
