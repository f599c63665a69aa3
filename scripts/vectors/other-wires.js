/** Vectors of closes (P4), handshakes (P5.1, P5.2, P5.9.9), frames of the SDK (P5.10), open rooms (P6, P7) and channels (P8). */
import {
  channelErrorFrame,
  publicationFrame,
  resultFrame,
  unsubscribedFrame,
} from "../../dist/protocol/channels/channel-frames.js";
import { afterClose, CLOSE_CODES } from "../../dist/protocol/close-codes.js";
import { encodeClientMessage, encodeServerMessage } from "../../dist/protocol/ghost-sync/messages.js";
import { eventText } from "../../dist/sdk/conversation.js";
import { secretSubprotocols } from "../../dist/sdk/secret-subprotocols.js";
import { ToldState } from "../../dist/sdk/state/told-state.js";
import { eventsEncoder, plainEncoder } from "../../dist/session/member-encoder.js";
import { frameOf, hexOf, plainOf } from "./values.js";

/** What a client may also meet: a lost line, codes of no table at the borders of the ranges. */
const OTHER_CODES = [1005, 1006, 1015, 3000, 4000, 4499, 4500, 4999];

export function closeVectors() {
  const entries = Object.entries(CLOSE_CODES).map(([name, { code, after, reason }]) => {
    const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
    return { rule: "P4.1", code, name, after, reason, hex: hexOf(payload) };
  });
  return [...entries, ...OTHER_CODES.map((code) => ({ rule: "P4.1", code, after: afterClose(code) }))];
}

/** The secrets of a client, and the subprotocols that carry them. */
export function handshakeVectors() {
  const session = "f3a9c1d07b5e4826a1b2c3d4e5f60718";
  return [
    { session },
    { session, pin: "1234" },
    { session, pin: "grün? ÿ" },
    { session, rescue: "t0ken_of-a-link" },
    { session, token: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.sig" },
  ].map((secrets) => ({ rule: "P5.9.9", ...secrets, subprotocols: ["couchwire.v1", ...secretSubprotocols(secrets)] }));
}

export function sdkVectors() {
  return [
    { rule: "P5.10.1", from: "either", text: eventText("buzz", undefined) },
    { rule: "P5.10.1", from: "either", text: eventText("answer", { choice: 2, sure: true }) },
    { rule: "P5.10.1", from: "either", text: eventText("buy", "hat", 732_841) },
    { rule: "P5.10.1", from: "either", text: '{"cw":"reply","id":732841,"data":{"price":3}}' },
    {
      rule: "P5.10.1",
      from: "either",
      text: '{"cw":"reply","id":732842,"error":"Nothing listens there.","code":"not_answered"}',
    },
    ...stateFrames().map((frame) => ({ rule: "P5.10.2", from: "tv", text: frame })),
    { rule: "P5.10.2", from: "phone", text: '{"cw":"state","set":{"team":"red"},"n":41}' },
    { rule: "P5.10.2", from: "phone", text: '{"cw":"state","get":true,"n":41}' },
    { rule: "P5.10.3", from: "phone", text: eventText("cw:profile", { name: "Ada", meta: { avatar: 3 } }) },
    { rule: "P5.10.3", from: "phone", text: eventText("cw:ping", undefined, 9) },
    { rule: "P5.10.3", from: "tv", text: '{"cw":"reply","id":9,"data":null}' },
    { rule: "P5.10.3", from: "either", text: eventText("cw:again", undefined) },
  ].map((frame) => ({ ...frame, value: JSON.parse(frame.text) }));
}

/** A room's state and a player's, whole and then changed, as the TV tells them to player 3. */
function stateFrames() {
  /** @type {string[]} */
  const frames = [];
  const send = (/** @type {readonly number[]} */ _to, /** @type {string} */ frame) => frames.push(frame) > 0;
  const room = new ToldState({ retain: "cw:state", player: undefined, isAgain: () => false, send });
  const own = new ToldState({ retain: "cw:player", player: 3, isAgain: () => false, send });
  room.apply(
    new Map([
      ["round", "1"],
      ["phase", '"draw"'],
    ]),
  );
  room.tell([3]);
  own.apply(new Map([["hand", '["A","K"]']]));
  own.tell([3]);
  room.apply(
    new Map([
      ["round", "2"],
      ["phase", null],
    ]),
  );
  room.tell([3]);
  own.apply(new Map([["team", '"red"']]));
  own.hear(41);
  own.tell([3]);
  return frames;
}

const ADA = { id: "ada", name: "Ada", role: /** @type {const} */ ("member"), meta: {} };
const BO = { id: "bo", name: "", role: /** @type {const} */ ("spectator"), meta: { score: 3 } };
const json = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value));

/** @type {[rule: string, news: import("../../dist/session/member-encoder.js").MemberNews][]} */
const NEWS = [
  ["P6.3", { news: "text", from: "ada", json: json({ move: "e4" }) }],
  ["P6.3", { news: "text", from: "", json: json("the room says") }],
  ["P6.2", { news: "bytes", from: "ada", data: Uint8Array.of(0, 1, 255) }],
  ["P6.5", { news: "error", code: "invalid_message", message: "That is not JSON." }],
  ["P6.6", { news: "joined", you: "ada", members: [ADA, BO], history: 1 }],
  ["P6.6", { news: "text", from: "bo", json: json("hi"), seq: 7, at: "2026-01-01T00:00:00.000Z" }],
  ["P6.7", { news: "join", member: BO }],
  ["P6.7", { news: "away", member: ADA }],
  ["P6.7", { news: "back", member: ADA }],
  ["P6.7", { news: "meta", member: BO }],
  ["P6.7", { news: "leave", member: ADA }],
  ["P6.10", { news: "renewed", exp: 1767229200 }],
  ["P6.11", { news: "created", code: "BCDF", name: "lobby" }],
  ["P6.12", { news: "lost", count: 3 }],
];

