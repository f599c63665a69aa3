/** What the pages of the TV and of the phones both need. */
export const byId = (id) => document.getElementById(id);

/** An element with a text. What players wrote gets into the page as text, never as HTML. */
export function element(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

/** Shows a sentence at the bottom of the page; "" takes it away. */
export function notify(sentence) {
  byId("notice").textContent = sentence;
  byId("notice").hidden = sentence === "";
}
