/** The room: one of the built-in kind `relay`, which passes on what its members say, whatever they speak. */
import { fileURLToPath } from "node:url";
import { createServer } from "couchwire";

/** The name by which programs join, and the folder of its pages. Phones join by a code. */
export const ROOM = "kitchen";

const PAGES = fileURLToPath(new URL(ROOM, import.meta.url));

/** @param {import("couchwire").OptionsInput} [options] */
export async function openKitchen(options = {}) {
  const server = createServer(
    { tcpPort: 0, games: PAGES, logLevel: "warn", ...options },
    {
      routes: (app) => {
        app.get("/", (_request, response) => response.redirect(`games/${ROOM}/`));
        app.get("/kitchen", (_request, response) => {
          response.json({ code: room.code, address: `${server.publicUrl}/${room.code}` });
        });
      },
    },
  );
  const room = server.rooms.create("relay", { name: ROOM, code: true });
  const { url, publicUrl, tcpPort } = await server.listen();
  return { url, joinUrl: `${publicUrl}/${room.code}`, tcpPort, room, close: () => server.close() };
}
