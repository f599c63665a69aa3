/** Development only: the scripts that every page of a game gets, and the files below `/dev/`. Without the option `dev` nothing of it is served. */

import { fileURLToPath } from "node:url";
import express, { Router } from "express";
import { readOnly } from "./answers.ts";
import { escapeHtml } from "./html.ts";
import { AGENT_PATH } from "./playground.ts";

/** What the HTTP app knows of development. */
export interface DevMode {
  /** A text that changes when a file of this game is saved. */
  readonly versionOf: (game: string) => string;
}

/** The page that a script is for: `tv` and `phone` are its two pages, `other` is any other HTML file. */
export type GamePage = "tv" | "phone" | "other";

/** What the scripts are told of their page. */
export interface DevPage {
  readonly basePath: string;
  readonly game: string;
  readonly page: GamePage;
  readonly version: string;
}

/** Below this path are the files of `dev-pages/` and the socket of the pages. */
export const DEV_PATH = "/dev/";

/** Every page gets these, in this order and in front of its own scripts. They are classic scripts: a module would run too late. */
const DEV_SCRIPTS = [AGENT_PATH, `${DEV_PATH}client.js`];

// The package is two folders up, both from `src/http` and from `dist/http`.
const DEV_FOLDER = fileURLToPath(new URL("../../dev-pages/", import.meta.url));

export function devFiles(): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.use(readOnly);
  router.use(
    express.static(DEV_FOLDER, {
      index: false,
      redirect: false,
      cacheControl: false,
      setHeaders: (response) => {
        response.set("Cache-Control", "no-cache");
      },
    }),
  );
  return router;
}

const COMMENT = /<!--[\s\S]*?-->/g;
/** The tags that the scripts go behind: the first that the page has. In front of the doctype it would change how browsers lay the page out. */
const PLACES = [/<head(?:\s[^>]*)?>/i, /<html(?:\s[^>]*)?>/i, /<!doctype[^>]*>/i];

/** The page with the scripts of development. No line of the page gets another number. */
export function withDevScripts(page: string, { basePath, ...about }: DevPage): string {
  const data = Object.entries(about).map(([name, value]) => ` data-${name}="${escapeHtml(value)}"`);
  const scripts = DEV_SCRIPTS.map((path) => `<script src="${escapeHtml(basePath + path)}"${data.join("")}></script>`);
  // A comment is as long as what takes its place here, so that tags are found where they are in the page.
  const tags = page.replace(COMMENT, (comment) => " ".repeat(comment.length));
  const place = PLACES.map((tag) => tag.exec(tags)).find((match) => match !== null);
  const at = place === undefined ? 0 : place.index + place[0].length;
  return `${page.slice(0, at)}${scripts.join("")}${page.slice(at)}`;
}
