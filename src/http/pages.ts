/** The pages for people, in the language of the browser. All of them work without script; the landing page uses it where it can. */

import { couchScene, gameArt, wordmark } from "./artwork.ts";
import type { Game } from "./games.ts";
import { html, Html } from "./html.ts";
import { phrase, textsIn, type PageLanguage, type PageText } from "./page-language.ts";
import { JOIN_WORDS, PAGE_WORDS } from "./page-words.ts";
import { qrCode } from "./qr-code.ts";

/** Where and how a page speaks to its reader. */
export interface PageSetting {
  /** The base path. */
  readonly base: string;
  readonly language: PageLanguage;
}

interface PageParts {
  /** Without the name of the server, which is added. */
  readonly title: Html;
  /** The class `page-<kind>` of the style sheet: colours and layout. */
  readonly kind: "landing" | "games" | "message";
  readonly main: Html;
  /** Content beside the wordmark. */
  readonly aside?: Html;
}

/**
 * The sentence for `/?closed=NAME`, to which a game may send phones when its room closes with the code of this name.
 * `undefined` for names that need no explanation and for unknown names.
 */
export function endingSentence(name: unknown): PageText | undefined {
  return typeof name === "string" && Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined;
}

const ENDINGS: Readonly<Record<string, PageText>> = {
  kicked: PAGE_WORDS.ended_kicked,
  unauthorized: PAGE_WORDS.ended_unauthorized,
  room_locked: PAGE_WORDS.ended_room_locked,
  room_full: PAGE_WORDS.ended_room_full,
  room_closed: PAGE_WORDS.ended_room_closed,
  room_not_found: PAGE_WORDS.ended_room_not_found,
  replaced: PAGE_WORDS.ended_replaced,
  rate_limited: PAGE_WORDS.ended_rate_limited,
};

/**
 * `/`: a field for the code on phones, the games to start on TVs. There a QR code leads phones here in place of the field, and a link to `/tv`,
 * where a phone chooses the game.
 */
