/** The page of bans: who is kept out, until when and why; new ones, and lifting one. */
import { count, dayTime } from "./format.js";
import { askPerson } from "./question.js";
import { ask, byId, keepLooking, keepRows, make, sentenceOf, setText, showNote } from "./shell.js";

const KINDS = {
  sub: { label: "User", placeholder: "alice" },
  session: { label: "Session", placeholder: "" },
  address: { label: "Address", placeholder: "203.0.113.7 or 203.0.113.0/24" },
};

const lookNow = keepLooking(look);
chooseKind();
byId("ban-of").addEventListener("change", chooseKind);

async function look() {
  const { bans } = await ask("GET", "/api/bans");
  setText(byId("bans-count"), bans.length === 0 ? "" : count(bans.length));
  byId("bans-note").hidden = bans.length > 0;
  setText(byId("bans-note"), "Nobody is banned.");
  keepRows(byId("bans"), [...bans].reverse(), {
    keyOf,
    create: createRow,
    update: updateRow,
  });
}

/** What is banned, as the API takes it to lift the ban. */
function targetOf({ sub, sessionHash, address }) {
  if (sub !== undefined) return { sub };
  return address === undefined ? { sessionHash } : { address };
}

const keyOf = (ban) => JSON.stringify(targetOf(ban));

function wordsFor({ sub, sessionHash, address }) {
  if (sub !== undefined) return `User ${sub}`;
  if (address !== undefined) return address;
  return `Session ${sessionHash.slice(0, 12)}…`;
}

function createRow(ban) {
  const lift = make("button", { type: "button", className: "button button-quiet button-small" }, "Lift");
  lift.setAttribute("aria-label", `Lift the ban of ${wordsFor(ban)}`);
  lift.addEventListener("click", () => void liftBan(ban));
  return make("li", {}, make("div", {}, make("p", { className: "who" }, wordsFor(ban)), make("small")), lift);
}

function updateRow(row, { reason, until }) {
  const end = until === null ? "For as long as the server runs" : `Until ${dayTime(Date.parse(until))}`;
  setText(row.querySelector("small"), `${end} · “${reason}”`);
}

async function liftBan(ban) {
  const answer = await askPerson({
    title: `Lift the ban of ${wordsFor(ban)}?`,
    text: "They may come back at once.",
    yes: "Lift the ban",
    isHarmless: true,
  });
  if (answer === undefined) return;
  const note = byId("ban-note");
  try {
    await ask("DELETE", "/api/bans", targetOf(ban));
    showNote(note, "", "");
  } catch (error) {
    showNote(note, "fault", sentenceOf(error));
  }
  await lookNow();
}

function chooseKind() {
  const { label, placeholder } = KINDS[byId("ban-of").value];
  setText(byId("ban-value-label"), label);
  byId("ban-value").placeholder = placeholder;
}

byId("ban").addEventListener("submit", (event) => {
  event.preventDefault();
  void addBan();
});

async function addBan() {
  const note = byId("ban-note");
  const value = byId("ban-value").value.trim();
  const reason = byId("ban-reason").value.trim();
  const ms = byId("ban-for").value;
  try {
    await ask("POST", "/api/bans", {
      [byId("ban-of").value]: value,
      ...(reason !== "" && { reason }),
      ...(ms !== "" && { ms: Number(ms) }),
    });
    showNote(note, "done", `${value} is banned.`);
    byId("ban-value").value = "";
  } catch (error) {
    showNote(note, "fault", sentenceOf(error));
  }
  await lookNow();
}
