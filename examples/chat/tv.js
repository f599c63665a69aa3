/** The TV's page. It opens the room, and shows what is said in it. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinMember, qrSvg } from "/sdk/couchwire.js";
import { joinUrlOf, openRoom } from "./open-room.js";
import { byId, createLines, createTyping, notify, showTable } from "./page.js";

const KEPT_NODES = 60;

const lines = createLines(byId("lines"));
const typing = createTyping(byId("typing"));

async function invite(code) {
  const joinUrl = await joinUrlOf(code);
  // A long address breaks before the code, and not within it.
  const server = joinUrl.replace(/^https?:\/\//, "").slice(0, -code.length);
  byId("address").replaceChildren(server, document.createElement("wbr"), code);
  byId("qr").innerHTML = qrSvg(joinUrl, { border: 2 });
}

function hear(from, data) {
  if (data.type === "table") showTable(data);
  else if (data.type === "past") lines.replace(data.lines);
  else if (data.type === "typing") typing.start(data.name);
  else {
    typing.stop(data.name);
    lines.add({ from, data });
    while (byId("lines").childElementCount > KEPT_NODES) byId("lines").firstElementChild.remove();
  }
}

/** Watches the room of this code. */
function watch(code) {
  sessionStorage.setItem("code", code); // so a reloaded page comes back to it
  const room = joinMember(code, { role: "spectator", onConnecting: ({ reason }) => notify(reason) });
  room.on("open", ({ isResumed }) => {
    notify("");
    if (!isResumed) room.send({ type: "look" });
  });
  // What is told of the past to a newcomer comes again, whole, as the answer to "look".
  room.on("message", (from, data, past) => past === undefined && hear(from, data));
  room.on("reconnecting", () => notify("The connection is lost. It comes back by itself …"));
  room.on("closed", () => {
    sessionStorage.removeItem("code");
    void open(); // the room is over: here is a new one
  });
  invite(code).catch(({ message }) => notify(message));
}

async function open() {
  try {
    watch(await openRoom("chat", {}));
  } catch (error) {
    notify(error.message);
  }
}

const known = sessionStorage.getItem("code");
if (known === null) void open();
else watch(known);
