/** A game whose score an overlay shows: the pages of the overlay, and the tokens with which they follow the game. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createServer, createTokens } from "couchwire";
import express from "express";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @param {import("couchwire").OptionsInput} [options] */
export function createShow(options = {}) {
  // Tokens of this run alone. A server of yours takes its secret from the environment.
  const jwtSecret = randomBytes(32).toString("base64url");
  const tokens = createTokens({ secret: jwtSecret });

  return createServer(
    { games: path("game"), jwtSecret, ...options },
    {
      routes(app) {
        // Whoever knows the code of a room may follow its score, and nothing else.
        app.get("/overlay/token/:code", async ({ params: { code } }, response) => {
          if (!/^[A-Z]{4}$/.test(code)) {
            response.status(400).send("A room's code is four capitals.");
            return;
          }
          const token = await tokens.sign({ sub: "overlay", channels: [`room:${code}:score`] }, 3_600);
          response.set("Cache-Control", "no-store").type("text").send(token);
        });
        app.use("/overlay", express.static(path("pages")));
      },
    },
  );
}
