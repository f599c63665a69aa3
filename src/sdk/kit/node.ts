/** Builds what an element shows. Text is always text, never markup, for names come from guests' phones. */

/** `true` sets an attribute without a value; `false` and `undefined` leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** `attributes` that are a text are a class. */
export function node<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes | string = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const built = document.createElement(tag);
  setAttributes(built, typeof attributes === "string" ? { class: attributes } : attributes);
  built.append(...children);
  return built;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Changes a text only where it differs: screen readers read a live region again at each change. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An SVG element out of trusted text: our own drawings and QR codes. */
export function picture(svg: string, className: string): HTMLSpanElement {
  const frame = node("span", { class: className, "aria-hidden": "true" });
  frame.innerHTML = svg;
  return frame;
}
