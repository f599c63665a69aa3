/** The playground: a TV and phones in one window, and every frame between them. */
import type { AgentMessage, PassedFrame, SocketChange } from "../messages.ts";
import { frameOfShortcut } from "../agent/keyboard.ts";
import { decodeFrame, playerOfHello, PulseNumbers } from "./decode-frame.ts";
import { element, picture, setPressed } from "./elements.ts";
import { PHONE_SCREEN, PhoneTile } from "./phone-tile.ts";
import { readPlaygroundConfig, type PlaygroundConfig } from "./playground-config.ts";
import { RoomWatch } from "./room-watch.ts";
import { splitter } from "./split-pane.ts";
import { fittingScale } from "./tile-layout.ts";
import { Tile } from "./tile.ts";
import { WireView } from "./wire-view.ts";

const TV_SCREEN = { width: 1_920, height: 1_080 };
const GAP = 12;
/** What a tile has around its screen. */
const PHONE_BORDER = { width: 12, height: 78 };
const TV_BORDER = { width: 12, height: 78 };
/** So narrow a phone still has room for its buttons. */
const MIN_PHONE_SCALE = 0.31;
const MIN_TV_SCALE = 0.1;
const MAX_PHONES = 16;
const MEASURE_EVERY_MS = 2_000;
/** A TV that has no link by then gives none. */
const RESCUE_TIMEOUT_MS = 5_000;
/** A phone whose page takes longer to join, by a form, say, does not hold up the others. */
const OPENING_MS = 1_500;
/** The agent's Close frame needs a moment before the page goes. */
const LEAVING_MS = 150;

