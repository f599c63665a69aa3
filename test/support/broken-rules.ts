/** Servers that break one rule each, for the conformance checks that the six of `broken-servers.ts` do not meet. */
import { closeAs, editControls, editMaps, editTexts, isData, sessionOf, without } from "./tampered-frames.ts";
import type { TamperedLine, Tampering } from "./tampering-proxy.ts";

export interface BrokenRule {
  readonly rule: string;
  /** Which of the checks of the rule, where it has several: part of its name. */
  readonly check?: string;
  readonly what: string;
  /** Part of what the check says. */
  readonly says?: string;
  /** What the check waits for never comes, so it takes all of its time. */
  readonly isSilent?: true;
  /** Made anew for each server, since some remember what they have seen. */
  readonly tampering: () => Tampering;
}

/** Changes the address of a handshake. */
function inQuery(from: string | RegExp, to: string): (line: string) => string {
  return (line) => line.replace(from, to);
}

export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    rule: "P5.2",
    what: "lets a phone in whose attempt it does not understand",
    isSilent: true,
    tampering: () => ({ requestLine: inQuery("attempt=page", "other=page") }),
  },
  {
    rule: "P5.2.1",
    what: "calls a malformed session unauthorized",
    tampering: () => ({ fromServer: closeAs(4500, 4501) }),
  },
  {
    rule: "P5.2.2",
    what: "tells names in capitals",
    tampering: () => ({
      fromServer: editMaps("player_joined", (event) => [{ ...event, name: String(event["name"]).toUpperCase() }]),
    }),
  },
  {
    rule: "P5.2.3",
    what: "sends again what a plain line says it has not received",
    tampering: () => ({
      fromServer: (frame, { path }) => (isData(frame) && path.includes("received=99") ? [frame, frame] : [frame]),
    }),
  },
  {
    rule: "P5.2.4",
    what: "gives the seat to a connection that was overtaken",
    isSilent: true,
    tampering: () => ({ requestLine: inQuery("attempt=one.2", "attempt=one.9") }),
  },
  {
    rule: "P5.2.5",
    what: "takes a member for a player",
    isSilent: true,
    tampering: () => ({ requestLine: inQuery("role=member", "role=player") }),
  },
  {
    rule: "P5.3.1",
    what: "does not know open",
    isSilent: true,
    tampering: () => ({ toServer: editMaps("open", () => []) }),
  },
  {
    rule: "P5.3.2",
    what: "has a sentence of its own for kicks",
    tampering: () => ({ toServer: editMaps("kick", without("reason")) }),
  },
  {
    rule: "P5.3.2",
    what: "bans no one",
    isSilent: true,
    tampering: () => ({ toServer: editMaps("kick", without("ban")) }),
  },
  {
    rule: "P5.3.3",
    what: "does not know except",
    tampering: () => ({ toServer: editMaps("to_str", without("except")) }),
  },
  {
    rule: "P5.3.4",
    what: "keeps every volatile frame",
    tampering: () => ({ toServer: editMaps("to_str", without("volatile")) }),
  },
  {
    rule: "P5.3.5",
    what: "keeps the first retained frame of a name and not the last",
    tampering: () => ({
      toServer: editMaps("to_str", (command) =>
        command["data"] === "round 2" ? without("retain")(command) : [command],
      ),
    }),
  },
  {
    rule: "P5.3.6",
    what: "cuts a long checkpoint",
    tampering: () => ({
      fromServer: editMaps("restore", (event) => [{ ...event, data: String(event["data"]).slice(1) }]),
    }),
  },
  {
    rule: "P5.3.7",
    what: "takes every player for here",
    tampering: () => ({
      fromServer: editMaps("health", (event) => [{ ...event, players: { 1: { rtt: null, queued: 0, away: false } } }]),
    }),
  },
  {
    rule: "P5.3.8",
    what: "does not know rescue links",
    tampering: () => ({ requestLine: inQuery(/&rescue=[^ &]*/, "") }),
  },
  {
    rule: "P5.3.9",
    what: "asks for no PIN",
    isSilent: true,
    tampering: () => ({ toServer: editMaps("prepare", without("pin")) }),
  },
  {
    rule: "P5.3.10",
    what: "tells no names",
    tampering: () => ({ fromServer: editMaps("player_joined", without("name")) }),
  },
  {
    rule: "P5.5.9",
    what: "tells the host of no missed frames",
    tampering: () => ({ fromServer: editMaps("player_back", (event) => [{ ...event, missed: 0 }]) }),
  },
  {
    rule: "P5.6.5",
    what: "tells the state again and again",
    tampering: () => ({
      fromServer: editMaps("state", (event) => ("audience" in event ? Array<typeof event>(100).fill(event) : [event])),
    }),
  },
  {
    rule: "P5.6.6",
    what: "takes one vote for another in what it tells a host that is back",
    tampering: () => ({
      fromServer: editMaps("audience", (event) => [{ ...event, tally: { clap: 2, boo: 2 } }]),
    }),
  },
  {
    rule: "P5.7.3",
    what: "calls a locked room full",
    tampering: () => ({ fromServer: closeAs(4523, 4510) }),
  },
  {
    rule: "P5.7.5",
    what: "puts a phone that connects again at the end of the line",
    tampering() {
      const known = new Map<string | undefined, TamperedLine>();
      return {
        fromServer: editControls("queue", (fields, line) => {
          const session = sessionOf(line);
          const first = known.get(session) ?? line;
          known.set(session, first);
          return first === line ? fields : { position: 3 };
        }),
      };
    },
  },
  {
    rule: "P5.7.7",
    check: "banned",
    what: "closes a phone that is banned while it waits as if it had asked wrongly",
    tampering: () => ({ fromServer: closeAs(4503, 4500) }),
  },
  {
    rule: "P5.7.7",
    check: "banned",
    what: "answers rescue without a link",
    says: "The link of rescue_reply is not as expected.",
    tampering: () => ({ fromServer: editMaps("rescue_reply", without("url")) }),
  },
  {
    rule: "P5.7.7",
    check: "gives way",
    what: "has the first that waits go on waiting",
    tampering: () => ({
      fromServer: editTexts((text, { path }) => [
        text.startsWith("\0hello") && path.includes("session=") ? '\0queue {"position":1}' : text,
      ]),
    }),
  },
  {
    rule: "P5.9.1",
    what: "does not know ttl",
    tampering: () => ({ toServer: editMaps("to_str", without("ttl")) }),
  },
  {
    rule: "P5.9.1",
    what: "takes all names of volatile frames for one",
    tampering: () => ({
      toServer: editMaps("to_str", (command) => ["volatile" in command ? { ...command, volatile: true } : command]),
    }),
  },
  {
    rule: "P5.9.2",
    what: "answers in text whatever is accepted",
    tampering: () => ({ headerFields: (fields) => fields.replace(/(\r\nAccept:)[^\r]*/i, "$1 text/plain") }),
  },
  {
    rule: "P5.9.3",
    what: "has another clock for phones",
    tampering: () => ({
      fromServer: editControls("time", (fields, { isHost }) => ({
        now: Number(fields["now"]) - (isHost ? 0 : 60_000),
      })),
    }),
  },
  {
    rule: "P5.9.4",
    what: "drops what a host says past its rate",
    tampering: () => ({ fromServer: editTexts((text) => (text === "5000" ? [] : [text])) }),
  },
  {
    rule: "P5.9.6",
    what: "refuses a host that returns too often as if it were slow",
    tampering: () => ({ fromServer: closeAs(4029, 4031) }),
  },
  {
    rule: "P5.9.7",
    check: "look-ups",
    what: "keeps the name of the first game in the state",
    tampering: () => ({ fromServer: editMaps("state", (event) => [{ ...event, name: "conformance" }]) }),
  },
  {
    rule: "P5.9.7",
    check: "couchwire.v1",
    what: "tells phones no page of the new game",
    tampering: () => ({ fromServer: editControls("game", (fields) => ({ ...fields, url: "" })) }),
  },
  {
    rule: "P5.9.8",
    what: "forgets no key",
    tampering: () => ({
      fromServer: editMaps("restore", (event) => [{ ...event, keys: { a: "1", b: "2", c: "3" } }]),
    }),
  },
  {
    rule: "P5.9.9",
    what: "reads no session in the subprotocols",
    tampering: () => ({ headerFields: (fields) => fields.replace(/couchwire\.session\.[\w-]+/, "other") }),
  },
  {
    rule: "P5.9.12",
    what: "knows whole states alone",
    tampering: () => ({ requestLine: inQuery("state=delta", "state=full") }),
  },
  {
    rule: "P5.9.13",
    what: "sends silent frames",
    tampering: () => ({ toServer: editMaps("to_str", without("silent")) }),
  },
  {
    rule: "P5.9.14",
    check: "judged",
    what: "lets a player's token open a room",
    isSilent: true,
    tampering: () => ({ requestLine: inQuery(/(\/CREATE)\?token=\S*/, "$1") }),
  },
  {
    rule: "P5.9.14",
    check: "alone",
    what: "gives a seat to another user with the same session",
    isSilent: true,
    tampering: () => ({ requestLine: inQuery(/(session=[\w-]+)&token=[^ &]*/, "$1") }),
  },
  {
    rule: "P5.9.15",
    what: "renews nothing",
    tampering: () => ({
      fromServer: editControls("token", (fields) => ("exp" in fields ? { ...fields, expires_ms: 1 } : fields)),
    }),
  },
  {
    rule: "P6.3",
    what: "tells data ahead of from",
    tampering: () => ({
      fromServer: editTexts((text) => [text.replace(/^\{("from":"[^"]*"),(.*)\}$/, "{$2,$1}")]),
    }),
  },
];
