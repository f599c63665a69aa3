/**
 * The two ways this game makes elements. Text from people always goes through `element`, which never parses it, so a
 * player called "<b>Bob" is simply called that. `drawing` parses, and is for markup written in these files alone.
 */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | EventListener | null | undefined>} [properties] attributes; `class`, `text`, and `onclick`-like listeners are understood
 * @param {...(Node | string | null | undefined | false)} children
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = String(value);
    else if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Markup of our own as an SVG element. */
export function drawing(markup) {
  return document.importNode(new DOMParser().parseFromString(markup, "image/svg+xml").documentElement, true);
}