export function landingPage(setting: PageSetting, games: readonly Game[], publicUrl: string, ending?: PageText): Html {
  const { base, language } = setting;
  const address = leftToRight(publicUrl.replace(/^http:\/\//, ""));
  const link = html`<a href="${base}/games/">${phrase(PAGE_WORDS.startHere, language)}</a>`;
  const couch = couchScene(ending === undefined ? "happy" : "curious");
  return page(setting, {
    title: phrase(PAGE_WORDS.startTitle, language),
    kind: "landing",
    aside: html`<p class="address">${phrase(PAGE_WORDS.onPhones, language, { address })}</p>`,
    main: html` <section class="games" aria-labelledby="games-heading">
        <h1 id="games-heading">${phrase(PAGE_WORDS.whatPlaying, language)}</h1>
        ${gameCards(setting, games)}
      </section>
      <section class="joining" aria-label="${phrase(PAGE_WORDS.joinAGame, language)}">
        ${couch} ${ending && html`<p class="ending" role="status">${phrase(ending, language)}</p>`}
        ${joinForm(setting, PAGE_WORDS.whatCode)} ${scanPanel(setting, publicUrl, address)}
        <p class="hint">${phrase(PAGE_WORDS.noGameYet, language, { address, link })}</p>
      </section>`,
  });
}

/** `/games/`: the list of games, also on phones. */
export function gamesPage(setting: PageSetting, games: readonly Game[]): Html {
  const { language } = setting;
  return page(setting, {
    title: html`${phrase(PAGE_WORDS.gamesTitle, language)} · Couchwire`,
    kind: "games",
    main: html` <section class="games" aria-labelledby="games-heading">
      <h1 id="games-heading">${phrase(PAGE_WORDS.whatPlaying, language)}</h1>
      <p class="lead">${phrase(PAGE_WORDS.gamesLead, language)}</p>
      ${gameCards(setting, games)}
    </section>`,
  });
}

/** `/CODE` without a room: offers the typed code for correction. */
export function roomNotFoundPage(setting: PageSetting, typed: string): Html {
  const { language } = setting;
  return page(setting, {
    title: html`${phrase(PAGE_WORDS.noSuchRoomTitle, language)} · Couchwire`,
    kind: "message",
    main: html` <section class="joining" aria-label="${phrase(PAGE_WORDS.joinAGame, language)}">
      ${couchScene("puzzled")}
      <div class="panel-head">
        <h1>${phrase(PAGE_WORDS.noRoom, language, { code: codeWord(typed) })}</h1>
        <p class="lead">${phrase(PAGE_WORDS.noRoomLead, language)}</p>
      </div>
      ${joinForm(setting, PAGE_WORDS.tryAgain, typed)}
    </section>`,
  });
}

/** `/CODE` while it cannot be known whether there is such a room. */
export function roomNotNowPage(setting: PageSetting, code: string): Html {
  const { base, language } = setting;
  return messagePage(setting, {
    title: PAGE_WORDS.momentTitle,
    mood: "curious",
    heading: phrase(PAGE_WORDS.lookingFor, language, { code: codeWord(code) }),
    content: html`<p class="lead">${phrase(PAGE_WORDS.lookingLead, language)}</p>
      <p class="actions">
        <a class="button" href="${base}/${code}">${phrase(PAGE_WORDS.tryAgain, language)}</a>
        <a class="button button-quiet" href="${base}/">${phrase(PAGE_WORDS.backToStart, language)}</a>
      </p>`,
  });
}

/** `/CODE` for a network that has tried too many wrong codes. */
export function tooManyGuessesPage(setting: PageSetting): Html {
  const { base, language } = setting;
  return messagePage(setting, {
    title: PAGE_WORDS.momentTitle,
    mood: "puzzled",
    heading: phrase(PAGE_WORDS.manyWrong, language),
    content: html`<p class="lead">${phrase(PAGE_WORDS.manyWrongLead, language)}</p>
      <p><a class="button" href="${base}/">${phrase(PAGE_WORDS.backToStart, language)}</a></p>`,
  });
}

/** `/CODE` of a room without a known phone page. */
export function gameNotServedPage(setting: PageSetting, code: string, game: string): Html {
  const { base, language } = setting;
  const name = game === "" ? phrase(PAGE_WORDS.thisGame, language) : html`“<bdi>${game}</bdi>”`;
  return messagePage(setting, {
    title: PAGE_WORDS.roomTitle,
    code,
    mood: "puzzled",
    heading: phrase(PAGE_WORDS.livesElsewhere, language, { name }),
    content: html`<p class="lead">${phrase(PAGE_WORDS.notServedLead, language, { code: codeWord(code) })}</p>
      <p class="actions">
        <a class="button button-quiet" href="${base}/">${phrase(PAGE_WORDS.anotherCode, language)}</a>
      </p>`,
  });
}

/** `/CODE` of a room with its phone page on another site: names the site and asks before it leads there. */
export function foreignGamePage(setting: PageSetting, link: URL, code: string): Html {
  const { base, language } = setting;
  return messagePage(setting, {
    title: PAGE_WORDS.roomTitle,
    code,
    mood: "curious",
    heading: phrase(PAGE_WORDS.otherSite, language),
    content: html`<p class="lead">${phrase(PAGE_WORDS.otherSiteLead, language, { code: codeWord(code) })}</p>
      <p class="site" dir="ltr">${link.host}</p>
      <p class="lead">${phrase(PAGE_WORDS.otherSiteCare, language)}</p>
      <p class="actions">
        <a class="button" href="${link.href}" rel="noreferrer">${phrase(PAGE_WORDS.goThere, language)}</a>
        <a class="button button-quiet" href="${base}/">${phrase(PAGE_WORDS.stayHere, language)}</a>
      </p>`,
  });
}

/** Any other address. */
export function nothingHerePage(setting: PageSetting): Html {
  const { base, language } = setting;
  return messagePage(setting, {
    title: PAGE_WORDS.nothingTitle,
    mood: "puzzled",
    heading: phrase(PAGE_WORDS.nothingHeading, language),
    content: html`<p class="lead">${phrase(PAGE_WORDS.nothingLead, language)}</p>
      <p class="actions"><a class="button" href="${base}/">${phrase(PAGE_WORDS.toStart, language)}</a></p>`,
  });
}

interface MessageParts {
  readonly title: PageText;
  /** Of the room, for the title. */
  readonly code?: string;
  readonly mood: "puzzled" | "curious";
  readonly heading: Html;
  readonly content: Html;
}

function messagePage(setting: PageSetting, { title, code = "", mood, heading, content }: MessageParts): Html {
  return page(setting, {
    title: html`${phrase(title, setting.language, { code })} · Couchwire`,
    kind: "message",
    main: html` <section class="message">
      ${couchScene(mood)}
      <h1>${heading}</h1>
      ${content}
    </section>`,
  });
}

function page({ base, language }: PageSetting, { title, kind, main, aside }: PageParts): Html {
  return html`<!doctype html>
    <html lang="${language.tag}" dir="${language.direction}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="theme-color" content="#0a2029" />
        <title>${title}</title>
        <meta name="description" content="${phrase(PAGE_WORDS.about, language)}" />
        <link rel="icon" href="${base}/favicon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="${base}/apple-touch-icon.png" />
        <link rel="stylesheet" href="${base}/living-room.css" />
        <link rel="stylesheet" href="${base}/style.css" />
        <script src="${base}/screen.js" ${kind === "landing" ? html` data-start` : undefined}></script>
        <script type="application/json" id="words">
          ${dataBlock(textsIn(JOIN_WORDS, language))}
        </script>
        <script type="module" src="${base}/join.js"></script>
      </head>
      <body class="page-${kind}">
        <header class="masthead">
          <a class="home" href="${base}/" aria-label="${phrase(PAGE_WORDS.home, language)}">${wordmark()}</a>
          ${aside}
        </header>
        <main>${main}</main>
      </body>
    </html> `;
}

/** JSON that no browser runs: `<` cannot end its element. */
function dataBlock(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

/** An address or a code, which is read from left to right in all languages. */
function leftToRight(text: string): Html {
  return html`<strong dir="ltr">${text}</strong>`;
}

function codeWord(code: string): Html {
  return html`<strong class="code" dir="ltr">${code}</strong>`;
}

/** What a TV shows in place of the code field: it has no keyboard, and phones have a camera. */
function scanPanel({ base, language }: PageSetting, publicUrl: string, address: Html): Html {
  const label = phrase(PAGE_WORDS.qr, language, { address: publicUrl });
  return html`<div class="scan">
    <div class="scan-code" role="img" aria-label="${label}">${qrCode(publicUrl)}</div>
    <p class="scan-address">${phrase(PAGE_WORDS.scanThis, language, { address })}</p>
    <a class="button scan-start" href="${base}/tv">${phrase(PAGE_WORDS.chooseByPhone, language)}</a>
  </div>`;
}

const CODE_PLACES = [0, 1, 2, 3] as const;

/** `typed`: what was typed before. Where there is script, the boxes show the letters in place of the field. */
function joinForm({ base, language }: PageSetting, heading: PageText, typed?: string): Html {
  return html` <form class="join" action="${base}/" method="get">
    <label class="join-label" for="code">${phrase(heading, language)}</label>
    <div class="code-field">
      <input
        id="code"
        name="code"
        type="text"
        dir="ltr"
        required
        maxlength="4"
        pattern="[A-Za-z]{4}"
        title="${phrase(PAGE_WORDS.codeShape, language)}"
        value="${typed?.slice(0, 4)}"
        aria-describedby="join-message"
        autocomplete="off"
        autocapitalize="characters"
        autocorrect="off"
        spellcheck="false"
        enterkeyhint="go"
      />
      <div class="code-boxes" aria-hidden="true">
        ${CODE_PLACES.map((place) => html`<span>${typed?.[place]}</span>`)}
      </div>
    </div>
    <p class="join-message" id="join-message" role="status">${phrase(JOIN_WORDS.fourLetters, language)}</p>
    <button class="button" type="submit">${phrase(PAGE_WORDS.join, language)}</button>
  </form>`;
}

function gameCards(setting: PageSetting, games: readonly Game[]): Html {
  return html`<ul class="cards" data-count="${games.length}">
    ${games.map((game) => gameCard(setting, game))}
  </ul>`;
}

function gameCard({ base, language }: PageSetting, game: Game): Html {
  const { name, title, description, image, icon } = game;
  const path = `${base}/games/${encodeURIComponent(name)}/`;
  const art =
    image === undefined ? gameArt(name, title, icon && `${path}${icon}`) : html`<img src="${path}${image}" alt="" />`;
  return html` <li>
    <a class="card" href="${path}">
      <span class="card-art">${art}</span>
      <span class="card-text">
        <strong class="card-title" dir="auto">${title}</strong>
        <span class="card-description" dir="auto">${description}</span>
        ${gameFacts(game, language)}
        <span class="card-start">${phrase(PAGE_WORDS.startOnScreen, language)}</span>
      </span>
    </a>
  </li>`;
}

/** The number of players and the minutes, if the game states them. */
function gameFacts({ players, minutes }: Game, language: PageLanguage): Html | undefined {
  const crowd = players === "1" ? PAGE_WORDS.onePlayer : PAGE_WORDS.players;
  const facts = [
    players === undefined ? undefined : phrase(crowd, language, { n: players.replace("-", "–") }),
    minutes === undefined ? undefined : phrase(PAGE_WORDS.minutes, language, { n: minutes }),
  ].filter((fact) => fact !== undefined);
  if (facts.length === 0) return undefined;
  return html`<span class="card-facts">${new Html(facts.join(" · "))}</span>`;
}
