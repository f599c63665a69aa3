/** Connections that ask for a large file over and over without reading an answer: each once cost a descriptor and its buffers. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";

const MEBIBYTE = 1_048_576;
const CONNECTIONS = 12;
const REQUESTS = 1_500;
/** Honest requests that are made meanwhile; after each the server is measured. */
const LOOKS = 40;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 5,
  title: "Pipelined requests for a file, never read",
  async run({ scale, startServer }) {
    const server = await startServer();
    const connections = Math.max(3, Math.round(CONNECTIONS * scale));
    const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
    const healthz = async () => (await fetch(`${server.url}/healthz`)).status;
    await healthz();
    const before = { descriptors: descriptors(), rss: server.rss() };

    const sockets = await Promise.all(
      Array.from({ length: connections }, async () => {
        const socket = connect(server.port, "127.0.0.1");
        socket.on("error", () => {}); // the server may cut it off
        await once(socket, "connect");
        socket.pause();
        socket.write("GET /sdk/couchwire.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS));
        return socket;
      }),
    );
    const peak = { descriptors: 0, rss: 0 };
    let refused = 0;
    for (let look = 0; look < LOOKS; look++) {
      if ((await healthz()) !== 200) refused += 1;
      peak.descriptors = Math.max(peak.descriptors, descriptors() - before.descriptors);
      peak.rss = Math.max(peak.rss, server.rss() - before.rss);
    }
    for (const socket of sockets) socket.destroy();

    const broken = [];
    // A socket, one file that is being read, and what the honest requests need.
    if (peak.descriptors > 2 * connections + 20) broken.push(`${peak.descriptors} descriptors were opened.`);
    if (peak.rss > (48 + 4 * connections) * MEBIBYTE) broken.push(`${peak.rss} bytes of memory were taken.`);
    if (refused > 0) broken.push(`${refused} of ${LOOKS} honest requests were refused.`);
    return {
      figures: { "descriptors more": peak.descriptors, "memory more, MiB": Math.round(peak.rss / MEBIBYTE) },
      broken,
    };
  },
};
