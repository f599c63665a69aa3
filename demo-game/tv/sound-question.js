/**
 * The lobby asks once whether the TV may make noises, since browsers start silent and the corner button is easily missed. The answer is
 * kept for the next evening; a yes counts from the first press on, before which no browser plays a sound.
 */
const STORE = "scrawlywags:sound";

/** @param {ReturnType<typeof import("../sound.js").createSound>} sound */
export function connectSound(sound) {
  const corner = document.querySelector("#sound");
  const question = document.querySelector("#ask-sound");
  const remembered = load();

  function set(isOn) {
    if (sound.isOn !== isOn) sound.toggle();
    corner.setAttribute("aria-pressed", String(isOn));
    question.hidden = true;
    save(isOn ? "yes" : "no");
    sound.play("done");
  }

  corner.addEventListener("click", () => set(!sound.isOn));
  for (const button of question.querySelectorAll("button")) {
    button.addEventListener("click", () => set(button.dataset.answer === "yes"));
  }
  question.hidden = remembered !== null;
  if (remembered === "yes") {
    const begin = () => !sound.isOn && set(true);
    for (const press of ["pointerdown", "keydown"]) document.addEventListener(press, begin, { once: true });
  }
}

function load() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null; // storage is forbidden: the lobby asks each time
  }
}

function save(answer) {
  try {
    localStorage.setItem(STORE, answer);
  } catch {
    // Storage is forbidden.
  }
}
