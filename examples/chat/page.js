/** What the pages of the TV and of the phones both show: lines, people, dice, who is typing. */
import { avatarSvg, dieSvg } from "./avatars.js";

const TYPING_MS = 4_000;

export const byId = (id) => document.getElementById(id);

/** An element with a text. What people wrote gets into the page as text, never as HTML. */
export function element(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

/** Shows a sentence at the bottom of the page; "" takes it away. */
export function notify(sentence) {
  byId("notice").textContent = sentence;
  byId("notice").hidden = sentence === "";
}

function picture(name) {
  const node = element("span", "", "picture");
  node.innerHTML = avatarSvg(name);
  return node;
}

const timeText = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** @param {{ from: string, data: any, at?: string }} entry @param {string} me */
function lineNode({ from, data, at }, me) {
  const node = element("li", "", from === me ? "line mine" : "line");
  const bubble = element("div", "", "bubble");
  const head = element("p", data.name, "head");
  head.append(element("time", timeText(at === undefined ? Date.now() : at)));
  bubble.append(head);
  if (data.type === "roll") bubble.append(...rollNodes(data));
  else bubble.append(element("p", data.text, "text"));
  node.append(picture(data.avatar), bubble);
  return node;
}

function rollNodes({ dice, faces, total, pot }) {
  const line = element("p", "", "roll");
  if (/d6\b/.test(dice)) for (const face of faces) line.insertAdjacentHTML("beforeend", dieSvg(face));
  else line.append(element("span", faces.join(" · ")));
  line.append(element("b", String(total)));
  return [line, element("p", `${dice}, the pot is ${pot}`, "note")];
}

/** The lines of the chat, the newest at the bottom. */
export function createLines(list, me = () => "") {
  const scroll = () => {
    list.scrollTop = list.scrollHeight;
  };
  return {
    add(entry) {
      const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
      list.append(lineNode(entry, me()));
      if (isAtEnd || entry.from === me()) scroll();
    },
    replace(entries) {
      list.replaceChildren(...entries.map((entry) => lineNode(entry, me())));
      scroll();
    },
  };
}

/** @param {{ people: any[], pot: number, rolls: any[] }} table */
export function showTable({ people, pot, rolls }) {
  byId("people").replaceChildren(
    ...people.map(({ name, avatar, isAway }) => {
      const item = element("li", "", isAway ? "away" : "");
      item.append(picture(avatar), element("span", name));
      if (isAway) item.append(element("small", "away"));
      return item;
    }),
  );
  byId("pot").textContent = String(pot);
  byId("rolls").replaceChildren(
    ...rolls.map(({ name, avatar, total, count }) => {
      const item = element("li", "");
      item.append(
        picture(avatar),
        element("span", name),
        element("small", count === 1 ? "1 roll" : `${count} rolls`),
        element("b", String(total)),
      );
      return item;
    }),
  );
}

/** Who is typing: each name goes by itself when nothing more is heard. */
export function createTyping(node) {
  const timers = new Map();
  const show = () => {
    const names = [...timers.keys()];
    const verb = names.length === 1 ? "is" : "are";
    node.textContent =
      names.length === 0 ? "" : names.length > 3 ? "Many are typing …" : `${names.join(", ")} ${verb} typing …`;
  };
  const stop = (name) => {
    clearTimeout(timers.get(name));
    timers.delete(name);
    show();
  };
  return {
    start(name) {
      clearTimeout(timers.get(name));
      timers.set(
        name,
        setTimeout(() => stop(name), TYPING_MS),
      );
      show();
    },
    stop,
  };
}
