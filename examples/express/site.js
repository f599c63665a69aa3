/**
 * A site of one's own with rooms of Couchwire in it: express answers what it answered before, and Couchwire the rest. The rooms are of the built-in kind
 * `relay`: what one says goes to all others.
 */
import { createServer as createHttpServer } from "node:http";
import { fileURLToPath } from "node:url";
import { createServer, relay } from "couchwire";
import express from "express";

const PAGES = fileURLToPath(new URL("pages", import.meta.url));
/** Rooms that visitors may open; the empty ones end by themselves. */
const MAX_ROOMS = 20;

/** @param {import("couchwire").OptionsInput} [options] of Couchwire */
export function createSite(options = {}) {
  const couchwire = createServer(options, { rooms: [relay] });

  const app = express();
  app.disable("x-powered-by");
  // The site's own routes come first, so they win: `/` is the site's, not Couchwire's start page.
  app.use(express.static(PAGES));
  app.get("/rooms", (_request, response) => {
    response.json(couchwire.rooms.list().map(({ code, members }) => ({ code, people: members.length })));
  });
  app.post("/rooms", (_request, response) => {
    if (couchwire.rooms.list().length >= MAX_ROOMS) {
      response.status(503).json({ error: "All rooms are taken. Join one of them." });
      return;
    }
    const { code } = couchwire.rooms.create("relay", { code: true });
    response.status(201).json({ code });
  });
  app.get("/room/:code", (_request, response) => response.sendFile("room.html", { root: PAGES }));
  // Couchwire's pages: the SDK, `/CODE`, `/healthz`. What it does not know it passes on.
  app.use(couchwire.app);
  app.use((_request, response) => response.status(404).sendFile("nothing.html", { root: PAGES }));

  const http = createHttpServer(app);
  // Couchwire's WebSockets. Upgrades on other paths stay the site's.
  couchwire.attach(http, { pages: false });

  return {
    app,
    couchwire,
    /** @param {number} port @param {string} [host] @returns {Promise<string>} the address */
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        http.once("error", reject);
        http.listen(port, host, () => resolve(`http://localhost:${http.address().port}`));
      }),
    async close() {
      await couchwire.close(); // members are asked to come back later
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
    },
  };
}
