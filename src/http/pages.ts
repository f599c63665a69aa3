/** The pages for people. All of them work without script; the landing page uses it where it can. */

import { couchScene, gameArt, wordmark } from "./artwork.ts";
import type { Game } from "./games.ts";
import { html, type Html } from "./html.ts";
import { qrCode } from "./qr-code.ts";

interface PageParts {
  readonly title: string;
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
export function endingSentence(name: unknown): string | undefined {
  return typeof name === "string" && Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined;
}

const ENDINGS: Readonly<Record<string, string>> = {
  kicked: "The host removed you from that game.",
  unauthorized: "You are not allowed in there without the right PIN. It is on the TV.",
  room_locked: "That game has started and takes no new players. Wait for the next round.",
  room_full: "That room is full.",
  room_closed: "That game is over. Thanks for playing!",
  room_not_found: "That room is not there any more.",
  replaced: "You are playing on another page or phone now.",
  rate_limited: "That was too much at once. Come back in a minute.",
};

/**
 * `/`: a field for the code on phones, the games to start on TVs. There a QR code leads phones here in place of the field, and a link to `/tv`,
 * where a phone chooses the game. `base` is the base path, here and below.
 */
export function landingPage(base: string, games: readonly Game[], publicUrl: string, ending?: string): Html {
  const address = publicUrl.replace(/^http:\/\//, "");
  return page(base, {
    title: "Couchwire · party games on your TV",
    kind: "landing",
    aside: html`<p class="address">On phones open <strong>${address}</strong></p>`,
    main: html` <section class="games" aria-labelledby="games-heading">
        <h1 id="games-heading">What are we playing?</h1>
        ${gameCards(base, games)}
      </section>
      <section class="joining" aria-label="Join a game">
        ${couchScene(ending === undefined ? "happy" : "curious")}
        ${ending === undefined ? undefined : html`<p class="ending" role="status">${ending}</p>`}
        ${joinForm(base, { heading: "What is the code?" })} ${scanPanel(base, publicUrl, address)}
        <p class="hint">
          No game running yet? Open <strong>${address}</strong> on the TV, or
          <a href="${base}/games/">start one here</a>.
        </p>
      </section>`,
  });
}

/** `/games/`: the list of games, also on phones. */
export function gamesPage(base: string, games: readonly Game[]): Html {
  return page(base, {
    title: "Games · Couchwire",
    kind: "games",
    main: html` <section class="games" aria-labelledby="games-heading">
      <h1 id="games-heading">What are we playing?</h1>
      <p class="lead">A game runs on the big screen. The phones come along with its code.</p>
      ${gameCards(base, games)}
    </section>`,
  });
}

/** `/CODE` without a room: offers the typed code for correction. */
export function roomNotFoundPage(base: string, typed: string): Html {
  return page(base, {
    title: "No such room · Couchwire",
    kind: "message",
    main: html` <section class="joining" aria-label="Join a game">
      ${couchScene("puzzled")}
      <div class="panel-head">
        <h1>There is no room <strong class="code">${typed}</strong></h1>
        <p class="lead">A letter may be wrong, or that game is over. The code is on the TV.</p>
      </div>
      ${joinForm(base, { heading: "Try again", typed })}
    </section>`,
  });
}

/** `/CODE` while it cannot be known whether there is such a room. */
export function roomNotNowPage(base: string, code: string): Html {
  return page(base, {
    title: "One moment · Couchwire",
    kind: "message",
    main: html` <section class="message">
      ${couchScene("curious")}
      <h1>Looking for <strong class="code">${code}</strong></h1>
      <p class="lead">The servers are finding each other again. Your room is on its way: try once more in a moment.</p>
      <p class="actions">
        <a class="button" href="${base}/${code}">Try again</a>
        <a class="button button-quiet" href="${base}/">Back to the start</a>
      </p>
    </section>`,
  });
}

/** `/CODE` for a network that has tried too many wrong codes. */
export function tooManyGuessesPage(base: string): Html {
  return page(base, {
    title: "One moment · Couchwire",
    kind: "message",
    main: html` <section class="message">
      ${couchScene("puzzled")}
      <h1>Those were many wrong codes</h1>
      <p class="lead">Take a breath, look at the TV once more, and try again in a minute.</p>
      <p><a class="button" href="${base}/">Back to the start</a></p>
    </section>`,
  });
}

/** `/CODE` of a room without a known phone page. */
export function gameNotServedPage(base: string, code: string, name: string): Html {
  return page(base, {
    title: `Room ${code} · Couchwire`,
    kind: "message",
    main: html` <section class="message">
      ${couchScene("puzzled")}
      <h1>${name === "" ? html`This game` : html`“${name}”`} lives somewhere else</h1>
      <p class="lead">
        Room <strong class="code">${code}</strong> is open, but this server does not have the phone page of its game.
        Look on the TV for the address to open.
      </p>
      <p class="actions"><a class="button button-quiet" href="${base}/">Type another code</a></p>
    </section>`,
  });
}

/** `/CODE` of a room with its phone page on another site: names the site and asks before it leads there. */
export function foreignGamePage(base: string, link: URL, code: string): Html {
  return page(base, {
    title: `Room ${code} · Couchwire`,
    kind: "message",
    main: html` <section class="message">
      ${couchScene("curious")}
      <h1>This game is on another site</h1>
      <p class="lead">To play in room <strong class="code">${code}</strong> you leave this server for</p>
      <p class="site">${link.host}</p>
      <p class="lead">Go there only if you know who started the game.</p>
      <p class="actions">
        <a class="button" href="${link.href}" rel="noreferrer">Go there</a>
        <a class="button button-quiet" href="${base}/">Stay here</a>
      </p>
    </section>`,
  });
}

/** Any other address. */
export function nothingHerePage(base: string): Html {
  return page(base, {
    title: "Nothing here · Couchwire",
    kind: "message",
    main: html` <section class="message">
      ${couchScene("puzzled")}
      <h1>There is nothing at this address</h1>
      <p class="lead">Somebody pulled the plug, or the link has a typing error.</p>
      <p class="actions"><a class="button" href="${base}/">To the start</a></p>
    </section>`,
  });
}

function page(base: string, { title, kind, main, aside }: PageParts): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="theme-color" content="#0a2029" />
        <title>${title}</title>
        <meta name="description" content="Party games on your TV, with your phones as controllers." />
        <link rel="icon" href="${base}/favicon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="${base}/apple-touch-icon.png" />
        <link rel="stylesheet" href="${base}/living-room.css" />
        <link rel="stylesheet" href="${base}/style.css" />
        <script src="${base}/screen.js" ${kind === "landing" ? html` data-start` : undefined}></script>
        <script type="module" src="${base}/join.js"></script>
      </head>
      <body class="page-${kind}">
        <header class="masthead">
          <a class="home" href="${base}/" aria-label="Couchwire, to the start">${wordmark()}</a>
          ${aside}
        </header>
        <main>${main}</main>
      </body>
    </html> `;
}

/** What a TV shows in place of the code field: it has no keyboard, and phones have a camera. */
function scanPanel(base: string, publicUrl: string, address: string): Html {
  return html`<div class="scan">
    <div class="scan-code" role="img" aria-label="QR code: ${publicUrl}">${qrCode(publicUrl)}</div>
    <p class="scan-address">Phones scan this, or open <strong>${address}</strong></p>
    <a class="button scan-start" href="${base}/tv">Choose by phone</a>
  </div>`;
}

interface JoinFormParts {
  readonly heading: string;

  readonly typed?: string;
}

function joinForm(base: string, { heading, typed }: JoinFormParts): Html {
  return html` <form class="join" action="${base}/" method="get">
    <label class="join-label" for="code">${heading}</label>
    <div class="code-field">
      <input
        id="code"
        name="code"
        type="text"
        required
        maxlength="4"
        pattern="[A-Za-z]{4}"
        title="Four letters, as on the TV"
        value="${typed?.slice(0, 4)}"
        aria-describedby="join-message"
        autocomplete="off"
        autocapitalize="characters"
        autocorrect="off"
        spellcheck="false"
        enterkeyhint="go"
      />
    </div>
    <p class="join-message" id="join-message" role="status">Four letters, on the TV.</p>
    <button class="button" type="submit">Join</button>
  </form>`;
}

function gameCards(base: string, games: readonly Game[]): Html {
  return html`<ul class="cards" data-count="${games.length}">
    ${games.map((game) => gameCard(base, game))}
  </ul>`;
}

function gameCard(base: string, game: Game): Html {
  const { name, title, description, image, icon } = game;
  const path = `${base}/games/${encodeURIComponent(name)}/`;
  const art =
    image === undefined ? gameArt(name, title, icon && `${path}${icon}`) : html`<img src="${path}${image}" alt="" />`;
  return html` <li>
    <a class="card" href="${path}">
      <span class="card-art">${art}</span>
      <span class="card-text">
        <strong class="card-title">${title}</strong>
        <span class="card-description">${description}</span>
        ${gameFacts(game)}
        <span class="card-start">Start on this screen</span>
      </span>
    </a>
  </li>`;
}

/** The number of players and the minutes, if the game states them. */
function gameFacts({ players, minutes }: Game): Html | undefined {
  const facts = [
    players === undefined ? undefined : `${players.replace("-", "–")} ${players === "1" ? "player" : "players"}`,
    minutes === undefined ? undefined : `${minutes} min`,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? undefined : html`<span class="card-facts">${facts.join(" · ")}</span>`;
}
