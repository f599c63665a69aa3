/**
 * A worker that is no server of rooms: it says which it is, and sends back what comes over an upgraded connection. It has the code of its place in the
 * directory: AAAA, BBBB, … for the first, the second, and so on.
 */
import { createServer } from "node:http";
import { PrimaryLine } from "../../../dist/cluster/workers/primary-line.js";

const CODES = "BCDF";
let place = -1;

const server = createServer({ headersTimeout: 1_000, connectionsCheckingInterval: 50 }, (request, response) => {
  const body = [];
  request.on("data", (chunk) => body.push(chunk));
  request.on("end", () => {
    response.setHeader("x-worker", String(place));
    response.setHeader("x-pid", String(process.pid));
    if (request.url === "/crash") process.kill(process.pid, "SIGKILL");
    response.end(`${request.method} ${request.url} ${Buffer.concat(body).toString("latin1")}`);
  });
});
server.on("upgrade", (request, socket, head) => {
  socket.on("error", () => socket.destroy());
  if (line.passOn(request, socket, head)) return;
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nx-worker: ${place}\r\nx-url: ${request.url}\r\n\r\n`);
  socket.write(head);
  socket.on("data", (chunk) => socket.write(chunk));
  socket.on("end", () => socket.end());
});

/** @param {number} index */
async function begin(index) {
  const node = `node-${index}-${process.pid}`;
  await line.directory.enrol(node);
  const key = `code:${String(CODES[index]).repeat(4)}`;
  await line.directory.claim(node, [{ key, record: new Uint8Array(0) }]);
  await line.bus.subscribe("all", (data) => line.bus.publish(`heard.${index}`, data));
  line.say({ is: "ready" });
}

const line = new PrimaryLine(process, {
  start(index) {
    place = index;
    void begin(index);
  },
  serve() {
    line.feed(server);
    line.say({ is: "serving", about: { place } });
  },
  close: () => process.exit(0),
  answer: async (what) => ({ place, what }),
});

process.on("disconnect", () => process.exit(1));
