/** Host frames that are no commands, each in its own way, and the code of the refusal. */
import { encode } from "cborg";
import { fromHex } from "./hex.ts";

export interface BrokenFrame {
  readonly what: string;
  readonly frame: string | Uint8Array;
  readonly code: "invalid_message" | "unknown_command" | "invalid_field" | "too_large";
}

/** `{cmd: "to", to: [1], data: …` up to the value of `data`. */
const TO_HEAD = "a3 63636d64 62746f 62746f 8101 6464617461";
/** `{cmd: "start", x: …` up to the value of `x`. */
const START_HEAD = "a2 63636d64 657374617274 6178";

function hex(what: string, digits: string): BrokenFrame {
  return { what, frame: fromHex(digits), code: "invalid_message" };
}

function text(what: string, frame: string): BrokenFrame {
  return { what, frame, code: "invalid_message" };
}

function field(what: string, command: Readonly<Record<string, unknown>>): BrokenFrame {
  return { what, frame: encode(command), code: "invalid_field" };
}

export const BROKEN_HOST_FRAMES: readonly BrokenFrame[] = [
  hex("an empty frame", ""),
  hex("a byte that begins nothing", "ff"),
  hex("reserved additional information", "bc"),
  hex("an array", "81 a1 63636d64 657374617274"),
  hex("null", "f6"),
  hex("undefined", "f7"),
  hex("true", "f5"),
  hex("an integer", "01"),
  hex("a float", "fb 7ff8000000000000"),
  hex("text", "657374617274"),
  hex("a byte string", "4161"),
  hex("an empty map", "a0"),
  hex("a map without cmd", "a1 626162 01"),
  hex("a cmd that is a number", "a1 63636d64 01"),
  hex("a cmd that is null", "a1 63636d64 f6"),
  hex("a cmd that is a byte string", "a1 63636d64 457374617274"),
  hex("a cmd in a list", "a1 63636d64 81 657374617274"),
  hex("the map in a tag", "d9d9f7 a1 63636d64 657374617274"),
  hex("a cmd in a tag", "a1 63636d64 c0 657374617274"),
  hex("an integer as a key", "a2 63636d64 657374617274 01 02"),
  hex("a map as a key", "a2 63636d64 657374617274 a0 02"),
  hex("the same key twice", "a2 63636d64 657374617274 63636d64 6473746f70"),
  hex("a truncated key", "a1 63636d"),
  hex("a truncated value", "a1 63636d64 6573746172"),
  hex("a missing value", "a1 63636d64"),
  hex("a missing entry", "a2 63636d64 657374617274"),
  hex("a truncated length", "a1 63636d64 79ff"),
  hex("a map that never ends", "bf 63636d64 657374617274"),
  hex("a map that ends in the middle of an entry", "bf 63636d64 ff"),
  hex("a break where there is nothing to break", "a1 63636d64 ff"),
  hex("an integer of indefinite length", `${START_HEAD} 1f`),
  hex("a chunked string with a chunk of another type", `${START_HEAD} 7f 4161 ff`),
  hex("a chunked string that never ends", `${START_HEAD} 7f 6161`),
  hex("text that is no UTF-8", `${START_HEAD} 62c328`),
  hex("a simple value that is not assigned", `${START_HEAD} e0`),
  hex("data of 2^40 bytes", `${TO_HEAD} 5b0000010000000000`),
  hex("data of 2^63 bytes", `${TO_HEAD} 5b8000000000000000`),
  hex("text of 2^40 bytes", `${TO_HEAD} 7b0000010000000000`),
  hex("an array of 2^40 items", `${TO_HEAD} 9b0000010000000000 0102`),
  hex("a map of 2^40 entries", `${TO_HEAD} bb0000010000000000 6161 01`),
  hex("a command of 2^40 entries", "bb0000010000000000 63636d64 657374617274"),
  hex("a chunk of 2^40 bytes", `${TO_HEAD} 5f 5b0000010000000000 00 ff`),
  hex("a tag of number 2^40", `${TO_HEAD} db0000010000000000 00`),
  hex("a big number of 2^40 bytes", `${START_HEAD} c2 5b0000010000000000`),
  hex("an array of 2^32 - 1 items, claimed in 5 bytes", `${START_HEAD} 9affffffff`),
  hex("a typed array of floats", `${TO_HEAD} d856 480000000000000000`),
  hex("a tag of bytes on an array", `${TO_HEAD} d840 8101`),
  hex("20,000 arrays, one in the other", `${START_HEAD} ${"81".repeat(20_000)} 00`),
  hex("20,000 endless arrays, one in the other", `${START_HEAD} ${"9f".repeat(20_000)}`),
  hex("20,000 maps, one in the other", `${START_HEAD} ${"a16161".repeat(20_000)} 00`),
  hex("20,000 tags, one in the other", `${START_HEAD} ${"c0".repeat(20_000)} 00`),
  hex("100,000 empty arrays", `${START_HEAD} 9a000186a0 ${"80".repeat(100_000)}`),
  hex("a record definition of cbor-x", `d9dfff 83 1840 81 63636d64 657374617274`),
  hex("a record of cbor-x", "d840 81 657374617274"),
  hex("a shared reference of cbor-x", `${START_HEAD} d81c a0`),
  hex("a bundle of strings of cbor-x", `d9dff9 82 00 a1 63636d64 657374617274`),
  { what: "all zeros", frame: new Uint8Array(256), code: "invalid_message" },
  { what: "a picture", frame: fromHex("89504e470d0a1a0a 0000000d49484452"), code: "invalid_message" },
  { what: "JSON in a binary frame", frame: Buffer.from('{"cmd":"start"}'), code: "invalid_message" },

  text("empty text", ""),
  text("no JSON", "start"),
  text("half a JSON", '{"cmd":"start"'),
  text("JSON and more", '{"cmd":"start"} {"cmd":"stop"}'),
  text("a JSON array", '["start"]'),
  text("a JSON null", "null"),
  text("a JSON number", "1e999"),
  text("a JSON string", '"start"'),
  text("JSON without cmd", "{}"),
  text("a JSON cmd that is none", '{"cmd":{"toString":"start"}}'),
  text("20,000 JSON arrays, one in the other", `{"cmd":"start","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
  text("20,000 JSON objects, one in the other", '{"x":'.repeat(20_000)),
  text("a cmd by way of the prototype", '{"__proto__":{"cmd":"stop"}}'),
  text("a cmd by way of the constructor", '{"constructor":{"prototype":{"cmd":"stop"}}}'),
  {
    what: "a cmd by way of the prototype, in CBOR",
    frame: fromHex("a1 695f5f70726f746f5f5f a1 63636d64 6473746f70"),
    code: "invalid_message",
  },

  { what: "an unknown command", frame: encode({ cmd: "dance" }), code: "unknown_command" },
  { what: "a command in capitals", frame: encode({ cmd: "START" }), code: "unknown_command" },
  { what: "a command with a space", frame: encode({ cmd: "start " }), code: "unknown_command" },
  { what: "an empty command", frame: encode({ cmd: "" }), code: "unknown_command" },
  { what: "a command of a mebibyte", frame: encode({ cmd: "x".repeat(1_048_576) }), code: "unknown_command" },
  { what: "the command __proto__", frame: encode({ cmd: "__proto__" }), code: "unknown_command" },
  { what: "the command constructor", frame: '{"cmd":"constructor"}', code: "unknown_command" },
  { what: "the command toString", frame: encode({ cmd: "toString" }), code: "unknown_command" },
  { what: "an event of the server", frame: encode({ cmd: "from", from: 1, data: [] }), code: "unknown_command" },

  field("prepare without max_players", { cmd: "prepare", name: "" }),
  field("prepare for half a player", { cmd: "prepare", max_players: 0.5, name: "" }),
  field("prepare for -1 players", { cmd: "prepare", max_players: -1, name: "" }),
  field("prepare for 2^32 players", { cmd: "prepare", max_players: 2 ** 32, name: "" }),
  field("prepare for 2^60 players", { cmd: "prepare", max_players: 2n ** 60n, name: "" }),
  field("prepare for NaN players", { cmd: "prepare", max_players: Number.NaN, name: "" }),
  field("prepare for Infinity players", { cmd: "prepare", max_players: Infinity, name: "" }),
  field("prepare for true players", { cmd: "prepare", max_players: true, name: "" }),
  field('prepare for "8" players', { cmd: "prepare", max_players: "8", name: "" }),
  field("a name that is a number", { cmd: "prepare", max_players: 1, name: 1 }),
  field("a name that is bytes", { cmd: "prepare", max_players: 1, name: Uint8Array.of(65) }),
  field("a join_url that is a script", { cmd: "prepare", max_players: 1, join_url: "javascript:alert(1)" }),
  field("kick without player", { cmd: "kick" }),
  field("kick for -1", { cmd: "kick", player: -1 }),
  field("kick for a list", { cmd: "kick", player: [1] }),
  field("kick with a reason that is a map", { cmd: "kick", player: 1, reason: {} }),
  field("to without to", { cmd: "to", data: [1] }),
  field("to for a number", { cmd: "to", to: 1, data: [1] }),
  field("to for text", { cmd: "to", to: "1", data: [1] }),
  field("to for null", { cmd: "to", to: null, data: [1] }),
  field("to for bytes", { cmd: "to", to: Uint8Array.of(1), data: [1] }),
  field("to for a float", { cmd: "to", to: [1.5], data: [1] }),
  field("to for -1", { cmd: "to", to: [1, -1], data: [1] }),
  field("to for 2^32", { cmd: "to", to: [2 ** 32], data: [1] }),
  field("to without data", { cmd: "to", to: [1] }),
  field("to with text", { cmd: "to", to: [1], data: "text" }),
  field("to with null", { cmd: "to", to: [1], data: null }),
  field("to with a byte of 256", { cmd: "to", to: [1], data: [1, 256] }),
  field("to with a byte of -1", { cmd: "to", to: [1], data: [-1] }),
  field("to with a byte of 1.5", { cmd: "to", to: [1], data: [1.5] }),
  field("to with a byte that is undefined", { cmd: "to", to: [1], data: [1, undefined] }),
  field("to_str with bytes", { cmd: "to_str", to: [1], data: Uint8Array.of(65) }),
  field("to_str with a list", { cmd: "to_str", to: [1], data: [65] }),
  field("to_str without data", { cmd: "to_str", to: [1] }),
  { what: "fields by way of the prototype", frame: '{"cmd":"kick","__proto__":{"player":1}}', code: "invalid_field" },
  {
    what: "data that looks like an array",
    frame: '{"cmd":"to","to":[1],"data":{"length":9e15}}',
    code: "invalid_field",
  },
  { what: "to that looks like an array", frame: '{"cmd":"to","to":{"length":9e15},"data":[1]}', code: "invalid_field" },
  {
    what: "a name of 1,025 bytes",
    frame: encode({ cmd: "prepare", max_players: 1, name: "x".repeat(1025) }),
    code: "too_large",
  },
  {
    what: "a name of three mebibytes",
    frame: encode({ cmd: "prepare", max_players: 1, name: "x".repeat(3_145_728) }),
    code: "too_large",
  },
];
