/** `<cw-join>`: the phone's screen before a game. It asks for a name and a character, joins, and says in words what went wrong. */
import {
  hasFreeSeat,
  hasSeat,
  joinRoom,
  parseRoomCode,
  type GameShape,
  type JoinRoomOptions,
  type PhoneRole,
  type PlayerRoom,
} from "../index.ts";
import { KitElement } from "../kit/kit-element.ts";
import { node, setAttributes, setText, type Attributes } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { noteJoined, readJoined, readProfile, rememberProfile, type DeviceProfile } from "../kit/device-profile.ts";
import { sentenceOfClose, sentenceOfFailure, type Sentence } from "../kit/trouble.ts";
import { AVATARS, portrait, PORTRAIT_STYLES, UI_WORDS } from "./base.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-join": JoinElement;
  }
}

/** Fits into a seat of the lobby. */
const MAX_NAME_LENGTH = 20;

const STYLES = css`
  :host {
    position: fixed;
    z-index: 10;
    top: 0;
    right: 0;
    bottom: 0;
    left: 0;
    overflow: auto;
    font-size: 17px;
  }
  .frame {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    min-height: 100%;
    padding: 1.2em 1em;
    padding: max(1.2em, env(safe-area-inset-top)) max(1em, env(safe-area-inset-right))
      max(1.2em, env(safe-area-inset-bottom)) max(1em, env(safe-area-inset-left));
    background: var(--paper);
  }
  form {
    display: grid;
    grid-gap: 1.1em;
    width: 100%;
    max-width: 22em;
  }
  .who {
    display: flex;
    align-items: flex-end;
    gap: 0.9em;
  }
  .who .portrait {
    width: 4.6em;
    height: 4.6em;
    --color: var(--accent);
  }
  label,
  legend {
    display: block;
    flex: 1;
    min-width: 0;
    padding: 0;
    font-weight: 700;
  }
  .field {
    display: block;
    width: 100%;
    margin-top: 0.25em;
    padding: 0.5em 0.7em;
    border: 2px solid var(--ink);
    border-radius: var(--radius);
    background: transparent;
    font-size: 1.2em;
    font-weight: 700;
    -webkit-appearance: none;
    appearance: none;
  }
  .field:focus {
    border-color: var(--accent);
    outline: 2px solid var(--accent);
    outline-offset: 0;
  }
  .code {
    letter-spacing: 0.2em;
    text-transform: uppercase;
  }
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .faces {
    display: grid;
    grid-template-columns: repeat(6, 1fr);
    grid-gap: 0.25em;
    margin: 0.4em -0.25em 0;
  }
  .face {
    position: relative;
    cursor: pointer;
  }
  .face input {
    position: absolute;
    width: 100%;
    height: 100%;
    opacity: 0;
    cursor: pointer;
  }
  .face .portrait {
    width: auto;
    height: auto;
    padding: 7%;
    background: transparent;
    transition: transform 0.15s;
  }
  .face input:checked + .portrait {
    background: var(--accent);
    transform: scale(1.06);
  }
  .face input:focus-visible + .portrait {
    outline: 3px solid var(--accent);
    outline-offset: 1px;
  }
  .message {
    padding: 0.6em 0.9em;
    border-radius: var(--radius);
    background: var(--line);
    font-weight: 600;
  }
  .line {
    text-align: center;
  }
  .place {
    margin-bottom: 0.4em;
    font-size: 1.6em;
    font-weight: 900;
    line-height: 1.15;
  }
  .is-waiting > :not(slot):not(.line):not([role]):not(.watch) {
    display: none;
  }
  .primary,
  .quiet {
    min-height: 3.2em;
    width: 100%;
    font-size: 1.1em;
  }
  .quiet {
    order: 1;
    border-radius: var(--radius);
    box-shadow: inset 0 0 0 2px var(--ink);
    font-weight: 800;
  }
`;

function field(name: string, attributes: Attributes): HTMLInputElement {
  const quiet = { autocomplete: "off", autocorrect: "off", spellcheck: "false", enterkeyhint: "go" };
  return node("input", { class: `field ${name}`, name, ...quiet, ...attributes });
}

