import { avatar, worried } from "../avatar.js";
import { element } from "../element.js";
import { lettering } from "../lettering.js";
import { isStreamer } from "./streamer.js";

/** Bound, not as an attribute: what is hidden from a stream is not in the page at all. */
function codeOf(url) {
  const qr = element("cw-qr", { streamer: isStreamer() });
  qr.bind({ joinUrl: url, code: "", on: () => () => {} });
  return qr;
}

/**
 * Help for away players: a row at the foot of the screen, and for each player a link that gives the seat to another phone. The
 * game waits while the link is shown. The key R opens it for one player after the other.
 */
export function createRescue(party, row, panel) {
  /** The player that the panel is for, and the number of its openings: the server may answer after it was closed. */
  let shown = null;
  let opening = 0;
  let listed = "";

  function close() {
    opening++;
    shown = null;
    if (panel.hidden) return;
    panel.hidden = true;
    panel.replaceChildren();
    party.hold(false);
  }

  async function open(person) {
    close();
    const own = opening;
    shown = person;
    let url;
    try {
      url = await party.room.rescue(person.id);
    } catch {
      // The player left or the room ended meanwhile: there is no seat to give.
      if (own === opening) close();
      return;
    }
    if (own !== opening) return;
    panel.replaceChildren(card(person, url));
    panel.hidden = false;
    party.hold(true);
    panel.querySelector("button").focus();
  }

  function card(person, url) {
    const dismiss = element("button", { class: "button", text: "Close", onclick: close });
    const goOn = element("button", {
      class: "button",
      text: `Go on without ${person.name}`,
      onclick: () => {
        close();
        party.goOnWithout(person);
      },
    });
    return element(
      "div",
      { class: "paper rescue-card" },
      codeOf(url),
      element(
        "div",
        { class: "rescue-words" },
        element("div", { class: "rescue-face" }, avatar(worried(person.face))),
        element("h2", {}, lettering("Phone gone?", { colors: ["#5cb8ff"] })),
        element("p", { class: "rescue-who", text: `${person.name} is away.` }),
        element("p", {
          text: "Scan this with another phone: it takes the seat over, with name, face and points.",
        }),
        element("p", { class: "rescue-small", text: "The link works once, for five minutes." }),
        element("div", { class: "rescue-buttons" }, dismiss, goOn),
      ),
    );
  }

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") close();
    if (event.key.toLowerCase() !== "r") return;
    const { away } = party.people;
    const next = away[(away.indexOf(shown) + 1) % away.length];
    if (next) void open(next);
  });

  return {
    update() {
      const { away } = party.people;
      if (shown && !away.includes(shown)) close();
      const now = JSON.stringify(away.map(({ id, name, face }) => [id, name, face]));
      if (now === listed) return;
      listed = now;
      row.replaceChildren(
        ...away.map((person) =>
          element(
            "button",
            {
              class: "away-button",
              "aria-label": `Help ${person.name}, who is away`,
              onclick: () => void open(person),
            },
            avatar(worried(person.face)),
            element("span", { class: "name", text: `${person.name} is away` }),
          ),
        ),
      );
      row.hidden = away.length === 0;
    },
  };
}
