/** What a TV's page needs of the server: a room of its kind, and the address that phones open. The pages are at `/games/NAME/`, two folders below the server. */
const serverUrl = new URL("../../", location.href);

/**
 * Opens a room, and says its code.
 * @param {string} kind
 * @param {object} data what the room gets
 * @returns {Promise<string>}
 */
export function openRoom(kind, data) {
  const url = new URL("CREATE", serverUrl);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("kind", kind);
  url.searchParams.set("data", JSON.stringify(data));
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener("close", ({ reason }) => reject(new Error(reason || "The server cannot be reached.")));
    socket.addEventListener("message", (message) => {
      const { event, code } = JSON.parse(message.data);
      if (event !== "created") return;
      resolve(code);
      socket.close(1000); // the page joins the room by its code, as often as it has to
    });
  });
}

/** What people open to join the room: the server knows its address in the network. @param {string} code */
export async function joinUrlOf(code) {
  const answer = await fetch(new URL(code, serverUrl), { headers: { Accept: "application/json" } });
  const { joinUrl } = await answer.json();
  return joinUrl;
}
