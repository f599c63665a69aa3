/** `<cw-lobby>`: the TV's screen before a game. It says how to join, shows who is in, and starts the game. */
import { KitElement, type Release } from "../kit/kit-element.ts";
import { node, setAttributes, setText } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { cycleFocus, moveFocus } from "../kit/move-focus.ts";
import { typedAddress } from "../kit/qr-element.ts";
import { avatarOf, ownCharacter, portrait, PORTRAIT_STYLES, UI_WORDS } from "./base.ts";
import type { GatheringRoom, ShownPlayer } from "./ports.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-lobby": LobbyElement;
  }
}

/** Options of `bind`. */
export interface LobbyOptions<State extends object = Record<string, unknown>> {
  /** Players that the game needs before it can start. @default 1 */
  readonly min?: number;
  /**
   * Says by the room's state whether the game is on: the lobby hides itself then, also on a page that was loaded again, and shows itself when
   * the game is over. It is asked at first and after each change of the state; what it returns counts as true or false. @default the page alone hides the lobby
   */
  readonly hideWhile?: (state: Readonly<Partial<State>>) => unknown;
}

/** Empty places are shown until so many places are on the screen: enough to see that more may come. */
const SHOWN_PLACES = 8;

const STYLES = css`
  :host {
    position: fixed;
    z-index: 10;
    top: 0;
    right: 0;
    bottom: 0;
    left: 0;
    overflow: auto;
    font-size: 16px;
    font-size: clamp(16px, calc(1.3vw + 1.4vh), 96px);
  }
  .frame {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    align-content: center;
    justify-content: center;
    gap: 1.2em 2.2em;
    min-height: 100%;
    padding: 1.2em;
    background: var(--paper);
  }
  /* A TV that is loaded again in the middle of a game shows no lobby before it knows. */
  .is-unbound > * {
    visibility: hidden;
  }
  .has-top {
    align-items: flex-start;
    gap: 0.6em 2.2em;
    padding: 0.8em 1.2em;
    font-size: 0.84em;
  }
  slot[name="top"] {
    display: block;
    flex: 1 0 100%;
    text-align: center;
  }
  .invite {
    flex: 0 1 13em;
    min-width: 10em;
    text-align: center;
  }
  cw-qr {
    width: 100%;
    max-width: 12em;
    margin: 0 auto 0.8em;
    font-size: 1em;
  }
  .code {
    margin: 0.05em -0.5em;
    font-size: 3.4em;
    font-weight: 900;
    line-height: 1.1;
    letter-spacing: 0.08em;
    text-indent: 0.08em;
    direction: ltr;
  }
  .address b {
    white-space: nowrap;
  }
  .people {
    display: flex;
    flex-direction: column;
    flex: 1 1 16em;
    min-width: min(100%, 15em);
    max-width: 28em;
  }
  .head {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: 1em;
    margin-bottom: 0.6em;
  }
  h2 {
    font-size: 1.5em;
    line-height: 1.15;
    font-weight: 900;
    letter-spacing: -0.01em;
  }
  .count {
    font-weight: 700;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  ul {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 11em), 1fr));
    gap: 0.5em;
  }
  ul.many {
    font-size: 0.75em;
  }
  li {
    position: relative;
    min-width: 0;
  }
  .portrait,
  .empty::before {
    width: 2.4em;
    height: 2.4em;
  }
  .person,
  .empty {
    display: flex;
    align-items: center;
    gap: 0.6em;
    width: 100%;
    min-height: max(3em, 44px);
    padding: 0.3em;
    border-radius: 99em;
    border: 0.1em solid var(--line);
    text-align: start;
  }
  .empty {
    border-style: dashed;
  }
  .empty::before {
    content: "";
    border-radius: 50%;
    background: var(--line);
  }
  .empty span {
    opacity: 0.72;
  }
  .words {
    flex: 1;
    min-width: 0;
    line-height: 1.15;
  }
  .state {
    display: block;
    font-size: 0.75em;
  }
  .more {
    flex: none;
    width: 0.25em;
    height: 0.25em;
    margin: 0 0.5em;
    border-radius: 50%;
    background: currentColor;
    box-shadow:
      0 0.45em currentColor,
      0 -0.45em currentColor;
    opacity: 0.5;
  }
  li.new {
    animation: arrive 0.5s cubic-bezier(0.2, 1.6, 0.4, 1);
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: scale(0.8);
    }
  }
  .menu {
    position: absolute;
    z-index: 2;
    top: calc(100% + 0.3em);
    left: 0;
    right: 0;
    padding: 0.3em;
    border-radius: var(--radius);
    background: var(--paper);
    box-shadow:
      0 0 0 0.1em var(--ink),
      0 0.6em 2em #0004;
  }
  .menu button {
    display: block;
    width: 100%;
    padding: 0.5em 0.7em;
    border-radius: calc(var(--radius) * 0.7);
    font-weight: 700;
    text-align: start;
  }
  .menu button:hover {
    background: var(--line);
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: 0.6em 1.2em;
    margin-top: 1em;
  }
  .foot p {
    font-weight: 600;
  }
  .crowd {
    flex: 1;
    display: flex;
    flex-wrap: wrap;
    gap: 0 1em;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .start {
    font-size: 1.25em;
  }
  .veil {
    position: fixed;
    z-index: 3;
    top: 0;
    right: 0;
    bottom: 0;
    left: 0;
    display: flex;
    align-items: center;
    justify-content: center;
    padding: 1em;
    background: #0009;
  }
  .rescue {
    width: 100%;
    max-width: 18em;
    padding: 1.4em;
    border-radius: calc(var(--radius) * 1.4);
    background: var(--paper);
    text-align: center;
  }
  .rescue p {
    margin-bottom: 1em;
    font-weight: 600;
  }
`;

