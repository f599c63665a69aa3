/** Vectors of `couchwire.v1` (P5.5): control frames, escaped text, and whole conversations over connections that are cut. */
import { encodeRefusal, escapeText, writeControl } from "../../dist/protocol/reliable/control-frames.js";
import { Conversation } from "./conversation.js";

const EPOCH = "u3hAyN3WfZ5f";

/** @type {[rule: string, from: "server" | "client", control: import("../../dist/protocol/reliable/control-frames.js").Control][]} */
const CONTROLS = [
  [
    "P5.5.2",
    "server",
    { word: "hello", hello: { epoch: EPOCH, received: 0, greeting: 3, next: 1, lost: 0, now: 1767225600000 } },
  ],
  [
    "P5.5.2",
    "server",
    {
      word: "hello",
      hello: {
        epoch: EPOCH,
        received: 7,
        greeting: 0,
        next: 12,
        lost: 2,
        player: 3,
        game: "quiz",
        now: 1767225600000,
        expires_ms: 60000,
      },
    },
  ],
  ["P5.5.3", "server", { word: "ack", count: 16 }],
  ["P5.5.3", "client", { word: "ack", count: 123456 }],
  ["P5.5.5", "client", { word: "skip", count: 4 }],
  ["P5.5.7", "client", { word: "ping" }],
  ["P5.7.1", "server", { word: "queue", position: 3 }],
  ["P5.7.6", "server", { word: "role", role: "audience" }],
  ["P5.9.3", "client", { word: "time" }],
  ["P5.9.3", "server", { word: "time", now: 1767225600123 }],
  ["P5.9.7", "server", { word: "game", game: { name: "poker", url: "http://192.168.1.7:8081/BCDF" } }],
  ["P5.9.15", "client", { word: "token", token: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ." }],
  ["P5.9.15", "server", { word: "token", token: { exp: 1767229200, expires_ms: 3600000 } }],
  ["P5.9.15", "server", { word: "token", token: { error: "That token has expired." } }],
];

const TEXTS = ["", "hello", "\0", "\0\0", "\0ack 3", "a\0b", "🎲"];

export function reliableVectors() {
  const refusal = { rule: "P5.5.12", from: "server", word: "refused", fields: { reason: "Not so loud." } };
  return {
    controls: [
      ...CONTROLS.map(([rule, from, control]) => ({ rule, from, ...meaningOf(control), text: writeControl(control) })),
      { ...refusal, text: Buffer.from(encodeRefusal(refusal.fields.reason)).toString() },
    ],
    escapes: TEXTS.map((data) => ({ rule: "P5.5.4", data, text: escapeText(data) })),
    conversations: CONVERSATIONS.map((tell) => tell().told()),
  };
}

/** The word of a control frame, and what stands behind it. @param {import("../../dist/protocol/reliable/control-frames.js").Control} control */
function meaningOf(control) {
  switch (control.word) {
    case "hello":
      return { word: control.word, fields: control.hello };
    case "game":
      return { word: control.word, fields: control.game };
    case "token":
      return typeof control.token === "string"
        ? { word: control.word, token: control.token }
        : { word: control.word, fields: control.token };
    case "ack":
    case "skip":
      return { word: control.word, count: control.count };
    default: {
      const { word, ...fields } = control;
      return Object.keys(fields).length === 0 ? { word } : { word, fields };
    }
  }
}

/** @type {(() => Conversation)[]} */
const CONVERSATIONS = [
  () =>
    new Conversation(
      "P5.5.2",
      "A first connection: the counts begin, and after half a second of quiet the client acknowledges.",
    )
      .connect()
      .say("hi")
      .serverSays("a", Uint8Array.of(1, 2), "b")
      .arrive()
      .acknowledge()
      .cut(),
  () =>
    new Conversation("P5.5", "A line is cut: each side goes on behind the last frame that the other has got.")
      .connect()
      .say("one")
      .serverSays("a", "b", "c")
      .arrive(2)
      .sayInVain("two")
      .cut()
      .say("three")
      .serverSays("d")
      .connect()
      .serverSays("e")
      .arrive()
      .cut(),
  () =>
    new Conversation("P5.5.3", "After sixteen frames each side acknowledges unasked.")
      .connect()
      .serverSays(...Array.from({ length: 17 }, (_, index) => `${index + 1}`))
      .arrive()
      .say(...Array.from({ length: 16 }, (_, index) => `${index + 1}`))
      .arrive()
      .cut()
      .connect()
      .cut(),
  () =>
    new Conversation("P5.5.4", "Text that begins with U+0000 is data all the same.")
      .connect()
      .say("\0ping", "\0")
      .serverSays("\0hello {}", "\0\0")
      .arrive()
      .cut(),
  () =>
    new Conversation(
      "P5.5.5",
      "The client's own buffer did not hold: it says how many frames the server need not wait for.",
      {
        outboxBytes: 100,
        whenFull: "drop_oldest",
      },
    )
      .connect()
      .cut()
      .say(...Array.from({ length: 6 }, (_, index) => `${index + 1} `.padEnd(20, "x")))
      .connect()
      .say("7")
      .cut(),
  () =>
    new Conversation("P5.5.7", "A ping is answered by an ack, which also makes room in the client's buffer.")
      .connect()
      .say("one", "two")
      .ask()
      .arrive()
      .cut(),
  () =>
    new Conversation(
      "P5.5.8",
      "Another life of the room: counts begin anew, and what was meant for the old one is not sent.",
    )
      .connect()
      .serverSays("a", "b")
      .arrive()
      .sayInVain("lost")
      .cut()
      .beginAnew()
      .serverSays("c")
      .connect()
      .say("found")
      .cut(),
  () =>
    new Conversation("P5.5.9", "The server's buffer did not hold: the client is told how many frames it never gets.", {
      seatBytes: 300,
    })
      .connect()
      .serverSays("a")
      .arrive()
      .acknowledge()
      .cut()
      .serverSays(...Array.from({ length: 6 }, (_, index) => `${index + 1} `.padEnd(20, "x")))
      .connect()
      .arrive()
      .cut(),
  () =>
    new Conversation(
      "P5.3.5",
      "A page that begins from nothing is greeted with what is retained, which does not count.",
    )
      .retain("round 2", "your team is red")
      .connect()
      .serverSays("counted")
      .arrive()
      .acknowledge()
      .cut()
      .connect()
      .cut(),
  () =>
    new Conversation("P5.5.2", "Cut in the midst of the greeting: the client begins again from nothing.")
      .retain("round 2", "your team is red")
      .connect(2)
      .cut()
      .connect()
      .cut(),
  () =>
    new Conversation("P5.4.12", "A host comes back: what it is greeted with does not count, what waited does.", {
      isHost: true,
    })
      .greetHost({ cmd: "state", name: "quiz", players: [1], max_players: 8, accept_conns: true })
      .greetHost({ cmd: "prepare_reply", key: "BCDF" })
      .greetHost({ cmd: "restore", data: '{"round":2}' })
      .serverTells({ cmd: "player_joined", player: 2 })
      .serverTells({ cmd: "from_str", from: 1, data: "an answer" })
      .connect()
      .acknowledge()
      .cut(),
  () =>
    new Conversation("P5.5.12", "A message that was not passed on counts as got.")
      .connect()
      .say("too loud")
      .serverRefuses("Not so loud.")
      .ask()
      .arrive()
      .cut(),
];
