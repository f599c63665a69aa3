/** The games of this server, as the launcher shows them. */

import { say } from "./words.js";

/** The server's address: this page is at `/games/tv/` below it. */
export const SERVER = new URL("../../", import.meta.url);

const HUES = 5;

/** Resolves to the list of `{ name, title, description, players, minutes, image, icon }`. */
export async function fetchGames() {
  const response = await fetch(new URL("api/info", SERVER), { cache: "no-store" });
  const { games } = await response.json();
  return games;
}

/** "3–8 players · 15 min", or "". */
export function factsOf({ players, minutes }) {
  const facts = [];
  if (players !== undefined)
    facts.push(say(players === "1" ? "onePlayer" : "players", { n: players.replace("-", "–") }));
  if (minutes !== undefined) facts.push(say("minutes", { n: minutes }));
  return facts.join(" · ");
}

/** What is wrong with so many players for this game, as a sentence; `undefined` where nothing is. */
export function misfitOf({ players }, count) {
  if (players === undefined) return undefined;
  const [least, most = least] = players.split("-").map(Number);
  if (count < least) return say("atLeast", { n: least, count });
  return count > most ? say("atMost", { n: most, count }) : undefined;
}

/** The game's picture as an element: its own, or its icon or first letter before a wire. */
export function poster({ name, title, image, icon }) {
  const seed = hash(name);
  const frame = make("span", { class: `poster art art-${seed % HUES}` });
  frame.setAttribute("aria-hidden", "true");
  if (image !== undefined) {
    frame.append(picture(image, ""));
    return frame;
  }
  const y = (index) => 20 + ((seed >>> (index * 5)) % 32) * 4;
  frame.innerHTML = `<svg viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice">
    <circle class="art-sun" cx="${60 + (seed % 200)}" cy="${y(0)}" r="${52 + (seed % 24)}" />
    <path class="art-wire" d="M-10 ${y(1)}C80 ${y(2)} 90 ${y(3)} 160 ${y(4)}S260 ${y(5)} 330 ${y(2)}" />
    <text class="art-letter" x="160" y="96" text-anchor="middle" dominant-baseline="central"></text>
  </svg>`;
  if (icon === undefined) frame.querySelector("text").textContent = firstLetter(title).toUpperCase();
  else frame.append(picture(icon, "poster-icon"));
  return frame;
}

/** An element with attributes and children; `text` is its text. */
export function make(tag, { text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A person's character on its colour, or the first letter of the name. `person` is `{ name, avatar, color }`; `kit` has the characters. */
export function face({ name, avatar, color }, { AVATARS, avatarSvg }) {
  const element = make("span", { class: "face", "aria-hidden": "true" });
  element.style.setProperty("--face", color);
  if (Number.isInteger(avatar) && avatar >= 0 && avatar < AVATARS.length) element.innerHTML = avatarSvg(avatar);
  else element.textContent = ([...name][0] ?? "?").toUpperCase();
  return element;
}

function picture(address, style) {
  return make("img", { class: style, src: new URL(address, SERVER).href, alt: "" });
}

/** Some people's phones know no `Intl.Segmenter`; there an emoji of several code points loses its end. */
function firstLetter(text) {
  return [...text][0] ?? "?";
}

function hash(text) {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0), 0x01000193) >>> 0;
  return value;
}
