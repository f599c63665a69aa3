/** What every page of the admin server has: its questions to the server, the sign that it is live, and the way out. */

const TOKEN = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const ASK_EVERY_MS = 2_000;
const ASK_AGAIN_MS = 4_000;

/** The server refused, in a sentence for people. */
export class Refusal extends Error {
  constructor(status, code, sentence) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

/** The server did not answer. */
class Unreachable extends Error {}

/** Asks the server. Resolves to the JSON of the answer, or `undefined` where it has none. */
export async function ask(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": TOKEN };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(path, {
    method,
    headers,
    cache: "no-store",
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error) => {
    throw new Unreachable(String(error));
  });
  if (response.status === 401) {
    // The session is over.
    location.assign("/login");
    return new Promise(() => {});
  }
  const text = await response.text();
  const answer = text === "" ? undefined : parsed(text);
  if (response.ok) return answer;
  const { code = "", message = `The server answered ${response.status}.` } = answer?.error ?? {};
  throw new Refusal(response.status, code, message);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why something failed, in a sentence. */
export function sentenceOf(error) {
  if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error; // a bug of this page
  return error instanceof Refusal ? error.message : "The server cannot be reached now. Try again in a moment.";
}

/**
 * Calls `look` every two seconds while the page is in view, and says in the masthead whether it is live. Returns a function that makes it look at once.
 * A `look` that returns `false` was the last one.
 */
export function keepLooking(look) {
  const link = byId("link");
  let timer;
  let isLooking = false;
  let isWanted = false;
  let isOver = false;

  const say = (state, text) => {
    if (link.dataset.state === state) return; // screen readers hear each change once
    link.dataset.state = state;
    link.textContent = text;
  };

  async function now() {
    if (isOver) return;
    if (isLooking) {
      isWanted = true;
      return;
    }
    clearTimeout(timer);
    isLooking = true;
    let wait = ASK_EVERY_MS;
    try {
      isOver = (await look()) === false;
      say("live", "Live");
    } catch (error) {
      wait = ASK_AGAIN_MS;
      say("lost", error instanceof Unreachable ? "No connection" : "Refused");
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) setTimeout(() => throwAgain(error)); // a bug of this page
    }
    isLooking = false;
    if (isWanted) {
      isWanted = false;
      void now();
    } else if (!document.hidden) {
      timer = setTimeout(() => void now(), wait);
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else void now();
  });
  void now();
  return now;
}

function throwAgain(error) {
  throw error;
}

export function byId(id) {
  return document.getElementById(id);
}

/** An element with these properties and contents. Texts become text nodes, so no data is ever markup. */
export function make(name, properties = {}, ...contents) {
  const element = document.createElement(name);
  const { dataset, ...rest } = properties;
  Object.assign(element, rest);
  Object.assign(element.dataset, dataset);
  element.append(...contents);
  return element;
}

/** Sets a text where it differs, so that a selection and a reader's place stay. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows a note in a form: `state` is "fault", "done" or "". */
export function showNote(element, state, text) {
  element.className = `note ${state}`;
  element.textContent = text;
}

/**
 * Keeps one element per item in `parent`, in the order of the items. An element stays as long as its item, so that it keeps the focus.
 */
export function keepRows(parent, items, { keyOf, create, update }) {
  const rows = (parent.rowsByKey ??= new Map());
  const left = new Set(rows.keys());
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    left.delete(key);
    let row = rows.get(key);
    if (row === undefined) {
      row = create(item);
      rows.set(key, row);
    }
    update(row, item);
    if (row === place) place = place.nextElementSibling;
    else parent.insertBefore(row, place);
  }
  for (const key of left) {
    rows.get(key).remove();
    rows.delete(key);
  }
}

byId("logout")?.addEventListener("click", ({ target }) => void logOut(target));

async function logOut(button) {
  button.disabled = true;
  try {
    await ask("POST", "/logout");
    location.assign("/login");
  } catch {
    button.disabled = false;
    button.textContent = "Try again";
  }
}
