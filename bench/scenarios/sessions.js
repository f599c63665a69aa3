import { ECHO } from "./echo.js";

/** @type {import("./index.js").Scenario} */
export const SESSIONS = {
  ...ECHO,
  name: "sessions",
  what: "`echo` with sessions and `couchwire.v1`: what it costs that every frame arrives exactly once.",
  isReliable: true,
  needs: ["sessions"],
  besides: ECHO,
};
