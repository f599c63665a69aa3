/** The page's only element of this name. */
export function find<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  const found = document.querySelector(name);
  if (found === null) throw new Error(`There is no <${name}> in this page.`);
  return found;
}
