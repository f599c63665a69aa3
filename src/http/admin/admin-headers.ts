/** The headers of all answers of the admin server: its own files alone, no frames, nothing for other origins, nothing kept in caches. */
import type { RequestHandler } from "express";
import helmet from "helmet";

export function adminHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'"],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // On plain http they do nothing, or send browsers to an https that is not there.
      strictTransportSecurity: false,
      originAgentCluster: false,
      xPoweredBy: false,
      xFrameOptions: { action: "deny" },
      referrerPolicy: { policy: "same-origin" },
    }),
    (_request, response, next) => {
      response.set("Cache-Control", "no-store");
      next();
    },
  ];
}
