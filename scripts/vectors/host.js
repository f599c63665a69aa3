/** Vectors of the host's wire (P2, P5.3, P5.9): commands, events, how frames may be written, and what is refused. */
import { encodeCbor } from "../../dist/protocol/cbor-writer.js";
import { decodeHostFrame } from "../../dist/protocol/decode-host-frame.js";
import { createHostEncoder } from "../../dist/session/host-encoder.js";
import { frameOf, hexOf, jsonWithLists, plainOf } from "./values.js";

const BYTES = new Uint8Array([0, 1, 23, 24, 255]);
const DIE = new Uint8Array([0xf0, 0x9f, 0x8e, 0xb2]);

/** Each command of a host at least once. @type {[rule: string, command: object][]} */
const COMMANDS = [
  ["P2.2", { cmd: "prepare", max_players: 8, name: "quiz" }],
  ["P2.2", { cmd: "prepare", max_players: 300, name: "Grüße 🎲", join_url: "https://example.org/play" }],
  ["P2.3", { cmd: "start" }],
  ["P2.4", { cmd: "kick", player: 3 }],
  ["P2.5", { cmd: "to", to: [1, 24, 65536], data: BYTES }],
  ["P2.5", { cmd: "to", to: [], data: new Uint8Array(0) }],
  ["P2.6", { cmd: "to_str", to: [2], data: "it is your turn 🎲" }],
  ["P2.7", { cmd: "stop" }],
  ["P5.3.1", { cmd: "open" }],
  ["P5.3.2", { cmd: "kick", player: 3, reason: "No spitting.", ban: true }],
  ["P5.3.3", { cmd: "to_str", to: [], data: "for the others", except: [1, 2] }],
  ["P5.3.4", { cmd: "to", to: [], data: DIE, volatile: true }],
  ["P5.3.5", { cmd: "to_str", to: [4], data: "round 2", retain: "round" }],
  ["P5.5.10", { cmd: "save", data: '{"round":2}', received: 17 }],
  ["P5.3.6", { cmd: "save", data: DIE }],
  ["P5.3.7", { cmd: "health", every: 5 }],
  ["P5.3.8", { cmd: "rescue", player: 2 }],
  [
    "P5.3.9",
    { cmd: "prepare", max_players: 4, name: "quiz", pin: "grün", meta: { level: 3, tags: ["a", null, true] } },
  ],
  ["P5.6", { cmd: "prepare", max_players: 8, name: "quiz", overflow: "audience", audience: 500 }],
  ["P5.6.1", { cmd: "to_audience", data: DIE }],
  ["P5.6.1", { cmd: "to_audience_str", data: "vote now" }],
  ["P5.6.2", { cmd: "poll", id: "best-drawing" }],
  ["P5.6.2", { cmd: "poll", id: 7 }],
  ["P5.6.2", { cmd: "poll" }],
  ["P5.7", { cmd: "prepare", max_players: 8, name: "quiz", overflow: "queue", queue: 20 }],
  ["P5.9.1", { cmd: "to_str", to: [1], data: "12,7", volatile: "ball", ttl: 500 }],
  ["P5.9.7", { cmd: "game", name: "poker", join_url: "https://example.org/poker", max_players: 6 }],
  ["P5.9.8", { cmd: "save", key: "score", data: "10" }],
  ["P5.9.8", { cmd: "save", key: "score", data: null }],
  ["P5.9.8", { cmd: "save", keys: { score: "11", board: DIE, round: null }, received: 300 }],
  ["P5.9.13", { cmd: "to_str", to: [], data: "a line", retain: "lines", append: true }],
  ["P5.9.13", { cmd: "to_str", to: [], data: "a short list", retain: "lines", silent: true }],
  ["P8.5", { cmd: "publish", channel: "scores", data: { ada: 3, bo: [1, 2.5], none: null } }],
];

/** Each event for a host at least once. @type {[rule: string, event: object][]} */
const EVENTS = [
  ["P2.1", { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false }],
  ["P2.2", { cmd: "prepare_reply", key: "BCDF" }],
  ["P2.8", { cmd: "state", name: "quiz", players: [1, 2, 24, 70_000], max_players: 300, accept_conns: true }],
  ["P2.9", { cmd: "player_joined", player: 1 }],
  ["P2.10", { cmd: "player_left", player: 256 }],
  ["P2.11", { cmd: "from", from: 3, data: BYTES }],
  ["P2.12", { cmd: "from_str", from: 3, data: "hello 🎲" }],
  ["P2.13", { cmd: "error", reason: "Invalid message.", code: "invalid_message" }],
  ["P2.13", { cmd: "error", reason: "There is no player 9.", code: "invalid_field", in: "rescue" }],
  ["P5.3.6", { cmd: "restore", data: '{"round":2}' }],
  [
    "P5.3.7",
    { cmd: "health", players: { 1: { rtt: 12, queued: 0, away: false }, 2: { rtt: null, queued: 640, away: true } } },
  ],
  ["P5.3.8", { cmd: "rescue_reply", player: 2, url: "http://192.168.1.7:8081/BCDF?rescue=t0ken" }],
  ["P5.3.10", { cmd: "player_joined", player: 2, name: "Ada", user: "ada@example.org" }],
  ["P5.4.3", { cmd: "player_away", player: 2 }],
  ["P5.4.3", { cmd: "player_back", player: 2, missed: 0 }],
  ["P5.5.5", { cmd: "gap", player: 2, lost: 5 }],
  ["P5.5.9", { cmd: "player_back", player: 2, missed: 41 }],
  ["P5.6", { cmd: "state", name: "quiz", players: [1], max_players: 8, accept_conns: true, audience: 470 }],
  ["P5.6.3", { cmd: "audience", count: 470, tally: { red: 41, blue: 30 } }],
  ["P5.6.3", { cmd: "audience", count: 470, tally: { A: 12 }, other: 3, poll: "best-drawing" }],
  ["P5.7", { cmd: "state", name: "quiz", players: [1], max_players: 1, accept_conns: false, waiting: 2 }],
  ["P5.7", { cmd: "state_delta", waiting: 3 }],
  ["P5.9.4", { cmd: "error", reason: "Too many commands. The next ones are read later.", code: "rate_limited" }],
  ["P5.9.5", { cmd: "guessing", count: 12 }],
  ["P5.9.8", { cmd: "restore", data: "old", keys: { score: "11", board: DIE } }],
  ["P5.9.12", { cmd: "state", name: "quiz", players: [1], max_players: 8, accept_conns: true, delta: true }],
  ["P5.9.12", { cmd: "state_delta", accept_conns: false }],
];

