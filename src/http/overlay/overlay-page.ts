/** The page of `/overlay/CODE`: for a stream, over its picture. It has nothing of the room in it; its script asks for that. */
import { html, type Html } from "../html.ts";
import { phrase } from "../page-language.ts";
import { PAGE_WORDS } from "../page-words.ts";
import type { PageSetting } from "../pages.ts";

/** `isCodeShown`: the address asks for code and QR code from the beginning. */
export function overlayPage({ base, language }: PageSetting, isCodeShown: boolean): Html {
  // The script puts numbers in the place of `{n}`.
  const say = (name: keyof typeof PAGE_WORDS): Html => phrase(PAGE_WORDS[name], language, { n: "{n}" });
  return html`<!doctype html>
    <html lang="${language.tag}" dir="${language.direction}" class="${isCodeShown ? "shows-code" : ""}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${say("overlayTitle")}</title>
        <link rel="icon" href="${base}/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${base}/overlay/overlay.css" />
        <script type="module" src="${base}/overlay/overlay.js"></script>
      </head>
      <body>
        <main>
          <h1 id="title" class="title" dir="auto" hidden></h1>
          <section id="invite" class="card invite" aria-label="${say("joinHere")}" hidden>
            <div id="qr" class="qr"></div>
            <p id="code" class="code" dir="ltr" data-label="${say("roomCode")}"></p>
            <p id="address" class="address" dir="ltr"></p>
          </section>
          <section id="people-card" class="card" aria-labelledby="people-heading" hidden>
            <h2 id="people-heading">${say("people")} <span id="count" dir="ltr"></span></h2>
            <ul id="people"></ul>
            <p id="crowd" class="crowd" hidden>
              <span id="audience" data-text="${say("watching")}"></span>
              <span id="waiting" data-text="${say("inLine")}"></span>
            </p>
          </section>
          <section id="tally-card" class="card" aria-labelledby="tally-heading" hidden>
            <h2 id="tally-heading" data-text="${say("votes")}" dir="auto"></h2>
            <ol id="tally" data-other="${say("otherVotes")}"></ol>
          </section>
        </main>
        <noscript>${say("overlayNeedsScript")}</noscript>
      </body>
    </html> `;
}
