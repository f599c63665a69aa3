/** The client's side of Socket.IO's default parser: JSON in text frames, and each Buffer in a binary frame of its own. */
import { createSocketIoCrowd } from "./crowd.js";
import { createSocketIoAdapter } from "./engine.js";
import { createSocketIoMembers } from "./members.js";

const ZERO = "0".charCodeAt(0);
const NINE = "9".charCodeAt(0);

/** Engine.IO's message, Socket.IO's event (with one attachment). */
const EVENT = "42";
const BINARY_EVENT = "451-";
const INPUT = `${BINARY_EVENT}["input",`;

const HELLO = { bytes: Buffer.from("40"), isText: true };

export const adapter = createSocketIoAdapter({
  hello: HELLO,
  createMembers: createSocketIoMembers,
  createCrowd: createSocketIoCrowd,
  event(words) {
    const attachment = words.find((word) => Buffer.isBuffer(word));
    const json = JSON.stringify(words.map((word) => (word === attachment ? { _placeholder: true, num: 0 } : word)));
    if (attachment === undefined) return [{ bytes: Buffer.from(EVENT + json), isText: true }];
    return [{ bytes: Buffer.from(BINARY_EVENT + json), isText: true }, { bytes: attachment }];
  },
  decode({ bytes, isText }) {
    if (!isText) return undefined;
    const text = bytes.toString();
    if (text.startsWith("40")) return [];
    return text.startsWith(EVENT) ? JSON.parse(text.slice(EVENT.length)) : undefined;
  },
  /** The event's text comes first and says who it is from; the payload is the frame after it. */
  read(member, bytes, start, end, isText, take) {
    if (!isText) {
      take(bytes, start, end, member.from);
      return;
    }
    let from = 0;
    for (let at = start + INPUT.length; bytes[at] >= ZERO && bytes[at] <= NINE; at += 1) {
      from = from * 10 + bytes[at] - ZERO;
    }
    member.from = from;
  },
});
