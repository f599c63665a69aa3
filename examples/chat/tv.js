/** The TV's page. It opens the room, and shows what is said in it. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { qrSvg } from "/sdk/couchwire.js";
import { joinUrlOf, openLine } from "./line.js";
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

function hear(entry) {
  const { data } = entry;
  if (data.type === "table") showTable(data);
  else if (data.type === "typing") typing.start(data.name);
  else {
    typing.stop(data.name);
    lines.add(entry);
    while (byId("lines").childElementCount > KEPT_NODES) byId("lines").firstElementChild.remove();
  }
}

function open(path, query) {
  openLine(path, query, {
    onCreated: ({ code }) => {
      sessionStorage.setItem("code", code);
      void invite(code);
    },
    // Who watches has no seat: after each cut the past comes anew.
    onJoined: () => lines.replace([]),
    onData: (data, from, at) => hear({ data, from, at }),
    onError: ({ message }) => notify(message),
    onOpen: () => notify(""),
    onCut: () => notify("The connection is lost. It comes back by itself …"),
    onClose: ({ reason }) => {
      const had = sessionStorage.getItem("code");
      sessionStorage.removeItem("code");
      // The room that this page had is over: it opens a new one.
      if (had !== null && path !== "CREATE") open("CREATE", { kind: "chat" });
      else notify(reason);
    },
  });
}

const known = sessionStorage.getItem("code");
if (known === null) open("CREATE", { kind: "chat" });
else {
  void invite(known);
  open(known, { role: "spectator" });
}