/** One player's place in the list. */
interface Seat {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly name: HTMLElement;
  readonly state: HTMLElement;
  face: HTMLElement;
  /** What the face shows, to draw it again only where that changes. */
  look: string;
}

/** `<cw-lobby>`: the TV's lobby, with QR code, room code, seats and Start. It fires `start`. docs/KIT.md shows all elements. */
export class LobbyElement extends KitElement {
  static readonly observedAttributes = ["streamer"];
  #room: GatheringRoom | undefined;
  #min = 1;
  /** Hides or shows the lobby by the room's state. */
  #follow: (() => void) | undefined;
  readonly #qr = node("cw-qr");
  readonly #scan = node("p");
  readonly #code = node("p", "code");
  readonly #address = node("p", "address");
  readonly #title = node("slot", { name: "title" });
  readonly #count = node("span", { class: "count", dir: "ltr" });
  readonly #list = node("ul");
  readonly #seats = new Map<number, Seat>();
  readonly #watching = node("span");
  readonly #waiting = node("span");
  readonly #crowd = node("p", { class: "crowd", hidden: true }, this.#watching, this.#waiting);
  readonly #reason = node("p", { id: "reason" });
  readonly #startLabel = node("slot", { name: "start" });
  readonly #start = node(
    "button",
    { class: "primary start", type: "button", "aria-describedby": "reason" },
    this.#startLabel,
  );
  readonly #heard = node("p", { class: "heard", role: "status" });
  /** What lies over the rest: the rescue link of one player. */
  #veil: { readonly player: number; readonly element: HTMLElement; readonly opener: HTMLElement } | undefined;
  #menu: { readonly element: HTMLElement; readonly seat: Seat } | undefined;

  constructor() {
    super(PORTRAIT_STYLES + STYLES);
    const invite = node("section", "invite", this.#qr, this.#scan, this.#code, this.#address);
    const head = node("div", "head", node("h2", {}, this.#title), this.#count);
    const foot = node("div", "foot", this.#crowd, this.#reason, this.#start);
    const people = node("section", "people", head, this.#list, foot, this.#heard);
    const top = node("slot", { name: "top" });
    // All of it has to fit a TV, whose remote does not scroll.
    top.addEventListener("slotchange", () => this.frame.classList.toggle("has-top", top.assignedNodes().length > 0));
    this.frame.append(top, invite, people);
    this.#start.addEventListener("click", () => {
      if (this.missing === 0) this.tell("start");
    });
    this.frame.addEventListener("keydown", (event) => this.pressed(event));
    this.#qr.addEventListener("reveal", () => this.draw());
  }

  /** Shows this room, and lets it start when `min` players are in. With `hideWhile` the lobby comes and goes by the room's state. */
  bind<State extends object = Record<string, unknown>>(
    room: GatheringRoom<State>,
    { min = 1, hideWhile }: LobbyOptions<State> = {},
  ): void {
    this.#room = room;
    this.#min = min;
    this.#follow = hideWhile && (() => this.toggleAttribute("hidden", Boolean(hideWhile(room.state.all()))));
    this.#qr.bind(room);
    this.rebind();
  }

  protected override listen(): readonly Release[] {
    const room = this.#room;
    const pointed = (event: Event): void => {
      if (this.#menu !== undefined && !event.composedPath().includes(this.#menu.seat.item)) this.closeMenu();
    };
    const pressed = (event: KeyboardEvent): void => {
      const { activeElement } = document;
      if (activeElement === null || activeElement === document.body) this.pressed(event);
    };
    document.addEventListener("pointerdown", pointed);
    document.addEventListener("keydown", pressed);
    const releases = [
      () => document.removeEventListener("pointerdown", pointed),
      () => document.removeEventListener("keydown", pressed),
    ];
    if (room === undefined) return releases;
    const draw = (): void => this.draw();
    const follow = this.#follow;
    follow?.();
    for (const [index, player] of room.players.entries()) ownCharacter(player, room.players.slice(0, index));
    const events = ["leave", "away", "state", "reconnected", "moved", "reopened"] as const;
    return [
      ...releases,
      ...events.map((event) => room.on(event, draw)),
      ...(follow === undefined ? [] : [room.state.on(follow), room.on("reopened", follow)]),
      room.on("back", () => {
        // The rescued phone is there: its link is used up.
        if (this.#veil !== undefined && this.playerOf(this.#veil.player)?.isAway === false) this.closeVeil();
        this.draw();
      }),
      // Its phone does not know what the others have chosen.
      room.on("profile", (player) => {
        ownCharacter(player, room.players);
        this.draw();
      }),
      room.on("join", (player) => {
        setText(this.#heard, this.say(UI_WORDS.joined, { name: player.name }));
        this.draw();
      }),
    ];
  }

  protected override draw(): void {
    const room = this.#room;
    setText(this.#scan, this.say(UI_WORDS.scan));
    setText(this.#title, this.say(UI_WORDS.players));
    setText(this.#startLabel, this.say(UI_WORDS.start));
    setAttributes(this.#qr, { streamer: this.hasAttribute("streamer") });
    this.frame.classList.toggle("is-unbound", room === undefined);
    if (room === undefined) return;
    this.drawInvite(room);
    this.drawCrowd(room);
    setText(this.#count, `${room.players.length} / ${room.maxPlayers}`);
    this.drawSeats(room);
    const missing = this.missing;
    const wasReady = this.#start.getAttribute("aria-disabled") === "false";
    setAttributes(this.#start, { "aria-disabled": String(missing > 0) });
    setText(this.#reason, missing === 0 ? "" : this.say(UI_WORDS.needed, { n: missing }));
    // A remote's OK starts the game as soon as it can be started.
    if (missing === 0 && !wasReady && document.activeElement === document.body)
      this.#start.focus({ preventScroll: true });
  }

  /** The code and the address. What the QR code's `streamer` hides is not in the page. */
  private drawInvite({ code, joinUrl }: GatheringRoom): void {
    const { isCovered } = this.#qr;
    for (const line of [this.#scan, this.#code, this.#address]) line.hidden = isCovered;
    setText(this.#code, isCovered ? "" : code);
    setAttributes(this.#code, {
      "aria-label": isCovered ? undefined : `${this.say(UI_WORDS.code)}: ${code.split("").join(" ")}`,
      role: isCovered ? undefined : "img",
    });
    const [before = "", after = ""] = this.say(UI_WORDS.address, { address: "\n" }).split("\n");
    const address = node("b", { dir: "ltr" }, typedAddress(joinUrl, code));
    this.#address.replaceChildren(...(isCovered ? [] : [before, address, after]));
  }

  /** How many watch and wait, where any do. */
  private drawCrowd({ audience = 0, waiting = 0 }: GatheringRoom): void {
    setText(this.#watching, audience > 0 ? this.say(UI_WORDS.watching, { n: audience }) : "");
    setText(this.#waiting, waiting > 0 ? this.say(UI_WORDS.waiting, { n: waiting }) : "");
    this.#crowd.hidden = audience + waiting === 0;
  }

  /** Players that have to come before the game can start. */
  private get missing(): number {
    return Math.max(0, this.#min - (this.#room?.players.length ?? 0));
  }

  private playerOf(id: number): ShownPlayer | undefined {
    return this.#room?.players.find((player) => player.id === id);
  }

  private drawSeats(room: GatheringRoom): void {
    const { players, maxPlayers } = room;
    const present = new Set(players.map(({ id }) => id));
    for (const [id, seat] of this.#seats) {
      if (present.has(id)) continue;
      if (this.#menu?.seat === seat) this.closeMenu();
      this.#seats.delete(id);
      seat.item.remove();
    }
    for (const player of players) this.drawSeat(player);
    for (const empty of this.#list.querySelectorAll(".empty")) empty.remove();
    const places = Math.min(maxPlayers, Math.max(SHOWN_PLACES, players.length));
    for (let place = players.length; place < places; place++) {
      this.#list.append(node("li", "empty", node("span", {}, this.say(UI_WORDS.free))));
    }
    this.#list.classList.toggle("many", places > SHOWN_PLACES);
  }

  private drawSeat(player: ShownPlayer): void {
    const seat = this.#seats.get(player.id) ?? this.addSeat(player);
    const look = `${avatarOf(player)} ${player.color}`;
    if (look !== seat.look) {
      const face = portrait(avatarOf(player), player.color);
      seat.face.replaceWith(face);
      seat.face = face;
      seat.look = look;
    }
    setText(seat.name, player.name);
    setText(seat.state, player.isAway ? this.say(UI_WORDS.away) : "");
    seat.item.classList.toggle("is-away", player.isAway);
  }

  private addSeat({ id }: ShownPlayer): Seat {
    const face = node("span");
    const name = node("bdi");
    const state = node("span", "state");
    const words = node("span", "words", name, state);
    const more = node("span", { class: "more", "aria-hidden": "true" });
    const attributes = { class: "person", type: "button", "aria-haspopup": "menu", "aria-expanded": "false" };
    const button = node("button", attributes, face, words, more);
    const item = node("li", "new", button);
    const seat: Seat = { item, button, name, state, face, look: "" };
    button.addEventListener("click", () => {
      const isOpen = this.#menu?.seat === seat;
      this.closeMenu();
      if (!isOpen) this.openMenu(id, seat);
    });
    this.#seats.set(id, seat);
    this.#list.insertBefore(item, this.#list.querySelector(".empty"));
    return seat;
  }

  private openMenu(player: number, seat: Seat): void {
    const choice = (text: string, choose: () => void): HTMLButtonElement => {
      const button = node("button", { type: "button", role: "menuitem", tabindex: -1 }, text);
      button.addEventListener("click", () => {
        this.closeMenu();
        choose();
      });
      return button;
    };
    const rescue = choice(this.say(UI_WORDS.rescue), () => void this.showRescue(player, seat.button));
    const remove = choice(this.say(UI_WORDS.remove), () => this.#room?.kick(player));
    const element = node(
      "div",
      { class: "menu", role: "menu", "aria-label": seat.name.textContent ?? "" },
      rescue,
      remove,
    );
    seat.item.append(element);
    setAttributes(seat.button, { "aria-expanded": "true" });
    this.#menu = { element, seat };
    rescue.focus();
  }

  private closeMenu(): void {
    const menu = this.#menu;
    if (menu === undefined) return;
    this.#menu = undefined;
    setAttributes(menu.seat.button, { "aria-expanded": "false" });
    if (menu.element.matches(":focus-within")) menu.seat.button.focus();
    menu.element.remove();
  }

  private async showRescue(id: number, opener: HTMLElement): Promise<void> {
    const room = this.#room;
    const name = this.playerOf(id)?.name ?? "";
    if (room === undefined) return;
    const link = await room.rescue(id).catch((error: unknown) => (error instanceof Error ? error : new Error("")));
    if (this.#room !== room || this.#veil !== undefined) return;
    const done = node("button", { class: "primary", type: "button" }, this.say(UI_WORDS.close));
    done.addEventListener("click", () => this.closeVeil());
    const what = node(
      "p",
      { id: "what" },
      typeof link === "string" ? this.say(UI_WORDS.rescueHow, { name }) : link.message,
    );
    const box = node(
      "div",
      { class: "rescue", role: "dialog", "aria-modal": "true", "aria-describedby": "what", "aria-label": name },
      what,
    );
    if (typeof link === "string") {
      const qr = node("cw-qr");
      qr.bind({ joinUrl: link, code: "", on: () => () => undefined }); // as an attribute it would be in the page
      qr.toggleAttribute("streamer", this.hasAttribute("streamer")); // a viewer who scans it first has the seat
      box.append(qr);
    }
    box.append(done);
    const element = node("div", "veil", box);
    this.frame.append(element);
    this.#veil = { player: id, element, opener };
    done.focus();
  }

  private closeVeil(): void {
    const veil = this.#veil;
    if (veil === undefined) return;
    this.#veil = undefined;
    veil.element.remove();
    veil.opener.focus();
  }

  /** Arrow keys go from button to button, as a remote's do. In a menu they stay in it, and Escape closes what is open. */
  private pressed(event: KeyboardEvent): void {
    const scope = this.#veil?.element ?? this.#menu?.element;
    if (event.key === "Escape" && scope !== undefined) {
      if (this.#veil === undefined) this.closeMenu();
      else this.closeVeil();
      event.preventDefault();
    } else if (event.key === "Tab" && this.#veil !== undefined) {
      event.preventDefault(); // the focus stays in it
      cycleFocus(this.#veil.element, event.shiftKey ? -1 : 1);
    } else if (event.key === "Tab") {
      this.closeMenu();
    } else if (moveFocus(scope ?? this.frame, event.key)) {
      event.preventDefault();
    }
  }
}
