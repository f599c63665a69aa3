/** Makes an element known to the page. */

/** A page that loads two copies of this file keeps the first. Node has no elements, and imports the file for its types and functions. */
export function define(name: string, constructor: CustomElementConstructor): void {
  if (typeof customElements === "undefined" || customElements.get(name) !== undefined) return;
  customElements.define(name, constructor);
}
