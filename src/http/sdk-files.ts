/** `/sdk/`: the SDK as built, for games here and on any other site. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Router } from "express";
import { allowAnyOrigin, readOnly, sendText } from "./answers.ts";

/** The bundles, their source maps and their types. The other modules of the build are private. */
const SDK_FILE = /^\/(?:couchwire|kit|ui|ui-base|controls|controls-base|way-back|join)\.(?:js|js\.map|d\.ts)$/;

export function sdkFiles(folder: string): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.all(SDK_FILE, readOnly, (request, response) => {
    const name = request.path.slice(1);
    if (!existsSync(join(folder, name))) {
      sendText(response.set("Cache-Control", "no-store"), 503, "The SDK has not been built yet: npm run build.");
      return;
    }
    // Browsers revalidate each time, at the cost of a 304, since an updated server brings its own SDK.
    allowAnyOrigin(response).set("Cache-Control", "no-cache");
    // The types are text. By its extension a `.ts` file would be served as a video.
    if (name.endsWith(".ts")) response.type("text/plain; charset=utf-8");
    response.sendFile(name, { root: folder, cacheControl: false });
  });
  return router;
}