/** The page has the link that gives another phone's seat to this one, with the name that goes with it. */
function isRescue({ rescue }: JoinRoomOptions): boolean {
  return rescue !== undefined || new URLSearchParams(location.search).has("rescue");
}

/** A call of `join` that waits for its room. */
interface Joining {
  readonly options: JoinRoomOptions;
  readonly resolve: (me: PlayerRoom) => void;
  readonly reject: (error: unknown) => void;
}

/** How the attempt differs from what the page's options say. */
type JoinChoice = Pick<JoinRoomOptions, "takeOver" | "role">;

/**
 * `<cw-join>`: the phone's form for name, character and PIN; `join()` resolves with the player's room once the phone is in. With `watch` a phone may watch
 * instead.
 */
export class JoinElement extends KitElement {
  static readonly observedAttributes = ["watch"];
  #joining: Joining | undefined;
  /** The attempt under way. */
  #me: PlayerRoom | undefined;
  #trouble: Sentence | undefined;
  /** The place in the line of those who wait for a seat. */
  #position: number | undefined;
  /** The room is full, or the game has begun. */
  #isLate = false;
  #avatar = Math.floor(Math.random() * AVATARS.length);
  #portrait = portrait(this.#avatar);
  readonly #name = field("name", { maxlength: MAX_NAME_LENGTH, autocomplete: "nickname", autocapitalize: "words" });
  readonly #code = field("code", { maxlength: 4, autocapitalize: "characters", dir: "ltr" });
  readonly #pin = field("pin", { autocapitalize: "off", dir: "ltr" });
  readonly #nameWord = node("span");
  readonly #codeWord = node("span");
  readonly #pinWord = node("span");
  readonly #facesWord = node("legend");
  readonly #codeLabel = node("label", { hidden: true }, this.#codeWord, this.#code);
  readonly #pinLabel = node("label", { hidden: true }, this.#pinWord, this.#pin);
  readonly #faces: readonly HTMLInputElement[];
  readonly #message = node("p", { class: "message", hidden: true });
  readonly #submit = node("button", { class: "primary", type: "submit" });
  readonly #takeSeat = node("button", { class: "primary", type: "button", hidden: true });
  readonly #watch = node("button", { type: "button", hidden: true });
  readonly #heard = node("div", { role: "alert" }, this.#message);
  readonly #place = node("p", { class: "place", tabindex: -1 });
  readonly #stay = node("p");
  readonly #line = node("div", { class: "line", role: "status", hidden: true }, this.#place, this.#stay);
  readonly #form: HTMLFormElement;

  constructor() {
    super(PORTRAIT_STYLES + STYLES);
    const who = node("div", "who", this.#portrait, node("label", {}, this.#nameWord, this.#name));
    this.#faces = AVATARS.map((_, index) => node("input", { type: "radio", name: "avatar", value: index }));
    const faces = this.#faces.map((input, index) => {
      input.addEventListener("change", () => this.choose(index));
      return node("label", "face", input, portrait(index));
    });
    const choice = node("fieldset", {}, this.#facesWord, node("div", "faces", ...faces));
    const form = node("form", { novalidate: true }, node("slot"), this.#codeLabel, who, this.#pinLabel, choice);
    form.append(this.#line, this.#heard, this.#takeSeat, this.#submit, this.#watch);
    this.#form = form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submitted();
    });
    this.#takeSeat.addEventListener("click", () => this.enter({ takeOver: true }));
    this.#watch.addEventListener("click", () => this.submitted("audience"));
    this.frame.append(form);
  }

