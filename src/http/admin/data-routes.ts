/** `/data/`: what the pages of the admin server show, as JSON. The pages ask again every two seconds. */
import { Router, type Request, type Response } from "express";
import { sendAdminError } from "./admin-answers.ts";
import type { AdminDesk } from "./admin-desk.ts";

/** Characters of a search that count. */
const MAX_SEARCH_LENGTH = 64;

export function dataRoutes(desk: AdminDesk): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.get("/overview", async (request, response) => {
    const since = Number(queryOf(request, "since"));
    const search = queryOf(request, "search").trim().slice(0, MAX_SEARCH_LENGTH).toLowerCase();
    response.json(await desk.overview({ since, search }));
  });
  router.get("/rooms/:id", async (request, response) => {
    sendRoom(response, await desk.room(request.params.id, queryOf(request, "version")));
  });
  return router;
}

function sendRoom(response: Response, found: object | undefined): void {
  if (found !== undefined) response.json(found);
  else sendAdminError(response, 404, "room_not_found", "There is no such room, and none is remembered.");
}

function queryOf({ query }: Request, name: string): string {
  const value = query[name];
  return typeof value === "string" ? value : "";
}
