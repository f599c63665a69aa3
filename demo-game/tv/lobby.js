import { element } from "../element.js";
import { lettering } from "../lettering.js";
import { MAX_PLAYERS } from "../rules.js";
import { crowdNote } from "./crowd.js";
import { nameTag } from "./pieces.js";
import { PIN } from "./pin.js";
import { isStreamer } from "./streamer.js";

const LOGO_COLORS = ["#ff5a45", "#fffdf6", "#3ecf8e", "#5cb8ff", "#ff8fc7"];

/** How to join: QR code, address, code. Large in the lobby, small on the podium. */
export function joinCard(room) {
  const qr = element("cw-qr", { streamer: isStreamer() });
  qr.bind(room);
  const words = element("div", { class: "join-words" });
  // What is hidden from a stream is not in the page at all.
  const fill = () => words.replaceChildren(...(qr.isCovered ? hiddenWords() : joinWords(room)));
  qr.addEventListener("reveal", fill);
  fill();
  return element("section", { class: "paper join-card", "aria-label": "How to join" }, qr, words);
}

const hiddenWords = () => [
  element("p", { class: "join-step", text: "Streaming?" }),
  element("p", { class: "join-step", text: "The C key shows" }),
  element("p", { class: "join-step", text: "how to join." }),
];

function joinWords(room) {
  return [
    element("p", { class: "join-step", text: "Scan, or open" }),
    element("p", { class: "join-address", text: new URL(room.joinUrl).host }),
    element("p", { class: "join-step", text: "and type" }),
    element(
      "div",
      { class: "join-code", "data-code": room.code },
      lettering(room.code, { colors: ["#ff5a45"], calm: true }),
    ),
    ...(PIN ? [element("p", { class: "join-step join-pin", text: `with the PIN ${PIN}` })] : []),
  ];
}

/** The lobby: the name of the game, how to join, and the players. */
export function lobbyView(party) {
  const seats = element("ul", { class: "seats", "aria-label": "Players" });
  const hint = element("p", { class: "hint", role: "status" });
  const note = crowdNote(party.room);
  const addBot = element("button", {
    class: "button quiet add-bot",
    text: "Add a bot",
    onclick: () => party.bots.add(),
  });
  const start = element("button", { class: "button start", text: "Start", onclick: () => party.press() });
  let faces = "";

  const update = () => {
    const people = party.people.seated;
    const now = JSON.stringify(people.map((person) => [person, party.people.isAway(person)]));
    if (now !== faces) {
      faces = now;
      const known = new Set([...seats.children].map((seat) => seat.dataset.person));
      const taken = people.map((person) => {
        const badge = person.crowns > 0 ? `♛ ${person.crowns}` : "";
        const tag = nameTag(person, { badge, isAway: party.people.isAway(person) });
        tag.dataset.person = String(person.id);
        tag.classList.toggle("is-new", !known.has(String(person.id)));
        if (person.bot !== null) tag.append(removeButton(party, person));
        return tag;
      });
      const free = Array.from({ length: MAX_PLAYERS - people.length }, () => element("li", { class: "free-seat" }));
      seats.replaceChildren(...taken, ...free);
    }
    addBot.disabled = Math.max(people.length, party.bots.count) >= MAX_PLAYERS;
    start.disabled = party.missing > 0;
    hint.textContent = hintFor(party);
    note.update();
  };
  update();

  const node = element(
    "div",
    { class: "lobby" },
    element(
      "div",
      { class: "lobby-top" },
      element(
        "div",
        { class: "brand" },
        element(
          "h1",
          { class: "logo", "aria-label": "Scrawlywags" },
          lettering("Scrawly", { colors: LOGO_COLORS }),
          lettering("wags", { colors: [...LOGO_COLORS].reverse() }),
        ),
        element("p", { class: "tagline", text: "Draw badly. Bluff beautifully." }),
      ),
      joinCard(party.room),
    ),
    seats,
    element(
      "footer",
      { class: "lobby-foot" },
      element("div", { class: "lobby-says" }, hint, note.element),
      addBot,
      start,
    ),
  );
  return { element: node, update };
}

/** Bots go as they came. */
const removeButton = (party, { name, bot }) =>
  element("button", {
    class: "remove-bot",
    "aria-label": `Remove ${name}`,
    text: "×",
    onclick: () => party.bots.remove(bot),
  });

function hintFor(party) {
  const { first, seated } = party.people;
  if (seated.length === 0) return "Three to eight players, a phone each. The sofa is yours.";
  if (!first && seated.some(({ bot }) => bot === null)) return "Everybody is away. Wake your phones!";
  if (!first && party.missing === 0) return "Join with your phone, or start and watch the bots.";
  if (party.missing > 0)
    return party.missing === 1
      ? "One more player and you can start."
      : `${party.missing} more players and you can start.`;
  return `${first.name}, press Start on your phone when everybody is in.`;
}
