/** The TV's page watches the room, and shows how phones get in. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinMember, qrSvg } from "/sdk/couchwire.js";
import { showLines } from "./lines.js";

const byId = (id) => document.getElementById(id);

async function watch() {
  const { code, address } = await (await fetch("/kitchen")).json();
  byId("qr").innerHTML = qrSvg(address);
  byId("address").textContent = address.replace(/^https?:\/\//, "");
  const room = joinMember(code, { role: "spectator" });
  showLines(room, byId("lines"));
  const people = () => {
    const names = room.members.filter(({ role }) => role === "member").map(({ name }) => name);
    byId("state").textContent = names.join(", ");
  };
  for (const happening of ["open", "join", "leave"]) room.on(happening, people);
  room.on("reconnecting", () => {
    byId("state").textContent = "The line is cut. Coming back …";
  });
  room.on("closed", ({ reason }) => {
    byId("state").textContent = reason || "The kitchen is closed.";
  });
}

watch().catch(() => {
  byId("state").textContent = "The kitchen cannot be reached. Load the page again.";
});
