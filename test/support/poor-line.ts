/** A line that carries little of what its client sends, as of a phone in the last row: a TCP proxy before the server. */
import { connect, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { listen } from "./listen.ts";
import { onTestEnd } from "./clean-up.ts";
import type { TestServer } from "./server.ts";

const MOST_LATE_MS = 500;

/** The server as seen through the line: connect to this one. What it sends comes at once. */
export async function poorLine(server: TestServer, bytesPerMs: number): Promise<TestServer> {
  const proxy = createServer((client) => {
    const upstream = connect(server.port, "127.0.0.1");
    upstream.pipe(client);
    for (const end of [client, upstream]) {
      end.on("error", () => end.destroy());
      onTestEnd(() => end.destroy());
    }
    void carry(client, upstream, bytesPerMs);
  });
  const port = await listen(proxy);
  onTestEnd(() => new Promise((resolve) => proxy.close(resolve)));
  return { ...server, port, url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

async function carry(client: Socket, upstream: Socket, bytesPerMs: number): Promise<void> {
  let dueAt = 0;
  try {
    for await (const chunk of client) {
      upstream.write(chunk);
      const now = performance.now();
      // What a late timer costs, the next chunk makes up for; but a line that was quiet saves nothing for later.
      dueAt = Math.max(dueAt, now - MOST_LATE_MS) + chunk.length / bytesPerMs;
      await setTimeout(Math.max(0, dueAt - performance.now()));
    }
    upstream.end();
  } catch {
    upstream.destroy(); // as the client was
  }
}
