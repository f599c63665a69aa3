/** The pages of the admin server, without data: their scripts ask for that and fill it in. */
import { couchScene, wordmark } from "../artwork.ts";
import { html, type Html } from "../html.ts";

interface PageParts {
  readonly title: string;
  /** The class `page-<kind>` of the style sheet. */
  readonly kind: "overview" | "room" | "bans" | "login" | "message";
  readonly main: Html;
  /** Of the session. A page without one shows no navigation. */
  readonly csrfToken?: string;
  /** The page's script in `admin-pages/`. */
  readonly script?: string;
}

/** `/login`, with the reason why the last attempt failed. */
export function loginPage(failure?: string): Html {
  return page({
    title: "Log in · Couchwire admin",
    kind: "login",
    main: html`<div class="login">
      ${couchScene(failure === undefined ? "curious" : "puzzled")}
      <form class="panel login-form" action="/login" method="post">
        <h1>Couchwire admin</h1>
        <p class="quiet">Show one of the server’s API keys to see its rooms.</p>
        <input type="text" name="username" value="admin" autocomplete="username" hidden />
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          required
          autofocus
          autocomplete="current-password"
          autocapitalize="none"
          spellcheck="false"
          ${failure === undefined ? undefined : html`aria-invalid="true"`}
          aria-describedby="login-note"
        />
        ${
          failure === undefined
            ? html`<p class="quiet note" id="login-note">It is in COUCHWIRE_API_KEY where the server was started.</p>`
            : html`<p class="fault note" id="login-note" role="alert">${failure}</p>`
        }
        <button class="button" type="submit">Log in</button>
      </form>
    </div>`,
  });
}

/** `/`: what goes on now. */
export function overviewPage(csrfToken: string): Html {
  return page({
    title: "Rooms · Couchwire admin",
    kind: "overview",
    csrfToken,
    script: "overview.js",
    main: html`<h1 class="unseen">Rooms</h1>
      <dl class="tiles">
        ${tile("rooms", "Rooms")} ${tile("players", "Players")} ${tile("connections", "Connections")}
        ${tile("memory", "Memory", html`<dd class="meter" id="memory-meter"><span></span></dd>`)}
      </dl>
      <div class="charts">
        ${chart("frames", "Frames a second")} ${chart("bytes", "Traffic")} ${chart("people", "Players")}
      </div>
      <section class="panel rooms" aria-labelledby="rooms-heading">
        <div class="panel-head">
          <h2 id="rooms-heading">Live rooms <span class="count" id="rooms-count"></span></h2>
          <input
            class="search"
            id="search"
            type="search"
            aria-label="Find a room by its code or name"
            placeholder="Code or name"
            autocomplete="off"
            spellcheck="false"
          />
        </div>
        <table class="table" id="rooms-table" hidden>
          <thead>
            <tr>
              <th scope="col">Room</th>
              <th scope="col">Players</th>
              <th scope="col" class="wide">State</th>
              <th scope="col" class="number">Frames a second</th>
              <th scope="col" class="number wide">Bytes a second</th>
              <th scope="col" class="number wide">Open for</th>
            </tr>
          </thead>
          <tbody id="rooms"></tbody>
        </table>
        <p class="empty" id="rooms-note" role="status">Asking the server…</p>
      </section>
      <p class="foot" id="foot"></p>`,
  });
}

/** `/rooms/ID`: one room. */
export function roomPage(csrfToken: string, id: string): Html {
  const shown = id.replace(/^name:/, "");
  return page({
    title: `${shown} · Couchwire admin`,
    kind: "room",
    csrfToken,
    script: "room.js",
    main: html`<p class="back"><a href="/">All rooms</a></p>
      <div class="room-head" id="room" data-id="${id}">
        <div class="room-name">
          <h1><span class="code" id="room-code">${shown}</span> <span class="game" id="room-game"></span></h1>
          <p class="chips" id="room-chips"></p>
        </div>
        <div class="actions" id="room-actions" hidden>
          <button class="button button-quiet" id="lock" type="button">Lock</button>
          <button class="button button-danger" id="close" type="button">Close room…</button>
        </div>
      </div>
      <p class="note" id="room-outcome" role="alert"></p>
      <dl class="tiles" id="room-tiles">
        ${tile("players", "Players")} ${tile("frames", "Frames a second")} ${tile("bytes", "Bytes a second")}
        ${tile("age", "Open for")}
      </dl>
      <p class="panel empty" id="room-note" role="status">Asking the server…</p>
      <div class="columns" id="room-columns" hidden>
        <div class="column">
          <section class="panel" id="players-panel" aria-labelledby="players-heading">
            <div class="panel-head"><h2 id="players-heading">Players</h2></div>
            <table class="table" id="players-table" hidden>
              <thead>
                <tr>
                  <th scope="col">Player</th>
                  <th scope="col" class="number wide">Round trip</th>
                  <th scope="col" class="number wide">Queue</th>
                  <th scope="col" class="number wide">In for</th>
                  <th scope="col"><span class="unseen">Actions</span></th>
                </tr>
              </thead>
              <tbody id="players"></tbody>
            </table>
            <p class="empty" id="players-note">Nobody has joined yet.</p>
          </section>
          <form class="panel publish" id="publish" aria-labelledby="publish-heading">
            <div class="panel-head"><h2 id="publish-heading">Say something</h2></div>
            <p class="quiet">Goes to the phones as if the room’s host had said it.</p>
            <div class="fields">
              <label for="publish-to">To</label>
              <select id="publish-to">
                <option value="">Everybody</option>
              </select>
              <label for="publish-as">As</label>
              <select id="publish-as">
                <option value="text">Text</option>
                <option value="data">JSON</option>
              </select>
            </div>
            <label for="publish-data">Message</label>
            <textarea id="publish-data" rows="3" spellcheck="false"></textarea>
            <div class="publish-foot">
              <p class="note" id="publish-note" role="status"></p>
              <button class="button" type="submit">Publish</button>
            </div>
          </form>
        </div>
        <section class="panel" aria-labelledby="timeline-heading">
          <div class="panel-head"><h2 id="timeline-heading">Timeline</h2></div>
          <ol class="timeline" id="timeline"></ol>
          <p class="empty" id="timeline-note">Nothing is remembered of this room.</p>
        </section>
      </div>`,
  });
}

