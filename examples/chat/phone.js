/** The phone's page. It asks for a name and a face, then shows the chat. */
import { AVATARS, avatarSvg, dieSvg } from "./avatars.js";
import { openLine, sessionOf } from "./line.js";
import { byId, createLines, createTyping, element, notify, showTable } from "./page.js";

const TELL_TYPING_MS = 2_000;
const REFUSED_MS = 4_000;
const code = new URLSearchParams(location.search).get("room");

let line;
let me = "";
let toldTypingAt = 0;
const lines = createLines(byId("lines"), () => me);
const typing = createTyping(byId("typing"));

function join(name, avatar) {
  const isReload = sessionStorage.getItem("profile") !== null;
  sessionStorage.setItem("profile", JSON.stringify({ name, avatar })); // so a reloaded page does not ask again
  byId("form").hidden = true;
  byId("room").hidden = false;
  // A page that was reloaded has its seat, and has lost what it showed.
  let mustLook = isReload;
  const query = { role: "member", name, session: sessionOf(code), data: JSON.stringify({ avatar }) };
  line = openLine(code, query, {
    onJoined: (id) => {
      me = id;
      lines.replace([]);
    },
    onData: (data, from, at) => hear({ data, from, at }),
    onError: ({ message }) => refuse(message),
    onOpen: () => {
      notify("");
      if (mustLook) line.send({ type: "look" });
      mustLook = false;
    },
    onCut: () => notify("The connection is lost. It comes back by itself …"),
    onClose: ({ reason }) => notify(reason),
  });
}

function hear(entry) {
  const { data } = entry;
  switch (data.type) {
    case "table":
      showTable(data);
      byId("count").textContent = data.people.length === 1 ? "Only you are here" : `${data.people.length} people`;
      break;
    case "typing":
      typing.start(data.name);
      break;
    case "past":
      me = data.you;
      lines.replace(data.lines);
      break;
    case "refused":
      refuse(data.reason);
      break;
    default:
      typing.stop(data.name);
      lines.add(entry);
  }
}

function refuse(reason) {
  notify(reason);
  setTimeout(() => byId("notice").textContent === reason && notify(""), REFUSED_MS);
}

const choices = Object.keys(AVATARS).map((avatar, index) => {
  const label = element("label", "");
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "avatar", value: avatar });
  input.checked = index === 0;
  input.setAttribute("aria-label", avatar);
  const face = element("span", "", "picture");
  face.innerHTML = avatarSvg(avatar);
  label.append(input, face);
  return label;
});
byId("avatars").append(...choices);
byId("dice").innerHTML = dieSvg(5);

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name !== "") join(name, byId("form").avatar.value);
});
byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  if (text === "" || !line.send({ type: "say", text })) return;
  byId("text").value = "";
  toldTypingAt = 0;
});
byId("dice").addEventListener("click", () => line.send({ type: "say", text: "/roll 2d6" }));
byId("text").addEventListener("input", () => {
  const text = byId("text").value;
  if (text === "" || text.startsWith("/") || performance.now() - toldTypingAt < TELL_TYPING_MS) return;
  toldTypingAt = performance.now();
  line.send({ type: "typing" });
});

const known = sessionStorage.getItem("profile");
if (code === null) location.replace("../../"); // the server's start page asks for the code
else if (known !== null) {
  const { name, avatar } = JSON.parse(known);
  join(name, avatar);
}
