import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";
import { startServer } from "../../support/server.ts";

test("P1.2 a client that never finishes its handshake is cut off, and holds no place", async () => {
  const { port } = await startServer();
  const socket = connect(port, "127.0.0.1");
  onTestEnd(() => socket.destroy());
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  socket.write("GET /CREATE HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"); // and then nothing
  await once(socket, "close");
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});
