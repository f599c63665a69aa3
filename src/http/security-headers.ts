/**
 * Security headers: strict for the server's own pages, loose for games.
 *
 * The server usually runs on a LAN, on plain http, at an address that may be another server's tomorrow. So these defaults
 * of helmet are off:
 * - `Strict-Transport-Security` and `upgrade-insecure-requests` send browsers to an https that does not exist.
 * - `Cross-Origin-Opener-Policy` and `Origin-Agent-Cluster` work on https only. On http each page view logs a warning to
 *   the console, which hides real ones from game makers.
 */

import type { RequestHandler } from "express";
import helmet from "helmet";

/** For the server's own pages: files of this server only, no inline script or style, no frames. */
export function ownPageHeaders(): RequestHandler {
  return pageHeaders({});
}

/** For the playground, which is an own page too: it frames the pages of games, which may be another dev server's. */
export function playgroundHeaders(): RequestHandler {
  return pageHeaders({ frameSrc: ["http:", "https:"] });
}

function pageHeaders(more: Readonly<Record<string, string[]>>): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        // In Safari before 15.4, `'self'` does not include WebSockets.
        connectSrc: ["'self'", "ws:", "wss:"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        ...more,
      },
    },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xPoweredBy: false,
    xFrameOptions: { action: "deny" },
  });
}

/**
 * For games. The operator chose them, so the policy lets them run: inline scripts and handlers, `eval` (Alpine, Vue's
 * templates, `new Function`), WebAssembly, workers and media from blobs, libraries and fonts from a CDN, and connections to
 * other servers. It forbids what no party game needs: plug-ins, frames on other sites, forms to other sites, and `<base>`.
 */
const GAME_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'self' https: data: blob:",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' https: blob:",
    "style-src 'self' 'unsafe-inline' https:",
    // Plain http is allowed: another server on the same LAN has no certificate either.
    "connect-src 'self' http: https: ws: wss: data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; "),
  "X-Frame-Options": "SAMEORIGIN",
  // This server learns which game's page asks for `/assets/…`; other sites learn nothing.
  "Referrer-Policy": "same-origin",
};

/** Enables `SharedArrayBuffer` over https and on localhost. Resources of other sites have to opt in. */
export const ISOLATION_HEADERS: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export function gameHeaders(game: { readonly crossOriginIsolated: boolean }): Readonly<Record<string, string>> {
  return game.crossOriginIsolated ? { ...GAME_HEADERS, ...ISOLATION_HEADERS } : GAME_HEADERS;
}
