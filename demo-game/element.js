/**
 * Makes elements. Text from players goes through `element`, which never parses it: a player named "<b>Bob" is shown by that
 * name. `drawing` parses, and takes only markup that stands in these files.
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

/** An image with the shape in its own markup: `aspect-ratio` is newer than many TVs. */
const EMPTY_SHEET = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 5'/%3E";

/** A drawing, or an empty sheet if the drawing was lost. */
export function sheet(src, description, className = "picture") {
  return element("img", { class: className, src: src || EMPTY_SHEET, alt: description, width: 640, height: 800 });
}

/** Markup from these files as an SVG element. */
export function drawing(markup) {
  return document.importNode(new DOMParser().parseFromString(markup, "image/svg+xml").documentElement, true);
}
