/** No attack: that a server which is left alone is there to be attacked, and what it takes up then. */
const MEBIBYTE = 1_048_576;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 0,
  title: "A server that nobody attacks",
  async run({ startServer }) {
    const server = await startServer();
    const { status } = await fetch(`${server.url}/healthz`);
    return {
      figures: { "memory, MiB": Math.round(server.rss() / MEBIBYTE), "processor, ms": server.cpuMs() },
      broken: status === 200 ? [] : [`/healthz answered ${status}.`],
    };
  },
};
