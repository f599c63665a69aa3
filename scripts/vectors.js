/**
 * docs/vectors.json: frames for every rule of docs/PROTOCOL.md that has frames, as the server's and the SDK's own code writes them, for clients in
 * other languages to check themselves against (docs/CLIENTS.md). `scripts/docs.js` writes the file. Needs a build.
 */
import { hostVectors } from "./vectors/host.js";
import {
  channelVectors,
  closeVectors,
  handshakeVectors,
  openRoomVectors,
  sdkVectors,
  tcpVectors,
} from "./vectors/other-wires.js";
import { reliableVectors } from "./vectors/reliable.js";

const ABOUT =
  "Test vectors of docs/PROTOCOL.md, written by scripts/vectors.js from the code of the server and the SDK. docs/CLIENTS.md says what they mean.";

/** @returns {Record<string, unknown>} */
export function vectors() {
  return {
    about: ABOUT,
    ...hostVectors(),
    closes: closeVectors(),
    handshakes: handshakeVectors(),
    ...reliableVectors(),
    sdk: sdkVectors(),
    openRooms: openRoomVectors(),
    tcp: tcpVectors(),
    channels: channelVectors(),
  };
}

/** The file's text: one vector a line. */
export function vectorsText() {
  return `${block(vectors(), "")}\n`;
}

/** @param {object} value @param {string} indent @returns {string} */
function block(value, indent) {
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((one) => inner + line(one, inner)).join(",\n")}\n${indent}]`;
  const members = Object.entries(value).map(([name, member]) => {
    const text = typeof member === "object" && member !== null ? block(member, inner) : JSON.stringify(member);
    return `${inner}${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${members.join(",\n")}\n${indent}}`;
}

/** One vector; a conversation has a line for each step. @param {any} one @param {string} indent */
function line(one, indent) {
  if (!Array.isArray(one.steps)) return JSON.stringify(one);
  const { steps, ...head } = one;
  const lines = steps.map((/** @type {unknown} */ step) => `${indent}  ${JSON.stringify(step)}`).join(",\n");
  return `${JSON.stringify(head).slice(0, -1)},"steps":[\n${lines}\n${indent}]}`;
}