export function openRoomVectors() {
  return {
    /** What a member says: `data` and `to`, or a newer token, as the server reads it. */
    said: [
      { rule: "P6.2", text: '{"data":{"move":"e5"}}', data: { move: "e5" } },
      { rule: "P6.2", text: '{"from":"me","data":[1,2],"to":["bo"]}', data: [1, 2], to: ["bo"] },
      { rule: "P6.2", text: '{"data":null,"to":[]}', data: null, to: [] },
      { rule: "P6.10", text: '{"token":"eyJhbGciOiJub25lIn0.e30."}', token: "eyJhbGciOiJub25lIn0.e30." },
    ],
    /** What a member is told: `frame` with `events=1`, `plain` without; `null` where it is told nothing. */
    told: NEWS.map(([rule, news]) => ({ rule, frame: told(eventsEncoder, news), plain: told(plainEncoder, news) })),
  };
}

/** @param {import("../../dist/session/member-encoder.js").MemberEncoder} encoder @param {import("../../dist/session/member-encoder.js").MemberNews} news */
function told(encoder, news) {
  const frame = encoder.encode(news);
  return frame === undefined ? null : frameOf(frame.data, frame.isText);
}

const CLIENT = "0192f0c1-2b3c-7d4e-8f50-61728394a5b6";

/** @type {import("../../dist/protocol/ghost-sync/messages.js").ClientMessage[]} */
const TCP_SAID = [
  { say: "join_room", room: "lobby 🎲" },
  { say: "leave_room" },
  { say: "ping" },
  { say: "pong" },
  { say: "broadcast", data: Uint8Array.of(0, 1, 255) },
];

/** @type {import("../../dist/protocol/ghost-sync/messages.js").ServerMessage[]} */
const TCP_TOLD = [
  { say: "joined", client: CLIENT, room: "lobby 🎲" },
  { say: "player_joined", client: CLIENT },
  { say: "player_left", client: CLIENT },
  { say: "ping" },
  { say: "pong" },
  { say: "error", text: "room not found: attic" },
  { say: "broadcast", sender: CLIENT, data: Uint8Array.of(0, 1, 255) },
];

/** @param {object} message @param {Uint8Array} frame */
function tcpVector(message, frame) {
  return { rule: "P7.1", message: plainOf(message), hex: hexOf(frame) };
}

export function tcpVectors() {
  return {
    said: TCP_SAID.map((message) => tcpVector(message, encodeClientMessage(message))),
    told: TCP_TOLD.map((message) => tcpVector(message, encodeServerMessage(message))),
  };
}

/** @param {Uint8Array} bytes */
function text(bytes) {
  return Buffer.from(bytes).toString();
}

export function channelVectors() {
  return {
    commands: [
      { rule: "P8.1", text: '{"id":1,"method":"connect","params":{"token":"eyJhbGciOiJub25lIn0.e30."}}' },
      { rule: "P8.2", text: '{"id":2,"method":"subscribe","params":{"channel":"chat:lobby"}}' },
      {
        rule: "P8.2",
        text: '{"id":"b","method":"subscribe","params":{"channel":"chat:lobby","since":{"epoch":"u3hAyN","offset":41}}}',
      },
      { rule: "P8.2", text: '{"id":4,"method":"publish","params":{"channel":"chat:lobby","data":{"text":"hi"}}}' },
      { rule: "P8.2", text: '{"id":5,"method":"presence","params":{"channel":"chat:lobby"}}' },
      { rule: "P8.2", text: '{"id":6,"method":"ping"}' },
      { rule: "P8.2", text: '{"id":7,"method":"unsubscribe","params":{"channel":"chat:lobby"}}' },
    ],
    answers: [
      { rule: "P8.1", text: text(resultFrame("1", { connected: true })) },
      {
        rule: "P8.2",
        text: text(resultFrame('"b"', { subscribed: true, epoch: "u3hAyN", offset: 41, recovered: true })),
      },
      { rule: "P8.2", text: text(resultFrame("4", { delivered: 2 })) },
      { rule: "P8.2", text: text(resultFrame("5", { clients: 2 })) },
      { rule: "P8.2", text: text(resultFrame("6", {})) },
      { rule: "P8.2", text: text(resultFrame("7", { unsubscribed: true })) },
      { rule: "P8.2", text: text(unsubscribedFrame("room:BCDF:scores")) },
      { rule: "P8.3", text: text(channelErrorFrame("8", 403, "This token is not for that channel.")) },
      { rule: "P8.3", text: text(channelErrorFrame("null", 400, "A command is one JSON object.")) },
      { rule: "P8.4", text: text(publicationFrame("chat:lobby", json({ text: "hi" }), 42)) },
    ].map((answer) => ({ ...answer, value: JSON.parse(answer.text) })),
  };
}