class Playground {
  readonly #config: PlaygroundConfig;
  readonly #room = new RoomWatch();
  readonly #wire = new WireView();
  readonly #pulses = new PulseNumbers();
  readonly #tv: Tile;
  readonly #phones: PhoneTile[] = [];
  readonly #phonesPane = element("div", { class: "phones", role: "group", "aria-label": "Phones" });
  readonly #code = element(
    "button",
    { type: "button", class: "code", title: "Copy the phones’ address" },
    "no room yet",
  );
  readonly #choice = element("select", { "aria-label": "Game" });
  readonly #news = element("output", { class: "news" });
  /** The code that the phones were sent to. */
  #followed: string | undefined;
  #isMeasuring = true;
  /** The TV's page answers. What has no SDK would take the question for the game's. */
  #canMeasure = false;
  #rescue: { readonly player: number; readonly phone: PhoneTile; readonly timer: number } | undefined;

  constructor(config: PlaygroundConfig, body: HTMLElement) {
    this.#config = config;
    this.#tv = new Tile({
      number: 0,
      label: "TV",
      screen: TV_SCREEN,
      origins: () => this.origins(),
      told: (message) => this.hear(this.#tv, message),
      select: () => this.select(0),
    });
    const tvPane = element("div", { class: "tv-pane" }, this.#tv.root);
    const top = element("div", { class: "top" });
    top.append(
      tvPane,
      splitter({
        name: "tv",
        label: "Width of the TV",
        direction: "vertical",
        start: config.phones > 4 ? 0.36 : 0.46,
        apply: (share) => top.style.setProperty("--share", String(share)),
      }),
      this.#phonesPane,
    );
    const main = element("main");
    main.append(
      top,
      splitter({
        name: "wire",
        label: "Height of the wire view",
        direction: "horizontal",
        start: 0.61,
        apply: (share) => main.style.setProperty("--share", String(share)),
      }),
      this.#wire.root,
    );
    body.append(this.header(), main);
    const resize = new ResizeObserver(() => this.layOut());
    resize.observe(tvPane);
    resize.observe(this.#phonesPane);
    window.addEventListener("keydown", (event) => {
      const frame = frameOfShortcut(event);
      if (frame === undefined) return;
      event.preventDefault();
      this.select(frame);
    });
    setInterval(() => {
      for (const tile of this.tiles) tile.render();
    }, 1_000);
    this.#tv.load(config.tv);
    for (let count = 0; count < config.phones; count++) this.addPhone();
  }

  private get tiles(): readonly Tile[] {
    return [this.#tv, ...this.#phones];
  }

  private header(): HTMLElement {
    const { games, base, game } = this.#config;
    const choice = this.#choice;
    choice.append(...games.map(({ name, title }) => element("option", { value: name }, title)));
    if (game === undefined) choice.prepend(element("option", { value: "" }, "Pages of your own"));
    choice.value = game ?? "";
    choice.addEventListener("change", () => {
      window.location.href = `${base}/playground/${encodeURIComponent(choice.value)}?phones=${this.#phones.length}`;
    });
    this.#code.addEventListener("click", () => void this.copyAddress());
    const latency = element("button", { type: "button", class: "text-tool" }, "Latency");
    latency.title = "Measures phone → TV → phone every two seconds";
    setPressed(latency, true);
    latency.addEventListener("click", () => {
      this.setMeasuring({ isMeasuring: !this.#isMeasuring });
      setPressed(latency, this.#isMeasuring);
    });
    const add = element("button", { type: "button", class: "text-tool" }, picture("add"), "Phone");
    add.addEventListener("click", () => this.addPhone());
    return element(
      "header",
      { class: "page-header" },
      element("h1", {}, "Playground"),
      choice,
      this.#code,
      this.#news,
      element("span", { class: "keys" }, picture("keyboard"), "Ctrl+Shift+1…9 or Alt+1…9: a phone, 0: the TV"),
      latency,
      add,
    );
  }

  private get measureEveryMs(): number {
    return this.#isMeasuring && this.#canMeasure ? MEASURE_EVERY_MS : 0;
  }

  private setMeasuring({ isMeasuring = this.#isMeasuring, canMeasure = this.#canMeasure }): void {
    this.#isMeasuring = isMeasuring;
    this.#canMeasure = canMeasure;
    for (const { page, latency } of this.#phones) {
      page.tell({ type: "measure", everyMs: this.measureEveryMs });
      if (this.measureEveryMs === 0) latency.textContent = "";
    }
  }

  private origins(): string[] {
    const { tv, phone } = this.#config;
    return [tv, phone, this.#room.joinUrl]
      .filter((address) => address !== undefined)
      .map((address) => new URL(address, window.location.href).origin);
  }

  private addPhone(): void {
    if (this.#phones.length >= MAX_PHONES) {
      this.say(`At most ${MAX_PHONES} phones.`);
      return;
    }
    const taken = new Set(this.#phones.map((phone) => phone.number));
    let number = 1;
    while (taken.has(number)) number++;
    const phone: PhoneTile = new PhoneTile({
      number,
      origins: () => this.origins(),
      told: (message) => this.hear(phone, message),
      select: () => this.select(number),
      open: () => this.openPhone(phone),
      remove: () => this.removePhone(phone),
      otherSeats: () => this.seatsBeside(phone),
      takeSeat: (player) => this.takeSeat(phone, player),
    });
    this.#phones.push(phone);
    this.#phones.sort((one, other) => one.number - other.number);
    const next = this.#phones[this.#phones.indexOf(phone) + 1];
    this.#phonesPane.insertBefore(phone.root, next?.root ?? null);
    this.phonesChanged();
    if (this.#followed !== undefined) this.openPhone(phone);
  }

  private removePhone(phone: PhoneTile): void {
    phone.page.tell({ type: "forget" });
    this.#phones.splice(this.#phones.indexOf(phone), 1);
    phone.root.hidden = true;
    this.phonesChanged();
    setTimeout(() => {
      phone.page.end();
      phone.root.remove();
    }, LEAVING_MS);
  }

  private phonesChanged(): void {
    this.#wire.setFrames(this.tiles);
    const address = new URL(window.location.href);
    address.searchParams.set("phones", String(this.#phones.length));
    history.replaceState(history.state, "", address);
    this.layOut();
  }

  private layOut(): void {
    const { clientWidth: width, clientHeight: height } = this.#phonesPane;
    const scale = fittingScale(this.#phones.length, {
      width: width - 2 * GAP,
      height: height - 2 * GAP,
      gap: GAP,
      border: PHONE_BORDER,
      screen: PHONE_SCREEN,
      minScale: MIN_PHONE_SCALE,
    });
    for (const phone of this.#phones) phone.resize(scale);
    const place = this.#tv.root.parentElement;
    if (place === null) return;
    const area = { width: place.clientWidth - 2 * GAP, height: place.clientHeight - 2 * GAP };
    this.#tv.resize(fittingScale(1, { ...area, gap: 0, border: TV_BORDER, screen: TV_SCREEN, minScale: MIN_TV_SCALE }));
  }

  private select(number: number): void {
    this.tiles.find((tile) => tile.number === number)?.focus();
  }

  private markSelected(selected: Tile | undefined): void {
    for (const tile of this.tiles) tile.setSelected(tile === selected);
  }

  private hear(tile: Tile, message: AgentMessage): void {
    switch (message.type) {
      case "hello":
        if (tile instanceof PhoneTile) tile.welcome(this.measureEveryMs);
        else this.setMeasuring({ canMeasure: false });
        return;
      case "sdk":
        if (tile === this.#tv) this.setMeasuring({ canMeasure: true });
        return;
      case "socket":
        return this.socketChanged(tile, message);
      case "frame":
        return this.framePassed(tile, message);
      case "select":
        return this.select(message.frame);
      case "focused":
        return this.markSelected(tile);
      case "no_rescue":
        if (this.#rescue?.player === message.player) this.endRescue(message.problem);
        return;
      case "latency":
        return; // the tile shows it
      default:
        message satisfies never; // another version's
    }
  }

  private socketChanged(tile: Tile, { socket, at, is, url, code, reason }: SocketChange): void {
    const { host, pathname, search } = new URL(url);
    const role = tile.sockets.roleOf(socket);
    const end = is === "closed" ? ` ${code}${reason === undefined || reason === "" ? "" : ` ${reason}`}` : "";
    const summary = `${is}${end} · ${host}${pathname}${search}`;
    if (role === "other") return;
    this.#wire.add({
      at,
      frame: tile.number,
      role,
      direction: is === "closed" ? "down" : "up",
      kind: "socket",
      summary,
      data: "",
      size: 0,
    });
  }

  private framePassed(tile: Tile, { socket, at, direction, data, size }: PassedFrame): void {
    const role = tile.sockets.roleOf(socket);
    if (role === "other") return; // the socket of a dev server, say
    const shown = typeof data === "string" ? data : new Uint8Array(data);
    const decoded = decodeFrame({ role, direction, data: shown, size }, this.#pulses);
    this.#wire.add({
      at,
      frame: tile.number,
      role,
      direction,
      kind: decoded.kind,
      summary: decoded.summary,
      data: shown,
      size,
    });
    if (tile instanceof PhoneTile) {
      if (direction === "down" && typeof data === "string") tile.player = playerOfHello(data) ?? tile.player;
    } else if (decoded.host !== undefined) {
      if (direction === "up") this.#room.said(decoded.host);
      else this.hostHeard(decoded.host);
    }
  }

  private hostHeard(event: Parameters<RoomWatch["heard"]>[0]): void {
    this.#room.heard(event);
    if (event["cmd"] === "state" || event["cmd"] === "state_delta") this.showGame();
    if (event["cmd"] === "prepare_reply") this.followRoom();
    const { player, url } = event;
    const rescue = this.#rescue;
    if (event["cmd"] !== "rescue_reply" || rescue === undefined || player !== rescue.player || typeof url !== "string")
      return;
    const token = new URL(url).searchParams.get("rescue");
    const address = this.phoneAddress();
    this.endRescue();
    if (address === undefined || token === null) return;
    address.searchParams.set("rescue", token);
    rescue.phone.load(address.href);
  }

  /** In an evening the room goes from game to game. */
  private showGame(): void {
    if (this.#config.games.some(({ name }) => name === this.#room.name)) this.#choice.value = this.#room.name;
  }

  /** The TV has a room, or another one than before. */
  private followRoom(): void {
    if (this.#room.code === this.#followed) return;
    this.#followed = this.#room.code;
    this.#code.textContent = this.#followed ?? "no room yet";
    void this.openPhones();
  }

  /** One after another, so that they are players in their order. */
  private async openPhones(): Promise<void> {
    const code = this.#followed;
    for (const phone of this.#phones.slice()) {
      if (code !== this.#followed) return;
      if (phone.isClosed) continue;
      this.openPhone(phone);
      await phone.whenOpen(OPENING_MS);
    }
  }

  private openPhone(phone: PhoneTile): void {
    const address = this.phoneAddress();
    if (address !== undefined) phone.load(address.href);
  }

  /** Where a phone that scans the TV's QR code arrives. */
  private phoneAddress(): URL | undefined {
    const { code, name, joinUrl } = this.#room;
    if (code === undefined) return undefined;
    const { phone, game, games, base } = this.#config;
    const served = games.find((one) => one.name === name)?.name ?? game;
    const own = served === undefined ? undefined : `${base}/games/${encodeURIComponent(served)}/player.html`;
    const address = phone ?? joinUrl ?? own;
    if (address === undefined) {
      this.say("The TV says no joinUrl: add &phone=ADDRESS to this page’s address.");
      return undefined;
    }
    const url = new URL(address, window.location.href);
    url.searchParams.set("room", code);
    return url;
  }

  private seatsBeside(phone: PhoneTile): { readonly player: number; readonly label: string }[] {
    const others = [...this.#room.players].filter((player) => player !== phone.player);
    return others.map((player) => {
      const holder = this.#phones.find((other) => other.player === player);
      if (holder === undefined) return { player, label: `player ${player}` };
      const isSame = holder.number === player;
      return { player, label: isSame ? `phone ${player}` : `phone ${holder.number}, player ${player}` };
    });
  }

  /** The phone begins anew, with the link that the TV gives. */
  private takeSeat(phone: PhoneTile, player: number): void {
    this.endRescue();
    const timer = window.setTimeout(
      () => this.endRescue(`The TV gave no rescue link for player ${player}.`),
      RESCUE_TIMEOUT_MS,
    );
    this.#rescue = { player, phone, timer };
    phone.page.tell({ type: "forget" });
    this.#tv.page.tell({ type: "rescue", player });
  }

  private endRescue(problem?: string): void {
    clearTimeout(this.#rescue?.timer);
    this.#rescue = undefined;
    if (problem !== undefined) this.say(problem);
  }

  private async copyAddress(): Promise<void> {
    const address = this.phoneAddress();
    if (address === undefined) return;
    try {
      await navigator.clipboard.writeText(address.href);
      this.say("The phones’ address is copied.");
    } catch {
      this.say(address.href); // plain http has no clipboard
    }
  }

  private say(sentence: string): void {
    this.#news.textContent = sentence;
  }
}

const config = readPlaygroundConfig(document.body, window.location);
if (config.ok) void new Playground(config.value, document.body);
else document.body.append(element("main", { class: "choice" }, ...choices(config.failure)));

/** Without a game there is a choice of them. */
function choices({
  sentence,
  links,
}: {
  readonly sentence: string;
  readonly links: readonly { readonly href: string; readonly text: string }[];
}): Node[] {
  return [
    element("h1", {}, "Playground"),
    element("p", {}, sentence),
    element("ul", {}, ...links.map(({ href, text }) => element("li", {}, element("a", { href }, text)))),
  ];
}
