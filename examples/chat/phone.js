/** The phone's page. It asks for a name and a face, then shows the chat. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinMember } from "/sdk/couchwire.js";
import { AVATARS, avatarSvg, dieSvg } from "./avatars.js";
import { byId, createLines, createTyping, element, notify, showTable } from "./page.js";

const TELL_TYPING_MS = 2_000;
const REFUSED_MS = 4_000;
const code = new URLSearchParams(location.search).get("room");

let me;
let toldTypingAt = -TELL_TYPING_MS;
const lines = createLines(byId("lines"), () => me.id);
const typing = createTyping(byId("typing"));

function join(name, avatar) {
  sessionStorage.setItem("profile", JSON.stringify({ name, avatar })); // so a reloaded page does not ask again
  byId("form").hidden = true;
  byId("room").hidden = false;
  me = joinMember(code, { name, data: { avatar }, onConnecting: ({ reason }) => notify(reason) });
  me.on("open", ({ isResumed }) => {
    notify("");
    if (!isResumed) me.send({ type: "look" });
  });
  // What is told of the past to a newcomer comes again, whole, as the answer to "look".
  me.on("message", (from, data, past) => past === undefined && hear(from, data));
  me.on("error", ({ message }) => refuse(message));
  me.on("reconnecting", () => notify("The connection is lost. It comes back by itself …"));
  me.on("closed", ({ reason }) => notify(reason));
}

function hear(from, data) {
  switch (data.type) {
    case "table":
      showTable(data);
      byId("count").textContent = data.people.length === 1 ? "Only you are here" : `${data.people.length} people`;
      break;
    case "typing":
      typing.start(data.name);
      break;
    case "past":
      lines.replace(data.lines);
      break;
    case "refused":
      refuse(data.reason);
      break;
    default:
      typing.stop(data.name);
      lines.add({ from, data });
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
  if (text === "") return;
  me.send({ type: "say", text }); // kept while there is no connection
  byId("text").value = "";
  toldTypingAt = -TELL_TYPING_MS;
});
byId("dice").addEventListener("click", () => me.send({ type: "say", text: "/roll 2d6" }));
byId("text").addEventListener("input", () => {
  const text = byId("text").value;
  if (text === "" || text.startsWith("/") || performance.now() - toldTypingAt < TELL_TYPING_MS) return;
  toldTypingAt = performance.now();
  me.send({ type: "typing" });
});

const known = sessionStorage.getItem("profile");
if (code === null) location.replace("../../"); // the server's start page asks for the code
else if (known !== null) {
  const { name, avatar } = JSON.parse(known);
  join(name, avatar);
}
