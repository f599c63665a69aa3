/** A process with an honest room in it: its host numbers what it says, and its phones look whether all of it comes, in order. */
import { openSocket, openJsonRoom, pause } from "./peers.js";

const PHONES = 4;
const EVERY_MS = 25;

const [ws = ""] = process.argv.slice(2);
const { host, code } = await openJsonRoom(ws, { address: "127.2.0.1" });
/** @type {string[]} */
const wrong = [];
/** @type {Map<number, number>} */
const sentAt = new Map();
const counts = Array.from({ length: PHONES }, () => 0);
/** @type {number[]} */
let waits = [];
let sent = 0;
const state = { isPlaying: false };

host.on("close", (closeCode) => wrong.push(`The honest host was closed with ${closeCode}.`));
for (let index = 0; index < PHONES; index++) {
  const phone = await openSocket(`${ws}/${code}`, { address: `127.2.0.${index + 2}` });
  phone.on("close", (closeCode) => wrong.push(`An honest phone was closed with ${closeCode}.`));
  phone.on("message", (/** @type {Buffer} */ data) => {
    const number = Number(data.toString());
    const expected = (counts[index] ?? 0) + 1;
    counts[index] = expected;
    if (number !== expected) wrong.push(`An honest phone got ${number} instead of ${expected}.`);
    waits.push(performance.now() - (sentAt.get(number) ?? 0));
  });
}

async function play() {
  waits = [];
  state.isPlaying = true;
  while (state.isPlaying && wrong.length === 0) {
    sent += 1;
    sentAt.set(sent, performance.now());
    host.send(JSON.stringify({ cmd: "to_str", to: [], data: String(sent) }));
    await pause(EVERY_MS);
  }
  while (wrong.length === 0 && counts.some((count) => count < sent)) await pause(EVERY_MS);
  const p99 = Math.round(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0);
  process.send?.({ p99, received: waits.length, wrong: wrong.slice(0, 3) });
}

process.on("message", (message) => {
  if (message === "play") void play();
  else state.isPlaying = false;
});
process.send?.("ready");
