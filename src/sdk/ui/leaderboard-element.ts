/** `<cw-leaderboard>`: who has how many points, the best first. */
import { KitElement, type Release } from "../kit/kit-element.ts";
import { node, setAttributes, setText } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { watchSize } from "../kit/watch-size.ts";
import { avatarOf } from "./avatars.ts";
import { portrait, PORTRAIT_STYLES } from "./portrait.ts";
import type { ScoredRoom } from "./ports.ts";
import { UI_WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-leaderboard": LeaderboardElement;
  }
}

/** One row, where the page gives them itself, as on a phone. */
export interface LeaderboardEntry {
  readonly name: string;
  readonly score: number;
  readonly color?: string | undefined;
  /** A place in `AVATARS`. */
  readonly avatar?: number | undefined;
  /** Its phone's connection is down. @default false */
  readonly isAway?: boolean;
  /** Says which row it is when the order changes. @default the name */
  readonly id?: number | string;
}

/** The largest in which the names can be read is taken. */
const SIZES = ["", "0.85em", "0.7em", "0.6em"];
/** A name that is cut off and has less room than this, in its own size, cannot be read. */
const NAME_EM = 4.5;

const STYLES = css`
  :host {
    min-width: 0;
    font-size: 16px;
    font-size: clamp(16px, calc(1.1vw + 1.2vh), 88px);
  }
  /* As wide as its place. To a place that takes its width from what is in it, it says twice this width, and once where there is no more; never the names'. */
  .ruler {
    height: 0;
    overflow: hidden;
  }
  .ruler i {
    display: inline-block;
    width: 9em;
  }
  ol {
    width: 0;
    min-width: 100%;
  }
  li {
    display: flex;
    align-items: center;
    gap: 0.6em;
    padding: 0.35em 0.2em;
  }
  li + li {
    border-top: 1px solid var(--line);
  }
  .climbs,
  .glides .is-first {
    position: relative;
    z-index: 1;
    border-radius: var(--radius);
    background: var(--paper);
    box-shadow: 0 0 0 1px var(--line);
  }
  .rank {
    flex: none;
    min-width: 1.2em;
    font-weight: 900;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .words {
    flex: 1;
    min-width: 0;
  }
  .row {
    display: flex;
    justify-content: space-between;
    gap: 1em;
    line-height: 1.2;
  }
  .score {
    font-weight: 800;
    font-variant-numeric: tabular-nums;
  }
  .bar {
    display: block;
    height: 0.35em;
    margin-top: 0.25em;
    border-radius: 1em;
    background: var(--line);
    overflow: hidden;
  }
  .bar i {
    display: block;
    height: 100%;
    border-radius: 1em;
    background: var(--color, var(--accent));
    transition: width 0.5s;
  }
  .is-away .bar {
    filter: grayscale(1);
    opacity: 0.55;
  }
  .is-first {
    font-size: 1.3em;
  }
  .is-narrow .is-first {
    font-size: 1em;
  }
  .is-first .rank {
    color: var(--on-accent);
    background: var(--accent);
    border-radius: 50%;
    min-width: 1.6em;
    line-height: 1.6em;
  }
`;

interface Row {
  readonly item: HTMLLIElement;
  readonly rank: HTMLElement;
  readonly name: HTMLElement;
  readonly score: HTMLElement;
  /** What a screen reader hears of a player who is away. */
  readonly state: HTMLElement;
  readonly bar: HTMLElement;
  face: HTMLElement;
  look: string;
  glide?: Animation | undefined;
}

/** `<cw-leaderboard>`: players by their points, the best first. */
export class LeaderboardElement extends KitElement {
  static readonly observedAttributes = ["limit"];
  #room: ScoredRoom | undefined;
  #key = "score";
  #entries: readonly LeaderboardEntry[] = [];
  /** Ends of the subscriptions to the players' scores. */
  #watches: readonly Release[] = [];
  readonly #rows = new Map<number | string, Row>();
  readonly #list = node("ol");
  /** As wide as the rows, and no higher when they are: a change of size by what observes it would be told again. */
  readonly #ruler = node("div", "ruler", node("i"), node("i"));