/** `/bans`. */
export function bansPage(csrfToken: string): Html {
  return page({
    title: "Bans · Couchwire admin",
    kind: "bans",
    csrfToken,
    script: "bans.js",
    main: html`<h1>Bans</h1>
      <p class="lead">
        A ban keeps a user, a session or an address out of all rooms of this server, and ends what it has open now.
      </p>
      <div class="columns">
        <section class="panel" aria-labelledby="bans-heading">
          <div class="panel-head">
            <h2 id="bans-heading">In force <span class="count" id="bans-count"></span></h2>
          </div>
          <ul class="bans" id="bans"></ul>
          <p class="empty" id="bans-note" role="status">Asking the server…</p>
        </section>
        <form class="panel ban-form" id="ban" aria-labelledby="ban-heading">
          <div class="panel-head"><h2 id="ban-heading">Ban</h2></div>
          <div class="fields">
            <label for="ban-of">Whom</label>
            <select id="ban-of">
              <option value="address">An address or network</option>
              <option value="sub">A user (the token’s sub)</option>
              <option value="session">A session</option>
            </select>
            <label for="ban-value" id="ban-value-label">Address</label>
            <input id="ban-value" type="text" required maxlength="1024" autocomplete="off" spellcheck="false" />
            <label for="ban-for">For</label>
            <select id="ban-for">
              <option value="3600000">An hour</option>
              <option value="86400000" selected>A day</option>
              <option value="604800000">A week</option>
              <option value="">As long as the server runs</option>
            </select>
            <label for="ban-reason">Reason, which they read</label>
            <input
              id="ban-reason"
              type="text"
              maxlength="123"
              autocomplete="off"
              placeholder="You are banned from this server."
            />
          </div>
          <p class="note" id="ban-note" role="status"></p>
          <button class="button button-danger" type="submit">Ban</button>
        </form>
      </div>`,
  });
}

/** Any other address. */
export function nothingHerePage(csrfToken: string): Html {
  return page({
    title: "Nothing here · Couchwire admin",
    kind: "message",
    csrfToken,
    script: "shell.js",
    main: html`<div class="message">
      ${couchScene("puzzled")}
      <h1>There is nothing at this address</h1>
      <p><a class="button" href="/">All rooms</a></p>
    </div>`,
  });
}

function page({ title, kind, main, csrfToken, script }: PageParts): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        ${csrfToken === undefined ? undefined : html`<meta name="csrf-token" content="${csrfToken}" />`}
        <title>${title}</title>
        <link rel="icon" href="/favicon.ico" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/admin.css" />
        ${script === undefined ? undefined : html`<script type="module" src="/assets/${script}"></script>`}
      </head>
      <body class="page-${kind}">
        ${csrfToken === undefined ? undefined : masthead(kind)}
        <main id="main">${main}</main>
      </body>
    </html> `;
}

function masthead(kind: PageParts["kind"]): Html {
  return html`<header class="masthead">
    <a class="home" href="/" aria-label="Couchwire admin, all rooms">${wordmark()}</a>
    <nav aria-label="Admin">
      ${navigationLink("/", "Rooms", kind === "overview")} ${navigationLink("/bans", "Bans", kind === "bans")}
    </nav>
    <p class="link" id="link" role="status"></p>
    <button class="button button-quiet button-small" id="logout" type="button">Log out</button>
  </header>`;
}

function navigationLink(to: string, text: string, isHere: boolean): Html {
  return html`<a href="${to}" ${isHere ? html`aria-current="page"` : undefined}>${text}</a>`;
}

/** A figure that the script fills in, with a note below it. */
function tile(name: string, label: string, more?: Html): Html {
  return html`<div class="tile">
    <dt>${label}</dt>
    <dd class="figure" id="${name}-figure">–</dd>
    ${more}
    <dd class="tile-note" id="${name}-note-line"></dd>
  </div>`;
}

function chart(name: string, heading: string): Html {
  return html`<section class="panel chart" id="${name}-chart" aria-labelledby="${name}-heading">
    <div class="panel-head">
      <h2 id="${name}-heading">${heading}</h2>
      <p class="legend"></p>
    </div>
    <div class="plot"></div>
  </section>`;
}
