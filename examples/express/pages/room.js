/** A room: what one taps, all see. It speaks JSON over a plain WebSocket (docs/PROTOCOL.md, part 6). */
// oxlint-disable-next-line import/no-absolute-path -- Couchwire serves the SDK there
import { qrSvg } from "/sdk/couchwire.js";

const REACTIONS = { clap: "👏", heart: "❤️", laugh: "😂", wow: "😮", party: "🎉", fire: "🔥" };
const FLIGHT_MS = 2_600;
const RETRY_MS = 1_000;
const MAX_FLYING = 60;

const byId = (id) => document.getElementById(id);
const code = location.pathname.split("/").pop().toUpperCase();
let socket;
/** The names of all who are here, by id. */
const people = new Map();
let me = "";

function connect() {
  const url = new URL(`/${code}?role=member`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  socket.addEventListener("close", ({ code: why, reason }) => {
    byId("people").textContent = reason || "The connection is lost. It comes back by itself …";
    if (why !== 1000 && why !== 1001 && why < 4500) setTimeout(connect, RETRY_MS);
  });
}

function hear(frame) {
  if (frame.event === "joined") {
    me = frame.you;
    people.clear();
    for (const { id, name } of frame.members) people.set(id, name);
  } else if (frame.event === "join") people.set(frame.member.id, frame.member.name);
  else if (frame.event === "leave") people.delete(frame.member.id);
  else if (frame.event === undefined && frame.seq === undefined && frame.error === undefined)
    show(frame.data, frame.from);
  byId("people").textContent = people.size === 1 ? "You are the first." : `${people.size} are here.`;
}

function show(reaction, from) {
  const picture = REACTIONS[reaction];
  if (picture === undefined) return;
  const who = from === me ? "You" : people.get(from) || "A guest";
  byId("last").textContent = `${who}: ${picture}`;
  const sky = byId("sky");
  if (sky.childElementCount >= MAX_FLYING) return;
  const flying = Object.assign(document.createElement("span"), { textContent: picture });
  flying.style.left = `${5 + 85 * Math.random()}%`;
  sky.append(flying);
  setTimeout(() => flying.remove(), FLIGHT_MS);
}

const buttons = Object.entries(REACTIONS).map(([reaction, picture]) => {
  const button = Object.assign(document.createElement("button"), { textContent: picture });
  button.setAttribute("aria-label", reaction);
  button.addEventListener("click", () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({ data: reaction }));
    show(reaction, me); // the room tells the others
  });
  return button;
});
byId("reactions").append(...buttons);
byId("code").textContent = code;
byId("qr").innerHTML = qrSvg(location.href, { border: 2 });
connect();
