/**
 * Measures how long a message takes from a phone to the TV and back, as the SDK's `me.latency()` says it: over loopback, and over lines that
 * delay every byte as a Wi-Fi and the internet do. It needs a build, and prints a Markdown table.
 */
import { parseArgs } from "node:util";
import { createCuttingProxy } from "../dist/chaos/cutting-proxy.js";
import { createServer } from "../dist/index.js";
import { createRoom, joinRoom } from "../dist/sdk/node.js";

const { values } = parseArgs({
  options: { phones: { type: "string", default: "8" }, rounds: { type: "string", default: "200" } },
});
const phoneCount = Number(values.phones);
const rounds = Number(values.rounds);

/** What each direction of a line adds. A message crosses four: phone to server, server to TV, and back. */
const LINES = [
  { name: "this machine", lineDelay: undefined },
  { name: "Wi-Fi at home (1 to 4 ms each way)", lineDelay: { ms: 1, jitterMs: 3 } },
  { name: "internet (20 to 30 ms each way)", lineDelay: { ms: 20, jitterMs: 10 } },
];

const server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent" });
const { port } = await server.listen();
console.log(`| line of phones and TV | p50 | p99 |\n|---|---|---|`);
for (const { name, lineDelay } of LINES) {
  const proxy = await createCuttingProxy({ target: { host: "127.0.0.1", port }, seed: 1, lineDelay });
  const address = `http://127.0.0.1:${proxy.port}`;
  const room = await createRoom({ server: address, game: "latency", maxPlayers: phoneCount, keepAwake: false });
  const phones = await Promise.all(Array.from({ length: phoneCount }, () => join(address, room.code)));
  const samples = [];
  for (let round = 0; round < rounds; round++) samples.push(...(await Promise.all(phones.map((me) => me.latency()))));
  samples.sort((one, other) => one - other);
  const at = (share) => `${samples[Math.min(samples.length - 1, Math.floor(samples.length * share))].toFixed(1)} ms`;
  console.log(`| ${name} | ${at(0.5)} | ${at(0.99)} |`);
  for (const me of phones) me.close();
  room.close();
  await proxy.close();
}
await server.close();

/** @param {string} address @param {string} code */
function join(address, code) {
  const me = joinRoom({ server: address, code, keepAwake: false });
  return new Promise((resolve) => me.once("open", () => resolve(me)));
}
