/** The phone's page: a member of the room by its code. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinMember } from "/sdk/couchwire.js";
import { show, showLines } from "./lines.js";

const byId = (id) => document.getElementById(id);
const state = byId("state");
const lines = byId("lines");

/** Neither a private window nor a full disk is a reason not to cook. */
const storedName = {
  get: () => {
    try {
      return localStorage.getItem("kitchen-name") || "";
    } catch {
      return "";
    }
  },
  set: (name) => {
    try {
      localStorage.setItem("kitchen-name", name);
    } catch {
      // It is asked for again next time.
    }
  },
};

byId("name").value = storedName.get();
byId("door").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name === "") return;
  storedName.set(name);
  byId("door").hidden = true;
  byId("room").hidden = false;
  enter(name);
});
state.textContent = "with Rob";

function enter(name) {
  const room = joinMember(new URLSearchParams(location.search).get("room") || "", { name });
  const people = () => {
    const others = room.members.filter(({ id, role }) => role === "member" && id !== room.id).length;
    state.textContent = others === 0 ? "You are alone here" : `You and ${others} more`;
  };
  for (const happening of ["open", "join", "leave"]) room.on(happening, people);
  room.on("reconnecting", () => {
    state.textContent = "The line is cut. Coming back …";
  });
  room.on("closed", ({ reason }) => {
    state.textContent = reason || "The kitchen is closed.";
    byId("say").hidden = true;
    byId("chips").hidden = true;
  });
  showLines(room, lines);

  const say = (text) => {
    if (text.trim() === "" || !room.send({ name, text })) return;
    show(lines, { name, text }, "own");
  };
  byId("say").addEventListener("submit", (event) => {
    event.preventDefault();
    say(byId("text").value);
    byId("text").value = "";
    byId("text").focus();
  });
  for (const chip of byId("chips").querySelectorAll("button")) {
    chip.addEventListener("click", () => say(chip.textContent));
  }
}
