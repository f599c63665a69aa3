/** `<cw-join>`: the phone's screen before a game. It asks for a name and a character, joins, and says in words what went wrong. */
import {
  hasFreeSeat,
  hasSeat,
  joinRoom,
  parseRoomCode,
  type GameShape,
  type JoinRoomOptions,
  type PlayerRoom,
} from "../index.ts";
import { KitElement } from "../kit/kit-element.ts";
import { node, setAttributes, setText, type Attributes } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { AVATARS } from "./avatars.ts";
import { noteJoined, readProfile, rememberProfile, wasJoined, type DeviceProfile } from "../kit/device-profile.ts";
import { portrait, PORTRAIT_STYLES } from "./portrait.ts";
import { sentenceOfClose, sentenceOfFailure, type Sentence } from "../kit/trouble.ts";
import { WORDS } from "../kit/words.ts";

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
  .primary,
  .quiet {
    min-height: 3.2em;
    width: 100%;
    font-size: 1.1em;
  }
  .quiet {
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

/** `<cw-join>`: the phone's form for name, character and PIN; `join()` resolves with the player's room once the phone is in. */
export class JoinElement extends KitElement {
  #joining: Joining | undefined;
  /** The attempt under way. */
  #me: PlayerRoom | undefined;
  #trouble: Sentence | undefined;
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
  readonly #heard = node("div", { role: "alert" }, this.#message);

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
    form.append(this.#heard, this.#takeSeat, this.#submit);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submitted();
    });
    this.#takeSeat.addEventListener("click", () => this.enter({ takeOver: true }));
    this.frame.append(form);
  }

  /**
   * Joins the room of the page's address, or that of the options, and resolves when this phone has its seat. Where it had the seat before, or
   * this tab has given its name to the room, it joins at once; else the form asks. Errors are shown, and the person may try again.
   */
  join<Game extends GameShape = GameShape>(options: JoinRoomOptions = {}): Promise<PlayerRoom<Game>> {
    this.#me?.detach();
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
      if (code !== undefined && (isRescue(options) || (wasJoined(code) ?? hasFreeSeat(code, options.server)))) {
        this.hidden = true;
        this.enter({});
      } else {
        this.ask();
      }
    });
  }

  protected override draw(): void {
    setText(this.#nameWord, this.say(WORDS.name));
    setText(this.#codeWord, this.say(WORDS.code));
    setText(this.#pinWord, this.say(WORDS.pin));
    setText(this.#facesWord, this.say(WORDS.avatar));
    setText(this.#takeSeat, this.say(WORDS.takeSeat));
    for (const [index, face] of this.#faces.entries()) {
      setAttributes(face, { "aria-label": this.say(WORDS.avatarNumber, { n: index + 1 }) });
    }
    const isJoining = this.#me !== undefined;
    setAttributes(this.#submit, { "aria-disabled": String(isJoining) });
    this.#submit.className = this.#takeSeat.hidden ? "primary" : "quiet";
    setText(this.#submit, this.say(isJoining ? WORDS.joining : WORDS.join));
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
    const first = this.#codeLabel.hidden ? this.#name : this.#code;
    const asking = wrong ?? (first.value === "" ? first : undefined);
    asking?.focus({ preventScroll: trouble === undefined });
    asking?.select();
  }

  private submitted(): void {
    if (this.#joining === undefined || this.#me !== undefined) return;
    this.#takeSeat.hidden = true;
    this.#name.value = this.#name.value.trim();
    if (parseRoomCode(this.#code.value.trim()) === undefined) this.askCode(WORDS.needCode);
    else if (this.#name.value === "") this.ask(WORDS.needName, this.#name);
    else if (!this.#pinLabel.hidden && this.#pin.value === "") this.ask(WORDS.needPin, this.#pin);
    else this.enter({});
  }

  private askCode(why: Sentence): void {
    this.#codeLabel.hidden = false;
    this.ask(why, this.#code);
  }

  private enter(choice: Pick<JoinRoomOptions, "takeOver">): void {
    const joining = this.#joining;
    if (joining === undefined || this.#me !== undefined) return;
    const profile = { name: this.#name.value, avatar: this.#avatar };
    const pin = this.#pin.value.trim();
    const { options } = joining;
    // The session knows who this is; the link of a rescue brings the name and the character of the other phone.
    const isKnown = this.hidden && (profile.name === "" || isRescue(options) || wasJoined(this.#code.value) === true);
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
    me.once("open", () => this.opened(joining, me, profile));
    me.on("close", (close) => this.closed(me, close));
  }

  private opened(joining: Joining, me: PlayerRoom, profile: DeviceProfile): void {
    if (profile.name !== "") rememberProfile(profile);
    noteJoined(me.code, true);
    this.#me = undefined;
    this.#joining = undefined;
    this.#pin.value = "";
    this.hidden = true;
    joining.resolve(me);
  }

  private closed(me: PlayerRoom, close: { readonly name: string | undefined; readonly reason: string }): void {
    // A page that is loaded again takes a replaced seat back. A removed player is asked again.
    if (close.name !== "replaced") noteJoined(me.code, false);
    if (this.#me !== me) return;
    this.#me = undefined;
    const options = this.#joining?.options ?? {};
    switch (close.name) {
      case "unauthorized":
        if (options.token !== undefined) return this.ask(close.reason);
        const isFirst = this.#pinLabel.hidden;
        this.#pinLabel.hidden = false;
        return this.ask(isFirst ? WORDS.needPin : WORDS.wrongPin, this.#pin);
      case "room_not_found":
        return this.askCode(WORDS.room_not_found);
      case "room_locked":
      case "room_full":
        this.#takeSeat.hidden = !hasSeat(me.code, options.server);
        return this.ask(WORDS[close.name], undefined);
      default:
        return this.ask(sentenceOfClose(close));
    }
  }
}
