/** What all elements of the kit have in common: a shadow tree, the theme, the language, and an end to what they listen to. */
import { inheritedAttribute, languageOf, translate, type Language, type Translations } from "./language.ts";
import { THEME } from "./theme.ts";

/** Node has no `HTMLElement`; a server that renders pages may still import the elements. */
const Base: typeof HTMLElement = Reflect.get(globalThis, "HTMLElement") ?? Object;

const ENGLISH: Language = { tag: "en", index: 0, isRightToLeft: false };

/** Ends a subscription. */
export type Release = () => void;

export abstract class KitElement extends Base {
  /** What the element shows goes in here. It carries the theme, so the element itself keeps the attributes that the page gave it. */
  protected readonly frame: HTMLElement;
  protected language: Language = ENGLISH;
  /** `undefined` while the element is in no page. */
  #releases: readonly Release[] | undefined;

  protected constructor(styles: string) {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    addStyles(shadow, THEME + styles);
    this.frame = document.createElement("div");
    this.frame.className = "frame";
    shadow.append(this.frame);
  }

  connectedCallback(): void {
    this.startListening();
  }

  disconnectedCallback(): void {
    this.stopListening();
  }

  attributeChangedCallback(): void {
    if (this.#releases !== undefined) this.draw();
  }

  /** Brings what is shown up to date. Called when the element is put into a page, and when attributes, language or theme change. */
  protected abstract draw(): void;

  /** Starts what the element needs while it is in a page, such as listeners to its room, and returns what ends that. */
  protected listen(): readonly Release[] {
    return [];
  }

  /** Call it after `bind`: listens to the new object in place of the old one, and draws. */
  protected rebind(): void {
    if (this.#releases === undefined) return;
    this.stopListening();
    this.startListening();
  }

  protected say(translations: Translations, values?: Readonly<Record<string, string | number>>): string {
    return translate(translations, this.language, values);
  }

  /** Tells the page; `detail` is where an event carries one. */
  protected tell(event: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true, composed: true, detail }));
  }

  private startListening(): void {
    const settle = (): void => {
      this.settleHere();
      this.draw();
    };
    const observer = new MutationObserver(settle);
    observer.observe(document.documentElement, { attributeFilter: ["lang", "dir", "class", "style", "data-theme"] });
    // An element within another one has the language that the other has found.
    const root = this.getRootNode();
    const around = root instanceof ShadowRoot ? root.querySelector(".frame") : null;
    if (around !== null) observer.observe(around, { attributeFilter: ["lang", "dir"] });
    const dark = matchMedia(PREFERS_DARK);
    dark.addEventListener("change", settle);
    settle();
    this.#releases = [() => observer.disconnect(), () => dark.removeEventListener("change", settle), ...this.listen()];
  }

  private stopListening(): void {
    for (const release of this.#releases ?? []) release();
    this.#releases = undefined;
  }

  /** Finds out the language, the direction and the theme that hold here. */
  private settleHere(): void {
    const { frame } = this;
    this.language = languageOf(this);
    frame.lang = this.language.tag;
    frame.dir = this.language.isRightToLeft && inheritedAttribute(this, "dir") === null ? "rtl" : "";
    frame.classList.toggle("dark", isDark(this));
    this.settleAccent(frame);
  }

  /** Finds out whether black or white is read better on the accent of this part, which is in the page. */
  protected settleAccent(part: HTMLElement): void {
    part.style.color = "var(--accent)";
    part.style.setProperty("--on-accent", textOn(getComputedStyle(part).color));
    part.style.color = "";
  }
}

const PREFERS_DARK = "(prefers-color-scheme: dark)";

/** The page's `color-scheme` decides; where it allows both or says nothing, the person's preference. */
function isDark(element: Element): boolean {
  const { colorScheme } = getComputedStyle(element);
  const isDarkAllowed = /dark/.test(colorScheme);
  return isDarkAllowed === /light/.test(colorScheme) ? matchMedia(PREFERS_DARK).matches : isDarkAllowed;
}

/** Black or white, whichever is read better on this colour, such as `rgb(211, 58, 34)`. */
function textOn(color: string): string {
  return luminance((color.match(/[\d.]+/g) ?? []).map(Number)) > 0.19 ? "#1a0f0c" : "#fff";
}

/** Relative luminance as WCAG 2 defines it, of a colour from 0 to 255. */
function luminance(channels: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const part = channel / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Style sheets that pages with a strict Content-Security-Policy allow, where the browser has them. */
function addStyles(shadow: ShadowRoot, styles: string): void {
  // Safari 14 has no style sheets of this kind, though the types say so.
  const isAdopting: boolean = "adoptedStyleSheets" in Document.prototype;
  if (isAdopting) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement("style");
    style.textContent = styles;
    shadow.append(style);
  }
}
