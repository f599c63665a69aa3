/** The list of what was said, on the TV and on phones. */
const utf8 = new TextDecoder();
/** Lines that a page keeps. */
const MAX_LINES = 300;
/** Where, and how many of them, for a page that is loaded again. */
const KEPT = "kitchen-lines";
const MAX_KEPT = 50;

/** Shows what a member of the room hears, and first what this page showed before it was loaded again. @param {HTMLElement} list */
export function showLines(room, list) {
  for (const [line, whose] of kept()) append(list, line, whose);
  room.on("message", (_from, line) => show(list, line, "other"));
  // Rob's words come as binary frames, since he speaks another wire.
  room.on("binary", (bytes) => show(list, parsed(utf8.decode(bytes)), "bot"));
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The newest lines, for a page that is loaded again in the same tab. */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || [];
  } catch {
    return []; // a private window may have no storage
  }
}

function keep(line, whose) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...kept(), [line, whose]].slice(-MAX_KEPT)));
  } catch {
    // Then the page begins anew when it is loaded again.
  }
}

/** Adds a line. @param {HTMLElement} list @param {"own" | "other" | "bot"} whose */
export function show(list, line, whose) {
  if (line === undefined || line === null || typeof line.text !== "string") return;
  keep(line, whose);
  append(list, line, whose);
}

/** Adds a bubble, and keeps the end of the list in sight if it was. */
function append(list, line, whose) {
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const item = document.createElement("li");
  item.className = whose;
  if (whose !== "own") {
    const name = document.createElement("b");
    name.textContent = String(line.name).slice(0, 16);
    item.append(name);
  }
  const text = document.createElement("span");
  text.textContent = line.text.slice(0, 300);
  item.append(text);
  list.append(item);
  if (list.children.length > MAX_LINES) list.firstElementChild.remove();
  if (wasAtEnd || whose === "own") list.scrollTop = list.scrollHeight;
}
