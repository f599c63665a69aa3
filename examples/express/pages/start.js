/** The start page: the rooms there are, and a button for one more. */
const LOOK_AGAIN_MS = 2_000;
const list = document.getElementById("rooms");
const notice = document.getElementById("notice");

async function showRooms() {
  const rooms = await (await fetch("/rooms")).json();
  const items = rooms.map(({ code, people }) => {
    const link = Object.assign(document.createElement("a"), { href: `/room/${code}`, textContent: code });
    const count = Object.assign(document.createElement("span"), {
      textContent: people === 1 ? "1 here" : `${people} here`,
    });
    const item = document.createElement("li");
    link.append(count);
    item.append(link);
    return item;
  });
  if (items.length === 0)
    items.push(Object.assign(document.createElement("li"), { textContent: "There is none yet." }));
  list.replaceChildren(...items);
}

async function openRoom() {
  const answer = await (await fetch("/rooms", { method: "POST" })).json();
  if (answer.error !== undefined) notice.textContent = answer.error;
  else location.assign(`/room/${answer.code}`);
}

/** Does one of the above, and shows what goes wrong. */
function run(action) {
  action().catch((error) => {
    notice.textContent = error.message;
  });
}

document.getElementById("open").addEventListener("click", () => run(openRoom));
setInterval(() => run(showRooms), LOOK_AGAIN_MS);
run(showRooms);
