/** What happened in a room, in words. */
import { count, some } from "./format.js";

/** Why a connection ended, a seat was given up or a room was closed. */
const WHY = {
  left: "left the page",
  cut: "the line was cut",
  normal: "closed by its page",
  room_closed: "the game is done",
  protocol_error: "no WebSocket frame",
  invalid_text: "text that is not UTF-8",
  too_many_fragments: "a message in too many parts",
  frame_too_large: "a frame over the limit",
  internal_error: "a mistake of the server",
  restarting: "the server restarts",
  overloaded: "the server is full",
  timeout: "silent for too long",
  rate_limited: "too much at once",
  slow_consumer: "too slow for what it was sent",
  token_expired: "its token has expired",
  bad_request: "a request that was not understood",
  unauthorized: "a wrong PIN or token",
  kicked: "kicked",
  room_not_found: "no such room",
  replaced: "connected elsewhere",
  room_full: "the room is full",
  room_locked: "the game has started",
};

const whyOf = ({ why }) => WHY[why] ?? why;

/** How many frames someone missed, for the end of a sentence. */
const missedOf = ({ missed }) => (missed > 0 ? `, and missed ${some(missed, "frame")}` : "");

/** `[tone, sentence]` of an entry. `nameOf` gives the name of a player. */
export function describeEntry(entry, nameOf) {
  const who = entry.player === undefined ? "" : nameOf(entry.player);
  switch (entry.event) {
    case "roomOpened":
      return ["good", entry.name === "" ? "The room opened" : `The room opened with ${entry.name}`];
    case "gameChanged":
      return ["good", `The room plays ${entry.name} now`];
    case "roomClosed":
      return ["bad", `The room closed: ${whyOf(entry)}`];
    case "playerJoined":
      return ["good", `${who} joined`];
    case "playerAway":
      return ["warn", `${who} is away: ${whyOf(entry)}`];
    case "playerBack":
      return [entry.missed > 0 ? "warn" : "good", `${who} is back${missedOf(entry)}`];
    case "playerLeft":
      return [
        entry.why === "left" ? "" : "bad",
        entry.why === "kicked" ? `${who} was kicked` : `${who} left: ${whyOf(entry)}`,
      ];
    case "playerGap":
      return ["bad", `${who} lost ${some(entry.lost, "frame")} before they were sent`];
    case "joinRefused":
      return ["warn", `A phone was turned away: ${whyOf(entry)}`];
    case "frameRefused":
      return ["warn", `A command of the TV was refused: ${entry.code.replace(/_/g, " ")}`];
    case "hostAway":
      return ["bad", "The TV is away"];
    case "hostBack":
      return [entry.missed > 0 ? "warn" : "good", `The TV is back${missedOf(entry)}`];
    case "hostCongested":
      return entry.isCongested ? ["warn", "The TV is slow, so its players wait"] : ["good", "The TV has caught up"];
    default:
      return ["", entry.event];
  }
}

/** How often an entry happened, where it was more than once. */
export const timesOf = ({ count: times }) => (times > 1 ? ` ×${count(times)}` : "");
