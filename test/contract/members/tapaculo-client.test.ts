/**
 * The client of Tapaculo's README, unchanged: `/ws?token=` in the address, `{"from","data"}` both ways, and nothing else that it understands. It runs on the
 * WebSocket that browsers have.
 */
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { z } from "zod";
import { onTestEnd } from "../../support/clean-up.ts";
import { Inbox } from "../../support/inbox.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const ENVELOPE = z.strictObject({ from: z.string(), data: z.unknown() });
const ERROR = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });

/** As Tapaculo signs them: `iss` and `aud` are null where it has none. */
function tapaculoToken(user: string, room: string): string {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const session_id = "8c1f3a52-6a5e-4c0e-9e0f-2f1f6f1d8c11";
  return handmadeToken(
    { sub: user, room, session_id, exp, iss: null, aud: null },
    { header: { typ: "JWT", alg: "HS256" } },
  );
}

/** A player's page. Whatever is not `{"from","data"}` or an error would break it: the test ends there. */
class ReadmeClient {
  readonly heard = new Inbox<{ readonly from: string; readonly data?: unknown }>("a client of Tapaculo");
  readonly errors = new Inbox<string>("the errors of a client of Tapaculo");
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #user: string;

  private constructor(socket: WebSocket, user: string) {
    this.#socket = socket;
    this.#user = user;
    onTestEnd(() => socket.close());
    socket.addEventListener("message", ({ data }) => {
      const message: unknown = JSON.parse(z.string().parse(data));
      const error = ERROR.safeParse(message);
      if (error.success) this.errors.push(error.data.error.code);
      else this.heard.push(ENVELOPE.parse(message));
    });
    this.closed = new Promise((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  }

  static async connect({ ws }: TestServer, user: string, room: string): Promise<ReadmeClient> {
    const socket = new WebSocket(`${ws}/ws?token=${tapaculoToken(user, room)}`);
    const client = new ReadmeClient(socket, user);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return client;
  }

  send(data: unknown): void {
    this.#socket.send(JSON.stringify({ from: this.#user, data }));
  }
}

const start = (options = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, openRooms: "relay", ...options });

test("P6.3 row 28: two clients of Tapaculo's README talk, unchanged", async () => {
  const server = await start();
  const alice = await ReadmeClient.connect(server, "alice", "game-123");
  const bob = await ReadmeClient.connect(server, "bob", "game-123");
  bob.send({ type: "Move", from: "e2", to: "e4" });
  expect(await alice.heard.next()).toEqual({ from: "bob", data: { type: "Move", from: "e2", to: "e4" } });
  alice.send("text");
  alice.send(null);
  alice.send([1, { deep: true }]);
  expect([await bob.heard.next(), await bob.heard.next(), await bob.heard.next()]).toEqual([
    { from: "alice", data: "text" },
    { from: "alice", data: null },
    { from: "alice", data: [1, { deep: true }] },
  ]);
});

test("P6.1 row 28: others that join, leave and come back say nothing that such a client does not know", async () => {
  const server = await start({ awayMs: 0 });
  const alice = await ReadmeClient.connect(server, "alice", "game-123");
  const bob = await ReadmeClient.connect(server, "bob", "game-123");
  const again = await ReadmeClient.connect(server, "bob", "game-123");
  expect(await bob.closed).toBe(4509);
  again.send("me again");
  expect(await alice.heard.next()).toEqual({ from: "bob", data: "me again" });
});

test("P6.9 row 28: a full room is an error in a frame, then a Close", async () => {
  const server = await start({ maxPlayers: 1 });
  await ReadmeClient.connect(server, "alice", "game-123");
  const bob = await ReadmeClient.connect(server, "bob", "game-123");
  expect(await bob.errors.next()).toBe("room_full");
  expect(await bob.closed).toBe(4510);
});
