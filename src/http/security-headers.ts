/**
 * What browsers are told to hold pages to: strictly for the server's own pages, loosely for games.
 *
 * The server is at home on a LAN, on plain http, under an address that is another server tomorrow. So some of what
 * helmet does by default would do harm and is off:
 * - `Strict-Transport-Security` and `upgrade-insecure-requests` send browsers to an https that is not there.
 * - `Cross-Origin-Opener-Policy` and `Origin-Agent-Cluster` work on https only; on http each page view would put a
 *   warning into the console of a jammer who is looking for a real one.
 */

import type { RequestHandler } from "express";
import helmet from "helmet";

/** The server's own pages: nothing but files of this server, no script or style in the markup, no frames. */
export function ownPageHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        // `'self'` leaves out WebSockets in Safari before 15.4.
        connectSrc: ["'self'", "ws:", "wss:"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
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
 * Games: the person who runs the server chose them, so the policy lets them run. Inline scripts and handlers, `eval` (Alpine,
 * Vue's templates, `new Function`), engines compiled to WebAssembly, workers and media made on the fly, libraries and
 * fonts from a CDN, other servers to talk to all work. What no party game needs stays shut: plug-ins, being framed by
 * another site, forms sent to one, and a `<base>` that moves the game's addresses elsewhere.
 */
const GAME_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'self' https: data: blob:",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' https: blob:",
    "style-src 'self' 'unsafe-inline' https:",
    // Also plain http: the game's own helper on the same LAN has no certificate either.
    "connect-src 'self' http: https: ws: wss: data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; "),
  "X-Frame-Options": "SAMEORIGIN",
  // Tells this server whose page asks for `/assets/…`, and other sites nothing.
  "Referrer-Policy": "same-origin",
};

/** Gives the pages `SharedArrayBuffer` over https and on localhost. Whatever they load from other sites has to allow it. */
const ISOLATION_HEADERS: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export function gameHeaders(game: { readonly crossOriginIsolated: boolean }): Readonly<Record<string, string>> {
  return game.crossOriginIsolated ? { ...GAME_HEADERS, ...ISOLATION_HEADERS } : GAME_HEADERS;
}
