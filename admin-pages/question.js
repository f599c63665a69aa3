/** Asks before something that cannot be undone. The dialog is made by hand, since Safari 14 has no `<dialog>`. */
import { make } from "./shell.js";

/**
 * Resolves to the text of the field, or "" where there is none, if the person says yes; to `undefined` if not.
 * @param {{ title: string, text: string, yes: string, isHarmless?: boolean, field?: { label: string, placeholder?: string } }} question
 */
export function askPerson({ title, text, yes, isHarmless = false, field }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const heading = make("h2", { id: "question-title" }, title);
    const explanation = make("p", { id: "question-text", className: "quiet" }, text);
    const input = make("input", {
      id: "question-field",
      type: "text",
      maxLength: 100,
      autocomplete: "off",
      placeholder: field?.placeholder ?? "",
    });
    const label = make("label", { htmlFor: "question-field" }, field?.label ?? "");
    const no = make("button", { type: "button", className: "button button-quiet" }, "Cancel");
    const confirm = make("button", { type: "submit", className: isHarmless ? "button" : "button button-danger" }, yes);
    const form = make(
      "form",
      { className: "question" },
      heading,
      explanation,
      ...(field === undefined ? [] : [label, input]),
      make("div", { className: "row-actions" }, no, confirm),
    );
    form.setAttribute("role", "alertdialog");
    form.setAttribute("aria-modal", "true");
    form.setAttribute("aria-labelledby", heading.id);
    form.setAttribute("aria-describedby", explanation.id);
    const veil = make("div", { className: "veil" }, form);
    const behind = [...document.body.children];

    function end(answer) {
      veil.remove();
      for (const element of behind) {
        element.removeAttribute("aria-hidden");
        element.inert = false;
      }
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(answer);
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      end(field === undefined ? "" : input.value.trim());
    });
    no.addEventListener("click", () => end(undefined));
    veil.addEventListener("click", ({ target }) => {
      if (target === veil) end(undefined);
    });
    veil.addEventListener("keydown", (event) => {
      if (event.key === "Escape") end(undefined);
      if (event.key !== "Tab") return;
      const stops = [...form.querySelectorAll("input, button")];
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement !== edge) return;
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    });
    for (const element of behind) {
      element.setAttribute("aria-hidden", "true");
      element.inert = true;
    }
    document.body.append(veil);
    // Not on what cannot be undone: a key that was still going down would do it.
    (field === undefined ? no : input).focus();
  });
}
