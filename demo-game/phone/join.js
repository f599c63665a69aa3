import { COLORS, avatar, randomFace, withColor } from "../avatar.js";
import { charactersOf } from "../characters.js";
import { element } from "../element.js";
import { lettering } from "../lettering.js";
import { NAME_LENGTH, tidyName } from "../names.js";
import { saveMe } from "./me.js";

const LOGO_COLORS = ["#ff5a45", "#fffdf6", "#3ecf8e", "#5cb8ff", "#ff8fc7"];

export function logo() {
  return element("div", { class: "logo" }, lettering("Scrawlywags", { colors: LOGO_COLORS }));
}

/**
 * Asks for name and face: before the first hello ("Join the game"), and when a player changes them ("That's me").
 * @param {{ action?: string, onWatch?: () => void }} [options] `onWatch`: the phone watches instead
 */
export function joinScreen(me, onJoin, { action = "Join the game", onWatch } = {}) {
  let { face } = me;
  const portrait = element("button", {
    type: "button",
    class: "portrait",
    onclick: () => wear(randomFace(face)),
  });
  const colors = COLORS.map((value, index) => {
    const dot = element("button", {
      type: "button",
      class: "swatch",
      "aria-label": `Colour ${index + 1}`,
      onclick: () => wear(withColor(face, index)),
    });
    dot.style.setProperty("--color", value);
    return dot;
  });
  const name = element("input", {
    class: "field",
    id: "name",
    name: "name",
    maxlength: 200,
    required: true,
    autocomplete: "off",
    autocapitalize: "words",
    spellcheck: "false",
    enterkeyhint: "go",
    placeholder: "Your name",
    value: me.name,
    oninput: ({ isComposing }) => {
      if (!isComposing && charactersOf(name.value).length > NAME_LENGTH) name.value = tidyName(name.value);
    },
  });

  function wear(next) {
    face = next;
    portrait.replaceChildren(avatar(face), element("span", { class: "portrait-hint", text: "Tap for another face" }));
    for (const [index, dot] of colors.entries())
      dot.setAttribute("aria-pressed", String(index === Number(face[0]) % COLORS.length));
  }
  wear(face);

  const form = element(
    "form",
    {
      class: "join-form",
      onsubmit: (event) => {
        event.preventDefault();
        const chosen = tidyName(name.value);
        if (!chosen) {
          name.value = "";
          name.reportValidity();
          return;
        }
        name.blur();
        Object.assign(me, { name: chosen, face });
        saveMe(me);
        onJoin();
      },
    },
    logo(),
    portrait,
    element("div", { class: "swatches", role: "group", "aria-label": "Colour" }, ...colors),
    element("label", { class: "field-label", for: "name", text: "Who are you?" }),
    name,
    element("button", { class: "button primary", text: action }),
    onWatch && element("button", { type: "button", class: "button quiet", text: "Just watch", onclick: onWatch }),
  );
  return { element: form, mood: "lobby", hasOwnHeader: true };
}

/** Asks for the room's PIN. `wasWrong`: a wrong PIN was tried. */
export function pinScreen({ code, reason, wasWrong }, onPin) {
  const field = element("input", {
    class: "field",
    id: "pin",
    maxlength: 32,
    required: true,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    enterkeyhint: "go",
  });
  const form = element(
    "form",
    {
      class: "join-form",
      onsubmit: (event) => {
        event.preventDefault();
        onPin(field.value);
      },
    },
    logo(),
    element("h1", { text: wasWrong ? "That was not the PIN" : `Room ${code} asks for a PIN` }),
    element("p", {
      role: "status",
      text: wasWrong ? "Look at the TV again." : `${reason} The PIN is on the TV.`,
    }),
    element("label", { class: "field-label", for: "pin", text: "PIN" }),
    field,
    element("button", { class: "button primary", text: "Go" }),
    element("a", { class: "button quiet", href: "player.html", text: "Another room" }),
  );
  return { element: form, mood: "lobby", hasOwnHeader: true };
}

/** Asks for the room code, if the address has none. */
export function codeScreen({ title = "Which room?", text = "The code is on the TV.", code = "" } = {}) {
  const field = element("input", {
    class: "field code-field",
    id: "room",
    name: "room",
    maxlength: 4,
    minlength: 4,
    pattern: "[A-Za-z]{4}",
    title: "Four letters",
    required: true,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    enterkeyhint: "go",
    value: code,
  });
  // A plain form: the browser itself opens ?room=CODE.
  const form = element(
    "form",
    { class: "join-form", method: "get" },
    logo(),
    element("h1", { text: title }),
    element("p", { text }),
    element("label", { class: "field-label", for: "room", text: "Room code" }),
    field,
    element("button", { class: "button primary", text: "Go" }),
  );
  return { element: form, mood: "lobby", hasOwnHeader: true };
}
