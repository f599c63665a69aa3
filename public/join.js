/** The code field: four boxes, checked as soon as the fourth letter is there. Without this script it is a plain form. */

const CODE_LENGTH = 4;

/** Where the server begins: this file lies at its start, which a proxy may have put below a path of its own. */
const SERVER = new URL(".", import.meta.url);

/** What people paste: the code, or a link that ends with it. */
function codeIn(text) {
  const path = text.trim().replace(/[?#].*$/, "");
  return lettersOf(path.slice(path.lastIndexOf("/") + 1)).slice(0, CODE_LENGTH);
}

function lettersOf(text) {
  return text.replace(/[^A-Za-z]/g, "").toUpperCase();
}

for (const found of document.querySelectorAll("form.join")) enliven(found);

function enliven(form) {
  const input = form.querySelector("input");
  const field = form.querySelector(".code-field");
  const message = form.querySelector(".join-message");
  /** The whole panel, for its picture tells too how the search goes. */
  const panel = form.closest(".joining") ?? form;
  const boxes = drawBoxes(field);
  // The browser's own bubble would cover the boxes; the message below them says it instead.
  form.noValidate = true;

  /** "typing", "checking", "found", "missing" or "failed": the style sheet does the rest. */
  let lookup;

  function show(state, text = "Four letters, on the TV.") {
    panel.dataset.state = state;
    message.textContent = text;
    for (const [index, box] of boxes.entries()) {
      box.textContent = input.value[index] ?? "";
      box.classList.toggle("is-next", index === input.value.length);
    }
  }

  async function join() {
    lookup?.abort();
    const code = input.value;
    if (code.length < CODE_LENGTH) {
      show("missing", "A code has four letters. It is on the TV.");
      input.focus();
      return;
    }
    const mine = new AbortController();
    lookup = mine;
    show("checking", "Looking for the room…");
    const found = await isRoom(code, mine.signal);
    if (mine.signal.aborted) return;
    if (found === undefined) {
      show("failed", "The server does not answer. Is this phone on the same Wi-Fi?");
    } else if (found) {
      show("found", "Found it, come in!");
      location.assign(new URL(code, SERVER));
    } else {
      show("missing", `There is no room ${code}. Look at the TV again.`);
      input.focus();
      input.select();
    }
  }

  input.addEventListener("input", () => {
    lookup?.abort();
    const letters = lettersOf(input.value).slice(0, CODE_LENGTH);
    if (letters !== input.value) input.value = letters;
    show("typing");
    if (letters.length === CODE_LENGTH) void join();
  });
  input.addEventListener("paste", (event) => {
    const code = codeIn(event.clipboardData?.getData("text") ?? "");
    if (code.length < CODE_LENGTH) return;
    event.preventDefault();
    input.value = code;
    void join();
  });
  // The boxes show no cursor: letters always go to the end, or replace a whole code.
  input.addEventListener("focus", () => placeCursor(input));
  input.addEventListener("pointerup", () => placeCursor(input));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void join();
  });
  // Whoever sits at a keyboard may just type.
  document.addEventListener("keydown", (event) => {
    const isLetter = /^[a-z]$/i.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isLetter && document.activeElement !== input) input.focus();
  });
  // Back from the game, the page may be as it was left.
  addEventListener("pageshow", () => show("typing"));

  input.value = lettersOf(input.value);
  show("typing");
}

function drawBoxes(field) {
  const row = document.createElement("div");
  row.className = "code-boxes";
  row.ariaHidden = "true";
  const boxes = Array.from({ length: CODE_LENGTH }, () => document.createElement("span"));
  row.append(...boxes);
  field.append(row);
  field.classList.add("has-boxes");
  return boxes;
}

function placeCursor(input) {
  if (input.value.length === CODE_LENGTH) input.select();
  else input.setSelectionRange(input.value.length, input.value.length);
}

/** Whether there is such a room; `undefined` if nobody could say. */
async function isRoom(code, signal) {
  try {
    const response = await fetch(new URL(code, SERVER), {
      headers: { Accept: "text/plain" },
      cache: "no-store",
      signal,
    });
    if (response.ok) return true;
    return response.status === 404 ? false : undefined;
  } catch {
    // Cut off, or asked about another code meanwhile; the caller looks at the signal.
    return undefined;
  }
}
