/** Couchwire's artwork as SVG: the wordmark, the couch with its wire, and posters for games that bring none. */

import { html, type Html } from "./html.ts";

/** The word “couchwire” bent from one wire with a plug. It is drawn, since no font is on every phone and TV. */
export function wordmark(): Html {
  return html`<svg class="wordmark" viewBox="-8 -36 540 90" aria-hidden="true">
    <g fill="none" stroke="currentColor" stroke-width="11" stroke-linecap="round" stroke-linejoin="round">
      <path d="M37.6 6.4A22 22 0 1 0 37.6 37.6" />
      <circle cx="74" cy="22" r="22" />
      <path d="M112 0V26A18 18 0 0 0 148 26V0M148 0V44" />
      <path d="M201.6 6.4A22 22 0 1 0 201.6 37.6" />
      <path d="M218 -26V44M218 18A18 18 0 0 1 254 18V44" />
    </g>
    <g class="wire" fill="none" stroke-width="11" stroke-linecap="round" stroke-linejoin="round">
      <path d="M272 0V30A14 14 0 0 0 300 30V0M300 30A14 14 0 0 0 328 30V0" />
      <path d="M346 0V44" />
      <path d="M364 0V44M364 20A20 20 0 0 1 384 0" />
      <path d="M396 22H440A22 22 0 1 0 433 38C446 27 452 44 470 44S492 22 506 22" />
    </g>
    <circle class="wire-dot" cx="346" cy="-20" r="7.5" />
    <g class="plug">
      <rect x="502" y="10" width="14" height="24" rx="5" />
      <path d="M516 16H526M516 28H526" stroke-width="5" stroke-linecap="round" />
    </g>
  </svg>`;
}

export type Mood = "happy" | "puzzled" | "curious";

/** The couch on every page. Its wire runs into the content below, or hangs loose in the mood `puzzled`. */
export function couchScene(mood: Mood): Html {
  return html`<svg class="couch couch-${mood}" viewBox="0 0 320 150" aria-hidden="true">
    <path class="couch-wire" d="${WIRES[mood]}" />
    <path class="couch-legs" d="M84 132V146M236 132V146" />
    <rect class="couch-back" x="74" y="24" width="172" height="92" rx="30" />
    <path class="couch-seam" d="M160 30V84" />
    <rect class="couch-seat" x="88" y="84" width="144" height="46" rx="14" />
    <rect class="couch-arm" x="48" y="64" width="48" height="74" rx="24" />
    <rect class="couch-arm" x="224" y="64" width="48" height="74" rx="24" />
    ${FACES[mood]}
    ${mood === "puzzled" ? html`<path class="couch-spark" d="M291 50l9 -9M303 61h13M285 44v-13" />` : undefined}
  </svg>`;
}

const WIRES: Readonly<Record<Mood, string>> = {
  happy: "M262 118C300 118 312 92 296 84S268 104 284 124S312 138 304 156",
  curious: "M262 118C300 118 312 92 296 84S268 104 284 124S306 146 326 146",
  puzzled: "M262 118C292 118 300 100 286 92S270 76 276 66",
};

const FACES: Readonly<Record<Mood, Html>> = {
  happy: html`<g class="couch-face">
    <circle class="couch-eye" cx="130" cy="58" r="7" /><circle class="couch-eye" cx="190" cy="58" r="7" />
    <path d="M146 66Q160 80 174 66" />
  </g>`,
  curious: html`<g class="couch-face">
    <circle class="couch-eye" cx="138" cy="56" r="7" /><circle class="couch-eye" cx="198" cy="56" r="7" />
    <path d="M182 40Q196 32 208 42" /><circle class="couch-mouth" cx="166" cy="72" r="5" />
  </g>`,
  puzzled: html`<g class="couch-face">
    <circle class="couch-eye" cx="130" cy="58" r="7" /><circle class="couch-eye" cx="190" cy="58" r="7" />
    <path d="M146 74Q153 66 160 72T174 70" /><path d="M118 44L138 40M182 36L204 42" />
  </g>`,
};

const ART_HUES = 5;

/** A poster for a game that brings none: its icon or first letter, and a wire. The game's name determines the colours. */
export function gameArt(name: string, title: string, icon: string | undefined): Html {
  const seed = hash(name);
  const y = (index: number): number => 20 + ((seed >>> (index * 5)) % 32) * 4;
  const middle =
    icon === undefined
      ? html`<text class="art-letter" x="160" y="96" text-anchor="middle" dominant-baseline="central">
          ${firstLetter(title).toUpperCase()}
        </text>`
      : html`<image href="${icon}" x="105" y="35" width="110" height="110" />`;
  return html`<svg class="art art-${seed % ART_HUES}" viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice">
    <circle class="art-sun" cx="${60 + (seed % 200)}" cy="${y(0)}" r="${52 + (seed % 24)}" />
    <path class="art-wire" d="M-10 ${y(1)}C80 ${y(2)} 90 ${y(3)} 160 ${y(4)}S260 ${y(5)} 330 ${y(2)}" />
    ${middle}
  </svg>`;
}

/** The first grapheme: an emoji of several code points counts as one letter. */
function firstLetter(text: string): string {
  const [first] = new Intl.Segmenter("en").segment(text);
  return first?.segment ?? "?";
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
