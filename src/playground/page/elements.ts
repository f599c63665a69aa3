/** Makes elements, and the small pictures on the buttons. */

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** An element. Functions among the attributes are listeners; true is an attribute without a value. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Strokes of pictures, 16 × 16. */
const PICTURES = {
  lock: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  drop: "M2 8h3.5M10.5 8H14M7 4.5 5.5 8 7 11.5M9 4.5 10.5 8 9 11.5",
  half: "M2 8h12M5 5 2 8l3 3M11 5l3 3-3 3M8 3v10",
  reload: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  network: "M2.5 13V10M6 13V7.5M9.5 13V5M13 13V2.5",
  more: "M3 7.5v1M8 7.5v1M13 7.5v1M2.5 8h1M7.5 8h1M12.5 8h1",
  close: "M4 4l8 8M12 4l-8 8",
  add: "M8 3v10M3 8h10",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5v9l7-4.5z",
  clear: "M8 2.5a5.5 5.5 0 1 0 .01 0M4.2 4.2l7.6 7.6",
  keyboard: "M1.5 4.5h13v7h-13zM4 7h.01M6.5 7h.01M9 7h.01M11.5 7h.01M5 9.5h6",
} as const;

export type PictureName = keyof typeof PICTURES;

export function picture(name: PictureName): SVGSVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", PICTURES[name]);
  svg.append(path);
  return svg;
}

/** A button with a picture; `label` is its name, and its tool tip. */
export function pictureButton(name: PictureName, label: string, click: () => void): HTMLButtonElement {
  return element("button", { type: "button", class: "tool", "aria-label": label, title: label, click }, picture(name));
}

/** A button that stays pressed. */
export function toggleButton(name: PictureName, label: string, toggle: (isOn: boolean) => void): HTMLButtonElement {
  const button = pictureButton(name, label, () => {
    const isOn = !isPressed(button);
    setPressed(button, isOn);
    toggle(isOn);
  });
  setPressed(button, false);
  return button;
}

export function isPressed(button: HTMLElement): boolean {
  return button.getAttribute("aria-pressed") === "true";
}

export function setPressed(button: HTMLElement, isOn: boolean): void {
  button.setAttribute("aria-pressed", String(isOn));
}
