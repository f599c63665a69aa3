/** A room: what one taps, all see. It speaks JSON over a plain WebSocket (docs/PROTOCOL.md, part 6). */
// oxlint-disable-next-line import/no-absolute-path -- Couchwire serves the SDK there
import { qrSvg } from "/sdk/couchwire.js";
import { REACTIONS, reactionSvg } from "./reactions.js";

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

/** Who joins by a code without a name is `p1`, `p2`, … */
const guestName = (id) => `Guest ${id.slice(1)}`;

function hear(frame) {
  if (frame.event === "joined") {
    me = frame.you;
    people.clear();
    for (const { id } of frame.members) people.set(id, guestName(id));
  } else if (frame.event === "join") people.set(frame.member.id, guestName(frame.member.id));
  else if (frame.event === "leave") people.delete(frame.member.id);
  else if (frame.event === undefined && frame.seq === undefined && frame.error === undefined)
    show(frame.data, frame.from);
  byId("people").textContent = people.size === 1 ? "You are the first." : `${people.size} are here.`;
}

function show(reaction, from) {
  if (!REACTIONS.includes(reaction)) return; // a guest may say anything
  byId("last").textContent = from === me ? "You" : people.get(from) || "A guest";
  byId("last").insertAdjacentHTML("beforeend", reactionSvg(reaction));
  const sky = byId("sky");
  if (sky.childElementCount >= MAX_FLYING) return;
  const flying = document.createElement("span");
  flying.innerHTML = reactionSvg(reaction);
  flying.style.left = `${5 + 80 * Math.random()}%`;
  sky.append(flying);
  setTimeout(() => flying.remove(), FLIGHT_MS);
}

/** Shows the address for others. Couchwire knows under which one phones reach this server, also where this page was opened at `localhost`. */
async function invite() {
  const { joinUrl } = await (await fetch(`/${code}`, { headers: { Accept: "application/json" } })).json();
  byId("qr").innerHTML = qrSvg(new URL(`/room/${code}`, joinUrl).href, { border: 2 });
}

const buttons = REACTIONS.map((reaction) => {
  const button = document.createElement("button");
  button.innerHTML = reactionSvg(reaction);
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
connect();
invite().catch(({ message }) => {
  byId("last").textContent = message;
});