  /**
   * Joins the room of the page's address, or that of the options, and resolves when this phone has its seat, or watches (`me.role`). Where it had the
   * seat before, or this tab has given its name to the room, it joins at once; else the form asks. Errors are shown, and the person may try again. While the
   * phone waits for a seat of a full room, its place in the line is shown.
   */
  join<Game extends GameShape = GameShape>(options: JoinRoomOptions = {}): Promise<PlayerRoom<Game>> {
    this.#me?.detach();
    this.#me = undefined;
    this.#position = undefined;
    this.#isLate = false;
    return new Promise((resolve, reject) => {
      // What the events carry is for the page to say; nothing of it is looked at here.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      this.#joining = { options, resolve: (me) => resolve(me as unknown as PlayerRoom<Game>), reject };
      const profile = readProfile();
      this.#name.value = options.name ?? profile?.name ?? "";
      this.choose(profile?.avatar ?? this.#avatar);
      this.#code.value = options.code ?? new URLSearchParams(location.search).get("room") ?? "";
      const code = parseRoomCode(this.#code.value);
      this.#codeLabel.hidden = code !== undefined;
      this.#code.value = code ?? this.#code.value;
      const note = code === undefined ? undefined : readJoined(code);
      const isBack = (): boolean => (note === undefined ? hasFreeSeat(code, options.server) : note !== "out");
      if (code !== undefined && (isRescue(options) || options.role === "audience" || isBack())) {
        this.hidden = true;
        this.enter(note === "audience" ? { role: note } : {});
      } else {
        this.ask();
      }
    });
  }

  protected override draw(): void {
    setText(this.#nameWord, this.say(UI_WORDS.name));
    setText(this.#codeWord, this.say(UI_WORDS.code));
    setText(this.#pinWord, this.say(UI_WORDS.pin));
    setText(this.#facesWord, this.say(UI_WORDS.avatar));
    setText(this.#takeSeat, this.say(UI_WORDS.takeSeat));
    for (const [index, face] of this.#faces.entries()) {
      setAttributes(face, { "aria-label": this.say(UI_WORDS.avatarNumber, { n: index + 1 }) });
    }
    const isJoining = this.#me !== undefined;
    const isWaiting = this.#position !== undefined;
    this.#form.classList.toggle("is-waiting", isWaiting);
    this.#line.hidden = !isWaiting;
    setText(this.#place, isWaiting ? this.say(UI_WORDS.placeInLine, { n: this.#position ?? "" }) : "");
    setText(this.#stay, isWaiting ? this.say(UI_WORDS.stayHere) : "");
    setText(this.#watch, this.say(UI_WORDS.watch));
    const isLate = this.#isLate || isWaiting;
    this.#watch.hidden = !this.hasAttribute("watch") || (this.getAttribute("watch") === "late" && !isLate);
    const isWatchFirst = !this.#watch.hidden && this.#isLate && this.#takeSeat.hidden;
    this.#watch.className = isWatchFirst ? "primary watch" : "quiet watch";
    setAttributes(this.#watch, { "aria-disabled": String(isJoining && !isWaiting) });
    setAttributes(this.#submit, { "aria-disabled": String(isJoining) });
    this.#submit.className = this.#takeSeat.hidden && !isWatchFirst ? "primary" : "quiet";
    setText(this.#submit, this.say(isJoining ? UI_WORDS.joining : UI_WORDS.join));
    const trouble = this.#trouble ?? "";
    setText(this.#message, typeof trouble === "string" ? trouble : this.say(trouble));
    this.#message.hidden = trouble === "";
  }

  private choose(avatar: number): void {
    const index = AVATARS[avatar] === undefined ? 0 : avatar;
    this.#avatar = index;
    for (const [place, face] of this.#faces.entries()) face.checked = place === index;
    const chosen = portrait(index);
    this.#portrait.replaceWith(chosen);
    this.#portrait = chosen;
  }

  /** Asks the person, with what went wrong where something did, and the field in focus that has to change. */
  private ask(trouble?: Sentence, wrong?: HTMLInputElement): void {
    this.#trouble = trouble;
    this.hidden = false;
    this.draw();
    if (this.#position !== undefined) return;
    const first = this.#codeLabel.hidden ? this.#name : this.#code;
    const asking = wrong ?? (first.value === "" ? first : undefined);
    asking?.focus({ preventScroll: trouble === undefined });
    asking?.select();
  }

  private submitted(role: PhoneRole = "player"): void {
    if (this.#joining === undefined || (this.#me !== undefined && this.#position === undefined)) return;
    this.leaveLine();
    this.#takeSeat.hidden = true;
    this.#name.value = this.#name.value.trim();
    if (parseRoomCode(this.#code.value.trim()) === undefined) this.askCode(UI_WORDS.needCode);
    else if (this.#name.value === "" && role === "player") this.ask(UI_WORDS.needName, this.#name);
    else if (!this.#pinLabel.hidden && this.#pin.value === "") this.ask(UI_WORDS.needPin, this.#pin);
    else this.enter(role === "audience" ? { role } : {});
  }

  /** The person watches instead of waiting. */
  private leaveLine(): void {
    const me = this.#me;
    this.#me = undefined;
    this.#position = undefined;
    me?.close();
  }

  private askCode(why: Sentence): void {
    this.#codeLabel.hidden = false;
    this.ask(why, this.#code);
  }

  private enter(choice: JoinChoice): void {
    const joining = this.#joining;
    if (joining === undefined || this.#me !== undefined) return;
    const profile = { name: this.#name.value, avatar: this.#avatar };
    const pin = this.#pin.value.trim();
    const { options } = joining;
    // The session knows who this is; the link of a rescue brings the name and the character of the other phone.
    const isKnown =
      choice.role === "audience" ||
      (this.hidden && (profile.name === "" || isRescue(options) || readJoined(this.#code.value) === "player"));
    let me: PlayerRoom;
    try {
      me = joinRoom({
        ...options,
        ...choice,
        code: this.#code.value.trim(),
        ...(!isKnown && { name: profile.name, meta: { ...options.meta, avatar: profile.avatar } }),
        ...(pin !== "" && { pin }),
      });
    } catch (error) {
      joining.reject(error); // the page has given options that make no sense
      return;
    }
    this.#me = me;
    this.#trouble = undefined;
    this.draw();
    me.on("connecting", (failure) => this.ask(sentenceOfFailure(failure)));
    me.on("queue", (position) => this.waits(me, position, profile));
    me.once("open", () => this.opened(joining, me, profile));
    me.on("close", (close) => this.closed(me, close));
  }

  private waits(me: PlayerRoom, position: number, profile: DeviceProfile): void {
    if (this.#me !== me) return;
    const isFirst = this.#position === undefined;
    if (profile.name !== "") rememberProfile(profile);
    noteJoined(me.code, "queue");
    this.#position = position;
    this.ask();
    if (isFirst) this.#place.focus({ preventScroll: true });
  }

  private opened(joining: Joining, me: PlayerRoom, profile: DeviceProfile): void {
    if (profile.name !== "") rememberProfile(profile);
    noteJoined(me.code, me.role);
    this.#me = undefined;
    this.#position = undefined;
    this.#joining = undefined;
    this.#pin.value = "";
    this.hidden = true;
    joining.resolve(me);
  }

  private closed(me: PlayerRoom, close: { readonly name: string | undefined; readonly reason: string }): void {
    // A page that is loaded again takes a replaced seat back. A removed player is asked again.
    if (close.name !== "replaced") noteJoined(me.code, "out");
    if (this.#me !== me) return;
    this.#me = undefined;
    this.#position = undefined;
    const options = this.#joining?.options ?? {};
    switch (close.name) {
      case "unauthorized":
        if (options.token !== undefined) return this.ask(close.reason);
        const isFirst = this.#pinLabel.hidden;
        this.#pinLabel.hidden = false;
        return this.ask(isFirst ? UI_WORDS.needPin : UI_WORDS.wrongPin, this.#pin);
      case "room_not_found":
        return this.askCode(sentenceOfClose(close));
      case "room_locked":
      case "room_full":
        this.#isLate = true;
        if (me.role === "audience") return this.ask(UI_WORDS.noPlaceToWatch);
        this.#takeSeat.hidden = !hasSeat(me.code, options.server);
        return this.ask(sentenceOfClose(close));
      default:
        return this.ask(sentenceOfClose(close));
    }
  }
}