  constructor() {
    super(PORTRAIT_STYLES + STYLES);
    this.frame.append(this.#ruler, this.#list);
  }

  /** Shows the players of this room by the number that stands in each player's state under `key`. */
  bind(room: ScoredRoom, key = "score"): void {
    this.#room = room;
    this.#key = key;
    this.rebind();
  }

  /** The rows, in any order. After `bind`, those of the room. */
  get entries(): readonly LeaderboardEntry[] {
    return this.#room === undefined ? this.#entries : this.#room.players.map((player) => this.entryOf(player));
  }

  set entries(entries: readonly LeaderboardEntry[]) {
    this.#room = undefined;
    this.#entries = entries;
    this.rebind();
  }

  protected override listen(): readonly Release[] {
    const unobserve = watchSize(this.#ruler, () => this.fit());
    const room = this.#room;
    if (room === undefined) return [unobserve];
    const unwatch = (): void => {
      for (const release of this.#watches) release();
    };
    const watch = (): void => {
      unwatch();
      this.#watches = room.players.map(({ state }) => state.on(this.#key, () => this.draw()));
      this.draw();
    };
    watch();
    const events = ["join", "leave", "away", "back", "profile"] as const;
    return [unobserve, unwatch, ...events.map((event) => room.on(event, watch))];
  }

  protected override draw(): void {
    setAttributes(this.#list, { "aria-label": this.say(UI_WORDS.scores) });
    const limit = Number(this.getAttribute("limit")) || Infinity;
    const entries = [...this.entries].sort((one, other) => other.score - one.score).slice(0, limit);
    const before = new Map([...this.#rows.values()].map(({ item }) => [item, item.getBoundingClientRect().top]));
    const most = Math.max(1, ...entries.map(({ score }) => score));
    const shown = new Set<number | string>();
    for (const [index, entry] of entries.entries()) {
      const id = entry.id ?? entry.name;
      shown.add(id);
      const row = this.#rows.get(id) ?? this.addRow(id);
      // Equal scores share a rank.
      const rank = entries.findIndex(({ score }) => score === entry.score) + 1;
      this.fill(row, entry, rank, most);
      if (this.#list.children[index] !== row.item)
        this.#list.insertBefore(row.item, this.#list.children[index] ?? null);
    }
    for (const [id, { item }] of this.#rows) {
      if (shown.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    this.fit();
    this.glide(before);
  }

  /**
   * Rows go from where they were seen to where they are. One that climbs passes in front of the others, on a ground of its own, and so the first
   * stands, which may have grown.
   */
  private glide(before: ReadonlyMap<HTMLElement, number>): void {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const rows = [...this.#rows.values()];
    const { classList } = this.#list;
    for (const { glide } of rows) glide?.cancel();
    classList.remove("glides");
    for (const row of rows) {
      const { item } = row;
      const moved = isStill ? 0 : (before.get(item) ?? NaN) - item.getBoundingClientRect().top;
      item.classList.toggle("climbs", moved > 1);
      if (!(Math.abs(moved) > 1)) continue;
      row.glide = item.animate?.([{ transform: `translateY(${moved}px)` }, { transform: "none" }], {
        duration: 500,
        easing: "ease-in-out",
      });
      classList.add("glides");
      row.glide?.addEventListener("finish", () => {
        item.classList.remove("climbs");
        classList.remove("glides");
      });
    }
  }

  private entryOf(player: ScoredRoom["players"][number]): LeaderboardEntry {
    const score = Number(player.state.get(this.#key)) || 0;
    const { id, name, color, isAway } = player;
    return { id, name, color, avatar: avatarOf(player), score, isAway };
  }

  /** In a narrow place all of it is smaller, rather than names of which there is one letter. */
  private fit(): void {
    const names = [...this.#rows.values()].map(({ name }) => name);
    for (const size of SIZES) {
      this.#list.style.fontSize = size;
      this.#list.classList.toggle("is-narrow", size !== "");
      if (names.every(isReadable)) return;
    }
  }

  private addRow(id: number | string): Row {
    const rank = node("span", "rank");
    const face = node("span");
    const name = node("bdi");
    const score = node("span", "score");
    const state = node("span", "heard");
    const bar = node("i");
    const words = node("span", "row", name, score);
    const line = node("span", { class: "bar", "aria-hidden": "true" }, bar);
    const item = node("li", {}, rank, face, node("div", "words", words, line), state);
    const row: Row = { item, rank, face, name, score, state, bar, look: "" };
    this.#rows.set(id, row);
    return row;
  }

  private fill(row: Row, entry: LeaderboardEntry, rank: number, most: number): void {
    const { name, score, color, avatar, isAway = false } = entry;
    const look = `${avatar} ${color}`;
    if (look !== row.look) {
      const face = avatar === undefined ? node("span") : portrait(avatar, color);
      row.face.replaceWith(face);
      row.face = face;
      row.look = look;
      if (color !== undefined) row.bar.style.setProperty("--color", color);
    }
    setText(row.rank, String(rank));
    setText(row.name, name);
    setText(row.score, score.toLocaleString(this.language.tag));
    row.bar.style.width = `${Math.max(0, (score / most) * 100)}%`;
    setText(row.state, isAway ? this.say(UI_WORDS.away) : "");
    row.item.classList.toggle("is-away", isAway);
    row.item.classList.toggle("is-first", rank === 1 && score > 0);
  }
}

function isReadable(name: HTMLElement): boolean {
  const { clientWidth, scrollWidth } = name;
  return scrollWidth <= clientWidth || clientWidth >= NAME_EM * parseFloat(getComputedStyle(name).fontSize);
}