/** Other ways to write a command that a server reads (docs/PROTOCOL.md, "How a host's frame is read"). @type {[about: string, frame: string][]} */
const WRITTEN = [
  ["bytes behind the item are ignored", "a163636d64657374617274 0000ff"],
  ["a map of no definite length, its text in pieces", "bf63636d64 7f 627374 63617274 ff ff"],
  ["a count as a float of eight bytes", "a263636d64646b69636b66706c61796572fb4008000000000000"],
  ["a count in eight bytes", "a263636d64646b69636b66706c617965721b0000000000000003"],
  ["fields in another order, and one that is not known", "a366706c61796572 03 636e6577 f5 63636d64 646b69636b"],
  ["bytes as a list of integers", "a363636d6462746f62746f8101646461746183 00 18ff 01"],
  ["bytes with the tag of a typed array", "a363636d6462746f62746f8101 6464617461 d840 420102"],
  ["null and undefined among the ids are skipped: no player is left", "a363636d6462746f62746f82f6f7 6464617461 4101"],
];

/** What is refused. @type {[about: string, frame: Uint8Array | string][]} */
const REFUSED = [
  ["no CBOR", Uint8Array.of(0xff)],
  ["cut off", encodeCbor({ cmd: "start" }).slice(0, -1)],
  ["no map", encodeCbor([1, 2])],
  ["no JSON", "{cmd: start}"],
  ["no command of that name", encodeCbor({ cmd: "dance" })],
  ["no `cmd`", encodeCbor({ player: 1 })],
  ["a field is missing", encodeCbor({ cmd: "kick" })],
  ["a field of another type", encodeCbor({ cmd: "kick", player: "3" })],
  ["an id that is out of range", '{"cmd":"kick","player":-1}'],
  ["a byte that is none", '{"cmd":"to","to":[1],"data":[256]}'],
  ["a field that is too long", encodeCbor({ cmd: "prepare", max_players: 1, name: "x".repeat(1_025) })],
];

export function hostVectors() {
  return {
    commands: COMMANDS.map(([rule, command]) => ({
      rule,
      command: plainOf(command),
      hex: hexOf(encodeCbor(command)),
      json: jsonWithLists(command),
    })),
    writings: WRITTEN.map(([about, digits]) => {
      const frame = Buffer.from(digits.replaceAll(" ", ""), "hex");
      const read = decodeHostFrame(frame, false);
      if (!read.ok) throw new Error(`The server does not read "${about}": ${read.failure.reason}`);
      return { rule: "P2", about, ...frameOf(frame, false), command: plainOf(asOnTheWire(read.value)) };
    }),
    refusals: REFUSED.map(([about, frame]) => {
      const isText = typeof frame === "string";
      const read = decodeHostFrame(isText ? Buffer.from(frame) : frame, isText);
      if (read.ok) throw new Error(`The server does not refuse "${about}".`);
      const { code, in: command } = read.failure;
      return { rule: "P2.13", about, ...frameOf(frame), code, ...(command !== undefined && { in: command }) };
    }),
    events: EVENTS.map(([rule, event]) => ({ rule, event: plainOf(event), ...eventFrames(event) })),
  };
}

/** `hex` is what a host gets that asked for `bytes=string`, `array` for `bytes=array`, `json` for `format=json`. @param {any} event */
function eventFrames(event) {
  const [bytes, array, json] = [
    createHostEncoder("cbor", "string"),
    createHostEncoder("cbor", "array"),
    createHostEncoder("json", "array"),
  ].map((encoder) => encodeWith(encoder, event));
  const texts = { json: Buffer.from(json ?? []).toString() };
  const hex = hexOf(bytes ?? new Uint8Array());
  const other = hexOf(array ?? new Uint8Array());
  return other === hex ? { hex, ...texts } : { hex, array: other, ...texts };
}

/** @param {ReturnType<typeof createHostEncoder>} encoder @param {any} event @returns {Uint8Array} */
function encodeWith(encoder, event) {
  if (event.cmd !== "from" && event.cmd !== "from_str") return encoder.event(event).slice();
  const isText = event.cmd === "from_str";
  return encoder
    .seat(event.from)
    .frame(isText ? Buffer.from(event.data) : event.data, isText)
    .slice();
}

/** A command as the server has it after reading, with `to` as it stood in the frame. @param {any} command */
function asOnTheWire(command) {
  return { ...command, ...(command.to === "everybody" && { to: [] }) };
}
